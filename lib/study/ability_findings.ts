/**
 * The three ability findings on a recipe's models: records under records/transferability, which they
 * share, and summaries under tables/.
 *
 * @module
 */
import { join } from "node:path";
import type { z } from "zod";
import { runExperiment } from "../experiments/mod.ts";
import {
  ABILITY_FILES,
  abilityExperiment,
  type abilityOptions,
  type AbilityReport,
  FINDINGS,
} from "../findings/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { PAPER_SPLICES, REST_SPLICES } from "../merging/mod.ts";
import { AbilityModels, describerOf } from "./ability_models.ts";
import { modelRun } from "./model_run.ts";
import {
  findingTable,
  LONG_ANSWER,
  shortContextAnswer,
  type StudyContext,
} from "./probing_findings.ts";
import { showProgress } from "./show_progress.ts";
import type { LayerCuts } from "../thirds.ts";

/** Options of the ability findings. */
export interface AbilityFindingOptions extends
  Omit<
    z.input<typeof abilityOptions>,
    "experimentType" | "grading" | "temperature" | "inferenceTimeout"
  > {
  /** "v1" (default) or "v2". */
  experimentType?: string;
  /** First middle and first late layer of the splices; default thirds. */
  layerCuts?: LayerCuts;
  /** The grading of answers that counts: "sound" (default) or "original". */
  grading?: string;
  signal?: AbortSignal;
}

/**
 * Models whose answers do not depend on which finding asks first: those of a list are asked in the
 * same batches, and the lists one after the other.
 */
type ModelGroups = readonly (readonly string[])[];

function abilityFinding(
  { recipe, folder, data, shard, describer: describedBy, ...run }: StudyContext,
  table: "monotonicity" | "transferability" | "necessity",
  { groups, options }: { groups: ModelGroups; options: AbilityFindingOptions },
): Promise<AbilityReport> {
  return findingTable(folder, FINDINGS[table].table, async () => {
    const { layerCuts: cuts, maxNewTokens, signal, ...rest } = options;
    using progress = showProgress();
    const { listener: onProgress } = progress;
    const sft = await resolveModel(recipe.models.sft, { onProgress, signal });
    const ran = modelRun(sft.folder, run);
    const named = { ...recipe.variants, ...recipe.models };
    const asked = groups.flat();
    await using opened = await AbilityModels.open(
      describedBy ? [...asked, describedBy] : asked,
      { named, frozen: recipe.frozen, kinds: recipe.kinds, cuts, ...ran, onProgress, signal },
    );
    const models = groups.map((names) => names.map((name) => opened.named(name)!));
    const context = Math.min(
      ...models.flat().map(({ plan }) => plan?.config.maxPositionEmbeddings ?? Infinity),
    );
    const output = join(folder, "records", "transferability");
    const describer = describedBy
      ? describerOf(opened.named(describedBy)!, {
        ...ran,
        cacheFolder: join(output, ABILITY_FILES.cache),
      })
      : undefined;
    const experiment = abilityExperiment({
      groups: models,
      run: ran,
      describer,
      config: { layer_cuts: cuts ?? null },
    });
    return await runExperiment(experiment, {
      models: {},
      options: {
        ...rest,
        maxNewTokens: maxNewTokens || Math.min(LONG_ANSWER, shortContextAnswer(context)),
        // Other words are refused by the schema.
      } as z.input<typeof abilityOptions>,
      keyed: true,
      ...{ data, output, shard, onProgress, signal },
    });
  });
}

/** Abilities of Base, IN and RL, in tables/monotonicity.json. */
export function monotonicityFinding(
  study: StudyContext,
  options: AbilityFindingOptions = {},
): Promise<AbilityReport> {
  const groups = [["base"], ["sft", "rl"]];
  return abilityFinding(study, "monotonicity", { groups, options });
}

/** Abilities of IN, RL and the paper's six splices of them, and two
 * whose rest is the other's, in tables/transferability.json. */
export function transferabilityFinding(
  study: StudyContext,
  options: AbilityFindingOptions = {},
): Promise<AbilityReport> {
  const groups = [
    ["sft", "rl"],
    ...[PAPER_SPLICES, REST_SPLICES].map((splices) => splices.map(({ expression }) => expression)),
  ];
  return abilityFinding(study, "transferability", { groups, options });
}

/**
 * Abilities of IN, RL and the recipe's variants (RL with a block frozen), in tables/necessity.json;
 * of IN and RL alone where the recipe has none.
 */
export function necessityFinding(
  study: StudyContext,
  options: AbilityFindingOptions = {},
): Promise<AbilityReport> {
  const groups = [["sft", "rl"], Object.keys(study.recipe.variants)];
  return abilityFinding(study, "necessity", { groups, options });
}
