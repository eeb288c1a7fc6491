/**
 * A shard's part of all notebooks: what each would ask its study for, with its parameters.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { FINDING_KEYS, type FindingKey, FINDINGS } from "../findings/mod.ts";
import { type JsonValue, type Notebook, readNotebook } from "../notebook/mod.ts";
import { NotRunError } from "../not_run_error.ts";
import { type Shard, shardText } from "../shard.ts";
import { parameterDefaults, settingsFor, type SuiteParameters } from "./notebook_parameters.ts";
import {
  askQuestions,
  deviceOf,
  modelRecords,
  NOTEBOOKS,
  type ReproduceOptions,
  selectNotebooks,
} from "./reproduce.ts";
import type { ShardState } from "./shard_state.ts";
import { gatherShards, recordShard } from "./shards.ts";
import { openStudy, type OpenStudyOptions, type Study } from "./study.ts";

/** Parameters that notebooks open their study with, as its options. */
const STUDY_PARAMETERS = [
  "recipe",
  "results",
  "data",
  "describer",
  "device",
  "precision",
  "repetitionPenalty",
] as const satisfies readonly (keyof OpenStudyOptions)[];

/** `sample_size` as `sampleSize`. */
const optionName = (parameter: string) =>
  parameter.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** A finding that a notebook asks for. */
interface Asked {
  key: FindingKey;
  /** Of the study. */
  study: Record<string, JsonValue>;
  /** Of the verb. */
  options: Record<string, JsonValue>;
}

/**
 * What a notebook's parameters are to its study and to what it asks the study for.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(splitParameters({ data: "hub", sample_size: 5 }), {
 *   study: { data: "hub" },
 *   options: { sampleSize: 5 },
 * });
 * ```
 */
export function splitParameters(
  parameters: Readonly<Record<string, JsonValue>>,
): Pick<Asked, "study" | "options"> {
  const split = { study: {}, options: {} } as Pick<Asked, "study" | "options">;
  for (const [parameter, value] of Object.entries(parameters)) {
    const name = optionName(parameter);
    const known: readonly string[] = STUDY_PARAMETERS;
    split[known.includes(name) ? "study" : "options"][name] = value;
  }
  return split;
}

/** What a notebook asks for with these settings. */
function askedBy(key: FindingKey, notebook: Notebook, settings: SuiteParameters): Asked {
  const parameters = { ...parameterDefaults(notebook), ...settingsFor(notebook, settings) };
  const { recipe: _, results: __, ...rest } = parameters;
  return { key, ...splitParameters(rest) };
}

/** A run whose work is done in shards. */
interface Plan {
  asked: Asked[];
  /** What all shards must agree on. */
  settings: ShardState["settings"];
  device: string;
}

async function planOf(study: Study, run: ReproduceOptions): Promise<Plan> {
  const selected = selectNotebooks(run.only);
  const settings = await askQuestions(selected) ? { ...run, data: study.data } : run;
  const asked: Asked[] = [];
  for (const key of FINDING_KEYS) {
    const name = selected.find((name) => name.startsWith(FINDINGS[key].notebook));
    if (name === undefined) continue;
    asked.push(askedBy(key, await readNotebook(join(NOTEBOOKS, `${name}.ipynb`)), settings));
  }
  const models = await modelRecords(study, selected, run);
  const files = Object.entries(models).map(([role, { files }]) => [role, files]);
  const { device, device_check } = await deviceOf(study, run.signal);
  return {
    asked,
    settings: {
      models: Object.fromEntries(files),
      ...Object.fromEntries(
        asked.map(({ key, study, options }) => [key, { ...study, ...options }]),
      ),
    },
    device: device_check ? `${device}: ${device_check.device}` : device,
  };
}

/**
 * Does a shard's part of the selected notebooks' work; see `recordShard`. Notebooks run when the
 * shards are gathered.
 *
 * @param study Of the whole run.
 * @throws {Error} as the findings do, or if the shard was begun with other settings.
 */
export async function recordPart(
  study: Study,
  shard: Shard,
  run: ReproduceOptions & { onNote?: (note: string) => void },
): Promise<ShardState> {
  const { asked, settings, device } = await planOf(study, run);
  const { onNote = () => {}, signal } = run;
  return await recordShard(study.folder, shard, {
    settings,
    device,
    signal,
    onNote,
    record: async (_, signal) => {
      for (const { key, study: own, options } of asked) {
        const part = openStudy({
          ...own,
          recipe: run.recipe,
          results: resolve(study.folder, ".."),
          shard,
        });
        onNote(`shard ${shardText(shard)}: ${key}`);
        try {
          await part.find(key, { ...options, signal });
        } catch (error) {
          if (!(error instanceof NotRunError)) throw error;
        }
      }
    },
  });
}

/**
 * Puts the records of all shards of the selected notebooks together, for `reproduce` to go on with.
 *
 * @throws {Error} if a shard is missing, not complete, or made with other settings.
 */
export async function gatherParts(study: Study, run: ReproduceOptions): Promise<ShardState[]> {
  const { settings } = await planOf(study, run);
  return await gatherShards(study.folder, settings);
}
