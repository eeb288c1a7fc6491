/**
 * Every figure of a made-up sweep.
 *
 * @module
 */
import type { SweepFigureOptions } from "../sweep_rows.ts";
import { attentionFigure } from "../attention_figure.ts";
import { attentionHeadFigure } from "../attention_head_figure.ts";
import { attentionShiftFigure } from "../attention_shift_figure.ts";
import type { Figure } from "../figure.ts";
import { reasoningByLevelFigure } from "../reasoning_level_figure.ts";
import { reasoningLocalizationFigure } from "../reasoning_localization_figure.ts";
import { visionLocalizationFigure } from "../vision_localization_figure.ts";
import { visionStepFigure } from "../vision_step_figure.ts";
import { sampleSweep, type SweepShape } from "./sample_sweeps.ts";

/** All figures by name. */
export function sweepFigures(
  shape: SweepShape,
  options: SweepFigureOptions = {},
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
