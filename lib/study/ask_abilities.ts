/**
 * Questions of a recipe's models about the three abilities: records under records/transferability,
 * which the findings on abilities share.
 *
 * @module
 */
import { join } from "node:path";
import type { z } from "zod";
import { resolveModel } from "../checkpoint/mod.ts";
import { runExperiment } from "../experiments/mod.ts";
import {
  ABILITY_FILES,
  abilityExperiment,
  type AbilityFindingOptions,
  type abilityOptions,
  type AbilityReport,
  answerLimit,
  type ModelGroups,
} from "../findings/mod.ts";
import { AbilityModels, describerOf } from "./ability_models.ts";
import type { StudyContext } from "./make_finding.ts";
import { modelRun } from "./model_run.ts";
import { showProgress } from "./show_progress.ts";

/** Asks a recipe's models, and models made of them, about the three abilities. */
export async function askAbilities(
  { recipe, folder, data, shard, describer: describedBy, ...run }: StudyContext,
  groups: ModelGroups,
  options: AbilityFindingOptions,
): Promise<AbilityReport> {
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
      maxNewTokens: maxNewTokens || answerLimit(context),
    } as z.input<typeof abilityOptions>,
    keyed: true,
    ...{ data, output, shard, onProgress, signal },
  });
}
