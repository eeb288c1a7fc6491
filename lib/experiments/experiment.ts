/**
 * What an experiment is: rows in, records out, a report from records. Everything else (preparing,
 * batching, leaving out what is done, recording, resuming, shards) is the engine's.
 *
 * @module
 */
import type { z } from "zod";
import type { Bases } from "../basis.ts";
import type { HubDatasetOptions } from "../checkpoint/hub/mod.ts";
import type { Pass, UpdatableSink } from "./pass.ts";
import type { RecordLayout } from "./record_set.ts";
import type { ModelIdentity, RunIdentity } from "./run_identity.ts";

/** A model as an experiment's preparation sees it: it is not open yet. */
export interface PreparedModel {
  /** Checkpoint folder. */
  folder: string;
  /** How records name it. */
  name: string;
  /** How it was trained to be asked, where that was said. */
  kind?: string;
  /** Decoder layers. */
  numLayers: number;
}

/** What is prepared: models by role, options, and where the questions are from. */
export interface Setting<M extends string, O>
  extends Pick<HubDatasetOptions, "cacheDir" | "offline"> {
  models: Readonly<Record<M, PreparedModel>>;
  options: O;
  /** "embedded", "hub" or a folder. */
  data: string;
  /** Whether each run has a folder of its own, named by its identity. */
  keyed: boolean;
  /** Folder in which an earlier run that is gone on with may have left its samples. */
  earlier: string | null;
}

/** A folder within a run's that has an identity of its own, as where further models may join. */
export interface OwnFolder {
  /** Relative to the run's. */
  folder: string;
  /** File in it that says whose it is. */
  file: string;
  identity: ModelIdentity;
  /** More to say in the file. */
  about: Readonly<Record<string, unknown>>;
}

/** Records of each kind, of an experiment whose kinds are `L`. */
export type RecordsOf<L> = { readonly [K in keyof L]: L[K][] };

/** What a run comes to. */
export interface Outcome<Report> {
  report: Report;
  /** What is written beside the records: values of JSON files, by path. */
  files: Readonly<Record<string, unknown>>;
  /** Why the results, which stand, must not be believed. */
  fault?: string;
}

/** A pass on one of the models, or one for which none is open: others read, answer, judge. */
export type Work<M extends string, S> =
  | { model: M; pass: Pass<S> }
  | { pass: Pass<S, undefined> };

/** A run that is ready: samples `S`, records of the kinds `L`. */
export interface Preparation<M extends string, L, S, Report> {
  samples: readonly S[];
  /** Identity of a sample, by which records are put in order. */
  sampleKey: (sample: S) => string;
  /** What is asked and how, for the run's identity. */
  identity: Pick<RunIdentity, "grading" | "data" | "options">;
  /** How each model is asked, where that decides results. */
  kinds?: Readonly<Record<M, string>>;
  /** Which questions the result rests on; none where weights alone decide. */
  basis?: Bases;
  /** What the run's file says besides; default the models' names. */
  about?: Readonly<Record<string, unknown>>;
  /** Folder of this run's files in the output folder; default that itself. */
  folder?: string;
  /** File that says whose the folder is; default "run.json". */
  runFile?: string;
  ownFolders?: readonly OwnFolder[];
  records: { readonly [K in keyof L]: RecordLayout<L[K]> };
  /** Texts that are written before the first record, by path. */
  texts?: Readonly<Record<string, string>>;
  /** What else the run writes: files and folders. */
  outputs: readonly string[];
  /**
   * The work, in the order in which it is done; one model is open at a time.
   *
   * @param folder The run's.
   */
  passes: (
    sinks: { readonly [K in keyof L]: UpdatableSink<L[K]> },
    folder: string,
  ) => readonly Work<M, S>[];
  /** The records are complete, and their files closed. */
  report: (records: RecordsOf<L>, folder: string) => Outcome<Report> | Promise<Outcome<Report>>;
}

/** An experiment on models of the roles `M` with options `O`. */
export interface Experiment<M extends string, O extends z.ZodObject, L, S, Report> {
  /** Name in the identity of its runs. */
  name: string;
  /** Raised when a change of code changes results. */
  version: number;
  /** Roles of its models. */
  models: readonly M[];
  /** What of the models decides its results; default "answers": all that an answer depends on. */
  reads?: "answers" | "weights";
  options: O;
  /**
   * Draws the samples and says how they become records. Nothing has been written or opened yet.
   *
   * @throws {NotRunError} if the data do not allow it.
   */
  prepare: (setting: Setting<M, z.output<O>>) => Promise<Preparation<M, L, S, Report>>;
}

/** An experiment; its types follow from what is given. */
export function defineExperiment<M extends string, O extends z.ZodObject, L, S, Report>(
  experiment: Experiment<M, O, L, S, Report>,
): Experiment<M, O, L, S, Report> {
  return experiment;
}
