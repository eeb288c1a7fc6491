import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { normalize } from "node:path/posix";
import { isCommitHash, parseHubReference } from "./reference.ts";

Deno.test("names of the hub, with and without a revision", () => {
  assertEquals(parseHubReference("AIcell/Frankenstein-RL"), {
    repo: "AIcell/Frankenstein-RL",
    revision: "main",
  });
  assertEquals(parseHubReference("a_b/c.d-e@refs/pr/3"), {
    repo: "a_b/c.d-e",
    revision: "refs/pr/3",
  });
  const refused = ["gpt2", "a/b/c", "a--b/c", "a/b..c", "-a/b", "a/b.", ".a/b", "a/b.git", "a b/c"];
  for (
    const ref of [...refused, "~/models/x", "/a/b", "a/", "@main", "é/b", `a/${"b".repeat(97)}`]
  ) {
    assertEquals(parseHubReference(ref), null, ref);
  }
});

Deno.test("a revision that git would refuse is an error", () => {
  for (
    const bad of ["", "..", "a..b", "/a", "a/", "a//b", ".a", "a b", "a:b", "a\\b", "a\0b", "@{"]
  ) {
    assertThrows(
      () => parseHubReference(`org/name@${bad}`),
      Error,
      "is not a branch, tag or commit",
    );
  }
});

Deno.test("no reference leads out of the cache", () => {
  const piece = fc.constantFrom(
    "..",
    ".",
    "/",
    "\\",
    "a",
    "b",
    "@",
    "-",
    "--",
    "~",
    ":",
    "\0",
    "C:",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      let parsed: ReturnType<typeof parseHubReference>;
      try {
        parsed = parseHubReference(`${pieces.join("")}`);
      } catch {
        return;
      }
      if (parsed === null) return;
      const { repo, revision } = parsed;
      for (const path of [repo, revision]) {
        assertEquals(normalize(`/refs/${path}`), `/refs/${path}`);
        assert(!/[\\\0:]/.test(path));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("only 40 lower-case hexadecimal digits are a commit", () => {
  assert(isCommitHash("0123456789abcdef0123456789abcdef01234567"));
  for (const other of ["main", "0123456", "G".repeat(40), "A".repeat(40), "a".repeat(41)]) {
    assertEquals(isCommitHash(other), false);
  }
});
