/**
 * The paper's six splices of IN and RL.
 *
 * @module
 */

/** A splice with the paper's name for it. */
export interface PaperSplice {
  /** Donors of the early, middle and late layers. */
  name: string;
  expression: string;
}

/** The six splices of the paper's transferability experiment, each beside its counterpart. */
export const PAPER_SPLICES: readonly PaperSplice[] = [
  "IN:RL:RL",
  "RL:IN:IN",
  "IN:IN:RL",
  "RL:RL:IN",
  "IN:RL:IN",
  "RL:IN:RL",
].map((name) => {
  const [early, middle, late] = name.split(":").map((model) => model === "IN" ? "sft" : "rl");
  const expression = `${early} early 1/3 + ${middle} middle 1/3 + ${late} late 1/3 layers`;
  return { name, expression };
});

/**
 * What a splice's name does not say: everything but the language model's layers (vision tower,
 * embeddings, last norm, head) is its first model's, and may carry part of a gain. Here it is the
 * other one's: RL's early block alone in IN, its middle and late blocks with its own rest, and RL's
 * rest alone, around all of IN's layers.
 */
export const REST_SPLICES: readonly PaperSplice[] = [
  { name: "RL:IN:IN, rest IN", expression: "sft early 1/3 layers replaced by rl" },
  { name: "IN:RL:RL, rest RL", expression: "rl early 1/3 layers replaced by sft" },
  { name: "IN:IN:IN, rest RL", expression: "rl all layers replaced by sft" },
];
