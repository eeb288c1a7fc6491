/**
 * `deno task ask`: one question to one model, with and without edits.
 *
 * @module
 */
import { LOCAL_KINDS, modelKind, systemPrompt } from "../benchmarks/mod.ts";
import {
  type ChatMessage,
  type ChatPart,
  type Edit,
  type EditReceipt,
  type Generated,
  swapVisualTokens,
  VisionLanguageModel,
  zeroLayer,
} from "../model/mod.ts";
import { listText } from "../list_text.ts";
import { oneLine } from "../plain_text.ts";
import { showNotes } from "../experiments/mod.ts";
import { kindOfReference, type ModelRun } from "../study/mod.ts";
import { type Flags, type FlagValues, runCommand } from "./command_line.ts";
import { useOneGpu } from "./one_gpu.ts";
import {
  readCount,
  readItems,
  readLayers,
  readNumber,
  readWhole,
  readWord,
  seedOf,
} from "./flag_values.ts";
import { readEdits } from "./edits_file.ts";
import { MODEL_FLAG, RUN_FLAGS } from "./flags.ts";
import { findModel, runOptions } from "./probed_models.ts";

const FLAGS = {
  ...MODEL_FLAG,
  question: { value: "TEXT", help: "What to ask", required: true },
  image: {
    value: "FILE[,FILE]",
    help: "Images, before the question",
    list: true,
    read: readItems,
  },
  kind: {
    value: "KIND",
    help:
      "Ask with the system prompt of base, reasoner or revisual; default as the recipe says that " +
      "has the model, or a merge's parents; else base",
    read: readWord(LOCAL_KINDS),
  },
  system: { value: "TEXT", help: "System prompt instead of the kind's" },
  zero_ablate: {
    value: "LIST",
    help: "Layers to leave out, e.g. 3,8-11",
    list: true,
    read: readLayers,
  },
  swap_source: { value: "FILE", help: "Image to take visual tokens from" },
  swap_from: {
    value: "N",
    help: "First layer of the swap, else 0",
    read: readWhole,
  },
  edit: {
    value: "JSON|FILE",
    help: 'Edits as JSON, such as \'{"kind":"scale","site":"mlp","layers":[3],"factor":0}\'',
    read: readEdits,
  },
  max_new_tokens: { value: "N", help: "Longest answer", default: "256", read: readCount },
  temperature: { value: "T", help: "0 is greedy", default: "0", read: readNumber },
  seed: { value: "N", help: "Seed of the draws", default: "0", read: seedOf },
  ...RUN_FLAGS,
} as const satisfies Flags;

type Values = FlagValues<typeof FLAGS>;
/** What to ask, and of which model, as the flags have it. */
export type Question =
  & Pick<Values, "model" | "question" | "max_new_tokens">
  & Partial<Omit<Values, "model" | "question" | "max_new_tokens">>;

/** How the model runs. */
export interface AskOptions extends Partial<ModelRun> {
  /** Called with the text so far of the row that is shown: the changed one, if there is one. */
  onText?: (text: string) => void;
  signal?: AbortSignal;
}

/** One answer. */
export interface Answer {
  text: string;
  tokens: number;
  finish: Generated["finish"];
  seconds: number;
}

/** What came of it. */
export interface AskResult {
  unmodified: Answer;
  /** With the edits, if there are any. */
  modified: Answer | null;
  receipts: EditReceipt[];
  openSeconds: number;
}

function chatOf({ question, system }: Question, images: readonly string[]): ChatMessage[] {
  const parts: ChatPart[] = [
    ...images.map((image) => ({ type: "image" as const, image })),
    { type: "text", text: question },
  ];
  const user: ChatMessage = { role: "user", content: parts };
  return system === undefined ? [user] : [{ role: "system", content: system }, user];
}

async function editsOf(
  model: VisionLanguageModel,
  question: Question,
  signal?: AbortSignal,
): Promise<Edit[]> {
  const { zero_ablate, swap_source, swap_from, image = [], edit = [] } = question;
  if (swap_from !== undefined && swap_source === undefined) {
    throw new Error("Cannot swap visual tokens: --swap_from needs --swap_source");
  }
  if (swap_source !== undefined && image.length !== 1) {
    throw new Error(
      `Cannot swap visual tokens: the question has ${image.length} images, one is needed`,
    );
  }
  const edits: Edit[] = zero_ablate ? [zeroLayer(...zero_ablate)] : [];
  if (swap_source !== undefined) {
    const [input] = await model.prepare([chatOf(question, [swap_source])], { signal });
    const source = await model.captureVisualTokens(input);
    edits.push(swapVisualTokens(source, { fromLayer: swap_from }));
  }
  return [...edits, ...edit];
}

/** Asks a model a question; with edits, both answers come from one batch. */
export async function ask(
  question: Question,
  { onText, signal, ...run }: AskOptions = {},
): Promise<AskResult> {
  const start = performance.now();
  await using model = await VisionLanguageModel.open(question.model, run);
  showNotes(model.plan.notes);
  const openSeconds = (performance.now() - start) / 1000;
  const [input] = await model.prepare([chatOf(question, question.image ?? [])], { signal });
  const edits = await editsOf(model, question, signal);
  const rows = edits.length > 0 ? [{ input }, { input, edits }] : [{ input }];
  const shown: number[] = [];
  const answers = await model.generate(rows, {
    maxNewTokens: question.max_new_tokens,
    temperature: question.temperature,
    seed: question.seed,
    signal,
    onToken: ({ row, token }) => {
      if (row !== rows.length - 1) return;
      shown.push(token);
      onText?.(model.decode(shown));
    },
  });
  const read = ({ tokens, finish, milliseconds }: Generated): Answer => ({
    text: model.decode(tokens),
    tokens: tokens.length,
    finish,
    seconds: milliseconds / 1000,
  });
  return {
    unmodified: read(answers[0]),
    modified: edits.length > 0 ? read(answers[1]) : null,
    receipts: edits.length > 0 ? answers[1].receipts : [],
    openSeconds,
  };
}

function describe(name: string, { text, tokens, finish, seconds }: Answer): string {
  const ends = { stop: "", length: ", cut at the token limit", timeout: ", timed out" };
  return `${name} (${tokens} tokens in ${seconds.toFixed(2)} s${ends[finish]})\n${text}\n`;
}

/** Receipts in words, a line each. */
export function describeReceipts(receipts: readonly EditReceipt[]): string {
  return receipts.map(({ kind, layers, calls, tokens, norm }) => {
    if (calls === 0) return `${kind}: the tokens it is about did not come up`;
    const where = `layer ${listText(layers)}`;
    const change = norm === null ? "" : `, changed by ${norm.toPrecision(4)} (Frobenius norm)`;
    return kind === "zeroLayer"
      ? `${kind}: ${where} left out, ${calls} layer calls`
      : `${kind}: ${tokens} tokens in ${where}${change}`;
  }).join("\n");
}

if (import.meta.main) {
  await runCommand({
    name: "deno task ask",
    summary: "Asks a model a question; with edits, prints the unmodified answer beside it.",
    flags: FLAGS,
    run: async (flags, { signal, onProgress }) => {
      await useOneGpu(flags.gpu);
      const terminal = Deno.stderr.isTerminal();
      const found = await findModel(flags.model, { ...runOptions(flags), onProgress, signal });
      const kind = flags.kind ?? kindOfReference(flags.model) ?? modelKind(found.name);
      const own = flags.system !== undefined;
      const system = own ? flags.system : systemPrompt(kind) ?? undefined;
      const result = await ask({ ...flags, system, model: found.folder }, {
        precision: found.precision,
        device: found.device,
        generation: flags.repetition_penalty,
        onText: (text) => {
          if (!terminal) return;
          const line = oneLine(text.slice(-72));
          Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
        },
        signal,
      });
      const asked = own ? "with the system prompt that is given" : `as ${kind}`;
      console.log(`Model opened in ${result.openSeconds.toFixed(2)} s; asked ${asked}\n`);
      console.log(describe("Unmodified", result.unmodified));
      if (result.modified) {
        console.log(describe("With the edits", result.modified));
        console.log(describeReceipts(result.receipts));
      }
      return { kind: own ? null : kind, ...result };
    },
  });
}
