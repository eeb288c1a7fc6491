/**
 * The control models' weights, computed and not trained. They name the colour of an image, and add
 * two digits.
 *
 * All decoder layers share keys, values and output projections, which pass on what a token holds.
 * Layers differ in the biases of their queries: those say what a head looks at, and it looks at the
 * first token where there is nothing of the kind. So an image can be read in every layer, and is in
 * one. A feature of 1024 in every token makes RMSNorm nearly a division by a constant. Queries and
 * keys meet in slow rotary pairs, where a distance changes nothing.
 *
 * @module
 */
import {
  ADD_LAYER,
  HEADS,
  LAYERS,
  type PlantedUpdate,
  READ_LAYER,
  SHIFT_LAYER,
  SILENT_UPDATES,
} from "./planted.ts";

/** The three models. */
export type ControlRole = "base" | "in" | "rl";

/** A tensor, row-major. */
export interface ControlTensor {
  shape: number[];
  values: Float32Array;
}

/** Sizes of the model. */
export const SIZES = { hidden: 32, mlp: 16, head: 16, vocab: 512, vision: 16, patch: 14, merge: 2 };

/** Colours by the letter that answers: red, green, blue, each -1 or 1 as the processor gives them. */
export const COLOURS: Readonly<Record<string, readonly [number, number, number]>> = {
  R: [1, -1, -1],
  G: [-1, 1, -1],
  B: [-1, -1, 1],
  Y: [1, 1, -1],
  M: [1, -1, 1],
  C: [-1, 1, 1],
  W: [1, 1, 1],
  K: [-1, -1, -1],
};

/** Features of the residual stream. From `scratch` on nothing that is read is written. */
const [ONE, RGB, IMAGE, DIGIT, VALUE, FIRST, ANSWER] = [0, 1, 4, 5, 6, 7, 8];
const [SEEN, SUM, COUNTED, SCRATCH] = [9, 12, 13, 16];
const LARGE = 1024;

/** Dimensions of a head in which a query finds digits, the image, and the first token. */
const FIND = { digit: 4, image: 5, first: 7 };
/** Query times key; what a head looks for beats the first token by far more than f32 resolves. */
const QUERY = 64;
const KEY = { digit: 64, image: 64, first: 32 };

class Matrix implements ControlTensor {
  readonly shape: number[];
  readonly values: Float32Array;

  constructor(rows: number, columns: number) {
    this.shape = [rows, columns];
    this.values = new Float32Array(rows * columns);
  }

  add(row: number, column: number, value: number): this {
    this.values[row * this.shape[1] + column] += value;
    return this;
  }
}

function vector(length: number, entries: Readonly<Record<number, number>> = {}): ControlTensor {
  const values = new Float32Array(length);
  for (const [i, value] of Object.entries(entries)) values[Number(i)] = value;
  return { shape: [length], values };
}

/** Entry of Sylvester's Hadamard matrix: orthogonal columns of 1 and -1. */
function hadamard(row: number, column: number): number {
  let sign = 1;
  for (let common = row & column; common > 0; common &= common - 1) sign = -sign;
  return sign;
}

/** Adds a block that has these singular values, for any powers of two as its size. */
function addBlock(
  matrix: Matrix,
  { row, column, rows, columns }: Record<"row" | "column" | "rows" | "columns", number>,
  singularValues: readonly number[],
): void {
  const norm = Math.sqrt(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const sum = singularValues.reduce(
        (total, value, k) => total + value * hadamard(i, k) * hadamard(j, k),
        0,
      );
      matrix.add(row + i, column + j, sum / norm);
    }
  }
}

/** RMSNorm's weights: the constant feature comes out as 1, any other as it is. */
function norm(size: number): ControlTensor {
  const scale = LARGE / Math.sqrt(size);
  const weights = vector(size);
  weights.values.fill(scale);
  weights.values[ONE] = scale / LARGE;
  return weights;
}

/** Where an update of a matrix is silent: rows whose results, or columns whose inputs, are not read. */
const SILENT = {
  gate: { row: 0, column: SCRATCH, rows: 16, columns: 16 },
  k: { row: 0, column: SCRATCH, rows: 4, columns: 16 },
  o: { row: SCRATCH, column: 0, rows: 16, columns: 16 },
  v: { row: 8, column: SCRATCH, rows: 4, columns: 16 },
} as const;

/** Which of the updates a model has. */
function hasUpdate(role: ControlRole, { phase }: Pick<PlantedUpdate, "phase">): boolean {
  return role === "rl" || role === "in" && phase === "IN";
}

/** What the two heads of a layer look for. */
function soughtBy(role: ControlRole, layer: number): ("digit" | "image" | null)[] {
  if (layer === READ_LAYER) return ["image", null];
  if (layer === ADD_LAYER) return ["digit", null];
  return [null, layer === SHIFT_LAYER && role === "rl" ? "image" : null];
}

function layerTensors(role: ControlRole, layer: number): Record<string, ControlTensor> {
  const { hidden, head, mlp } = SIZES;
  const qBias = vector(HEADS * head);
  soughtBy(role, layer).forEach((sought, i) => {
    qBias.values[i * head + FIND.first] = QUERY;
    if (sought) qBias.values[i * head + FIND[sought]] = QUERY;
  });
  const k = new Matrix(head, hidden)
    .add(FIND.digit, DIGIT, KEY.digit)
    .add(FIND.image, IMAGE, KEY.image)
    .add(FIND.first, FIRST, KEY.first);
  const v = new Matrix(head, hidden);
  const o = new Matrix(hidden, HEADS * head);
  for (let i = 0; i < 3; i++) {
    v.add(i, RGB + i, 1);
    o.add(SEEN + i, i, 1);
  }
  // Attention gives the mean of two digits: half of their sum.
  v.add(3, VALUE, 1).add(4, DIGIT, 1);
  o.add(SUM, 3, 2).add(COUNTED, 4, 1);
  if (role === "in" && layer === ADD_LAYER) o.add(SUM, 4, 1);
  // Idle heads and MLPs write scratch features, so that to leave them out is a change.
  v.add(5, FIRST, 1);
  for (let i = 0; i < HEADS; i++) o.add(SCRATCH + i, i * head + 5, 1);
  const gate = new Matrix(mlp, hidden);
  const up = new Matrix(mlp, hidden);
  const down = new Matrix(hidden, mlp);
  addBlock(gate, SILENT.gate, Array(16).fill(1));
  for (let i = 0; i < mlp; i++) up.add(i, ONE, 1);
  addBlock(down, SILENT.o, Array(16).fill(1 / 16));
  for (const update of SILENT_UPDATES) {
    if (update.layer !== layer || !hasUpdate(role, update)) continue;
    const { matrix, singularValues } = update;
    addBlock({ gate, k, o, v }[matrix], SILENT[matrix], singularValues);
  }
  return {
    "input_layernorm.weight": norm(hidden),
    "post_attention_layernorm.weight": norm(hidden),
    "self_attn.q_proj.weight": new Matrix(HEADS * head, hidden),
    "self_attn.q_proj.bias": qBias,
    "self_attn.k_proj.weight": k,
    "self_attn.k_proj.bias": vector(head),
    "self_attn.v_proj.weight": v,
    "self_attn.v_proj.bias": vector(head),
    "self_attn.o_proj.weight": o,
    "mlp.gate_proj.weight": gate,
    "mlp.up_proj.weight": up,
    "mlp.down_proj.weight": down,
  };
}

/** The mean colour of a visual token's patches, and features that say that it is one. */
function visionTensors(): Record<string, ControlTensor> {
  const { vision, patch, merge, hidden } = SIZES;
  const perChannel = 2 * patch ** 2;
  const embed = new Matrix(vision, 3 * perChannel);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < perChannel; i++) {
      embed.add(1 + channel, channel * perChannel + i, 1 / 256);
    }
  }
  const merged = vision * merge ** 2;
  const mix = new Matrix(merged, merged);
  const project = new Matrix(hidden, merged);
  // Far above zero GELU is the identity.
  const lift = 8;
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < merge ** 2; i++) mix.add(channel, i * vision + 1 + channel, 1 / merge ** 2);
    project.add(RGB + channel, channel, 1);
  }
  const block = "visual.blocks.0.";
  const gated = { up: new Matrix(vision, vision), down: new Matrix(vision, vision) };
  return {
    "visual.patch_embed.proj.weight": {
      shape: [vision, 3, 2, patch, patch],
      values: embed.values,
    },
    [`${block}norm1.weight`]: norm(vision),
    [`${block}norm2.weight`]: norm(vision),
    [`${block}attn.qkv.weight`]: new Matrix(3 * vision, vision),
    [`${block}attn.qkv.bias`]: vector(3 * vision),
    [`${block}attn.proj.weight`]: new Matrix(vision, vision),
    [`${block}attn.proj.bias`]: vector(vision, { [ONE]: LARGE }),
    [`${block}mlp.gate_proj.weight`]: gated.up,
    [`${block}mlp.gate_proj.bias`]: vector(vision),
    [`${block}mlp.up_proj.weight`]: gated.up,
    [`${block}mlp.up_proj.bias`]: vector(vision),
    [`${block}mlp.down_proj.weight`]: gated.down,
    [`${block}mlp.down_proj.bias`]: vector(vision),
    "visual.merger.ln_q.weight": norm(vision),
    "visual.merger.mlp.0.weight": mix,
    "visual.merger.mlp.0.bias": vector(merged, { 0: lift, 1: lift, 2: lift }),
    "visual.merger.mlp.2.weight": project,
    "visual.merger.mlp.2.bias": vector(hidden, {
      [ONE]: LARGE,
      [IMAGE]: 1,
      ...Object.fromEntries([0, 1, 2].map((channel) => [RGB + channel, -lift])),
      ...Object.fromEntries(Array.from({ length: 16 }, (_, i) => [SCRATCH + i, hadamard(i, 5)])),
    }),
  };
}

/** Ids of the tokens that the models know. */
export interface ControlTokens {
  /** `<|im_start|>`, which every prompt begins with. */
  first: number;
  /** `<|im_end|>`, which ends an answer. */
  end: number;
  /** The digits, by value. */
  digits: readonly number[];
  /** The letters of {@linkcode COLOURS}. */
  letters: Readonly<Record<string, number>>;
}

function embedding({ first, digits, letters }: ControlTokens): ControlTensor {
  const { vocab, hidden } = SIZES;
  const table = new Matrix(vocab, hidden);
  for (let token = 0; token < vocab; token++) {
    table.add(token, ONE, LARGE);
    for (let i = 0; i < 16; i++) table.add(token, SCRATCH + i, hadamard(i, token % 16));
  }
  table.add(first, FIRST, 1);
  digits.forEach((token, value) => table.add(token, DIGIT, 1).add(token, VALUE, value));
  for (const token of [...digits, ...Object.values(letters)]) table.add(token, ANSWER, 1);
  return table;
}

/**
 * What is likeliest: after an answer its end; else the colour seen; else the number c that makes
 * c sum - c^2 / 2 largest, which is the sum; and the end where neither was read.
 */
function head({ end, digits, letters }: ControlTokens): ControlTensor {
  const { vocab, hidden } = SIZES;
  const table = new Matrix(vocab, hidden);
  table.add(end, ONE, 2).add(end, ANSWER, LARGE);
  for (const [letter, token] of Object.entries(letters)) {
    COLOURS[letter].forEach((value, channel) => table.add(token, SEEN + channel, value));
  }
  digits.forEach((token, value) =>
    table.add(token, SUM, value).add(token, COUNTED, 4 - value ** 2 / 2)
  );
  return table;
}

/** A model's tensors by canonical name. All values are exact in bf16 but the norms'. */
export function controlTensors(
  role: ControlRole,
  tokens: ControlTokens,
): Record<string, ControlTensor> {
  const tensors: Record<string, ControlTensor> = {
    ...visionTensors(),
    "model.embed_tokens.weight": embedding(tokens),
  };
  for (let layer = 0; layer < LAYERS; layer++) {
    for (const [name, tensor] of Object.entries(layerTensors(role, layer))) {
      tensors[`model.layers.${layer}.${name}`] = tensor;
    }
  }
  return { ...tensors, "model.norm.weight": norm(SIZES.hidden), "lm_head.weight": head(tokens) };
}
