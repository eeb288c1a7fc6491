/**
 * What a finding asks of a machine, roughly: the estimate before a run is made of it.
 *
 * @module
 */

/** What a finding's work depends on. */
export interface RunSize {
  /** Parameters of one model. */
  parameters: number;
  /** Layers of its language model. */
  layers: number;
  /** Further checkpoints of the recipe. */
  variants: number;
  /** Samples of each task, if not the notebook's own number. */
  sampleSize?: number;
}

/** What a machine does in a second. */
export interface RunSpeed {
  /** Tokens through one model. */
  tokens: number;
  /** Bytes of weights that are read and compared. */
  readBytes: number;
  /** Bytes of weights whose singular values are found. */
  spectraBytes: number;
}

/** What a finding asks of a machine. */
export interface Workload {
  /** Models whose weights it holds at once; 0 if it reads weights alone. */
  models: 0 | 1 | 2;
  /** Whether it asks the recipe's further checkpoints. */
  variants?: boolean;
  /** Seconds that it takes, within a factor of about three. */
  seconds: (size: RunSize, speed: RunSpeed) => number;
}

/** Mean tokens: a prompt with an image, a prompt of text, a reasoner's response, a short answer. */
export const TOKENS = { image: 1000, text: 200, response: 600, answer: 16 } as const;

/** Tokens of a sample of the three abilities: image and black image, description, text. */
export const ABILITY_TOKENS: number = 4 * (TOKENS.image + TOKENS.response) + TOKENS.text +
  TOKENS.response;
