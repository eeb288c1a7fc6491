/**
 * Which tokens of a prompt are the image, the question and the system turn.
 *
 * @module
 */
import type { ModelInput, VisionLanguageModel } from "../../model/mod.ts";

/** Names of the parts that attention goes to. */
export const TARGETS = ["visual", "question", "system"] as const;
/** Name of a part. */
export type Target = typeof TARGETS[number];

/** 1 for each token of a part, [T] each. */
export type PromptParts = Record<Target, Uint8Array>;

/** What of a model is needed to find the parts. */
export type PartsModel = Pick<VisionLanguageModel, "encode" | "decode" | "config">;

const TURN_START = "<|im_start|>";
const TURN_END = "<|im_end|>";

function singleToken(model: PartsModel, name: string): number {
  const tokens = model.encode(name);
  if (tokens.length === 1) return tokens[0];
  throw new Error(
    `Cannot tell the parts of a prompt: ${name} is ${tokens.length} tokens of this tokenizer, not ` +
      "one, so the chat's turns cannot be found",
  );
}

/** Length in tokens of a turn's head, e.g. "user\n". */
function headLength(model: PartsModel, turn: number[], head: string): number {
  for (let count = 1; count <= turn.length; count++) {
    if (model.decode(turn.slice(0, count)).length >= head.length) return count;
  }
  return turn.length;
}

/**
 * Finds the parts of a chat prompt. Visual: the image tokens. Question: the text of the user's turn,
 * prefix included. System: the whole system turn with its marks, among them the prompt's first
 * token, which attention falls back on. Marks and heads of the other turns belong to none.
 *
 * @throws {Error} if the prompt has no image, no user's turn, or is not written with
 * `<|im_start|>` and `<|im_end|>`.
 */
export function promptParts(model: PartsModel, { ids, imageTokens }: ModelInput): PromptParts {
  const [start, end] = [singleToken(model, TURN_START), singleToken(model, TURN_END)];
  const part = () => new Uint8Array(ids.length);
  const parts: PromptParts = { visual: part(), question: part(), system: part() };
  for (const { start: first, count } of imageTokens) parts.visual.fill(1, first, first + count);
  const { visionStartTokenId, visionEndTokenId } = model.config;
  let asked = false;
  for (let at = ids.indexOf(start); at >= 0;) {
    const next = ids.indexOf(start, at + 1);
    const stop = ids.indexOf(end, at);
    const turnEnd = stop < 0 ? ids.length : stop;
    const turn = Array.from(ids.subarray(at + 1, turnEnd));
    const text = model.decode(turn);
    if (text.startsWith("system\n")) parts.system.fill(1, at, next < 0 ? ids.length : next);
    if (text.startsWith("user\n")) {
      asked = true;
      for (let i = at + 1 + headLength(model, turn, "user\n"); i < turnEnd; i++) {
        const mark = ids[i] === visionStartTokenId || ids[i] === visionEndTokenId;
        if (!mark && parts.visual[i] === 0) parts.question[i] = 1;
      }
    }
    at = next;
  }
  if (!asked || imageTokens.length === 0) {
    throw new Error(
      `Cannot tell the parts of a prompt: it has no ${
        asked ? "image" : "user's turn between " +
          `${TURN_START} and ${TURN_END}`
      }`,
    );
  }
  return parts;
}
