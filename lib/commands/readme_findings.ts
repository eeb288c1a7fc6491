/**
 * The README's table of findings: what the claims come to on the embedded recipe.
 *
 * @module
 */
import { FINDINGS, type Ledger, verdictText } from "../findings/mod.ts";

const BEGIN = "<!-- findings: begin -->";
const END = "<!-- findings: end -->";

/** "01_no_monotonic_improvement" as a link to the notebook. */
function notebookLink(name: string): string {
  const title = name.slice(3).replaceAll("_", " ");
  return `[${name.slice(0, 2)} ${title[0].toUpperCase()}${
    title.slice(1)
  }](notebooks/${name}.ipynb)`;
}

/**
 * Puts the table between the README's two marks.
 *
 * @param readme The README's text.
 * @param notebooks Names of the notebooks.
 * @throws {Error} if the marks are not there.
 */
export function withFindings(
  readme: string,
  { ledger, notebooks }: { ledger: Ledger; notebooks: readonly string[] },
): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`Cannot put the findings into the README: it lacks ${BEGIN} and ${END}`);
  }
  const rows = ledger.claims.map(({ claim, text, verdict, verdict_other, statements }) => {
    const numbers = Object.values(FINDINGS).filter((source) => source.claim === claim)
      .map(({ notebook }) => notebook);
    const links = notebooks.filter((name) => numbers.includes(name.slice(0, 2))).map(notebookLink);
    const held = statements.filter((statement) => statement.verdict === "supported").length;
    const parts = statements.length > 1 && verdict !== "not run"
      ? ` (${held} of ${statements.length} parts supported)`
      : "";
    return `| ${claim}. ${text} | ${links.join(", ")} | ${
      verdictText({ verdict, verdict_other })
    }${parts} |`;
  });
  const table = ["| the paper's claim | notebook | on `tiny` |", "| --- | --- | --- |", ...rows];
  return `${readme.slice(0, begin)}${BEGIN}\n\n${table.join("\n")}\n\n${readme.slice(end)}`;
}
