/**
 * An analysis of weights as an experiment: its samples are tensors, and it opens no model.
 *
 * @module
 */
import { z } from "zod";
import {
  defineExperiment,
  flagName,
  OPTION_TEXTS,
  type Pass,
  type Preparation,
  showNotes,
  type Sink,
} from "../experiments/mod.ts";
import {
  measureParameters,
  parameterBytes,
  type ReadTripleOptions,
  selectParameters,
  type TripleParameter,
  type WeightAnalysis,
} from "../spectra/mod.ts";

/** Which layers a weight analysis takes. */
export function llmOption() {
  return z.boolean().default(false).register(OPTION_TEXTS, {
    help: "Analyse the language model's layers only",
    flag: "llm",
  });
}

/** What is recorded of a tensor. */
interface TensorRecord<R> {
  name: string;
  result: R;
}

/** File of the records in the run's folder. */
const RECORDS = "tensors.jsonl";

function weightPass<O extends ReadTripleOptions, R, Report>(
  analysis: WeightAnalysis<O, R, Report>,
  { options, records }: { options: O; records: Sink<TensorRecord<R>> },
): Pass<TripleParameter, undefined> {
  const results = {
    has: (name: string) => records.records.has(name),
    set: (name: string, result: R) => records.append({ name, result }),
  };
  return {
    isComplete: (parameters) => parameters.every(({ name }) => results.has(name)),
    run: (_, parameters, { onProgress, signal } = {}) =>
      measureParameters(analysis, parameters, { options, results, onProgress, signal }),
  };
}

/** An experiment of a weight analysis with these options. */
export function defineWeightExperiment<
  S extends z.ZodObject,
  O extends z.output<S> & ReadTripleOptions,
  R,
  Report,
>({ name, version, options: schema, analysis }: {
  name: string;
  version: number;
  options: S;
  analysis: WeightAnalysis<O, R, Report>;
}) {
  return defineExperiment({
    name,
    version,
    models: ["base", "sft", "rl"] as const,
    reads: "weights",
    options: schema,
    prepare: ({ models: { base, sft, rl }, options: given }): Promise<
      Preparation<"base" | "sft" | "rl", { tensors: TensorRecord<R> }, TripleParameter, Report>
    > => {
      const options = given as O;
      const folders = { base: base.folder, sft: sft.folder, rl: rl.folder };
      const selection = selectParameters(analysis, folders, options);
      showNotes(selection.triple.notes);
      const identity = Object.keys(schema.shape)
        .map((option) => [flagName(option), given[option as keyof typeof given] ?? null]);
      return Promise.resolve({
        // By size, so that no shard has all of the large ones.
        samples: selection.parameters.toSorted((a, b) => parameterBytes(b) - parameterBytes(a)),
        sampleKey: ({ name }) => name,
        identity: { options: Object.fromEntries(identity) },
        records: {
          tensors: {
            paths: [RECORDS],
            schema: z.object({ name: z.string(), result: analysis.result }) as z.ZodType<
              TensorRecord<R>
            >,
            id: ({ name }) => name,
            sampleOf: ({ name }) => name,
          },
        },
        outputs: [],
        passes: ({ tensors }) => [{ pass: weightPass(analysis, { options, records: tensors }) }],
        report: ({ tensors }) => {
          const results = new Map(tensors.map(({ name, result }) => [name, result]));
          const modelNames = { base: base.name, sft: sft.name, rl: rl.name };
          return {
            report: analysis.report(selection, results, { options, modelNames }),
            files: {},
          };
        },
      });
    },
  });
}
