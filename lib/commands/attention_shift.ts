/**
 * `deno task attention-shift`: how much generated tokens look at the image, before and after RL.
 *
 * @module
 */
import { join } from "node:path";
import {
  attentionFigure,
  attentionHeadFigure,
  attentionShiftFigure,
  type Figure,
} from "../figures/mod.ts";
import {
  attentionFrame,
  attentionHeadFrame,
  attentionShiftFrame,
  MODEL_ROLES,
  type ModelRole,
} from "../probing/mod.ts";
import { readFinding } from "../report/mod.ts";
import {
  ATTENTION_FILES,
  chooseData,
  kindOfReference,
  type RoleModel,
  showProgress,
  storedAttentionShift,
} from "../study/mod.ts";
import { oneOf, runCommand, seedOf, wholeNumber } from "./command_line.ts";
import { DATA_FLAG, findModel, RUN_FLAGS, runOptions } from "./localization_flags.ts";
import { TRIPLE_FLAGS } from "./triple_flags.ts";

/** What --fixed_text may be. */
const TEXTS: Record<string, ModelRole> = { base: "Base", sft: "IN", in: "IN", rl: "RL" };

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
      category: {
        type: "string",
        value: "NAME",
        help: "Category of the questions, or all",
        default: "math-targeted-vqa",
      },
      sample_size: { type: "string", value: "N", help: "Questions drawn", default: "100" },
      sample_seed: { type: "string", value: "N", help: "Seed of the draw", default: "123" },
      max_new_tokens: { type: "string", value: "N", help: "Longest text", default: "2048" },
      fixed_text: {
        type: "string",
        value: "MODEL",
        help: "Whose text all are measured under: base, sft or rl",
        default: "sft",
      },
      output_dir: {
        type: "string",
        value: "DIR",
        help: "Where results go",
        default: join("results", "attention_shift"),
      },
      ...RUN_FLAGS,
    },
    run: async (flags, signal) => {
      const drawn = {
        sampleSize: wholeNumber(flags.sample_size, "sample_size", { min: 1 }),
        sampleSeed: seedOf(flags.sample_seed, "sample_seed"),
        maxNewTokens: wholeNumber(flags.max_new_tokens, "max_new_tokens", { min: 1 }),
        fixedText: TEXTS[oneOf(flags.fixed_text.toLowerCase(), Object.keys(TEXTS), "fixed_text")],
      };
      const { memoryBytes, ...run } = runOptions(flags);
      const data = chooseData([flags.base, flags.sft, flags.rl], flags.data);
      using progress = showProgress();
      const { listener: onProgress } = progress;
      const found: RoleModel[] = [];
      for (const reference of [flags.base, flags.sft, flags.rl]) {
        const model = await findModel(reference, { ...run, onProgress, signal });
        found.push({ ...model, kind: kindOfReference(reference) });
      }
      const models = Object.fromEntries(MODEL_ROLES.map((role, i) => [role, found[i]]));
      const output = flags.output_dir;
      const report = await storedAttentionShift(models as Record<ModelRole, RoleModel>, {
        output,
        data,
        category: flags.category,
        ...drawn,
        overwrite: flags.overwrite,
        memoryBytes,
        onProgress,
        signal,
      });
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
