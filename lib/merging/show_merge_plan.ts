/**
 * A merge plan for the eye: a frame, and a picture in text.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { frameOf } from "../frame.ts";
import type { LayerStep, MergePlan } from "./merge_plan.ts";
import { layerRuns } from "./merge_plan.ts";
import { thirdAt } from "../thirds.ts";

const STEP_COLUMNS = {
  region: "string",
  operation: "string",
  model: "string",
  donor: "string",
  alpha: "float",
  component: "string",
  noise: "float",
} as const;

function stepRow(step: LayerStep) {
  return {
    operation: step.op,
    model: step.model,
    ...(step.op === "interpolate"
      ? { donor: step.donor, alpha: step.alpha, component: step.component }
      : {}),
    ...(step.op === "noise" ? { noise: step.ratio } : {}),
  };
}

/**
 * A plan as a frame with a row for each run of layers that are made alike: layers ("0-8"), region,
 * operation ("take", "interpolate", "noise"), model, and donor, alpha, component or noise where they
 * apply.
 */
export function mergePlanSummary(plan: MergePlan): pl.DataFrame {
  return frameOf(
    layerRuns(plan).map(({ first, last, region, step }) => ({
      layers: first === last ? `${first}` : `${first}-${last}`,
      region,
      ...stepRow(step),
    })),
    { layers: "string", ...STEP_COLUMNS },
  );
}

/**
 * A plan as a picture: one character a layer, in the three regions. Capital letters are models'
 * layers as they are; a small letter is the first model blended with that letter's model, `~` noise.
 *
 * @example
 * ```ts
 * import { planMerge } from "./merge_plan.ts";
 *
 * console.log(drawMergePlan(planMerge("sft late 1/3 layers replaced by rl", { numLayers: 12 })));
 * //           early middle late
 * // layers    AAAA  AAAA   BBBB
 * // the rest  A
 * // A = sft, B = rl
 * ```
 */
export function drawMergePlan(plan: MergePlan): string {
  const letter = (model: string) => String.fromCharCode(65 + plan.models.indexOf(model));
  const mark = (step: LayerStep) => {
    if (step.op === "noise") return "~";
    return step.op === "take" ? letter(step.model) : letter(step.donor).toLowerCase();
  };
  const regions = Map.groupBy(
    plan.layers.map((step, layer) => ({ step, layer })),
    ({ layer }) => thirdAt(layer, plan.cuts),
  );
  const columns = [...regions].map(([region, steps]) => {
    const marks = steps.map(({ step }) => mark(step)).join("");
    const width = Math.max(region.length, marks.length);
    return [region.padEnd(width), marks.padEnd(width)];
  });
  const line = (label: string, cells: string[]) =>
    `${label.padEnd(10)}${cells.join(" ")}`.trimEnd();
  const legend = plan.models.map((model) => `${letter(model)} = ${model}`);
  const kinds = new Map(plan.layers.map((step) => [mark(step), step]));
  for (const [sign, step] of kinds) {
    if (step.op === "noise") {
      legend.push(`${sign} = ${letter(step.model)} with ${step.ratio} noise, seed ${step.seed}`);
    } else if (step.op === "interpolate") {
      const part = step.component === "all" ? "" : ` in ${step.component}`;
      legend.push(
        `${sign} = ${Number((1 - step.alpha).toPrecision(6))} ${
          letter(step.model)
        } + ${step.alpha} ` +
          `${letter(step.donor)}${part}`,
      );
    }
  }
  return [
    line("", columns.map(([region]) => region)),
    line("layers", columns.map(([, marks]) => marks)),
    line("the rest", [letter(plan.rest)]),
    legend.join(", "),
  ].join("\n");
}
