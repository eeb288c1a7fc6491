/**
 * Questions of a recipe's models about the three abilities: records under records/transferability,
 * which the findings on abilities share.
 *
 * @module
 */
import { join } from "node:path";
import { GRADINGS, readGrading } from "../benchmarks/grading/mod.ts";
import { type AbilityReport, readExperimentType } from "../evaluation/mod.ts";
import { type AbilityFindingOptions, answerLimit, type ModelGroups } from "../findings/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { ABILITY_FILES } from "./ability_folder.ts";
import { AbilityModels, describerOf } from "./ability_models.ts";
import { modelRun } from "./model_run.ts";
import type { StudyContext } from "./make_finding.ts";
import { showProgress } from "./show_progress.ts";
import { storedTransferability } from "./transferability.ts";

/** Asks a recipe's models, and models made of them, about the three abilities. */
export async function askAbilities(
  { recipe, folder, data, shard, describer: describedBy, ...run }: StudyContext,
  groups: ModelGroups,
  options: AbilityFindingOptions,
): Promise<AbilityReport> {
  const {
    layerCuts: cuts,
    maxNewTokens,
    experimentType = "v1",
    grading = GRADINGS[0],
    signal,
    ...rest
  } = options;
  using progress = showProgress();
  const { listener: onProgress } = progress;
  const sft = await resolveModel(recipe.models.sft, { onProgress, signal });
  const ran = modelRun(sft.folder, run);
  const named = { ...recipe.variants, ...recipe.models };
  const asked = groups.flat();
  await using opened = await AbilityModels.open(
    describedBy ? [...asked, describedBy] : asked,
    { named, kinds: recipe.kinds, cuts, ...ran, onProgress, signal },
  );
  const models = [...new Set(asked.map((name) => opened.named(name)!))];
  const context = Math.min(
    ...models.map(({ plan }) => plan?.config.maxPositionEmbeddings ?? Infinity),
  );
  const output = join(folder, "records", "transferability");
  const describer = describedBy
    ? describerOf(opened.named(describedBy)!, {
      ...ran,
      cacheFolder: join(output, ABILITY_FILES.cache),
    })
    : undefined;
  return await storedTransferability(models, {
    ...rest,
    ...ran,
    data,
    describer,
    experimentType: readExperimentType(experimentType),
    grading: readGrading(grading),
    output,
    keyed: true,
    shard,
    maxNewTokens: maxNewTokens || answerLimit(context),
    onProgress,
    signal,
    together: groups.map((names) => names.map((name) => opened.named(name)!.name)),
  });
}
