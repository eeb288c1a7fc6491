/**
 * `deno task attention-shift`: how much generated tokens look at the image, before and after RL.
 *
 * @module
 */
import { join } from "node:path";
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
import { runCommand } from "./command_line.ts";
import { TRIPLE_FLAGS } from "./flags.ts";
import { flagsOf } from "./option_flags.ts";
import { probe, PROBE_FLAGS, saveFigures } from "./probed_models.ts";

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
      ...flagsOf(ATTENTION_EXPERIMENT.options),
      output_dir: {
        value: "DIR",
        help: "Where results go",
        default: join("results", "attention_shift"),
      },
      ...PROBE_FLAGS,
    },
    run: async (flags, context) => {
      const references = { Base: flags.base, IN: flags.sft, RL: flags.rl };
      const folder = () => flags.output_dir;
      const done = await probe(ATTENTION_EXPERIMENT, references, flags, { ...context, folder });
      if ("shard" in done) return done;
      const { output, reports: [report] } = done;
      await saveFigures(output, {
        attention: attentionFigure(attentionFrame(report)),
        attention_shift: attentionShiftFigure(attentionShiftFrame(report)),
        attention_heads: attentionHeadFigure(attentionHeadFrame(report)),
      }, flags);
      console.log(`${readFinding({ attention: report })}`);
      console.log(`\nWrote ${join(output, ATTENTION_FILES.summary)} and figures beside it`);
      return { output, basis: report.basis, finding: `${readFinding({ attention: report })}` };
    },
  });
}
