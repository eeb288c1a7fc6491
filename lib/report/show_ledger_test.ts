import { assert, assertEquals } from "@std/assert";
import { judgeClaims } from "../findings/ledger.ts";
import { ledgerTable, readFinding } from "./show_ledger.ts";
import { madeFindings } from "../findings/testdata/made_findings.ts";

const { energy, vision } = madeFindings({ effect: 1 });
const ledger = judgeClaims({ energy, vision });

Deno.test("the terminal's table has every claim and statement, its numbers under one another", () => {
  const lines = ledgerTable(ledger).split("\n");
  const data = lines.indexOf("Data of the claims");
  assertEquals(data, 2 + 7 + ledger.claims.flatMap(({ statements }) => statements).length + 1);
  assert(lines[data + 1].startsWith("3: embedded counting, n = "), lines[data + 1]);
  assert(lines.includes("4: weights alone, no data set, nothing graded"));
  const starts = lines.filter((line) => / 4\.(in|rl) /.test(line)).map((line) => line.indexOf("+"));
  assertEquals(starts.length, 2);
  assertEquals(starts[0], starts[1]);
});

Deno.test("a paragraph gives the verdict, each reason, and what was not tested", () => {
  const { text } = readFinding({ energy });
  assert(text.startsWith("**Claim 4 is supported by these data.** IN puts more update energy"));
  assert(text.includes("- IN's update energy is highest in late layers: **supported**. Early 0."));
  assert(text.includes("RL's update is ") && text.includes(" times as long as IN's."));
  assert(!String(readFinding({ energy })).includes("**"));
  const partly = readFinding({ vision }).text;
  assert(partly.startsWith("**Claim 3 is not decided by these data.**"));
  assert(partly.includes("; an image swapped with itself changes 0 of "));
  assert(partly.includes("- Not tested here: Reasoning (math500) lives in late layers; Reasoning"));
  assert(
    partly.includes("There is no result of notebook 04 (tables/reasoning_localization.json)."),
  );
  assert(partly.includes("\n\nData: embedded counting, n = "));
  assert(partly.endsWith(", graded by rules."));
  assertEquals(readFinding({}).text, "");
});
