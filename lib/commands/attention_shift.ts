/**
 * `deno task attention-shift`: how much generated tokens look at the image, before and after RL.
 *
 * @module
 */
import { join } from "node:path";
import { type Figure } from "../figures/mod.ts";
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
import { chooseData, kindOfReference, showProgress } from "../study/mod.ts";
import { runCommand } from "./command_line.ts";
import { DATA_FLAG, findModel, RUN_FLAGS, runOptions } from "./localization_flags.ts";
import { flagsOf, optionsOf } from "./option_flags.ts";
import { inShards, SHARD_FLAGS } from "./shard_flags.ts";
import { TRIPLE_FLAGS } from "./triple_flags.ts";

if (import.meta.main) {
  await runCommand({
    name: "deno task attention-shift",
    summary:
      "Attention from generated tokens to visual, question and system tokens in every layer " +
      "and head, for Base,\nIN and RL, under their own texts and under one fixed text. Run again, " +
      "it goes on.",
    flags: {
      ...TRIPLE_FLAGS,
      ...DATA_FLAG,
      ...flagsOf(ATTENTION_EXPERIMENT.options),
      output_dir: {
        type: "string",
        value: "DIR",
        help: "Where results go",
        default: join("results", "attention_shift"),
      },
      ...RUN_FLAGS,
      ...SHARD_FLAGS,
    },
    run: async (flags, signal) => {
      const options = optionsOf(ATTENTION_EXPERIMENT.options, flags);
      const { memoryBytes, ...run } = runOptions(flags);
      const data = chooseData([flags.base, flags.sft, flags.rl], flags.data);
      using progress = showProgress();
      const { listener: onProgress } = progress;
      const find = async (reference: string) => ({
        ...await findModel(reference, { ...run, onProgress, signal }),
        kind: kindOfReference(reference),
      });
      const { output_dir: output, overwrite } = flags;
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
            ...{ data, options, overwrite, memoryBytes, onProgress, ...part },
          }),
      });
      if (report === null) return;
      const figures: Record<string, Figure> = {
        attention: attentionFigure(attentionFrame(report)),
        attention_shift: attentionShiftFigure(attentionShiftFrame(report)),
        attention_heads: attentionHeadFigure(attentionHeadFrame(report)),
      };
      for (const [name, figure] of Object.entries(figures)) await figure.save(join(output, name));
      progress[Symbol.dispose]();
      console.log(`${readFinding({ attention: report })}`);
      console.log(`\nWrote ${join(output, ATTENTION_FILES.summary)} and figures beside it`);
    },
  });
}
