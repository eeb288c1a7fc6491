/**
 * The report as one HTML page.
 *
 * @module
 */
import { claimSection, furtherSection } from "./claim_section.ts";
import { fileLink, Markup, markup } from "./markup.ts";
import { notRunSection, provenanceSection, timeText } from "./provenance_section.ts";
import type { ReportContent } from "./report_content.ts";
import { STYLE } from "./style.ts";
import { PAPER, summarySection } from "./summary_section.ts";

// Nothing is fetched and nothing runs, even if something slipped through unescaped.
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

function header({ run }: ReportContent): Markup {
  const { base, sft, rl } = run.models;
  return markup`<header>
<h1>What RL changes inside a vision-language model: ${run.recipe}</h1>
<p>${run.description}</p>
<p class="small muted">Base <code>${base?.reference}</code> → IN <code>${sft?.reference}</code> → RL
<code>${rl?.reference}</code>. ${
    run.finished ? markup`Finished ${timeText(run.finished)}.` : markup`Not finished.`
  }</p>
</header>`;
}

function contents({ ledger }: ReportContent): Markup {
  return markup`<nav aria-label="Contents"><ul>
<li><a href="#summary">In short</a></li>
${
    ledger.claims.map(({ claim, title }) =>
      markup`<li><a href="#claim-${claim}">Claim ${claim}: ${title}</a></li>\n`
    )
  }<li><a href="#not-run">What was not run</a></li>
<li><a href="#provenance">Provenance</a></li>
</ul></nav>`;
}

/** The title of every version's page, after the recipe's name. */
export const PAGE_TITLE = "what RL changes inside a vision-language model";

/**
 * The whole page. It needs nothing else: styles and figures are in it, and it has no scripts.
 *
 * @returns An HTML document; everything that comes from data is escaped.
 */
export function reportHtml(content: ReportContent): string {
  const { run, ledger } = content;
  const counter = { figures: 0 };
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${run.recipe}: ${PAGE_TITLE}</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>
</head>
<body>
${header(content)}
<main>
${contents(content)}
${summarySection(content)}
${ledger.claims.map((claim) => claimSection(claim, content, counter))}
${furtherSection(content, counter)}
${notRunSection(content)}
${provenanceSection(run)}
</main>
<footer class="small muted">
<p>The claims are those of “What does RL improve for Visual Reasoning? A Frankenstein-Style
Analysis” (Xirui Li, Ming Li and Tianyi Zhou, <a href="${PAPER}" rel="noreferrer">arXiv
2602.12395</a>). Beside this page: notebooks/, tables/, figures/ and ${fileLink("run.json")}.</p>
</footer>
</body>
</html>
`;
  return page.html;
}
