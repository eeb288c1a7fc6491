/**
 * Vision localization as an experiment, in the original's files.
 *
 * @module
 */
import { z } from "zod";
import {
  benchmarkTitle,
  findBenchmark,
  loadVisionPairs,
  NotRunError,
  VISION_TASKS,
  type VisionPair,
  type VisionTask,
} from "../../benchmarks/mod.ts";
import {
  countOption,
  defineExperiment,
  hashFile,
  hashJson,
  inTurn,
  layersAsked,
  layersOption,
  OPTION_TEXTS,
  type Preparation,
} from "../../experiments/mod.ts";
import { checkLayers } from "../../model/mod.ts";
import {
  type ControlRecord,
  controlRecordSchema,
  logitKey,
  type LogitRecord,
  logitRecordSchema,
  pairKey,
  recordedPair,
  visionKey,
  type VisionRecord,
  visionRecordSchema,
} from "./records.ts";
import { reportVision, type VisionReport } from "./report.ts";
import { logitPass } from "./logit_rows.ts";
import { visionPass } from "./rows.ts";

/** Names of the files in the output folder. */
export const VISION_FILES = {
  records: "layer_swap_results.jsonl",
  summary: "layer_swap_summary.json",
  controls: "layer_swap_controls.jsonl",
  logits: "layer_swap_logits.jsonl",
  run: "run.json",
} as const;

const visionOptions = z.strictObject({
  tasks: z.array(z.enum(VISION_TASKS)).min(1).readonly().optional().register(OPTION_TEXTS, {
    help: "Of counting, ocr, grounding, recognition; default all that the data have",
    value: "LIST",
  }),
  layers: layersOption(),
  numSamples: countOption(50, "Pairs of each task"),
  maxNewTokens: countOption(64, "Longest answer"),
  window: countOption(3, "Layers that a windowed swap reaches over"),
});

/** Kinds of records. */
type VisionRecords = { swaps: VisionRecord; controls: ControlRecord; logits: LogitRecord };

/** What is asked: pairs, and where each task's are from. */
interface FoundPairs {
  pairs: VisionPair[];
  sources: Map<VisionTask, string>;
}

/** The tasks' pairs; of tasks that nobody asked for by name, those that the data have. */
async function findPairs(
  data: string,
  { tasks: named, numSamples }: z.output<typeof visionOptions>,
): Promise<FoundPairs> {
  const found: FoundPairs = { pairs: [], sources: new Map() };
  const missing: NotRunError[] = [];
  for (const task of VISION_TASKS.filter((task) => named?.includes(task) ?? true)) {
    try {
      const { source, path } = await findBenchmark(task, data);
      found.sources.set(task, source);
      found.pairs.push(...(await loadVisionPairs(path, task)).slice(0, numSamples));
    } catch (error) {
      if (!(error instanceof NotRunError) || named) throw error;
      missing.push(error);
    }
  }
  if (found.sources.size === 0) throw missing[0];
  return found;
}

/** Identifies the pairs of each task by all that reaches the model or a record. */
async function hashPairs(pairs: readonly VisionPair[]): Promise<Record<string, string>> {
  const parts = [];
  for (const { targetImage, sourceImage, meta: _, ...rest } of pairs) {
    parts.push({ rest, images: [await hashFile(targetImage), await hashFile(sourceImage)] });
  }
  const tasks = Map.groupBy(parts, ({ rest }) => rest.task);
  return Object.fromEntries([...tasks].map(([task, parts]) => [task, hashJson(parts)]));
}

/** Vision localization of one model. */
export const VISION_EXPERIMENT = defineExperiment({
  name: "localization_vision",
  version: 2,
  models: ["model"],
  options: visionOptions,
  prepare: async (
    { models: { model: { numLayers } }, data, options },
  ): Promise<Preparation<"model", VisionRecords, VisionPair, VisionReport>> => {
    const { numSamples, maxNewTokens, window } = options;
    const layers = layersAsked(options.layers, numLayers);
    checkLayers(layers, numLayers, "swap visual tokens from");
    if (layers.length === 0) throw new Error("Cannot localize vision over no layers: name one");
    const ascending = layers.toSorted((a, b) => a - b);
    const { pairs, sources } = await findPairs(data, options);
    const tasks = [...sources.keys()];
    const basis = Object.fromEntries(tasks.map((task) => [task, {
      benchmark: benchmarkTitle(task),
      data: sources.get(task)!,
      n: pairs.filter((pair) => pair.task === task).length,
      grader: "comparison of answers",
      describer: null,
    }]));
    return {
      samples: pairs,
      sampleKey: pairKey,
      identity: {
        data: { ...await hashPairs(pairs), num_samples: numSamples },
        options: { layers, max_new_tokens: maxNewTokens, window },
      },
      basis,
      runFile: VISION_FILES.run,
      records: {
        swaps: {
          paths: [VISION_FILES.records],
          schema: visionRecordSchema,
          id: visionKey,
          sampleOf: recordedPair,
        },
        controls: {
          paths: [VISION_FILES.controls],
          schema: controlRecordSchema,
          id: recordedPair,
          sampleOf: recordedPair,
        },
        logits: {
          paths: [VISION_FILES.logits],
          schema: logitRecordSchema,
          id: logitKey,
          sampleOf: recordedPair,
        },
      },
      outputs: [VISION_FILES.summary],
      passes: ({ swaps, controls, logits }) => [{
        model: "model",
        pass: inTurn(
          visionPass({ numLayers, layers, maxNewTokens, records: swaps, controls }),
          logitPass({ numLayers, layers: ascending, window, records: logits }),
        ),
      }],
      report: ({ swaps: records, controls, logits }) => {
        const report = reportVision({ records, controls, logits }, {
          tasks,
          layers,
          numLayers,
          numSamples,
          basis,
          window,
        });
        const { changed, pairs } = report.control;
        const fault = changed === 0
          ? undefined
          : `an image swapped with itself changed ${changed} of ${pairs} answers, where none may ` +
            `change; see ${VISION_FILES.controls}`;
        return { report, files: { [VISION_FILES.summary]: report }, fault };
      },
    };
  },
});
