/**
 * Attention mass from generated tokens to the parts of a prompt, by teacher forcing.
 *
 * @module
 */
import {
  type Captured,
  extendInput,
  type ModelInput,
  type VisionLanguageModel,
} from "../../model/mod.ts";
import { type AnswerSpans, answerSpans, SPANS } from "./answer_spans.ts";
import type { AttentionRecord } from "./records.ts";
import { promptParts, TARGETS } from "./prompt_parts.ts";

/** A prompt and the text whose tokens attend. */
export interface ForcedText {
  input: ModelInput;
  /** Generated token ids. */
  tokens: readonly number[];
}

/** The numbers of an attention record. */
export type AttentionMass = Pick<
  AttentionRecord,
  "layers" | "heads" | "tokens" | "generated" | "think" | "answer"
>;

/** Six digits: far below what any comparison resolves, and a third of the file. */
function round(value: number): number {
  return Number(value.toFixed(6));
}

/** Means over the queries of a span, [layers, heads, targets]. */
function spanMeans(
  { attentionMass }: Captured,
  { layers, heads, queries }: { layers: number; heads: number; queries: number },
  span: readonly number[],
): number[] | null {
  if (span.length === 0) return null;
  const result: number[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const values = attentionMass.get(layer)!.data;
    for (let head = 0; head < heads; head++) {
      for (let target = 0; target < TARGETS.length; target++) {
        const sum = span.reduce(
          (total, query) => total + values[(head * queries + query) * TARGETS.length + target],
          0,
        );
        result.push(round(sum / span.length));
      }
    }
  }
  return result;
}

function massOf(
  captured: Captured | null,
  shape: { layers: number; heads: number; queries: number },
  spans: AnswerSpans,
): AttentionMass {
  const means = (span: readonly number[]) =>
    captured === null ? null : spanMeans(captured, shape, span);
  const [generated, think, answer] = SPANS.map((name) => spans[name]);
  return {
    layers: shape.layers,
    heads: shape.heads,
    tokens: { generated: generated.length, think: think.length, answer: answer.length },
    generated: means(generated),
    think: means(think),
    answer: means(answer),
  };
}

/**
 * Runs prompts with texts behind them and measures, for every layer and head, the mean probability
 * that the text's tokens (each as it is read) give to visual, question and system tokens.
 *
 * @param texts Prompts with an image, and texts; an empty text gives null masses.
 * @returns One result a text.
 */
export async function attentionMass(
  model: VisionLanguageModel,
  texts: readonly ForcedText[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<AttentionMass[]> {
  const { numHeads: heads } = model.config.text;
  const layers = model.numLayers;
  const asked = texts.filter(({ tokens }) => tokens.length > 0);
  const rows = asked.map(({ input, tokens }) => {
    const parts = promptParts(model, input);
    const extended = extendInput(input, tokens);
    const masks = TARGETS.map((target) => {
      const mask = new Uint8Array(extended.ids.length);
      mask.set(parts[target]);
      return mask;
    });
    const queries = tokens.map((_, i) => input.ids.length + i);
    return { input: extended, capture: { attentionMass: { queries, masks } } };
  });
  const results = rows.length === 0 ? [] : await model.forward(rows, { logits: "none", signal });
  const captured = new Map(asked.map((text, i) => [text, results[i].captured]));
  return texts.map((text) => {
    const spans = answerSpans(text.tokens, (tokens) => model.decode(tokens));
    const shape = { layers, heads, queries: text.tokens.length };
    return massOf(captured.get(text) ?? null, shape, spans);
  });
}
