/**
 * What the two localizations say, in words whose numbers come from the reports.
 *
 * @module
 */
import type { ReasoningReport, VisionReport } from "../probing/mod.ts";
import { Paragraph } from "../report/mod.ts";
import { type Third, thirdOf, THIRDS } from "../thirds.ts";

/** Where the paper finds each vision ability. */
const CLAIMED: Readonly<Record<string, Third>> = {
  recognition: "early",
  ocr: "middle",
  counting: "middle",
  grounding: "middle",
};

const percent = (value: number | null) => value === null ? "?" : `${(100 * value).toFixed(1)} %`;
const interval = (low: number | null, high: number | null) => `${percent(low)} to ${percent(high)}`;

/** Sums of a value by third of the model; a third without a layer has none. */
function byRegion<T extends { layer: number }>(
  places: readonly T[],
  numLayers: number,
  combine: (own: readonly T[]) => number,
): { region: Third; value: number }[] {
  return THIRDS.flatMap((region) => {
    const own = places.filter(({ layer }) => thirdOf(layer, numLayers) === region);
    return own.length === 0 ? [] : [{ region, value: combine(own) }];
  });
}

function largest<T>(items: readonly T[], value: (item: T) => number): T {
  return items.reduce((best, item) => value(item) > value(best) ? item : best);
}

/** Reads vision localization: in which third each answer is decided, beside what the paper claims. */
export function readVisionLocalization(report: VisionReport): Paragraph {
  const { num_layers: numLayers, control } = report;
  const agrees: string[] = [];
  const sentences = report.tasks.map((task) => {
    const places = report.places.filter((place) => place.task === task);
    const steps = byRegion(
      places,
      numLayers,
      (own) => own.reduce((sum, { step }) => sum + (step ?? 0), 0),
    );
    const top = largest(steps, ({ value }) => value);
    const peak = places.find(({ layer }) => layer === report.step_peak_layers[task]);
    if (top.value > 0 && top.region === CLAIMED[task]) agrees.push(task);
    const parts = steps.map(({ region, value }) => `${percent(value)} in ${region}`).join(", ");
    const source = largest(places, ({ source_rate }) => source_rate ?? 0);
    const most = peak
      ? `, most at layer ${peak.layer} (${percent(peak.step)}, ` +
        `${interval(peak.step_low, peak.step_high)})`
      : "";
    return `**${task}** (right on ${
      percent(report.baseline_accuracy[task])
    } unswapped): the change ` +
      `rate falls by ${parts} layers${most}; up to ${percent(source.source_rate)} of swapped ` +
      "answers are the source's own";
  });
  const claims = report.tasks.filter((task) => task in CLAIMED);
  return new Paragraph(
    `${
      sentences.join("; ")
    }. The paper finds recognition early and OCR, counting and grounding in ` +
      `the middle: by the third in which the rate falls most, this holds here for ` +
      `${agrees.length > 0 ? agrees.join(", ") : "none"} of ${
        claims.join(", ")
      }. Control: an image ` +
      `swapped with itself changes ${control.changed} of ${control.pairs} answers.`,
  );
}

/** Reads reasoning localization: which third a solution needs most, beside what the paper claims. */
export function readReasoningLocalization(reports: readonly ReasoningReport[]): Paragraph {
  const sentences = reports.map(({ dataset, places, num_layers: numLayers }) => {
    const baseline = places.find(({ layer }) => layer < 0);
    const ablated = places.filter(({ layer }) => layer >= 0);
    if (!baseline || ablated.length === 0) return `On ${dataset} no layer was left out.`;
    const drops = byRegion(
      ablated,
      numLayers,
      (own) => own.reduce((sum, { drop }) => sum + (drop ?? 0), 0) / own.length,
    );
    const top = largest(drops, ({ value }) => value);
    const worst = largest(ablated, ({ drop }) => drop ?? -Infinity);
    const harmless = ablated.filter(({ drop_low }) => (drop_low ?? 0) <= 0);
    const parts = drops.map(({ region, value }) => `${percent(value)} ${region}`).join(", ");
    return `On **${dataset}** the model solves ${percent(baseline.accuracy)} ` +
      `(${
        interval(baseline.accuracy_low, baseline.accuracy_high)
      }, n = ${baseline.n}); leaving one ` +
      `layer out costs ${parts} on average, most in the **${top.region}** third, and most of all at ` +
      `layer ${worst.layer} (${percent(worst.drop)}); for ` +
      `${harmless.length} of ${ablated.length} layers the drop's interval reaches 0 or below. The ` +
      `paper finds reasoning late; here it is ${top.region === "late" ? "so" : "not so"}.`;
  });
  return new Paragraph(sentences.join(" "));
}
