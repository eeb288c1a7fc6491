/**
 * The engine of experiments: options that are declared once, rows in batches, records that survive
 * interruption, and identities that keep results of different runs apart. Many names: a run's parts
 * are used by the weight analyses and the abilities too, which are not rows of one model.
 *
 * @module
 */
export { type AskedRow, defineAnswerPass } from "./answer_pass.ts";
export { claimFolder } from "./claim_folder.ts";
export {
  defineExperiment,
  type Experiment,
  type Outcome,
  type OwnFolder,
  type Preparation,
  type PreparedModel,
  type Setting,
} from "./experiment.ts";
export { LazyModel, modelPathName, type ProbedModel } from "./lazy_model.ts";
export {
  countOption,
  flagName,
  gradingOption,
  layersAsked,
  layersOption,
  numberOption,
  OPTION_TEXTS,
  seedOption,
} from "./options.ts";
export {
  type BatchContext,
  definePass,
  inTurn,
  type Pass,
  type PassOptions,
  type PlainRow,
  type Sink,
  type UpdatableSink,
} from "./pass.ts";
export { modelProvenance, provenance } from "./provenance.ts";
export { RecordLog } from "./record_log.ts";
export {
  fingerprintCheckpoint,
  GRADING_VERSION,
  hashFile,
  hashJson,
  identityDifferences,
  type ModelIdentity,
  type RunIdentity,
} from "./run_identity.ts";
export { runExperiment, type RunOptions } from "./run_experiment.ts";
export { showNotes } from "./show_notes.ts";
