/**
 * The K/V cache of a batch, in plain arrays. In each layer, rows that do not differ from their
 * siblings yet share their prompt's K and V and hold only generated tokens of their own; the others
 * hold prompt and generated tokens in one piece.
 *
 * @module
 */
import { MASKED } from "./attention.ts";
import { cutQuery, cutsOf } from "./edits/cuts.ts";
import type { KeysValues, KvCache, Projected } from "./kv_cache.ts";
import { intTensor, PrefixGroups } from "./prefix_groups.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { PlannedRow } from "./row_plan.ts";
import { hostArray, hostRows, type HostTensor, type Tensor, type View } from "./tensors.ts";

/** [blocks, kvHeads, tokens, headDim] each. */
interface Blocks {
  k: Float32Array;
  v: Float32Array;
}

/** One layer; rows [0, shared) share, the others do not. */
interface LayerCache {
  shared: number;
  groups: number;
  /** Prompts, one a group. */
  prompts: Blocks;
  /** Generated tokens of the rows that share. */
  tails: Blocks;
  /** Prompts and generated tokens of the other rows. */
  singles: Blocks;
}

/** Room for generated tokens is added in steps of so many. */
const GROWTH = 16;

function empty(size: number): Blocks {
  return { k: new Float32Array(size), v: new Float32Array(size) };
}

/** Applies a change of layout to K and V. */
function both({ k, v }: Blocks, change: (values: Float32Array) => Float32Array): Blocks {
  return { k: change(k), v: change(v) };
}

/** Copies the chosen blocks of `size` values. */
function pick(blocks: number[], size: number): (source: Float32Array) => Float32Array {
  return (source) => {
    const result = new Float32Array(blocks.length * size);
    blocks.forEach((block, i) =>
      result.set(source.subarray(block * size, (block + 1) * size), i * size)
    );
    return result;
  };
}

/** Moves pieces of `before` values apart, so that each has room for `after`. */
function widen(before: number, after: number): (source: Float32Array) => Float32Array {
  return (source) => {
    const pieces = source.length / before;
    const result = new Float32Array(pieces * after);
    for (let i = 0; i < pieces; i++) {
      result.set(source.subarray(i * before, (i + 1) * before), i * after);
    }
    return result;
  };
}

/** Attention over one part of the rows, [rows, heads * headDim]. */
type Attend = (
  inputs: Record<string, HostTensor>,
  part: "shared" | "single",
) => Promise<Float32Array>;

/** The cache of a batch. */
export class HostKvCache implements KvCache {
  /** Rows in cache order: as planned, less those dropped. */
  rows: PlannedRow[];
  readonly #config: QwenTextConfig;
  readonly #attend: Attend;
  /** Tokens of the longest prompt. */
  readonly #prompt: number;
  readonly #layers: LayerCache[];
  #groups: PrefixGroups;
  /** Generated tokens there is room for. */
  #room: number;
  #length = 0;
  /** [room], 0 for generated tokens that are there. */
  #tailMask = new Float32Array();
  /** [rows, prompt + room], 0 for tokens that are there. */
  #singleMask = new Float32Array();
  /** Inputs that change only when rows leave or room is added. */
  readonly #steady = new Map<string, Record<string, HostTensor>>();

  /**
   * @param rows As `planRows` orders them.
   * @param newTokens Tokens that are to be generated at most; room is made as they come.
   */
  constructor(
    rows: PlannedRow[],
    config: QwenTextConfig,
    { newTokens, attend }: { newTokens: number; attend: Attend },
  ) {
    this.rows = rows;
    this.#config = config;
    this.#attend = attend;
    this.#prompt = Math.max(...rows.map((row) => row.input.ids.length));
    this.#groups = new PrefixGroups(rows);
    // Attention reads all of the room, filled or not, so it starts small.
    this.#room = Math.min(2 * GROWTH, newTokens);
    const token = config.numKvHeads * config.headDim;
    this.#layers = Array.from({ length: config.numLayers }, (_, layer) => {
      const shared = rows.filter((row) => row.touch > layer).length;
      const groups = this.#groups.count(rows.slice(0, shared));
      return {
        shared,
        groups,
        prompts: empty(groups * this.#prompt * token),
        tails: empty(shared * this.#room * token),
        singles: empty((rows.length - shared) * (this.#prompt + this.#room) * token),
      };
    });
    this.#makeMasks();
  }

  /** Tokens generated so far whose K and V are held. */
  get length(): number {
    return this.#length;
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.#layers.reduce(
      (sum, { prompts, tails, singles }) =>
        sum + 2 * (prompts.k.byteLength + tails.k.byteLength + singles.k.byteLength),
      0,
    );
  }

  #makeMasks() {
    const width = this.#prompt + this.#room;
    this.#tailMask = new Float32Array(this.#room).fill(MASKED, this.#length);
    this.#singleMask = new Float32Array(this.rows.length * width);
    this.rows.forEach(({ input }, row) =>
      this.#singleMask.fill(
        MASKED,
        row * width + input.ids.length + this.#length,
        (row + 1) * width,
      )
    );
    this.#steady.clear();
  }

  storePrompt(
    layer: number,
    place: { row: number } | { sample: number },
    { k, v, from }: KeysValues & { from: number },
  ): void {
    const { shared, prompts, singles } = this.#layers[layer];
    const single = "row" in place;
    const target = single ? singles : prompts;
    const block = single ? place.row - shared : this.#groups.of(place.sample);
    const tokens = single ? this.#prompt + this.#room : this.#prompt;
    const store = (views: View[], values: Float32Array) => {
      let at = from;
      for (const view of views) {
        this.#scatter(hostRows(view), values, { block, tokens, from: at });
        at += view.to - view.from;
      }
    };
    store(k, target.k);
    store(v, target.v);
  }

  finishPrompts(): Promise<void> {
    return Promise.resolve();
  }

  /** From token order into a block [kvHeads, tokens, headDim], from one token on. */
  #scatter(
    source: Float32Array,
    target: Float32Array,
    { block, tokens, from }: { block: number; tokens: number; from: number },
  ) {
    const { numKvHeads, headDim } = this.#config;
    const width = numKvHeads * headDim;
    for (let head = 0; head < numKvHeads; head++) {
      let to = ((block * numKvHeads + head) * tokens + from) * headDim;
      for (let at = head * headDim; at < source.length; at += width) {
        for (let i = 0; i < headDim; i++) target[to++] = source[at + i];
      }
    }
  }

  advance(): void {
    if (this.#length === this.#room) this.#grow();
    const width = this.#prompt + this.#room;
    this.rows.forEach(({ input }, row) => {
      this.#singleMask[row * width + input.ids.length + this.#length] = 0;
    });
    this.#tailMask[this.#length++] = 0;
  }

  #grow() {
    const { headDim } = this.#config;
    const room = Math.ceil((this.#room * 1.25 + 1) / GROWTH) * GROWTH;
    const tail = widen(this.#room * headDim, room * headDim);
    const prompt = this.#prompt * headDim;
    const single = widen(prompt + this.#room * headDim, prompt + room * headDim);
    for (const layer of this.#layers) {
      layer.tails = both(layer.tails, tail);
      layer.singles = both(layer.singles, single);
    }
    this.#room = room;
    this.#makeMasks();
  }

  /** Stores K and V of the newest token of one row of `source`. */
  #append(layer: number, row: number, source: Blocks): void {
    const { numKvHeads, headDim } = this.#config;
    const { shared, tails, singles } = this.#layers[layer];
    const single = row >= shared;
    const target = single ? singles : tails;
    const block = single ? row - shared : row;
    const tokens = single ? this.#prompt + this.#room : this.#room;
    const place = this.#length - 1 + (single ? this.rows[row].input.ids.length : 0);
    for (let head = 0; head < numKvHeads; head++) {
      const to = ((block * numKvHeads + head) * tokens + place) * headDim;
      const from = (row * numKvHeads + head) * headDim;
      for (let i = 0; i < headDim; i++) {
        target.k[to + i] = source.k[from + i];
        target.v[to + i] = source.v[from + i];
      }
    }
  }

  /** Attention runs over whole ranges of the cache; what it finds for rows that skip is not used. */
  async attend(
    layer: number,
    projected: Projected,
    active: readonly number[],
  ): Promise<Tensor> {
    const source = { k: hostArray(projected.k), v: hostArray(projected.v) };
    for (const row of active) this.#append(layer, row, source);
    const q = hostArray(projected.q);
    const width = this.#config.numHeads * this.#config.headDim;
    const rows = this.rows.length;
    const { shared } = this.#layers[layer];
    const run = (from: number, to: number, part: "shared" | "single") =>
      this.#attend({
        q: { data: q.subarray(from * width, to * width), dims: [to - from, width] },
        ...this.#attentionInputs(layer, part),
        ...(part === "single" ? this.#cutMask(layer, active) : {}),
      }, part);
    let data: Float32Array;
    if (shared === 0) data = await run(0, rows, "single");
    else if (shared === rows) data = await run(0, rows, "shared");
    else {
      data = new Float32Array(q.length);
      data.set(await run(0, shared, "shared"));
      data.set(await run(shared, rows, "single"), shared * width);
    }
    return { data, dims: [rows, width] } as HostTensor;
  }

  /** The mask of single rows where one of them does not see all: by head. */
  #cutMask(layer: number, active: readonly number[]): Record<string, HostTensor> {
    const { shared } = this.#layers[layer];
    const cutting = active.filter((row) => cutsOf(this.rows[row], layer).length > 0);
    if (cutting.length === 0) return {};
    const { numHeads: heads, numKvHeads } = this.#config;
    const width = this.#prompt + this.#room;
    const rows = this.rows.length - shared;
    const data = new Float32Array(rows * heads * width);
    for (let block = 0; block < rows * heads; block++) {
      const from = (shared + Math.floor(block / heads)) * width;
      data.set(this.#singleMask.subarray(from, from + width), block * width);
    }
    for (const row of cutting) {
      cutQuery(this.rows[row], {
        layer,
        token: this.rows[row].input.ids.length + this.#length - 1,
        heads,
        cut: (head, key) => data[((row - shared) * heads + head) * width + key] = MASKED,
      });
    }
    return { mask: { data, dims: [rows, numKvHeads, heads / numKvHeads, width] } };
  }

  /**
   * The inputs, all but q, of decode attention over the rows that share prompts in a layer, or over
   * those that do not.
   */
  #attentionInputs(layer: number, part: "shared" | "single"): Record<string, HostTensor> {
    const { numKvHeads, headDim } = this.#config;
    const { shared, groups, prompts, tails, singles } = this.#layers[layer];
    const tensor = (data: Float32Array, blocks: number, tokens: number): HostTensor => ({
      data,
      dims: [blocks, numKvHeads, tokens, headDim],
    });
    if (part === "single") {
      const rows = this.rows.length - shared;
      const width = this.#prompt + this.#room;
      return {
        k: tensor(singles.k, rows, width),
        v: tensor(singles.v, rows, width),
        mask: { data: this.#singleMask.subarray(shared * width), dims: [rows, 1, 1, width] },
      };
    }
    return {
      prefixK: tensor(prompts.k, groups, this.#prompt),
      prefixV: tensor(prompts.v, groups, this.#prompt),
      ownK: tensor(tails.k, shared, this.#room),
      ownV: tensor(tails.v, shared, this.#room),
      ...this.#groupInputs(shared, groups),
    };
  }

  #groupInputs(shared: number, groups: number): Record<string, HostTensor> {
    const name = `${shared} ${groups}`;
    const known = this.#steady.get(name);
    if (known) return known;
    const prefixMask = new Float32Array(groups * this.#prompt);
    this.#groups.lengths.slice(0, groups).forEach((length, group) =>
      prefixMask.fill(MASKED, group * this.#prompt + length, (group + 1) * this.#prompt)
    );
    const inputs = {
      prefixMask: { data: prefixMask, dims: [groups, 1, 1, this.#prompt] },
      ownMask: { data: this.#tailMask, dims: [this.#room] },
      lengths: intTensor([this.#prompt, this.#room]),
      ...this.#groups.gridInputs(this.rows.slice(0, shared), this.#config, this.#prompt),
    };
    this.#steady.set(name, inputs);
    return inputs;
  }

  keep(kept: number[]): Promise<void> {
    const token = this.#config.numKvHeads * this.#config.headDim;
    const before = this.#groups;
    this.rows = kept.map((row) => this.rows[row]);
    this.#groups = new PrefixGroups(this.rows);
    for (const layer of this.#layers) {
      const sharing = kept.filter((row) => row < layer.shared);
      const others = kept.slice(sharing.length).map((row) => row - layer.shared);
      const samples = new Set(this.rows.slice(0, sharing.length).map((row) => row.sample));
      const groups = [...samples].map((sample) => before.of(sample));
      layer.prompts = both(layer.prompts, pick(groups, this.#prompt * token));
      layer.tails = both(layer.tails, pick(sharing, this.#room * token));
      layer.singles = both(layer.singles, pick(others, (this.#prompt + this.#room) * token));
      layer.shared = sharing.length;
      layer.groups = groups.length;
    }
    this.#makeMasks();
    return Promise.resolve();
  }

  dispose(): void {}
}
