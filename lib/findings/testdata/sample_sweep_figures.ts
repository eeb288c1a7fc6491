/**
 * Every figure of a made-up sweep.
 *
 * @module
 */
import type { SweepFigureOptions } from "../../figures/sweep_rows.ts";
import { attentionFigure } from "../../figures/attention_figure.ts";
import { attentionHeadFigure } from "../../figures/attention_head_figure.ts";
import { attentionShiftFigure } from "../../figures/attention_shift_figure.ts";
import type { Figure } from "../../figures/mod.ts";
import { reasoningByLevelFigure } from "../../figures/reasoning_level_figure.ts";
import { reasoningLocalizationFigure } from "../../figures/reasoning_localization_figure.ts";
import { visionLocalizationFigure } from "../../figures/vision_localization_figure.ts";
import { visionStepFigure } from "../../figures/vision_step_figure.ts";
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
