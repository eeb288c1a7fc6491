/**
 * The K/V cache of a batch. Prompts stay as they are once they are computed, one for all the rows
 * that share it; what a row has generated is a short tail that grows by a token a step.
 *
 * @module
 */
import type { Projected } from "./attention.ts";
import {
  blocksGraph,
  decodeAttentionGraph,
  type DecodeForm,
  MASKED,
  pickGraph,
} from "./attention_graphs.ts";
import { cutQuery, cutsOf } from "./edits/row_edits.ts";
import { type KvTail, openTail } from "./kv_tail.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { PlannedRow } from "./row_plan.ts";
import type { Inputs } from "./session.ts";
import { hostTensor, intTensor, rowsOf, type Tensor, type Tensors, type View } from "./tensors.ts";

/** K and V of tokens that follow each other, [tokens, kvHeads * headDim] each. */
export interface KeysValues {
  k: View[];
  v: View[];
}

/** Of a prompt, from token `from` on. */
type StoredPart = KeysValues & { from: number };

/** Prompts of groups, or of single rows, in one layer. */
interface Prompts {
  /** [blocks, kvHeads, headDim, P] */
  k: Tensor;
  /** [blocks, kvHeads, P, headDim] */
  v: Tensor;
  /** [blocks, P], added to the scores. */
  mask: Tensor;
}

/** One layer; rows [0, shared) share, the others do not. */
interface LayerCache {
  shared: number;
  /** What is stored of prompts, by block, until the layer is finished. */
  stored: { groups: StoredPart[][]; single: StoredPart[][] };
  prompt?: Prompts;
  own?: Prompts;
  tail: KvTail;
}

/** Prompts are padded to a multiple: products are faster where lengths divide by 4. */
const PADDING = 8;

/** Tokens that each prompt of a batch has room for; `longest` is the longest one's. */
export function promptRoom(longest: number): number {
  return Math.ceil(longest / PADDING) * PADDING;
}

/** The prompts of rows, each once. */
function samplesOf(rows: readonly PlannedRow[]): number[] {
  return [...new Set(rows.map(({ sample }) => sample))];
}

/** The keys and values of a batch while it generates. */
export class KvCache {
  /** Rows in cache order: as planned, less those dropped. */
  rows: readonly PlannedRow[];
  readonly #config: QwenTextConfig;
  readonly #tensors: Tensors;
  /** Tokens that every prompt has room for. */
  readonly #prompt: number;
  readonly #layers: LayerCache[];
  /**
   * Numbers of the prompts, as the rows come. At every layer those that share come first, so the
   * prompts that are shared there are the first of these.
   */
  #samples: number[];
  #length = 0;
  /** What changes only when rows leave, by the number of rows that share. */
  readonly #steady = new Map<number, { inTurns: boolean; inputs: Inputs }>();

  /**
   * @param rows As `planRows` orders them.
   * @param newTokens Tokens that are to be generated at most.
   */
  constructor(
    rows: readonly PlannedRow[],
    config: QwenTextConfig,
    { tensors, newTokens }: { tensors: Tensors; newTokens: number },
  ) {
    this.rows = rows;
    this.#config = config;
    this.#tensors = tensors;
    this.#prompt = promptRoom(Math.max(...rows.map((row) => row.input.ids.length)));
    this.#samples = samplesOf(rows);
    const lists = (count: number) => Array.from({ length: count }, () => []);
    this.#layers = Array.from({ length: config.numLayers }, (_, layer) => {
      const shared = rows.filter((row) => row.touch > layer).length;
      const groups = samplesOf(rows.slice(0, shared)).length;
      const stored = { groups: lists(groups), single: lists(rows.length - shared) };
      const tail = openTail(tensors, { rows: rows.length, shape: config, newTokens });
      return { shared, stored, tail };
    });
  }

  /** Tokens generated so far whose K and V are held. */
  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    const values = (dims: readonly number[]) => dims.reduce((product, dim) => product * dim, 1);
    return this.#held().reduce((sum, { dims }) => sum + 4 * values(dims), 0);
  }

  #held(): Tensor[] {
    return this.#layers.flatMap(({ prompt, own, tail }) =>
      [prompt, own, tail.held].flatMap((tensors) => Object.values<Tensor>(tensors ?? {}))
    );
  }

  /**
   * Stores K and V of a prompt's tokens, from token `from` on.
   *
   * @param place A row that has left the shared stream, or a prompt's number for the shared one.
   */
  storePrompt(
    layer: number,
    place: { row: number } | { sample: number },
    part: StoredPart,
  ): void {
    const { shared, stored } = this.#layers[layer];
    if ("row" in place) stored.single[place.row - shared].push(part);
    else stored.groups[this.#samples.indexOf(place.sample)].push(part);
  }

  /** Ends a layer's prompts, before the tensors they view are freed. */
  async finishPrompts(layer: number): Promise<void> {
    const cache = this.#layers[layer];
    const { groups, single } = cache.stored;
    if (groups.length > 0) cache.prompt = await this.#blocks(groups);
    if (single.length > 0) cache.own = await this.#blocks(single);
    cache.stored = { groups: [], single: [] };
  }

  /** Puts stored tokens into blocks; what is not stored is masked. */
  async #blocks(blocks: StoredPart[][]): Promise<Prompts> {
    const { numKvHeads, headDim } = this.#config;
    const room = this.#prompt;
    const tensors = this.#tensors;
    const mask = new Float32Array(blocks.length * room);
    const any = blocks.flat().at(0)?.k[0].tensor ??
      await tensors.blank(1, numKvHeads * headDim);
    const padding = (count: number): View[] =>
      Array.from({ length: count }, () => ({ tensor: any, from: 0, to: 1 }));
    const place = async (part: "k" | "v") => {
      const views = blocks.flatMap((stored, block) => {
        const own = stored.toSorted((a, b) => a.from - b.from).flatMap((piece) => piece[part]);
        const tokens = rowsOf(own);
        mask.fill(MASKED, block * room + tokens, (block + 1) * room);
        return [...own, ...padding(room - tokens)];
      });
      const x = await tensors.join(views);
      const heads = intTensor([blocks.length, room, numKvHeads, headDim]);
      const transposed = part === "k";
      const name = `blocks ${transposed}`;
      const { y } = await tensors.runAll(name, () => blocksGraph(transposed), { x, heads });
      return tensors.hold(y);
    };
    const [k, v] = [await place("k"), await place("v")];
    return { k, v, mask: tensors.hold(await tensors.upload(mask, room)) };
  }

  advance(): void {
    this.#length++;
  }

  /**
   * Stores K and V of the newest token of the rows `active` and attends with their queries; what it
   * finds for the other rows is not used.
   *
   * @param projected All rows.
   * @returns [rows, heads * headDim].
   */
  async attend(layer: number, projected: Projected, active: readonly number[]): Promise<Tensor> {
    const { prompt, own, tail, shared } = this.#layers[layer];
    const grid = prompt ? this.#grid(shared) : { inTurns: false, inputs: {} };
    const form: DecodeForm = {
      shared: prompt !== undefined,
      single: own !== undefined,
      tail: tail.form,
      inTurns: grid.inTurns,
      cut: active.some((row) => cutsOf(this.rows[row], layer).length > 0),
    };
    const inputs: Record<string, Tensor> = {
      q: projected.q,
      ...tail.inputs(projected, active),
      lengths: intTensor([this.#prompt, tail.length]),
      ...(prompt && { promptK: prompt.k, promptV: prompt.v, promptMask: prompt.mask }),
      ...grid.inputs,
      ...(own && { ownK: own.k, ownV: own.v, ownMask: own.mask }),
      ...(prompt && own && { counts: intTensor([shared, this.rows.length - shared]) }),
    };
    if (form.cut) inputs.cuts = this.#cuts(layer, active);
    const { numHeads, numKvHeads, headDim } = this.#config;
    const shape = { numHeads, numKvHeads, headDim };
    const name = `decode ${Object.values(shape)} ${Object.values(form)}`;
    const results = await this.#tensors.runAll(
      name,
      () => decodeAttentionGraph(shape, form),
      inputs,
    );
    tail.take(results);
    return results.out;
  }

  /** What is added to the scores [rows, kvHeads, group, prompt + generated]. */
  #cuts(layer: number, active: readonly number[]): Tensor {
    const { numHeads: heads, numKvHeads } = this.#config;
    const width = this.#prompt + this.#layers[layer].tail.length;
    const data = new Float32Array(this.rows.length * heads * width);
    for (const place of active) {
      const row = this.rows[place];
      const prompt = row.input.ids.length;
      cutQuery(row, {
        layer,
        token: prompt + this.#length - 1,
        heads,
        cut: (head, key) => {
          const at = key < prompt ? key : this.#prompt + key - prompt;
          data[(place * heads + head) * width + at] = MASKED;
        },
      });
    }
    return hostTensor(data, [this.rows.length, numKvHeads, heads / numKvHeads, width]);
  }

  /** How the rows that share are grouped, as inputs. */
  #grid(shared: number): { inTurns: boolean; inputs: Inputs } {
    const known = this.#steady.get(shared);
    if (known) return known;
    const { numHeads, numKvHeads, headDim } = this.#config;
    const perKv = numHeads / numKvHeads;
    const lists = [...Map.groupBy(Array(shared).keys(), (row) => this.rows[row].sample).values()];
    const groups = lists.length;
    const most = Math.max(...lists.map((rows) => rows.length));
    const inTurns = shared === groups * most &&
      lists.every((rows, group) => rows.every((row, at) => row === at * groups + group));
    const order = inTurns ? [most, groups] : [groups, most];
    const inputs: Record<string, Tensor> = {
      gridQueries: intTensor([...order, numKvHeads, perKv, headDim]),
      gridScores: intTensor([groups, numKvHeads, most, perKv, this.#prompt]),
      flatScores: intTensor([groups, numKvHeads, most * perKv, this.#prompt]),
      listScores: intTensor([groups * most, numKvHeads, perKv, this.#prompt]),
      backScores: intTensor([...order, numKvHeads, perKv, this.#prompt]),
    };
    if (!inTurns) {
      // Short groups are filled up with a row whose result is not fetched.
      const members = lists.flatMap((rows) =>
        Array.from({ length: most }, (_, i) => rows[i] ?? rows[0])
      );
      const places = new Int32Array(shared);
      lists.forEach((rows, group) => rows.forEach((row, at) => places[row] = group * most + at));
      inputs.members = hostTensor(Int32Array.from(members), [members.length]);
      inputs.places = hostTensor(places, [shared]);
    }
    const grid = { inTurns, inputs };
    this.#steady.set(shared, grid);
    return grid;
  }

  /** Drops all rows but those at these places, ascending. */
  async keep(kept: readonly number[]): Promise<void> {
    const before = this.#samples;
    this.rows = kept.map((row) => this.rows[row]);
    this.#samples = samplesOf(this.rows);
    this.#steady.clear();
    for (const layer of this.#layers) {
      const sharing = kept.filter((row) => row < layer.shared);
      const others = kept.slice(sharing.length).map((row) => row - layer.shared);
      const groups = samplesOf(this.rows.slice(0, sharing.length))
        .map((sample) => before.indexOf(sample));
      layer.prompt = await this.#pickPrompts(layer.prompt, groups);
      layer.own = await this.#pickPrompts(layer.own, others);
      await layer.tail.keep((tensor) => this.#pick(tensor, kept));
      layer.shared = sharing.length;
    }
  }

  async #pickPrompts(prompts: Prompts | undefined, blocks: readonly number[]) {
    if (!prompts) return undefined;
    if (blocks.length === 0) {
      for (const part of ["k", "v", "mask"] as const) this.#tensors.drop(prompts[part]);
      return undefined;
    }
    return {
      k: await this.#pick(prompts.k, blocks),
      v: await this.#pick(prompts.v, blocks),
      mask: await this.#pick(prompts.mask, blocks),
    };
  }

  async #pick(x: Tensor, blocks: readonly number[]): Promise<Tensor> {
    const unchanged = blocks.length === x.dims[0] && blocks.every((block, i) => block === i);
    if (unchanged) return x;
    const flat = x.dims.length === 2;
    const rows = hostTensor(Int32Array.from(blocks), [blocks.length]);
    const { y } = await this.#tensors.runAll(`pick ${flat}`, () => pickGraph(flat), { x, rows });
    this.#tensors.drop(x);
    return this.#tensors.hold(y);
  }

  dispose(): void {
    for (const tensor of this.#held()) this.#tensors.drop(tensor);
    this.#layers.length = 0;
  }
}
