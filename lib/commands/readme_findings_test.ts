import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { judgeClaims } from "../findings/mod.ts";
import { withFindings } from "./readme_findings.ts";

const options = {
  ledger: judgeClaims({}),
  notebooks: ["00_start_here", "03_vision_localization", "04_reasoning_localization"],
};

Deno.test("the table stands between the marks, again and again the same", () => {
  const readme = "a\n<!-- findings: begin -->\nold\n<!-- findings: end -->\nb\n";
  const once = withFindings(readme, options);
  assertStringIncludes(once, "| 3. In Base, recognition lives in early layers");
  assertStringIncludes(
    once,
    "[04 Reasoning localization](notebooks/04_reasoning_localization.ipynb)",
  );
  assertStringIncludes(once, "| not run |");
  assert(!once.includes("old") && once.startsWith("a\n") && once.endsWith("\nb\n"));
  assertEquals(withFindings(once, options), once);
});

Deno.test("a README without the marks is refused", () => {
  assertThrows(() => withFindings("text", options), Error, "findings: begin");
});
