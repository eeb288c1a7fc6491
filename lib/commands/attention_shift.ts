/**
 * `deno task attention-shift`: how much generated tokens look at the image, before and after RL.
 *
 * @module
 */
import { join } from "node:path";
import type { Figure } from "../figures/mod.ts";
import { runExperiment } from "../experiments/mod.ts";
import {
  ATTENTION_EXPERIMENT,
  ATTENTION_FILES,
  attentionFigure,
  attentionFrame,
  attentionHeadFigure,
  attentionHeadFrame,
  attentionShiftFigure,
  attentionShiftFrame,
} from "../findings/mod.ts";
import { readFinding } from "../report/mod.ts";
import { penaltyNotes } from "../penalty_notes.ts";
import { chooseData, kindOfReference } from "../study/mod.ts";
import { runCommand } from "./command_line.ts";
import { useOneGpu } from "./one_gpu.ts";
import { DATA_FLAG, RECORDING_FLAGS, TRIPLE_FLAGS } from "./flags.ts";
import { flagsOf, optionsOf } from "./option_flags.ts";
import { findModel, recordingOptions, runOptions } from "./probed_models.ts";
import { inShards, SHARD_FLAGS } from "./shard_flags.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task attention-shift",
    resumes: true,
    summary:
      "Attention from generated tokens to visual, question and system tokens in every layer " +
      "and head, for Base,\nIN and RL, under their own texts and under one fixed text. Run again, " +
      "it goes on.",
    flags: {
      ...TRIPLE_FLAGS,
      ...DATA_FLAG,
      ...flagsOf(ATTENTION_EXPERIMENT.options),
      output_dir: {
        value: "DIR",
        help: "Where results go",
        default: join("results", "attention_shift"),
      },
      ...RECORDING_FLAGS,
      ...SHARD_FLAGS,
    },
    run: async (flags, { signal, onProgress }) => {
      await useOneGpu(flags.gpu);
      const options = optionsOf(ATTENTION_EXPERIMENT.options, flags);
      const data = chooseData([flags.base, flags.sft, flags.rl], flags.data);
      const find = async (reference: string) => ({
        ...await findModel(reference, { ...runOptions(flags), onProgress, signal }),
        kind: kindOfReference(reference),
      });
      const { output_dir: output } = flags;
      const models = {
        Base: await find(flags.base),
        IN: await find(flags.sft),
        RL: await find(flags.rl),
      };
      const report = await inShards(flags, {
        output,
        settings: { base: flags.base, sft: flags.sft, rl: flags.rl, data, ...options },
        device: models.Base.device ?? "cpu",
        signal,
        run: (part) =>
          runExperiment(ATTENTION_EXPERIMENT, {
            models,
            ...recordingOptions(flags),
            ...{ data, options, onProgress, ...part },
          }),
      });
      if ("shard" in report) return report;
      const figures: Record<string, Figure> = {
        attention: attentionFigure(attentionFrame(report)),
        attention_shift: attentionShiftFigure(attentionShiftFrame(report)),
        attention_heads: attentionHeadFigure(attentionHeadFrame(report)),
      };
      for (const [name, figure] of Object.entries(figures)) {
        await figure.withNotes(penaltyNotes(flags.repetition_penalty)).save(join(output, name));
      }
      console.log(`${readFinding({ attention: report })}`);
      console.log(`\nWrote ${join(output, ATTENTION_FILES.summary)} and figures beside it`);
      return { output, basis: report.basis, finding: `${readFinding({ attention: report })}` };
    },
  });
}
