/**
 * The report in short, for a reader who does not know the paper.
 *
 * @module
 */
import { ABILITIES, type Ability, ABILITY_METRICS } from "../abilities.ts";
import { type AbilityReport, VERDICTS } from "../findings/mod.ts";
import { verdictMarkup } from "./claim_section.ts";
import { htmlTable } from "./html_table.ts";
import { anchor, type Markup, markup, sectionHeading } from "./markup.ts";
import type { ReportContent } from "./report_content.ts";

/** The paper. */
export const PAPER = "https://arxiv.org/abs/2602.12395";

const MODELS = ["Base", "IN", "RL"] as const;

const COUNTED: Readonly<Record<Ability, string>> = {
  perception: "questions answered right with their image, and wrong with a black one",
  alignment: "maths questions about an image answered right from the image, and right from a " +
    "description of it in words",
  reasoning: "maths problems in words answered right",
};

/** A model's share of an ability in per cent, with its interval. */
function shareText(report: AbilityReport | null | undefined, label: string, ability: string) {
  const model = report?.models.find((model) => model.label === label);
  const score = report?.scores.find((score) =>
    score.model === model?.name && score.ability === ability
  );
  if (!score || score.value === null) return null;
  const percent = (share: number) => (100 * share).toFixed(1);
  const { value, low, high } = score;
  if (low === null || high === null) return percent(value);
  const interval = `${percent(low)}–${percent(high)}`;
  return markup`${percent(value)}<br><span class="small muted">${interval}</span>`;
}

/** What was compared, what was measured, and what came of it. */
export function summarySection({ ledger, findings }: ReportContent): Markup {
  const counts = VERDICTS.map((verdict) => ({
    verdict,
    count: ledger.claims.filter((claim) => claim.verdict === verdict).length,
  })).filter(({ count }) => count > 0);
  return markup`<section id="summary" aria-labelledby="summary-title">
${sectionHeading("summary", "In short")}
<p>Three checkpoints of one vision-language model are compared: <strong>Base</strong>;
<strong>IN</strong>, the initialization of what follows, which is Base after supervised fine-tuning
on worked solutions; and <strong>RL</strong>, which is IN after reinforcement learning. What did
each step change, and where in the model? A Frankenstein-style analysis compares weights layer by
layer, leaves layers out, swaps what layers see, and puts layers of one checkpoint into another.
Early, middle and late layers are thirds of the language model.</p>
${
    htmlTable({
      caption: "Three abilities, in % of samples, with 95 % intervals",
      columns: [
        { label: "ability" },
        ...MODELS.map((label) => ({ label, kind: "number" as const })),
      ],
      rows: ABILITIES.map((ability) => [
        `${ability} (${ABILITY_METRICS[ability]})`,
        ...MODELS.map((label) => shareText(findings.monotonicity, label, ability)),
      ]),
      notes: ABILITIES.map((ability) => COUNTED[ability]),
    })
  }
<p>Of ${ledger.claims.length} claims of <a href="${PAPER}" rel="noreferrer">the paper</a>, by these
data: ${
    counts.map(({ verdict, count }, i) =>
      markup`${i > 0 ? ", " : ""}${count} ${verdictMarkup(verdict)}`
    )
  }.</p>
${
    htmlTable({
      caption: "The paper's claims, held against these results",
      columns: [{ label: "claim", kind: "phrase" }, { label: "verdict", kind: "short" }],
      rows: ledger.claims.map(({ claim, title, text, verdict }) => [
        markup`<a href="#claim-${claim}">${claim}. ${title}</a><br>${text}`,
        verdictMarkup(verdict),
      ]),
      notes: ledger.claims.map(({ reason }) => reason),
    })
  }
<h3 id="rule">How verdicts are made${anchor("rule", "this part")}</h3>
<p>${ledger.rule}</p>
</section>`;
}
