/**
 * Published values, beside values that were measured on the same benchmark here.
 *
 * @module
 */
import { ABILITIES, ABILITY_METRICS } from "../../abilities.ts";
import { z } from "zod";
import { basisText } from "../../basis.ts";
import type { AbilityReport } from "../../evaluation/mod.ts";
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

function besideOwn(report: AbilityReport): string[] {
  return report.models.flatMap(({ name, label }) =>
    ABILITIES.flatMap((ability) => {
      const basis = report.basis[ability];
      const published = PUBLISHED.find(({ model, metric, benchmark }) =>
        model === name.split("@")[0] && metric === ABILITY_METRICS[ability] &&
        basis?.data === "hub" && benchmark === basis.benchmark
      );
      const here = report.scores.find((score) => score.model === name && score.ability === ability)
        ?.value ?? null;
      if (!published || here === null) return [];
      return [
        `${label} ${published.metric} ${decimalText(published.value, 1)} (${
          conditions(published)
        }), ` +
        `here ${decimalText(100 * here, 1)} (${basisText(basis)})`,
      ];
    })
  );
}
