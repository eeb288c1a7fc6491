/**
 * Each finding's numbers in short; all of them are in tables/.
 *
 * @module
 */
import { GRADING_NAMES, otherGrading } from "../benchmarks/grading/mod.ts";
import { ABILITIES, ABILITY_METRICS, type AbilityReport } from "../evaluation/mod.ts";
import type { AttentionReport, ReasoningReport, VisionReport } from "../probing/mod.ts";
import {
  type DiversityReport,
  type EnergyReport,
  energyShares,
  spectrumShapes,
} from "../spectra/mod.ts";
import { findingBasis, type FindingKey, type Findings } from "../findings/mod.ts";
import type { HtmlTable } from "./html_table.ts";
import { decimalText, percentText, signedText } from "../number_format.ts";
import { type Third, thirdOf, THIRDS } from "../thirds.ts";

const percent = (value: number | null | undefined) =>
  value === null || value === undefined ? null : percentText(value);
const points = (value: number | null, decimals = 1) =>
  value === null ? null : signedText(100 * value, decimals);
const number = (label: string) => ({ label, kind: "number" as const });

/** Share and interval, e.g. "72.0 % (63.0–80.0)". */
function shareText(value: number | null, low: number | null, high: number | null) {
  if (value === null) return null;
  if (low === null || high === null) return percent(value);
  return `${percent(value)} (${decimalText(100 * low, 1)}–${decimalText(100 * high, 1)})`;
}

/** Share and interval, and in brackets the share by the other grading. */
function gradedText(share: Parameters<typeof shareText>, other: number | null) {
  const text = shareText(...share);
  return text === null ? null : `${text} [${percent(other)}]`;
}

/** Sum or mean of the values of each third's layers; null where a third has none. */
function perThird<T extends { layer: number }>(
  places: readonly T[],
  numLayers: number,
  { value, mean = false }: { value: (place: T) => number | null; mean?: boolean },
): (number | null)[] {
  return THIRDS.map((region) => {
    const own = places.filter(({ layer }) => layer >= 0 && thirdOf(layer, numLayers) === region)
      .flatMap((place) => value(place) ?? []);
    if (own.length === 0) return null;
    return own.reduce((sum, one) => sum + one, 0) / (mean ? own.length : 1);
  });
}

function abilityTable(caption: string, report: AbilityReport): HtmlTable {
  const { experiment_type: type, sample_size: size, sample_seed: seed } = report;
  return {
    caption: `${caption}: share of samples and 95 % interval (experiments ${type}, up to ${size} ` +
      `samples each, seed ${seed}), in brackets by ${GRADING_NAMES[otherGrading(report.grading)]}`,
    columns: [
      { label: "model" },
      ...ABILITIES.map((ability) => number(`${ability} (${ABILITY_METRICS[ability]})`)),
      number("timed out"),
      number("undecided"),
    ],
    rows: report.models.map(({ name, label }) => {
      const own = report.scores.filter(({ model }) => model === name);
      const total = (key: "timed_out" | "undecided") =>
        own.reduce((sum, score) => sum + score[key], 0);
      return [
        label,
        ...ABILITIES.map((ability) => {
          const score = own.find((known) => known.ability === ability);
          return score ? gradedText([score.value, score.low, score.high], score.other_value) : null;
        }),
        total("timed_out"),
        total("undecided"),
      ];
    }),
  };
}

function attentionTable(report: AttentionReport): HtmlTable {
  const texts = [["fixed", `one text for all (${report.fixed_text}'s)`], ["own", "each its own"]];
  return {
    caption: "Attention from generated to visual tokens, RL less IN: mean of each third, in " +
      "percentage points",
    columns: [{ label: "text" }, ...THIRDS.map(number), number("layers up"), number("down")],
    rows: texts.map(([text, name]) => {
      const own = report.shifts.filter((shift) =>
        shift.text === text && shift.span === "generated" && shift.target === "visual"
      );
      const thirds = perThird(own, report.num_layers, { value: ({ diff }) => diff, mean: true });
      return [
        name,
        ...thirds.map((value) => points(value, 2)),
        own.filter(({ low }) => low !== null && low > 0).length,
        own.filter(({ high }) => high !== null && high < 0).length,
      ];
    }),
  };
}

function visionTable(report: VisionReport): HtmlTable {
  const { control } = report;
  return {
    caption: "Swapped visual tokens: fall of the change rate over the swaps that start in each " +
      `third, in percentage points (an image swapped with itself changes ${control.changed} of ` +
      `${control.pairs} answers)`,
    columns: [
      { label: "task" },
      number("pairs"),
      number("right, unswapped"),
      ...THIRDS.map(number),
      number("largest step at layer"),
    ],
    rows: report.tasks.map((task) => {
      const own = report.places.filter((place) => place.task === task);
      const falls = perThird(own, report.num_layers, { value: ({ step }) => step });
      return [
        task,
        Math.max(0, ...own.map(({ n }) => n)),
        percent(report.baseline_accuracy[task]),
        ...falls.map((value) => points(value)),
        report.step_peak_layers[task] ?? null,
      ];
    }),
  };
}

function reasoningTable(reports: readonly ReasoningReport[]): HtmlTable {
  return {
    caption: "One layer left out: accuracy lost, mean over each third's layers, in percentage " +
      "points; in brackets the accuracy by the other grading",
    columns: [
      { label: "dataset" },
      number("problems"),
      number("accuracy, whole model"),
      ...THIRDS.map(number),
      number("largest loss"),
      number("at layer"),
    ],
    rows: reports.map(({ dataset, places, num_layers: numLayers }) => {
      const whole = places.find(({ layer }) => layer < 0);
      const ablated = places.filter(({ layer }) => layer >= 0);
      const losses = perThird(ablated, numLayers, { value: ({ drop }) => drop, mean: true });
      const worst = ablated.toSorted((a, b) => (b.drop ?? -1) - (a.drop ?? -1)).at(0);
      return [
        dataset,
        whole?.n ?? 0,
        whole
          ? gradedText(
            [whole.accuracy, whole.accuracy_low, whole.accuracy_high],
            whole.accuracy_other,
          )
          : null,
        ...losses.map((value) => points(value)),
        points(worst?.drop ?? null),
        worst?.layer,
      ];
    }),
  };
}

function energyTable(report: EnergyReport): HtmlTable {
  const shares = energyShares(report);
  const of = (region: Third, phase: string) =>
    shares.find((share) => share.region === region && share.phase === phase);
  return {
    caption: "Update energy of the language model by third",
    columns: [
      { label: "third" },
      number("weight matrices"),
      number("share of IN's energy"),
      number("share of RL's"),
      number("IN, relative norm"),
      number("RL, relative norm"),
    ],
    rows: THIRDS.map((region) => [
      region,
      of(region, "IN")?.n_params ?? 0,
      percent(of(region, "IN")?.energy_share),
      percent(of(region, "RL")?.energy_share),
      of(region, "IN")?.relative_norm_mean,
      of(region, "RL")?.relative_norm_mean,
    ]),
  };
}

function diversityTable(report: DiversityReport): HtmlTable {
  const shapes = spectrumShapes(report);
  return {
    caption: "Singular value spectra of the updates by third, means over weight matrices " +
      `(k = ${report.metadata.topk})`,
    columns: [
      { label: "third" },
      { label: "phase" },
      number("weight matrices"),
      number("ln σ₁/σₖ"),
      number("stable rank"),
      number("effective rank"),
    ],
    rows: shapes.toSorted((a, b) => THIRDS.indexOf(a.region) - THIRDS.indexOf(b.region)).map((
      shape,
    ) => [
      shape.region,
      shape.phase,
      shape.n_params,
      shape.decay_mean,
      shape.stable_rank_mean,
      shape.effective_rank_mean,
    ]),
  };
}

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
export function findingTables(key: FindingKey, findings: Findings): HtmlTable[] {
  const { monotonicity, transferability, necessity } = findings;
  const { attention, vision, reasoning, energy, diversity } = findings;
  const makers: Record<FindingKey, () => HtmlTable | null | undefined> = {
    monotonicity: () => monotonicity && abilityTable("Base, IN and RL", monotonicity),
    attention: () => attention && attentionTable(attention),
    vision: () => vision && visionTable(vision),
    reasoning: () => reasoning && reasoningTable(reasoning),
    energy: () => energy && energyTable(energy),
    diversity: () => diversity && diversityTable(diversity),
    transferability: () =>
      transferability &&
      abilityTable("IN, RL and models of their blocks (early:middle:late)", transferability),
    necessity: () => necessity && abilityTable("RL with a block frozen", necessity),
  };
  const graded = [findings[key] ?? []].flat().flatMap((report) =>
    "disagreements" in report ? [report] : []
  );
  const data = findingBasis(key, findings).join("; ");
  return [makers[key](), disagreementTable(graded)].flatMap((table) =>
    table ? [{ ...table, caption: `${table.caption}. Data: ${data}` }] : []
  );
}
