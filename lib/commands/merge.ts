/**
 * `deno task merge`: a merge of models by layers, written as a checkpoint.
 *
 * @module
 */
import { Checkpoint, type ResolvedModel, resolveModel } from "../checkpoint/mod.ts";
import { formatTable } from "../figures/mod.ts";
import { describePlan } from "./ability_texts.ts";
import {
  checkChange,
  checkDonors,
  checkNewFolder,
  type DonorReport,
  isModelRole,
  type MergePlan,
  modelsOfExpression,
  parseByteSize,
  parseMergeExpression,
  planMerge,
  writeMerge,
  type WrittenMerge,
} from "../merging/mod.ts";
import { listText } from "../list_text.ts";
import { showNotes } from "../experiments/mod.ts";
import { readRecipe } from "../study/mod.ts";
import { type CommandContext, type Flags, type FlagValues, runCommand } from "./command_line.ts";
import { seedOf } from "./flag_values.ts";
import { LAYER_CUTS_FLAG, MODEL } from "./flags.ts";
import { byteText } from "../number_format.ts";

const FLAGS = {
  expression: {
    value: "TEXT",
    help: 'What to merge, e.g. "sft early 1/3 layers + rl late 2/3 layers"',
    required: true,
  },
  output: { value: "DIR", help: "Folder to make", required: true },
  base: { value: "MODEL", help: `What "base" means: ${MODEL}` },
  sft: { value: "MODEL", help: 'What "sft" (coldstart, in) means' },
  rl: { value: "MODEL", help: 'What "rl" (final) means' },
  recipe: {
    value: "NAME|FILE",
    help: "Recipe whose models and variants the names mean (tiny, if no model is given)",
  },
  ...LAYER_CUTS_FLAG,
  seed: { value: "N", help: "Seed of noise", default: "0", read: seedOf },
  max_shard_size: {
    value: "SIZE",
    help: "Largest weight file, e.g. 500MB",
    default: "5GB",
    read: parseByteSize,
  },
} as const satisfies Flags;

type Values = FlagValues<typeof FLAGS>;

/** What the names in an expression mean: roles by flag or recipe, variants by recipe. */
function namedModels({ base, sft, rl, recipe }: Values): Record<string, string> {
  const given = { ...(base && { base }), ...(sft && { sft }), ...(rl && { rl }) };
  if (recipe === undefined && Object.keys(given).length > 0) return given;
  const { models, variants } = readRecipe(recipe ?? "tiny");
  return { ...variants, ...models, ...given };
}

function referenceOf(model: string, named: Record<string, string>): string {
  if (Object.hasOwn(named, model)) return named[model];
  if (!isModelRole(model)) return model;
  throw new Error(
    `The expression names ${model}, but it is not known: give --${model} or --recipe`,
  );
}

function describePlaces(plan: MergePlan, models: ReadonlyMap<string, ResolvedModel>): string {
  return formatTable(plan.models.map((model) => ({ model, from: models.get(model)!.ref })));
}

function describeDonor({ model, onlyInFirst, onlyInDonor, ...other }: DonorReport): string[] {
  const notes = [
    [onlyInFirst, "layer tensors are not in it and stayed the first model's"],
    [onlyInDonor, "layer tensors are only in it and were left out"],
    [other.otherDtype, "layer tensors have another element type; copies keep it"],
    [other.otherConfig, "fields of config.json differ; the first model's hold"],
  ] as const;
  return notes
    .filter(([names]) => names.length > 0)
    .map(([names, what]) => `note: ${model}: ${names.length} ${what}: ${listText(names)}`);
}

function describeResult(written: WrittenMerge, output: string): string {
  const parts = Object.entries(written.copied).map(([model, count]) => `${count} from ${model}`);
  if (written.computed > 0) parts.push(`${written.computed} computed`);
  const weights = written.files.filter((file) => file.endsWith(".safetensors")).length;
  return [
    `Wrote ${output}: ${byteText(written.byteLength)} of weights in ${weights} ` +
    `file${weights === 1 ? "" : "s"}; tensors: ${parts.join(", ")} (merge.json has each)`,
    ...written.donors.flatMap(describeDonor),
  ].join("\n");
}

async function merge(values: Values, { signal, onProgress }: CommandContext) {
  const { output, layer_cuts: cuts, seed, max_shard_size: maxShardBytes } = values;
  const named = namedModels(values);
  const expression = parseMergeExpression(values.expression, { names: Object.keys(named) });
  await checkNewFolder(output);
  using stack = new DisposableStack();
  const models = new Map<string, ResolvedModel>();
  const checkpoints = new Map<string, Checkpoint>();
  for (const model of modelsOfExpression(expression)) {
    const reference = referenceOf(model, named);
    const resolved = await resolveModel(reference, { onProgress, signal });
    if (resolved.warning !== null) console.warn(resolved.warning);
    models.set(model, resolved);
    const checkpoint = stack.use(Checkpoint.open(resolved.folder));
    if (checkpoint.ignored !== null) showNotes([checkpoint.ignored]);
    checkpoints.set(model, checkpoint);
  }
  const [first] = checkpoints.values();
  const plan = planMerge(expression, { numLayers: first.config.numLlmLayers, cuts, seed });
  console.log(`${describePlan(plan)}\n\n${describePlaces(plan, models)}\n`);
  checkDonors(plan, checkpoints);
  await checkChange(plan, checkpoints, { signal });
  const sources = Object.fromEntries(
    [...models].map(([model, { ref, revision }]) => [model, { ref, revision }]),
  );
  const options = { output, maxShardBytes, sources, onProgress, signal };
  const written = await writeMerge(plan, checkpoints, options);
  console.log(describeResult(written, output));
  return { output, expression: plan.expression, ...written };
}

if (import.meta.main) {
  await runCommand({
    name: "deno task merge",
    summary:
      "Writes a merge of models by decoder layers as a checkpoint of its own: safetensors, " +
      "config, tokenizer,\nand merge.json, which says of every tensor where it is from. Expressions:" +
      "\n  A early 1/3 + B middle 1/3 + C late 1/3 layers" +
      "\n  A early 1/3 layers + B late 2/3 layers" +
      "\n  A layers I-J | A early|middle|late 1/3 layers | A all layers, followed by one of" +
      "\n    replaced by B" +
      "\n    interpolate B alpha=X [component=mlp|attn|all]" +
      "\n    ablate noise=R" +
      "\nA, B, C: base, sft, rl, a variant of the recipe, a folder (in quotes, if there is a space in " +
      "its name) or a hub id.",
    flags: FLAGS,
    run: merge,
  });
}
