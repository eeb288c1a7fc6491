/**
 * The K/V cache of a batch on a GPU. Prompts stay as they are once they are computed, one for all the
 * rows that share it; what a row has generated is a short tail that grows by a token a step.
 *
 * @module
 */
import { MASKED } from "./attention.ts";
import { cutQuery, cutsOf } from "./edits/cuts.ts";
import { gpuBlocksGraph, gpuDecodeGraph, gpuPickGraph } from "./gpu_attention_graphs.ts";
import type { GpuTensors } from "./gpu_tensors.ts";
import type { KeysValues, KvCache, Projected } from "./kv_cache.ts";
import { intTensor, PrefixGroups } from "./prefix_groups.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { PlannedRow } from "./row_plan.ts";
import type { Inputs } from "./session.ts";
import { hostTensor, type Tensor, type View } from "./tensors.ts";

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
  groups: number;
  /** What is stored of prompts, by block, until the layer is finished. */
  stored: {
    groups: (KeysValues & { from: number })[][];
    single: (KeysValues & { from: number })[][];
  };
  prompt?: Prompts;
  own?: Prompts;
  /** [n, kvHeads, headDim, C] and [n, kvHeads, C, headDim] of the generated tokens. */
  tail?: { k: Tensor; v: Tensor };
}

/** Prompts are padded to a multiple: products are faster where lengths divide by 4. */
const PADDING = 8;

/** The cache of a batch. */
export class GpuKvCache implements KvCache {
  rows: PlannedRow[];
  readonly #config: QwenTextConfig;
  readonly #tensors: GpuTensors;
  /** Tokens that every prompt has room for. */
  readonly #prompt: number;
  readonly #layers: LayerCache[];
  #groups: PrefixGroups;
  #length = 0;
  /** What changes only when rows leave, by the number of rows that share. */
  readonly #steady = new Map<number, { inTurns: boolean; inputs: Inputs }>();

  /** @param rows As `planRows` orders them. */
  constructor(rows: PlannedRow[], config: QwenTextConfig, tensors: GpuTensors) {
    this.rows = rows;
    this.#config = config;
    this.#tensors = tensors;
    const longest = Math.max(...rows.map((row) => row.input.ids.length));
    this.#prompt = Math.ceil(longest / PADDING) * PADDING;
    this.#groups = new PrefixGroups(rows);
    const lists = (count: number) => Array.from({ length: count }, () => []);
    this.#layers = Array.from({ length: config.numLayers }, (_, layer) => {
      const shared = rows.filter((row) => row.touch > layer).length;
      const groups = this.#groups.count(rows.slice(0, shared));
      const stored = { groups: lists(groups), single: lists(rows.length - shared) };
      return { shared, groups, stored };
    });
  }

  get length(): number {
    return this.#length;
  }

  storePrompt(
    layer: number,
    place: { row: number } | { sample: number },
    part: KeysValues & { from: number },
  ): void {
    const { shared, stored } = this.#layers[layer];
    if ("row" in place) stored.single[place.row - shared].push(part);
    else stored.groups[this.#groups.of(place.sample)].push(part);
  }

  async finishPrompts(layer: number): Promise<void> {
    const cache = this.#layers[layer];
    const { groups, single } = cache.stored;
    if (groups.length > 0) cache.prompt = await this.#blocks(groups);
    if (single.length > 0) cache.own = await this.#blocks(single);
    cache.stored = { groups: [], single: [] };
  }

  /** Puts stored tokens into blocks; what is not stored is masked. */
  async #blocks(blocks: (KeysValues & { from: number })[][]): Promise<Prompts> {
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
        let at = 0;
        const own: View[] = [];
        for (const piece of stored.toSorted((a, b) => a.from - b.from)) {
          own.push(...piece[part]);
          at += piece[part].reduce((sum, { from, to }) => sum + to - from, 0);
        }
        mask.fill(MASKED, block * room + at, (block + 1) * room);
        return [...own, ...padding(room - at)];
      });
      const inputs = {
        x: await tensors.join(views),
        heads: intTensor([blocks.length, room, numKvHeads, headDim]),
      };
      const transposed = part === "k";
      return this.#hold(
        await tensors.run(`blocks ${transposed}`, () => gpuBlocksGraph(transposed), inputs),
      );
    };
    const [k, v] = [await place("k"), await place("v")];
    return { k, v, mask: this.#hold(await tensors.upload(mask, room)) };
  }

  /** Takes a tensor over from the pass. */
  #hold(tensor: Tensor): Tensor {
    this.#tensors.release(tensor);
    return tensor;
  }

  #free(...tensors: (Tensor | undefined)[]) {
    for (const tensor of tensors) if (tensor) (tensor as Tensor & { dispose(): void }).dispose();
  }

  advance(): void {
    this.#length++;
  }

  async attend(
    layer: number,
    { q, k, v }: Projected,
    active: readonly number[],
  ): Promise<Tensor> {
    const cache = this.#layers[layer];
    const { prompt, own, tail, shared } = cache;
    const grid = prompt ? this.#grid(shared) : { inTurns: false, inputs: {} };
    const form = {
      shared: prompt !== undefined,
      single: own !== undefined,
      first: !tail,
      inTurns: grid.inTurns,
      cut: active.some((row) => cutsOf(this.rows[row], layer).length > 0),
    };
    const inputs: Record<string, Tensor> = {
      q,
      k,
      v,
      lengths: intTensor([this.#prompt, tail ? tail.k.dims[3] + 1 : 1]),
    };
    if (tail) Object.assign(inputs, { tailK: tail.k, tailV: tail.v });
    if (prompt) {
      Object.assign(inputs, { promptK: prompt.k, promptV: prompt.v, promptMask: prompt.mask });
      Object.assign(inputs, grid.inputs);
    }
    if (own) Object.assign(inputs, { ownK: own.k, ownV: own.v, ownMask: own.mask });
    if (form.cut) inputs.cuts = this.#cuts(layer, active);
    if (prompt && own) inputs.shared = intTensor([shared]);
    const { numHeads, numKvHeads, headDim } = this.#config;
    const shape = { numHeads, numKvHeads, headDim };
    const name = `decode ${Object.values(shape)} ${Object.values(form)}`;
    const results = await this.#tensors.runAll(name, () => gpuDecodeGraph(shape, form), inputs);
    cache.tail = { k: this.#hold(results.longerK), v: this.#hold(results.longerV) };
    this.#free(tail?.k, tail?.v);
    return results.out;
  }

  /** What is added to the scores [rows, kvHeads, group, prompt + generated]. */
  #cuts(layer: number, active: readonly number[]): Tensor {
    const { numHeads: heads, numKvHeads } = this.#config;
    const width = this.#prompt + this.#length;
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
    const { members, places, groups, most } = this.#groups.grid(this.rows.slice(0, shared));
    const inTurns = shared === groups * most &&
      places.every(([group, at], row) => row === at * groups + group);
    const list = inTurns ? [most, groups] : [groups, most];
    const inputs: Record<string, Tensor> = {
      gridQueries: intTensor([...list, numKvHeads, perKv, headDim]),
      gridScores: intTensor([groups, numKvHeads, most, perKv, this.#prompt]),
      flatScores: intTensor([groups, numKvHeads, most * perKv, this.#prompt]),
      listScores: intTensor([groups * most, numKvHeads, perKv, this.#prompt]),
      backScores: intTensor([...list, numKvHeads, perKv, this.#prompt]),
    };
    if (!inTurns) {
      const at = places.map(([group, at]) => group * most + at);
      inputs.members = hostTensor(Int32Array.from(members), [members.length]);
      inputs.places = hostTensor(Int32Array.from(at), [at.length]);
    }
    const grid = { inTurns, inputs };
    this.#steady.set(shared, grid);
    return grid;
  }

  async keep(kept: number[]): Promise<void> {
    const before = this.#groups;
    this.rows = kept.map((row) => this.rows[row]);
    this.#groups = new PrefixGroups(this.rows);
    this.#steady.clear();
    for (const layer of this.#layers) {
      const sharing = kept.filter((row) => row < layer.shared);
      const others = kept.slice(sharing.length).map((row) => row - layer.shared);
      const samples = new Set(this.rows.slice(0, sharing.length).map((row) => row.sample));
      const groups = [...samples].map((sample) => before.of(sample));
      layer.prompt = await this.#pickPrompts(layer.prompt, groups);
      layer.own = await this.#pickPrompts(layer.own, others);
      if (layer.tail) {
        layer.tail = {
          k: await this.#pick(layer.tail.k, kept),
          v: await this.#pick(layer.tail.v, kept),
        };
      }
      layer.shared = sharing.length;
      layer.groups = groups.length;
    }
  }

  async #pickPrompts(prompts: Prompts | undefined, blocks: number[]) {
    if (!prompts) return undefined;
    if (blocks.length === 0) {
      this.#free(prompts.k, prompts.v, prompts.mask);
      return undefined;
    }
    return {
      k: await this.#pick(prompts.k, blocks),
      v: await this.#pick(prompts.v, blocks),
      mask: await this.#pick(prompts.mask, blocks),
    };
  }

  async #pick(tensor: Tensor, blocks: number[]): Promise<Tensor> {
    const unchanged = blocks.length === tensor.dims[0] && blocks.every((block, i) => block === i);
    if (unchanged) return tensor;
    const flat = tensor.dims.length === 2;
    const rows = hostTensor(Int32Array.from(blocks), [blocks.length]);
    const picked = await this.#tensors.run(
      `pick ${flat}`,
      () => gpuPickGraph(flat),
      { x: tensor, rows },
    );
    this.#free(tensor);
    return this.#hold(picked);
  }

  dispose(): void {
    for (const { prompt, own, tail } of this.#layers.splice(0)) {
      this.#free(prompt?.k, prompt?.v, prompt?.mask, own?.k, own?.v, own?.mask, tail?.k, tail?.v);
    }
  }
}
