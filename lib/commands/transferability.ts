/**
 * `deno task transferability-test`: perception, alignment and reasoning of models and their merges.
 *
 * @module
 */
import { join } from "node:path";
import { readExperimentType } from "../evaluation/mod.ts";
import { GRADINGS } from "../benchmarks/grading/mod.ts";
import { MAX_PROMPT_PIXELS, modelKind } from "../benchmarks/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { createServedEvaluator, type ServedEvaluatorOptions, ServedJudge } from "../serving/mod.ts";
import { parseLayerCuts } from "../merging/mod.ts";
import {
  ABILITY_FILES,
  AbilityModels,
  chooseData,
  describerOf,
  firstCheckpoint,
  type ModelRun,
  namesInRecipe,
  regradeRun,
  servedName,
  showProgress,
  storedTransferability,
} from "../study/mod.ts";
import { describeAbilities, describePlan } from "./ability_texts.ts";
import { readEditedModels } from "./edits_file.ts";
import { folderName, numberOf, oneOf, runCommand, seedOf, wholeNumber } from "./command_line.ts";
import { useOneGpu } from "./one_gpu.ts";
import { inShards } from "./shard_flags.ts";
import { joinLists, runOf, type RunOptions, runOptions } from "./localization_flags.ts";
import {
  modelsOf,
  namedModels,
  TRANSFERABILITY_FLAGS,
  type TransferabilityValues,
} from "./transferability_flags.ts";

/** A run by its name in the output folder, or by its path. */
async function findRun(run: string, flags: TransferabilityValues): Promise<string> {
  for (const path of [join(flags.output_dir, run), run]) {
    if (await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false)) return path;
  }
  throw new Error(`There is no run ${run}, neither in ${flags.output_dir} nor as a folder`);
}

async function regrade(flags: TransferabilityValues, signal: AbortSignal) {
  const grading = oneOf(flags.grading, GRADINGS, "grading");
  const run = await findRun(flags.regrade!, flags);
  using progress = showProgress();
  const judge = new ServedJudge({
    model: flags.openai_model,
    baseUrl: flags.openai_base_url,
    cacheFolder: join(run, ABILITY_FILES.cache),
  });
  const { graded, flipped } = await regradeRun(run, {
    judge,
    grading,
    onProgress: progress.listener,
    signal,
  });
  progress[Symbol.dispose]();
  console.log(`Judged ${graded} answers; ${flipped} verdicts are not the rules'. Wrote ${run}`);
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

async function transferability(flags: TransferabilityValues, signal: AbortSignal) {
  await useOneGpu(flags.gpu);
  if (flags.regrade !== undefined) return await regrade(flags, signal);
  const { named, kinds, recipe } = namedModels(flags);
  const experimentType = readExperimentType(flags.experiment_type);
  const grading = oneOf(flags.grading, GRADINGS, "grading");
  const output = join(
    flags.output_dir,
    flags.run_name === undefined
      ? `transferability_${experimentType}`
      : folderName(flags.run_name, "run_name"),
  );
  const reuseFrom = flags.reuse_from === undefined
    ? undefined
    : await findRun(flags.reuse_from, flags);
  const numbers = {
    sampleSize: wholeNumber(flags.sample_size, "sample_size", { min: 1 }),
    sampleSeed: seedOf(flags.sample_seed, "sample_seed"),
    maxNewTokens: wholeNumber(flags.max_new_tokens, "max_new_tokens", { min: 1 }),
    temperature: numberOf(flags.temperature, "temperature"),
    timeoutSeconds: numberOf(flags.inference_timeout, "inference_timeout", { positive: true }),
  };
  const edited = flags.edits === undefined ? [] : readEditedModels(flags.edits);
  const names = modelsOf(flags);
  const describedBy = flags.describer ??
    (flags.use_gpt_descriptions ? servedName(flags.openai_model) : undefined);
  const cuts = flags.layer_cuts === undefined ? undefined : parseLayerCuts(flags.layer_cuts);
  using progress = showProgress();
  const { listener: onProgress } = progress;
  const { memoryBytes, ...place } = runOptions(flags);
  // All models of a run are of one size; served ones run elsewhere.
  const first = firstCheckpoint([...names, ...edited.map(({ model }) => model)], named);
  const run = { ...await runOfReference(first, place, { onProgress, signal }), memoryBytes };
  const options = {
    named,
    kinds,
    cuts,
    precision: run.precision,
    device: run.device,
    generation: run.generation,
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
    sample_seed: numbers.sampleSeed,
    sample_size: numbers.sampleSize,
    max_new_tokens: numbers.maxNewTokens,
    temperature: numbers.temperature,
    max_image_pixels: MAX_PROMPT_PIXELS,
    inference_timeout: numbers.timeoutSeconds,
    output_dir: flags.output_dir,
    run_name: flags.run_name ?? null,
    models: opened.models.map(({ name }) => name),
    describer: describedBy ?? null,
    use_gpt_descriptions: flags.use_gpt_descriptions,
    use_gpt_grader: flags.use_gpt_grader,
    openai_model: flags.openai_model,
    reuse_from: flags.reuse_from ?? null,
    experiment_type: experimentType,
    layer_cuts: cuts ?? null,
  };
  const report = await inShards(flags, {
    output,
    settings: { ...config, data },
    device: run.device,
    signal,
    run: (part) => {
      const cacheFolder = join(part.output, ABILITY_FILES.cache);
      const { openai_model: model, openai_base_url: baseUrl } = flags;
      const [describer] = describing.models.map((model) =>
        describerOf(model, { ...run, cacheFolder })
      );
      return storedTransferability(opened.models, {
        ...run,
        experimentType,
        ...numbers,
        data,
        judge: flags.use_gpt_grader ? new ServedJudge({ model, baseUrl, cacheFolder }) : undefined,
        describer,
        grading,
        reuseFrom,
        config: { ...config, describer: describer?.model ?? null },
        overwrite: flags.overwrite,
        onProgress,
        ...part,
      });
    },
  });
  if (report === null) return;
  progress[Symbol.dispose]();
  console.log(describeAbilities(report));
  console.log(`\nWrote ${output}`);
}

if (import.meta.main) {
  await runCommand({
    name: "deno task transferability-test",
    summary:
      "Measures perception (M_vis), vision-to-reasoning alignment (M_v2r) and reasoning (M_rea) of " +
      "models and\nof merges of their layers, which are made while they run: nothing is written but " +
      "answers, in the original's\nfiles. Run again, it goes on; further models may be added. Merge " +
      "expressions are those of deno task merge.",
    flags: TRANSFERABILITY_FLAGS,
    run: transferability,
  }, joinLists(Deno.args, ["models", "kinds", "layer_cuts"]));
}
