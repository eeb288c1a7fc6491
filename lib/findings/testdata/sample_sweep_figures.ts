/**
 * Every figure of a made-up sweep.
 *
 * @module
 */
import type { LayerFigureOptions } from "../layer_bands.ts";
import { attentionFigure } from "../attention/figure.ts";
import { attentionShiftFigure } from "../attention/shift_figure.ts";
import { attentionHeadFigure } from "../attention/head_figure.ts";
import type { Figure } from "../../figures/mod.ts";
import { reasoningByLevelFigure } from "../reasoning/level_figure.ts";
import { reasoningLocalizationFigure } from "../reasoning/figure.ts";
import { visionLocalizationFigure } from "../vision/figure.ts";
import { visionStepFigure } from "../vision/step_figure.ts";
import { sampleSweep, type SweepShape } from "./sample_sweeps.ts";

/** All figures by name. */
export function sweepFigures(
  shape: SweepShape,
  options: LayerFigureOptions = {},
): Record<string, Figure> {
  const sweep = sampleSweep(shape);
  const all = { llmLayers: shape.llmLayers, ...options };
  return {
    vision_localization: visionLocalizationFigure(sweep.vision, all),
    vision_step: visionStepFigure(sweep.vision, all),
    reasoning_localization: reasoningLocalizationFigure(sweep.reasoning, all),
    reasoning_by_level: reasoningByLevelFigure(sweep.levels, all),
    attention: attentionFigure(sweep.attention, all),
    attention_shift: attentionShiftFigure(sweep.shift, all),
    attention_head: attentionHeadFigure(sweep.heads, all),
  };
}
