/**
 * The report's part on one claim: verdict, statements, tables, figures.
 *
 * @module
 */
import { extname } from "node:path";
import type { AbilityReport } from "../findings/mod.ts";
import {
  FINDING_KEYS,
  findingBasis,
  type FindingKey,
  FINDINGS,
  type Findings,
  findingSummary,
  type LedgerClaim,
  type Statement,
  type Verdict,
} from "../findings/mod.ts";
import { type HtmlTable, htmlTable, intervalMark } from "./html_table.ts";
import { anchor, type Content, fileLink, type Markup, markup, sectionHeading } from "./markup.ts";
import { notebookNumber, type ReportContent, type ReportNotebook } from "./report_content.ts";
import { figureMarkup } from "./report_figures.ts";
import { estimateText } from "./show_ledger.ts";

/** Numbers figures through the page. */
export interface FigureCounter {
  figures: number;
}

const SIGNS: Record<Verdict, string> = {
  supported: "✓",
  contradicted: "✗",
  mixed: "±",
  "not decided": "?",
  "not run": "–",
};

/** A verdict, told by its word, a sign and a colour. */
export function verdictMarkup(verdict: Verdict): Markup {
  const name = verdict.replaceAll(" ", "-");
  return markup`<span class="verdict ${name}"><span aria-hidden="true">${
    SIGNS[verdict]
  }</span> ${verdict}</span>`;
}

function statementRow(statement: Statement) {
  const { text, verdict, estimate, n, of } = statement;
  return [
    text,
    verdictMarkup(verdict),
    estimate &&
    markup`<span class="${verdict.replaceAll(" ", "-")}">${intervalMark(estimate)}</span>`,
    estimateText(statement),
    // The reason below has it in full.
    estimate ? `${n} ${of.replace(/ \(.*\)$/, "")}` : null,
  ];
}

/** Links to files, by their names without ending: "tables/a .json .csv; tables/b .csv". */
function fileList(paths: readonly string[]): Content[] {
  const byName = Map.groupBy(paths, (path) => path.slice(0, -extname(path).length));
  return [...byName].map(([name, own], i) =>
    markup`${i > 0 ? "; " : ""}<code>${name}</code>${
      own.map((path) => markup` ${fileLink(path, extname(path))}`)
    }`
  );
}

const number = (label: string) => ({ label, kind: "number" as const });

/** Why the gradings disagree; nothing where they do not. */
function disagreementTable(
  reports: readonly Pick<AbilityReport, "disagreements">[],
): HtmlTable | null {
  const rows = reports.flatMap(({ disagreements }) => disagreements);
  if (rows.length === 0) return null;
  return {
    caption: "Answers on which the gradings disagree, by the rules that decided",
    columns: [{ label: "original" }, { label: "sound" }, { label: "right by" }, number("answers")],
    rows: rows.map(({ original, sound, right, answers }) => [original, sound, right, answers]),
  };
}

/** The tables of one finding; none if it is missing. */
function findingTables(key: FindingKey, findings: Findings): HtmlTable[] {
  const graded = [findings[key] ?? []].flat().flatMap((report) =>
    "disagreements" in report ? [report] : []
  );
  const data = findingBasis(key, findings).join("; ");
  return [findingSummary(key, findings), disagreementTable(graded)].flatMap((table) =>
    table ? [{ ...table, basis: `Data: ${data}.` }] : []
  );
}

function notebookPart(
  { name, title, figures }: ReportNotebook,
  { findings, tables: files }: ReportContent,
  counter: FigureCounter,
): Markup {
  const keys = FINDING_KEYS.filter((key) => FINDINGS[key].notebook === notebookNumber(name));
  const tables = keys.flatMap((key) => findingTables(key, findings));
  const id = `notebook-${notebookNumber(name)}`;
  return markup`<h3 id="${id}">${title}${anchor(id, "this notebook's part")}</h3>
<p class="small muted">Executed notebook: ${fileLink(`notebooks/${name}.ipynb`)}${
    keys.map((key) => {
      const paths = [`tables/${FINDINGS[key].table}`, ...files.get(key) ?? []];
      return markup`; all numbers: ${fileList(paths)}`;
    })
  }</p>
${tables.map(htmlTable)}
${figures.map((figure) => figureMarkup(figure, ++counter.figures))}`;
}

/** Numbers of the notebooks that bear on a claim. */
function notebooksOf(claim: number): string[] {
  return Object.values(FINDINGS).filter((source) => source.claim === claim)
    .map(({ notebook }) => notebook);
}

/** One claim: what is said, the verdict, what it rests on. */
export function claimSection(
  claim: LedgerClaim,
  content: ReportContent,
  counter: FigureCounter,
): Markup {
  const numbers = notebooksOf(claim.claim);
  const notebooks = content.notebooks.filter(({ name }) => numbers.includes(notebookNumber(name)));
  return markup`<section id="claim-${claim.claim}" aria-labelledby="claim-${claim.claim}-title">
${sectionHeading(`claim-${claim.claim}`, `Claim ${claim.claim}: ${claim.title}`)}
<p>${claim.text}</p>
<p>By these data: ${verdictMarkup(claim.verdict)}${
    claim.verdict_other && markup`; by the other grading: ${verdictMarkup(claim.verdict_other)}`
  }</p>
${claim.basis.length > 0 ? markup`<p class="small">Data: ${claim.basis.join("; ")}.</p>` : null}
${
    htmlTable({
      caption: `Statements of claim ${claim.claim}`,
      columns: [
        { label: "statement", kind: "phrase" },
        { label: "verdict", kind: "short" },
        { label: "around 0" },
        { label: "statistic (95 % interval; of weights the range)", kind: "number" },
        { label: "n", kind: "short" },
      ],
      rows: claim.statements.map(statementRow),
      notes: claim.statements.map(({ reason }) => reason),
    })
  }
${notebooks.map((notebook) => notebookPart(notebook, content, counter))}
</section>`;
}

/** Notebooks that bear on no claim. */
export function furtherSection(content: ReportContent, counter: FigureCounter): Markup {
  const known = Object.values(FINDINGS).map(({ notebook }) => notebook);
  const others = content.notebooks.filter(({ name, figures }) =>
    !known.includes(notebookNumber(name)) && figures.length > 0
  );
  if (others.length === 0) return markup``;
  return markup`<section id="further" aria-labelledby="further-title">
${sectionHeading("further", "Further notebooks")}
${others.map((notebook) => notebookPart(notebook, content, counter))}
</section>`;
}
