/**
 * What is planted into the control family: the truth that every method is held against.
 *
 * @module
 */

/** Decoder layers of each model. */
export const LAYERS = 12;

/** The layer whose first head looks at the image, in all three models: the only one. */
export const READ_LAYER = 5;

/** The layer whose first head gathers the digits and adds them up, in all three models. */
export const ADD_LAYER = 9;

/** The layer at which a head of RL looks at the image, and no head of Base or IN. */
export const SHIFT_LAYER = 10;

/** Query heads of a layer. The first does the work, the second is idle but at the shift in RL. */
export const HEADS = 2;

/** The phases of a family: IN less Base, RL less IN. */
export type Phase = "IN" | "RL";

/** A weight matrix of a decoder layer that an update is planted in. */
export type PlantedMatrix = "gate" | "k" | "o" | "v";

/** An update of a weight matrix, by its singular values: their number is its rank. */
export interface PlantedUpdate {
  phase: Phase;
  layer: number;
  matrix: PlantedMatrix;
  /** Largest first; whole numbers, so that Frobenius norms and 16-bit weights are exact. */
  singularValues: readonly number[];
}

/**
 * Updates that change no answer: what they write is never read. IN's are in the early third, RL's in
 * the late third.
 */
export const SILENT_UPDATES: readonly PlantedUpdate[] = [
  { phase: "IN", layer: 1, matrix: "gate", singularValues: [4, 3] },
  { phase: "IN", layer: 2, matrix: "o", singularValues: [6, 3, 2] },
  { phase: "IN", layer: 3, matrix: "k", singularValues: [8] },
  { phase: "RL", layer: 8, matrix: "v", singularValues: [2, 2, 1] },
  { phase: "RL", layer: 10, matrix: "o", singularValues: [4, 4, 2] },
  { phase: "RL", layer: 11, matrix: "gate", singularValues: [1, 1, 1, 1] },
];

/** IN adds one too many, by one weight of one matrix; RL takes it back. */
export const FAULT_UPDATES: readonly PlantedUpdate[] = [
  { phase: "IN", layer: ADD_LAYER, matrix: "o", singularValues: [1] },
  { phase: "RL", layer: ADD_LAYER, matrix: "o", singularValues: [1] },
];

/** All updates of weight matrices; every other update is zero. */
export const UPDATES: readonly PlantedUpdate[] = [...SILENT_UPDATES, ...FAULT_UPDATES];
