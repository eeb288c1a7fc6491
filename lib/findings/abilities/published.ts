/**
 * Published values, beside values that were measured on the same benchmark here.
 *
 * @module
 */
import { ABILITIES, ABILITY_METRICS } from "../../abilities.ts";
import { z } from "zod";
import { basisText } from "../../basis.ts";
import type { AbilityReport } from "./report.ts";
import { decimalText } from "../../number_format.ts";
import type { Findings } from "../findings.ts";
import values from "./published.json" with { type: "json" };

/** Where something about a published value is not stated, it is null. */
const publishedSchema = z.strictObject({
  /** Hub id of the model. */
  model: z.string(),
  metric: z.enum(["M_vis", "M_v2r", "M_rea"]),
  benchmark: z.string(),
  /** In percent. */
  value: z.number(),
  n: z.int().nullable(),
  judge: z.string().nullable(),
  describer: z.string().nullable(),
  /** Most new tokens of an answer. */
  tokens: z.int().nullable(),
  source: z.string(),
});

/** A value that somebody has published. */
type Published = z.infer<typeof publishedSchema>;

/** All published values that the suite knows. */
const PUBLISHED: readonly Published[] = z.array(publishedSchema).parse(values);

function conditions({ n, judge, describer, tokens, source }: Published): string {
  const stated = (name: string, value: string | number | null) =>
    `${name} ${value ?? "not stated"}`;
  return [
    source,
    stated("n", n),
    stated("judge", judge),
    stated("describer", describer),
    stated("new tokens", tokens),
  ].join(", ");
}

/**
 * Published values of the findings' models beside their own, in percent: only where the questions are
 * the published benchmark's.
 */
export function publishedTexts(
  { monotonicity, transferability, necessity }: Findings,
): string[] {
  return [monotonicity, transferability, necessity].flatMap((report) =>
    report ? besideOwn(report) : []
  );
}

/** The published value of a report's model on the same benchmark, if there is one. */
export function publishedValue(
  report: AbilityReport,
  { model: name, ability }: Pick<AbilityReport["scores"][number], "model" | "ability">,
): Published | undefined {
  const basis = report.basis[ability];
  if (basis?.data !== "hub") return undefined;
  return PUBLISHED.find(({ model, metric, benchmark }) =>
    model === name.split("@")[0] && metric === ABILITY_METRICS[ability] &&
    benchmark === basis.benchmark
  );
}

type Score = AbilityReport["scores"][number];

/** Whether the published value may be the own one; only where both are of as many samples and graded alike. */
function comparison(
  { value, n, judge }: Published,
  { score, grader }: { score: Score; grader: string | null },
): string {
  const other = [n === score.n ? "" : "n", judge === grader ? "" : "judge"].filter(Boolean);
  if (other.length > 0) return `${other.join(" and ")} not known to be the same`;
  if (score.low === null || score.high === null) return "no interval";
  const inside = 100 * score.low <= value && value <= 100 * score.high;
  return `the published value lies ${inside ? "inside" : "outside"} of the interval`;
}

function besideOwn(report: AbilityReport): string[] {
  return report.models.flatMap(({ name, label }) =>
    ABILITIES.flatMap((ability) => {
      const score = report.scores.find((one) => one.model === name && one.ability === ability);
      const published = score && publishedValue(report, score);
      if (!published || score.value === null) return [];
      const basis = report.basis[ability]!;
      const percent = (share: number) => decimalText(100 * share, 1);
      const interval = score.low === null || score.high === null
        ? ""
        : ` (${percent(score.low)} to ${percent(score.high)})`;
      return [
        `${label} ${published.metric} ${decimalText(published.value, 1)} (${
          conditions(published)
        }), here ${percent(score.value)}${interval} (${basisText(basis)}): ${
          comparison(published, { score, grader: basis.grader })
        }`,
      ];
    })
  );
}
