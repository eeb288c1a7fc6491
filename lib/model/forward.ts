/**
 * A forward pass over prompts, without generation: logits and captures.
 *
 * @module
 */
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import type { Captured } from "./captures.ts";
import { type Decoder, NonFiniteError } from "./decoder.ts";
import type { EditReceipt } from "./edits/types.ts";
import { inHalves } from "./halves.ts";
import { prefill } from "./prefill.ts";
import { planRows, type RowRequest } from "./row_plan.ts";
import { lastHidden, type Stream } from "./streams.ts";
import { cut, rowsOf, type Tensors, type View } from "./tensors.ts";
import { Values } from "./values.ts";

export interface ForwardOptions {
  /**
   * Which tokens' logits are wanted, default "last"; "answer" are those of the prompt's last token and
   * of the answer's that `extendInput` has appended: what is expected in its place, and after it.
   */
  logits?: "last" | "answer" | "all" | "none";
  /** Stops the pass: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What a forward pass gives for a row. */
export interface ForwardResult {
  /** [tokens, vocab] of the last token, of the answer's, of all, or of none. */
  logits: Values;
  /** What came of each of the row's edits. */
  receipts: EditReceipt[];
  captured: Captured;
}

const OPTIONS: KeysOf<ForwardOptions> = { logits: true, signal: true };

/** Tokens of the head that are computed at once. */
const HEAD_TOKENS = 64;

async function logitsOf(
  decoder: Decoder,
  tensors: Tensors,
  { hidden, row }: { hidden: View[]; row: number },
): Promise<Float32Array> {
  const { vocabSize } = decoder.config;
  const tokens = rowsOf(hidden);
  const result = new Float32Array(tokens * vocabSize);
  for (let from = 0; from < tokens; from += HEAD_TOKENS) {
    const to = Math.min(tokens, from + HEAD_TOKENS);
    const part = await tensors.join(cut(hidden, from, to));
    const logits = await decoder.logits(part).catch((error) => {
      if (!(error instanceof NonFiniteError)) throw error;
      throw new Error(`Row ${row}, token ${from + error.row}: ${error.message}`, { cause: error });
    });
    if (tokens <= HEAD_TOKENS) return logits;
    result.set(logits, from * vocabSize);
  }
  return result;
}

/** The hidden states of the tokens whose logits are wanted. */
function hiddenOf(stream: Stream, logits: ForwardOptions["logits"]): View[] {
  const { hidden, input: { ids, answerTokens = 0 } } = stream;
  if (logits === "none") return [];
  if (logits === "last") return lastHidden(stream);
  return logits === "all" ? hidden : cut(hidden, ids.length - answerTokens - 1, ids.length);
}

/**
 * Runs every row's prompt through the model; where a device's memory is too small for all, one half
 * after the other, and a warning says so.
 *
 * @param requests Rows; those that hold the same input object share what they can.
 * @returns Results in the order of the rows.
 * @throws {Error} if an option, a prompt, an edit or a capture is at fault, or an edit changed nothing.
 */
export async function forward(
  decoder: Decoder,
  requests: readonly RowRequest[],
  options: ForwardOptions = {},
): Promise<ForwardResult[]> {
  checkKeys(options, OPTIONS, "the options of forward");
  const { logits = "last" } = options;
  if (!["last", "answer", "all", "none"].includes(logits)) {
    throw new Error(
      `Cannot give logits of ${showValue(logits)}: last, answer, all or none may be asked for`,
    );
  }
  return await inHalves(
    decoder.backend,
    "prompts",
    { items: requests },
    (part) => forwardTogether(decoder, part, { ...options, logits }),
  );
}

async function forwardTogether(
  decoder: Decoder,
  requests: readonly RowRequest[],
  { logits, signal }: ForwardOptions,
): Promise<ForwardResult[]> {
  const rows = planRows(requests, decoder);
  for (const layers of new Set(rows.map((row) => row.layers))) await decoder.openLayers(layers);
  using tensors = await decoder.backend.begin();
  const streams = await prefill(decoder, tensors, rows, {
    cache: null,
    lastToken: logits === "last" || logits === "none",
    checkpoint: () => signal?.throwIfAborted(),
  });
  await tensors.settle();
  const results = new Array<ForwardResult>(rows.length);
  const { vocabSize } = decoder.config;
  for (const [stream, members] of Map.groupBy(rows, (_, i) => streams[i])) {
    signal?.throwIfAborted();
    const hidden = hiddenOf(stream, logits);
    const values = await logitsOf(decoder, tensors, { hidden, row: members[0].index });
    for (const { index, edits, captures: { captured } } of members) {
      const given = new Values(values, [values.length / vocabSize, vocabSize]);
      results[index] = { logits: given, receipts: edits.receipts(), captured };
    }
  }
  return results;
}
