/**
 * Recipes, stored results, progress and the headless run of all notebooks. Many names: every command
 * has its own entry here, with the files and settings that it names.
 *
 * @module
 */
export { AbilityModels, describerOf, type EditedModel } from "./ability_models.ts";
export { firstCheckpoint, readAbilityName, servedName } from "./ability_names.ts";
export type { Artefact } from "./artefacts.ts";
export { chooseData } from "./data_setting.ts";
export {
  DEVICE_CHOICES,
  type DeviceChoice,
  type ModelRun,
  modelRun,
  type RunSettings,
} from "./model_run.ts";
export { foreignFile } from "./own_files.ts";
export { builtInRecipes, readRecipe, type Recipe } from "./recipe.ts";
export { kindOfReference, namesInRecipe } from "./recipe_kind.ts";
export {
  listNotebooks,
  NOTEBOOKS,
  notebooksWithout,
  reproduce,
  selectNotebooks,
} from "./reproduce.ts";
export { modelName, resolveTriple } from "./resolve_triple.ts";
export {
  checkEstimate,
  type EstimateOptions,
  estimateRun,
  runEstimateText,
} from "./run_estimate.ts";
export { runsModel } from "./run_time.ts";
export { prefetch } from "./prefetch.ts";
export { gatherParts, recordPart } from "./record_part.ts";
export { readShardState, type ShardState } from "./shard_state.ts";
export { gatherShards, recordShard } from "./shards.ts";
export { showProgress } from "./show_progress.ts";
export { openStudy, Study } from "./study.ts";
