/**
 * Flags of `deno task transferability-test`, which are the original's, and what they say.
 *
 * @module
 */
import { join } from "node:path";
import { PAPER_SPLICES } from "../merging/mod.ts";
import { didYouMean } from "../nearest_name.ts";
import { abilityOptions } from "../findings/mod.ts";
import { readAbilityName, readRecipe, type Recipe } from "../study/mod.ts";
import { DEFAULT_SERVED_MODEL } from "../serving/mod.ts";
import { type Flags, type FlagValues, UsageError } from "./command_line.ts";
import { folderName, readItems } from "./flag_values.ts";
import { DATA_FLAG, LAYER_CUTS_FLAG, MODEL, RECORDING_FLAGS } from "./flags.ts";
import { flagsOf } from "./option_flags.ts";
import { SHARD_FLAGS } from "./shard_flags.ts";

/** NAME=KIND of each; the name may be an expression with equal signs of its own. */
function readKinds(text: string): Record<string, string> {
  return Object.fromEntries(
    readItems(text).map((item) => {
      const at = item.lastIndexOf("=");
      if (at < 1) throw new UsageError(`--kinds must be NAME=KIND, not ${JSON.stringify(item)}`);
      return [item.slice(0, at).trim(), item.slice(at + 1).trim()];
    }),
  );
}

/** The flags. */
export const TRANSFERABILITY_FLAGS = {
  sft_model: { value: "MODEL", help: `What "sft" (coldstart, in) means: ${MODEL}` },
  rl_model: { value: "MODEL", help: 'What "rl" (final) means' },
  base_model: { value: "MODEL", help: 'What "base" means' },
  recipe: {
    value: "NAME|FILE",
    help: "Recipe whose models and variants the names mean (tiny, if no model is given)",
  },
  models: {
    value: "LIST",
    help:
      "base, sft, rl, variants, folders, hub ids, merge expressions, OpenAI and Claude names, " +
      "openai:NAME; default sft, rl and the paper's six splices",
    read: readItems,
    list: true,
  },
  edits: {
    value: "FILE",
    help: 'Edited models, as JSON: [{"name": ..., "model": ..., "edits": [...]}, ...]',
  },
  kinds: {
    value: "LIST",
    help: "How models are asked, as NAME=base|reasoner|revisual; default by recipe, then by name",
    read: readKinds,
    list: true,
  },
  ...flagsOf(abilityOptions),
  ...LAYER_CUTS_FLAG,
  ...DATA_FLAG,
  describer: {
    value: "MODEL",
    help: "Describes images; any model that --models takes. Without one, the data set's own " +
      "descriptions are shown, and where it has none alignment is not run",
  },
  use_gpt_descriptions: { help: "The same as --describer with openai_model" },
  no_gpt_descriptions: { help: "Not that; this is the default" },
  use_gpt_grader: {
    help: "Let openai_model decide which answers are right; else the rules do",
  },
  no_gpt_grader: { help: "Not that; this is the default" },
  openai_model: {
    value: "NAME",
    help: "The judge and describer; its key is read from OPENAI_API_KEY or ANTHROPIC_API_KEY",
    default: DEFAULT_SERVED_MODEL,
  },
  openai_base_url: {
    value: "URL",
    help: "Server that speaks OpenAI's API; default OPENAI_BASE_URL, else OpenAI",
  },
  reuse_from: {
    value: "RUN",
    help:
      "Run in output_dir, or a folder, whose cache, samples and agreeing records are taken over",
  },
  regrade: {
    value: "RUN",
    help: "Only judge the answers of a run that no judge has seen, and sum up again",
  },
  run_name: {
    value: "NAME",
    help: "Folder of the run; default by experiment_type",
    read: folderName,
  },
  output_dir: {
    value: "DIR",
    help: "Where runs go",
    default: join("results", "transferability"),
  },
  ...RECORDING_FLAGS,
  ...SHARD_FLAGS,
} as const satisfies Flags;

/** Their values. */
export type TransferabilityValues = FlagValues<typeof TRANSFERABILITY_FLAGS>;

/** The models to ask; where none is said, those of the paper. */
export function modelsOf(flags: Pick<TransferabilityValues, "models">): string[] {
  return flags.models ?? ["sft", "rl", ...PAPER_SPLICES.map(({ expression }) => expression)];
}

/** Refuses a kind of a model that is neither run nor one that a recipe or a flag names. */
function checkKinds(
  kinds: Readonly<Record<string, string>>,
  named: Readonly<Record<string, string>>,
  flags: Pick<
    TransferabilityValues,
    "models" | "describer" | "use_gpt_descriptions" | "openai_model"
  >,
) {
  if (Object.keys(kinds).length === 0) return;
  const describer = flags.describer ??
    (flags.use_gpt_descriptions ? flags.openai_model : undefined);
  const models = [...modelsOf(flags), ...describer ? [describer] : []];
  const spellings = models.flatMap((name) => {
    const { spellings, words } = readAbilityName(name, named);
    return [...spellings, ...words];
  });
  const known = [...new Set([...Object.keys(named), ...spellings])];
  const unknown = Object.keys(kinds).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`--kinds names no model that is given: ${didYouMean(unknown, known)}`);
}

/** What names mean, how the models are asked, and the recipe that was asked for. */
export function namedModels(
  { base_model: base, sft_model: sft, rl_model: rl, ...flags }: TransferabilityValues,
): {
  named: Record<string, string>;
  kinds: Record<string, string>;
  frozen?: Recipe["frozen"];
  recipe?: Recipe;
} {
  const given = { ...(base && { base }), ...(sft && { sft }), ...(rl && { rl }) };
  const own = flags.kinds ?? {};
  if (flags.recipe === undefined && Object.keys(given).length > 0) {
    checkKinds(own, given, flags);
    return { named: given, kinds: own };
  }
  const recipe = readRecipe(flags.recipe ?? "tiny");
  const { models, variants, kinds, frozen } = recipe;
  // A recipe knows nothing of a model that is given in place of its own.
  const known = Object.entries(kinds).filter(([name]) => !Object.hasOwn(given, name));
  const named = { ...variants, ...models, ...given };
  checkKinds(own, named, flags);
  return {
    named,
    frozen,
    kinds: { ...Object.fromEntries(known), ...own },
    ...(flags.recipe === undefined ? {} : { recipe }),
  };
}
