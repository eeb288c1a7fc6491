import { assertEquals } from "@std/assert";
import { allOf, anyOf, coveredBy, pairedInAnyOrder, type Verdict } from "./verdict.ts";

Deno.test("verdicts combine; what is undecided cannot make up for a difference", () => {
  assertEquals(allOf([]), "equal");
  assertEquals(allOf(["equal", "undecided"]), "undecided");
  assertEquals(allOf(["undecided", "different"]), "different");
  assertEquals(anyOf([]), "different");
  assertEquals(anyOf(["different", "undecided"]), "undecided");
  assertEquals(anyOf(["undecided", "equal"]), "equal");
});

Deno.test("members are paired one to one", () => {
  const table: Record<string, Verdict> = { ax: "equal", ay: "equal", bx: "equal", cz: "undecided" };
  const compare = (a: string, b: string) => table[a + b] ?? "different";
  const paired = (a: string, b: string) => pairedInAnyOrder([...a], [...b], compare);
  // a could take x, but b can take nothing else.
  assertEquals(paired("ab", "xy"), "equal");
  assertEquals(paired("abc", "xyz"), "undecided");
  assertEquals(paired("bb", "xy"), "different");
  assertEquals(paired("a", "xy"), "different");
});

Deno.test("sets cover each other whatever is repeated", () => {
  const compare = (a: string, b: string): Verdict => a === b ? "equal" : "different";
  const covered = (a: string, b: string) => coveredBy([...a], [...b], compare);
  assertEquals(covered("aab", "ba"), "equal");
  assertEquals(covered("ab", "abc"), "different");
  assertEquals(covered("", ""), "equal");
  assertEquals(covered("", "a"), "different");
});
