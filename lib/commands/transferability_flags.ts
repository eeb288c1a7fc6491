/**
 * Flags of `deno task transferability-test`, which are the original's, and what they say.
 *
 * @module
 */
import { join } from "node:path";
import {
  formatMergeExpression,
  isMergeExpression,
  modelsOfExpression,
  PAPER_SPLICES,
  parseMergeExpression,
  readModelName,
} from "../merging/mod.ts";
import { didYouMean } from "../nearest_name.ts";
import { OWN_SERVER, readRecipe, type Recipe } from "../study/mod.ts";
import { DEFAULT_SERVED_MODEL } from "../serving/mod.ts";
import { type Flag, type FlagValues, UsageError } from "./command_line.ts";
import { DATA_FLAG, GRADING_FLAG, RUN_FLAGS } from "./localization_flags.ts";
import { SHARD_FLAGS } from "./shard_flags.ts";

const MODEL = "folder, or hub id org/name[@revision]";

/** The flags. */
export const TRANSFERABILITY_FLAGS = {
  sft_model: { type: "string", value: "MODEL", help: `What "sft" (coldstart, in) means: ${MODEL}` },
  rl_model: { type: "string", value: "MODEL", help: 'What "rl" (final) means' },
  base_model: { type: "string", value: "MODEL", help: 'What "base" means' },
  recipe: {
    type: "string",
    value: "NAME|FILE",
    help: "Recipe whose models and variants the names mean (tiny, if no model is given)",
  },
  models: {
    type: "string",
    value: "LIST",
    help:
      "base, sft, rl, variants, folders, hub ids, merge expressions, OpenAI and Claude names, " +
      "openai:NAME; default sft, rl and the paper's six splices",
  },
  edits: {
    type: "string",
    value: "FILE",
    help: 'Edited models, as JSON: [{"name": ..., "model": ..., "edits": [...]}, ...]',
  },
  kinds: {
    type: "string",
    value: "LIST",
    help: "How models are asked, as NAME=base|reasoner|revisual; default by recipe, then by name",
  },
  experiment_type: {
    type: "string",
    value: "TYPE",
    help: "v1: the paper's experiments; v2: finer splits",
    default: "v1",
  },
  sample_size: { type: "string", value: "N", help: "Samples of each experiment", default: "100" },
  sample_seed: { type: "string", value: "N", help: "Seed of the draws", default: "123" },
  max_new_tokens: { type: "string", value: "N", help: "Longest response", default: "2048" },
  temperature: { type: "string", value: "T", help: "0 is greedy", default: "0" },
  layer_cuts: {
    type: "string",
    value: "C1 C2",
    help: "First middle and first late layer of merges, instead of thirds",
  },
  inference_timeout: {
    type: "string",
    value: "S",
    help: "Seconds after which an answer is cut off and counts as wrong",
    default: "1200",
  },
  ...DATA_FLAG,
  describer: {
    type: "string",
    value: "MODEL",
    help: "Describes images; any model that --models takes. Without one, the data set's own " +
      "descriptions are shown, and where it has none alignment is not run",
  },
  use_gpt_descriptions: { type: "boolean", help: "The same as --describer with openai_model" },
  use_gpt_grader: {
    type: "boolean",
    help: "Let openai_model decide which answers are right; else the rules do",
  },
  openai_model: {
    type: "string",
    value: "NAME",
    help: "The judge and describer; its key is read from OPENAI_API_KEY or ANTHROPIC_API_KEY",
    default: DEFAULT_SERVED_MODEL,
  },
  openai_base_url: {
    type: "string",
    value: "URL",
    help: "Server that speaks OpenAI's API; default OPENAI_BASE_URL, else OpenAI",
  },
  reuse_from: {
    type: "string",
    value: "RUN",
    help:
      "Run in output_dir, or a folder, whose cache, samples and agreeing records are taken over",
  },
  regrade: {
    type: "string",
    value: "RUN",
    help: "Only judge the answers of a run that no judge has seen, and sum up again",
  },
  run_name: {
    type: "string",
    value: "NAME",
    help: "Folder of the run; default by experiment_type",
  },
  output_dir: {
    type: "string",
    value: "DIR",
    help: "Where runs go",
    default: join("results", "transferability"),
  },
  ...GRADING_FLAG,
  ...RUN_FLAGS,
  ...SHARD_FLAGS,
} as const satisfies Record<string, Flag>;

/** Their values. */
export type TransferabilityValues = FlagValues<typeof TRANSFERABILITY_FLAGS>;

/** Items of a list; expressions have spaces in them, so that only commas part. */
export function itemsOf(text: string | undefined): string[] | undefined {
  return text?.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/** The models to ask; where none is said, those of the paper. */
export function modelsOf(flags: Pick<TransferabilityValues, "models">): string[] {
  return itemsOf(flags.models) ??
    ["sft", "rl", ...PAPER_SPLICES.map(({ expression }) => expression)];
}

/** The names under which a kind may be stated of a model: as it is given, and as it is read. */
function spellingsOf(text: string, named: readonly string[]): string[] {
  if (!isMergeExpression(text)) {
    const read = readModelName(text, named);
    return [text, text.replace(OWN_SERVER, ""), ...(read === null ? [] : [read])];
  }
  const expression = parseMergeExpression(text, { names: named });
  return [text, formatMergeExpression(expression), ...modelsOfExpression(expression)];
}

/** Refuses a kind of a model that is neither run nor one that a recipe or a flag names. */
function checkKinds(
  kinds: Readonly<Record<string, string>>,
  named: readonly string[],
  flags: Pick<
    TransferabilityValues,
    "models" | "describer" | "use_gpt_descriptions" | "openai_model"
  >,
) {
  if (Object.keys(kinds).length === 0) return;
  const describer = flags.describer ??
    (flags.use_gpt_descriptions ? flags.openai_model : undefined);
  const models = [...modelsOf(flags), ...(describer ? [describer] : [])];
  const known = [...new Set([...named, ...models.flatMap((text) => spellingsOf(text, named))])];
  const unknown = Object.keys(kinds).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`--kinds names no model that is given: ${didYouMean(unknown, known)}`);
}

/** NAME=KIND; the name may be an expression with equal signs of its own. */
function kindsOf(text: string | undefined): Record<string, string> {
  return Object.fromEntries((itemsOf(text) ?? []).map((item) => {
    const at = item.lastIndexOf("=");
    if (at < 1) throw new UsageError(`--kinds must be NAME=KIND, not ${JSON.stringify(item)}`);
    return [item.slice(0, at).trim(), item.slice(at + 1).trim()];
  }));
}

/** What names mean, how the models are asked, and the recipe that was asked for. */
export function namedModels(
  { base_model: base, sft_model: sft, rl_model: rl, ...flags }: TransferabilityValues,
): { named: Record<string, string>; kinds: Record<string, string>; recipe?: Recipe } {
  const given = { ...(base && { base }), ...(sft && { sft }), ...(rl && { rl }) };
  const own = kindsOf(flags.kinds);
  if (flags.recipe === undefined && Object.keys(given).length > 0) {
    checkKinds(own, Object.keys(given), flags);
    return { named: given, kinds: own };
  }
  const recipe = readRecipe(flags.recipe ?? "tiny");
  const { models, variants, kinds } = recipe;
  // A recipe knows nothing of a model that is given in place of its own.
  const known = Object.entries(kinds).filter(([name]) => !Object.hasOwn(given, name));
  const named = { ...variants, ...models, ...given };
  checkKinds(own, Object.keys(named), flags);
  return {
    named,
    kinds: { ...Object.fromEntries(known), ...own },
    ...(flags.recipe === undefined ? {} : { recipe }),
  };
}
