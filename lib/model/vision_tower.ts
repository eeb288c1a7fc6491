/**
 * The vision encoder: patches of images of any size to visual tokens.
 *
 * @module
 */
import type { Checkpoint } from "../checkpoint/mod.ts";
import { modelArchitectureOf } from "./architectures/known.ts";
import { type Backend, createBackend, type DeviceOptions, type RowCost } from "./backend.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inHalves } from "./halves.ts";
import type { ImagePatches } from "./image_processor.ts";
import { productBytes } from "./linear.ts";
import type { QwenVisionConfig } from "./qwen_config.ts";
import type { Session } from "./session.ts";
import {
  cut,
  hostTensor,
  intTensor,
  type Tensor,
  type Tensors,
  type View,
  whole,
} from "./tensors.ts";
import {
  mergerGraph,
  patchEmbedGraph,
  visionAttentionGraph,
  visionMlpGraph,
  visionProjectionGraph,
} from "./vision_block.ts";
import { type AttentionSpan, type PackedImages, packImages } from "./vision_packing.ts";

export interface VisionTowerOptions extends DeviceOptions {
  /**
   * Multiplications and additions of one run of a graph at most on the host, default 1e10: half a
   * second on two busy cores, after which the thread is free for a moment.
   */
  operationsPerRun?: number;
}

interface Range {
  from: number;
  to: number;
}

/** Shapes [out, in] of the matrices of a call. */
type Matrices = readonly (readonly number[])[];

/** The sessions of an encoder, and how they are called. */
interface TowerParts {
  config: QwenVisionConfig;
  backend: Backend;
  operationsPerRun: number;
  embed: Session;
  blocks: Record<"projection" | "mlp", Session>[];
  attention: Session;
  merger: Session;
}

/**
 * An open vision encoder. Release it with `await using`.
 */
export class VisionTower implements AsyncDisposable {
  readonly #parts: TowerParts;
  readonly #opened: AsyncDisposableStack;

  private constructor(parts: TowerParts, opened: AsyncDisposableStack) {
    this.#parts = parts;
    this.#opened = opened;
  }

  /**
   * Opens a checkpoint's vision encoder. Weights stay in their files unless the precision unfolds
   * them.
   *
   * @param place.config The checkpoint's, as `qwenConfigOf` gives it, which checks the tensors.
   * @throws {Error} if a tensor is missing or the device is not there.
   */
  static async open(
    { checkpoint, config }: { checkpoint: Checkpoint; config: QwenVisionConfig },
    { operationsPerRun = 1e10, ...options }: VisionTowerOptions = {},
  ): Promise<VisionTower> {
    const { vision: parts } = modelArchitectureOf(checkpoint.config, checkpoint.config.path);
    await using opened = new AsyncDisposableStack();
    const backend = opened.use(createBackend(options));
    const find = (name: string) => checkpoint.tensor(name);
    const source = { find, parts, config, form: backend.form };
    const open = async (name: string, graph: GraphBuilder) =>
      opened.use(await backend.open(graph, { name }));
    const embed = await open("the patch embedding", patchEmbedGraph(source));
    const blocks: TowerParts["blocks"] = [];
    for (let block = 0; block < config.depth; block++) {
      const name = `vision block ${block}`;
      blocks.push({
        projection: await open(name, visionProjectionGraph(source, block)),
        mlp: await open(name, visionMlpGraph(source, block)),
      });
    }
    const attention = await open("vision attention", visionAttentionGraph(source));
    const merger = await open("the vision merger", mergerGraph(source));
    const settings = { config, backend, operationsPerRun };
    return new VisionTower({ ...settings, embed, blocks, attention, merger }, opened.move());
  }

  /**
   * Encodes images, together where their shapes and the device's memory allow.
   *
   * @param images Patches, as `processImage` makes them.
   * @returns For each image its visual tokens, [tokens, outHiddenSize] row-major.
   * @throws {Error} if an image's patches do not fit its grid, or `signal` was aborted.
   */
  async encode(
    images: readonly ImagePatches[],
    options: { signal?: AbortSignal } = {},
  ): Promise<Float32Array[]> {
    if (images.length === 0) return [];
    return await inHalves(
      this.#parts.backend,
      "images",
      { items: images },
      (part) => this.#encodeTogether(part, options),
    );
  }

  async #encodeTogether(
    images: readonly ImagePatches[],
    { signal }: { signal?: AbortSignal },
  ): Promise<Float32Array[]> {
    const { config, backend, embed, blocks, merger } = this.#parts;
    const { hiddenSize, intermediateSize, outHiddenSize, spatialMergeSize } = config;
    const packed = packImages(images, config);
    const { patches, patchValues } = packed;
    using tensors = await backend.begin();
    const over = (matrices: Matrices, run: (rows: Range) => Promise<Tensor>) =>
      this.#overRows(packed.windowEnds, matrices, run, signal);
    const rowsOf = (views: View[], { from, to }: Range) => tensors.join(cut(views, from, to));
    // A patch is embedded without a look at its neighbours, so the order may be made first.
    const pixels = [
      whole(
        await tensors.upload(packed.toWindowOrder(packed.pixels, patchValues), patchValues),
      ),
    ];
    let x = await over(
      [[hiddenSize, patchValues]],
      async (rows) => (await embed.compute({ pixels: await rowsOf(pixels, rows) }, ["x"])).x,
    );
    for (const [block, { mlp }] of blocks.entries()) {
      const spans = config.fullattBlockIndexes.includes(block)
        ? packed.imageSpans
        : packed.windowSpans;
      const before = x;
      const attention = await this.#attend(tensors, block, { x, packed, spans }, signal);
      const matrices = [
        [hiddenSize, hiddenSize],
        [2 * intermediateSize, hiddenSize],
        [hiddenSize, intermediateSize],
      ];
      x = await over(matrices, async (rows) => {
        const inputs = { x: await rowsOf(before, rows), attention: await rowsOf(attention, rows) };
        return (await mlp.compute(inputs, ["y"])).y;
      });
      tensors.free(x.map(({ tensor }) => tensor));
    }
    const group = spatialMergeSize ** 2;
    const merged = hiddenSize * group;
    const last = x;
    const matrices = [[merged, merged], [outHiddenSize, merged]];
    const ends = Array.from({ length: patches / group }, (_, i) => i + 1);
    const tokens = await this.#overRows(ends, matrices, async ({ from, to }) => {
      const inputs = { x: await rowsOf(last, { from: from * group, to: to * group }) };
      return (await merger.compute(inputs, ["tokens"])).tokens;
    }, signal);
    return packed.fromWindowOrder(await tensors.read(await tensors.join(tokens)), outHiddenSize);
  }

  /** Attention of one block, [patches, hidden]. */
  async #attend(
    tensors: Tensors,
    block: number,
    { x, packed, spans }: { x: View[]; packed: PackedImages; spans: AttentionSpan[] },
    signal?: AbortSignal,
  ): Promise<View[]> {
    const { config: { hiddenSize, numHeads }, blocks, attention } = this.#parts;
    const half = hiddenSize / numHeads / 2;
    const { windowEnds, cos, sin } = packed;
    const [q, k, v]: View[][] = [[], [], []];
    await this.#overRows(windowEnds, [[3 * hiddenSize, hiddenSize]], async ({ from, to }) => {
      const angles = (name: string, data: Float32Array) =>
        tensors.constant(
          `${name} ${from}`,
          () => hostTensor(data.subarray(from * half, to * half), [to - from, half]),
        );
      const inputs = {
        x: await tensors.join(cut(x, from, to)),
        cos: await angles("cos", cos),
        sin: await angles("sin", sin),
      };
      const parts = await blocks[block].projection.compute(inputs, ["q", "k", "v"]);
      q.push(whole(parts.q));
      k.push(whole(parts.k));
      v.push(whole(parts.v));
      return parts.q;
    }, signal);
    const results: View[] = [];
    /** Rows that follow in one tensor: windows of several are not put together. */
    const left = (row: number) => {
      const [{ from, to }] = cut(q, row, windowEnds.at(-1)!);
      return to - from;
    };
    const rows = (views: View[], start: number, count: number) =>
      tensors.join(cut(views, start, start + count));
    for (const { start, batch, length } of spans) {
      // One run takes several whole windows, or some queries of one.
      const fitting = (queries: number) =>
        this.#rowsPerCall({
          operations: queries * 4 * hiddenSize * length,
          bytes: queries * 4 * numHeads * length,
        });
      const together = fitting(length);
      let windows: number;
      for (let window = 0; window < batch; window += windows) {
        const first = start + window * length;
        windows = Math.min(together, batch - window, Math.max(1, Math.floor(left(first) / length)));
        const keys = {
          k: await rows(k, first, windows * length),
          v: await rows(v, first, windows * length),
          keyShape: intTensor([windows, length, hiddenSize]),
        };
        const step = together > 1 ? length : Math.min(length, fitting(1));
        for (let from = 0; from < length; from += step) {
          signal?.throwIfAborted();
          const queries = Math.min(step, length - from);
          const { y } = await attention.compute({
            q: await rows(q, first + from, windows * queries),
            queryShape: intTensor([windows, queries, hiddenSize]),
            ...keys,
          }, ["y"]);
          results.push(whole(y));
        }
      }
    }
    return results;
  }

  /**
   * Calls `run` on ranges of rows small enough, one after the other.
   *
   * @param ends Where ranges end if they can, ascending; the last one is the number of rows.
   */
  async #overRows(
    ends: readonly number[],
    matrices: Matrices,
    run: (rows: Range) => Promise<Tensor>,
    signal?: AbortSignal,
  ): Promise<View[]> {
    const { precision } = this.#parts.backend.form;
    const step = this.#rowsPerCall({
      operations: matrices.reduce((sum, [out, width]) => sum + 2 * out * width, 0),
      bytes: Math.max(...matrices.map((shape) => productBytes(shape, precision))),
    });
    const results: View[] = [];
    let to: number;
    for (let from = 0; from < ends.at(-1)!; from = to) {
      signal?.throwIfAborted();
      const end = ends.findLast((end) => end <= from + step) ?? 0;
      to = end > from ? end : from + step;
      results.push(whole(await run({ from, to })));
    }
    return results;
  }

  /** Rows that a run takes, at least one. */
  #rowsPerCall(row: RowCost): number {
    const { backend, operationsPerRun } = this.#parts;
    return Math.max(1, backend.rowsPerCall(row, operationsPerRun));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}
