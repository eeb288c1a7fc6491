/**
 * `deno task transferability-test`: perception, alignment and reasoning of models and their merges.
 *
 * @module
 */
import { join } from "node:path";
import { modelKind } from "../benchmarks/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { isFolder } from "../paths.ts";
import type { ProgressListener } from "../progress.ts";
import { runExperiment } from "../experiments/mod.ts";
import { ABILITY_FILES, abilityExperiment, abilityOptions, regradeRun } from "../findings/mod.ts";
import { createServedEvaluator, type ServedEvaluatorOptions, ServedJudge } from "../serving/mod.ts";
import {
  AbilityModels,
  chooseData,
  describerOf,
  firstCheckpoint,
  type ModelRun,
  namesInRecipe,
  servedName,
} from "../study/mod.ts";
import { describeAbilities, describePlan } from "./ability_texts.ts";
import { readEditedModels } from "./edits_file.ts";
import { type CommandContext, runCommand, UsageError } from "./command_line.ts";
import { useOneGpu } from "./one_gpu.ts";
import { inShards } from "./shard_flags.ts";
import { optionsOf } from "./option_flags.ts";
import { recordingOptions, runOf, type RunOptions, runOptions } from "./probed_models.ts";
import {
  modelsOf,
  namedModels,
  TRANSFERABILITY_FLAGS,
  type TransferabilityValues,
} from "./transferability_flags.ts";

/** A run by its name in the output folder, or by its path. */
function findRun(run: string, flags: TransferabilityValues): string {
  const found = [join(flags.output_dir, run), run].find(isFolder);
  if (found !== undefined) return found;
  throw new Error(`There is no run ${run}, neither in ${flags.output_dir} nor as a folder`);
}

async function regrade(flags: TransferabilityValues, { signal, onProgress }: CommandContext) {
  const run = findRun(flags.regrade!, flags);
  const judge = new ServedJudge({
    model: flags.openai_model,
    baseUrl: flags.openai_base_url,
    cacheFolder: join(run, ABILITY_FILES.cache),
  });
  const { grading } = optionsOf(abilityOptions, flags);
  const { graded, flipped } = await regradeRun(run, { judge, grading, onProgress, signal });
  console.log(`Judged ${graded} answers; ${flipped} verdicts are not the rules'. Wrote ${run}`);
  return { output: run, graded, flipped };
}

/** How models of this size run; on the CPU if none is known. */
async function runOfReference(
  reference: string | undefined,
  place: RunOptions,
  options: { onProgress: ProgressListener; signal: AbortSignal },
): Promise<ModelRun> {
  if (reference !== undefined) {
    return runOf((await resolveModel(reference, options)).folder, place, 2);
  }
  const device = place.device === "auto" ? "cpu" : place.device;
  return { ...place, device, precision: place.precision ?? "f32" };
}

/** Refuses flags that say both of two things. */
function checkSwitches(flags: TransferabilityValues) {
  for (const what of ["gpt_descriptions", "gpt_grader"] as const) {
    if (flags[`use_${what}`] && flags[`no_${what}`]) {
      throw new UsageError(`Give --use_${what} or --no_${what}, not both`);
    }
  }
}

async function transferability(flags: TransferabilityValues, context: CommandContext) {
  await useOneGpu(flags.gpu);
  checkSwitches(flags);
  if (flags.regrade !== undefined) return await regrade(flags, context);
  const { signal, onProgress } = context;
  const { named, kinds, frozen, recipe } = namedModels(flags);
  const { layer_cuts: cuts } = flags;
  const asked = optionsOf(abilityOptions, flags);
  const name = flags.run_name ?? `transferability_${asked.experimentType}`;
  const output = join(flags.output_dir, name);
  const reuseFrom = flags.reuse_from === undefined ? undefined : findRun(flags.reuse_from, flags);
  const edited = flags.edits === undefined ? [] : readEditedModels(flags.edits);
  const names = modelsOf(flags);
  const describedBy = flags.describer ??
    (flags.use_gpt_descriptions ? servedName(flags.openai_model) : undefined);
  // All models of a run are of one size; served ones run elsewhere.
  const first = firstCheckpoint([...names, ...edited.map(({ model }) => model)], named);
  const run = await runOfReference(first, runOptions(flags), { onProgress, signal });
  const options = {
    named,
    kinds,
    frozen,
    cuts,
    ...run,
    served: (name: string, options: ServedEvaluatorOptions) =>
      createServedEvaluator(name, {
        ...options,
        baseUrl: modelKind(name) === "claude" ? undefined : flags.openai_base_url,
      }),
    onProgress,
    signal,
  };
  await using opened = await AbilityModels.open(names, { ...options, edited });
  // What a recipe states holds for its own models; others must not be asked by its leave.
  const own = recipe && opened.references.every((model) => namesInRecipe(recipe, model).length > 0);
  const data = chooseData(opened.references, flags.data ?? (own ? recipe.data : undefined));
  await using describing = await AbilityModels.open(describedBy ? [describedBy] : [], options);
  const plans = opened.models.flatMap(({ merge }) => merge ? [describePlan(merge)] : []);
  if (plans.length > 0) console.log(`${plans.join("\n\n\n")}\n`);
  const config = {
    base_model: named.base ?? null,
    sft_model: named.sft ?? null,
    rl_model: named.rl ?? null,
    output_dir: flags.output_dir,
    run_name: flags.run_name ?? null,
    models: opened.models.map(({ name }) => name),
    describer: describedBy ?? null,
    use_gpt_descriptions: flags.use_gpt_descriptions,
    use_gpt_grader: flags.use_gpt_grader,
    openai_model: flags.openai_model,
    reuse_from: flags.reuse_from ?? null,
    layer_cuts: cuts ?? null,
  };
  const report = await inShards(flags, {
    output,
    settings: { ...config, ...asked, data },
    device: run.device,
    signal,
    run: (part) => {
      const cacheFolder = join(part.output, ABILITY_FILES.cache);
      const recording = recordingOptions(flags);
      const { openai_model: model, openai_base_url: baseUrl } = flags;
      const [describer] = describing.models.map((model) =>
        describerOf(model, { ...run, memoryBytes: recording.memoryBytes, cacheFolder })
      );
      const experiment = abilityExperiment({
        groups: [opened.models],
        run,
        judge: flags.use_gpt_grader ? new ServedJudge({ model, baseUrl, cacheFolder }) : undefined,
        describer,
        reuseFrom,
        config: { ...config, describer: describer?.model ?? null },
      });
      return runExperiment(experiment, {
        models: {},
        options: asked,
        ...recording,
        ...{ data, onProgress, ...part },
      });
    },
  });
  if ("shard" in report) return report;
  console.log(describeAbilities(report));
  console.log(`\nWrote ${output}`);
  const { models, scores, basis, not_run, disagreements } = report;
  return { output, models, scores, basis, not_run, disagreements };
}

if (import.meta.main) {
  await runCommand({
    name: "deno task transferability-test",
    resumes: true,
    summary:
      "Measures perception (M_vis), vision-to-reasoning alignment (M_v2r) and reasoning (M_rea) of " +
      "models and\nof merges of their layers, which are made while they run: nothing is written but " +
      "answers, in the original's\nfiles. Run again, it goes on; further models may be added. Merge " +
      "expressions are those of deno task merge.",
    flags: TRANSFERABILITY_FLAGS,
    run: transferability,
  });
}
