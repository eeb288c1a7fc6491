/**
 * The vision encoder: patches of images of any size to visual tokens.
 *
 * @module
 */
import type { Checkpoint } from "../checkpoint/mod.ts";
import { modelArchitectureOf } from "./architectures/known.ts";
import { type Backend, createBackend } from "./backends.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import type { ImagePatches } from "./image_processor.ts";
import { type Precision, productBytes } from "./linear.ts";
import type { QwenVisionConfig } from "./qwen_config.ts";
import type { Device, Session } from "./session.ts";
import {
  cut,
  type HostTensor,
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

/** Options of {@linkcode VisionTower.open}. */
export interface VisionTowerOptions {
  /** How weights are held, default "f32". */
  precision?: Precision;
  /** Default "cpu". */
  device?: Device;
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
  /**
   * Multiplications and additions of one run of a graph at most on the host, default 1e10: half a
   * second on two busy cores, after which the thread is free for a moment.
   */
  operationsPerRun?: number;
}

/** Options of {@linkcode VisionTower.encode}. */
export interface EncodeOptions {
  /** Stops between two runs of a graph. */
  signal?: AbortSignal;
  /** Called after each block. */
  onBlock?: (done: number, total: number) => void;
}

interface Range {
  from: number;
  to: number;
}

/** Shapes [out, in] of the matrices of a call. */
type Matrices = readonly (readonly number[])[];

interface BlockSessions {
  projection: Session;
  mlp: Session;
}

/**
 * An open vision encoder. Release it with `await using` or {@linkcode VisionTower.dispose}.
 *
 * @example
 * ```ts ignore
 * using checkpoint = Checkpoint.open(folder);
 * const { vision } = qwenConfigOf(checkpoint);
 * await using tower = await VisionTower.open({ checkpoint, config: vision });
 * const patches = processImage(await decodeImage("photo.jpg"), readImageProcessor(folder, vision));
 * const [tokens] = await tower.encode([patches]);
 * ```
 */
export class VisionTower implements AsyncDisposable {
  /** The architecture. */
  readonly config: QwenVisionConfig;
  readonly #backend: Backend;
  readonly #operationsPerRun: number;
  readonly #precision: Precision;
  readonly #opened: Session[];
  readonly #embed: Session;
  readonly #blocks: BlockSessions[];
  readonly #attention: Session;
  readonly #merger: Session;

  private constructor(
    { config, operationsPerRun, precision, backend }: {
      config: QwenVisionConfig;
      operationsPerRun: number;
      precision: Precision;
      backend: Backend;
    },
    opened: Session[],
    parts: [Session, BlockSessions[], Session, Session],
  ) {
    this.config = config;
    this.#backend = backend;
    this.#operationsPerRun = operationsPerRun;
    this.#precision = precision;
    this.#opened = opened;
    [this.#embed, this.#blocks, this.#attention, this.#merger] = parts;
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
    { precision = "f32", device = "cpu", threads, operationsPerRun = 1e10 }: VisionTowerOptions =
      {},
  ): Promise<VisionTower> {
    const { vision: parts } = modelArchitectureOf(checkpoint.config, checkpoint.config.path);
    const opened: Session[] = [];
    const backend = createBackend(device, { precision, threads });
    const form = { precision, bound: backend.bindsWeights };
    const find = (name: string) => checkpoint.tensor(name);
    const source = { find, parts, config, form };
    const open = async (name: string, graph: GraphBuilder) => {
      const session = await backend.open(graph, { foldWeights: precision !== "bf16", name });
      opened.push(session);
      return session;
    };
    try {
      const embed = await open("the patch embedding", patchEmbedGraph(source));
      const blocks: BlockSessions[] = [];
      for (let block = 0; block < config.depth; block++) {
        const name = `vision block ${block}`;
        blocks.push({
          projection: await open(name, visionProjectionGraph(source, block)),
          mlp: await open(name, visionMlpGraph(source, block)),
        });
      }
      const attention = await open("vision attention", visionAttentionGraph(source));
      const merger = await open("the vision merger", mergerGraph(source));
      const settings = { config, operationsPerRun, precision, backend };
      return new VisionTower(settings, opened, [embed, blocks, attention, merger]);
    } catch (error) {
      await Promise.all(opened.map((session) => session.dispose()));
      await backend.dispose();
      throw error;
    }
  }

  /**
   * Encodes images, together where their shapes allow.
   *
   * @param images Patches, as `processImage` makes them.
   * @returns For each image its visual tokens, [tokens, outHiddenSize] row-major.
   * @throws {Error} if an image's patches do not fit its grid, or `signal` was aborted.
   */
  async encode(
    images: readonly ImagePatches[],
    { signal, onBlock }: EncodeOptions = {},
  ): Promise<Float32Array[]> {
    if (images.length === 0) return [];
    const { hiddenSize, intermediateSize, outHiddenSize, spatialMergeSize } = this.config;
    const { depth, fullattBlockIndexes } = this.config;
    const packed = packImages(images, this.config);
    const { patches, patchValues } = packed;
    using tensors = await this.#backend.begin();
    const over = (rows: number, matrices: Matrices, run: (rows: Range) => Promise<Tensor>) =>
      this.#overRows(rows, matrices, run, signal);
    const rowsOf = (views: View[], { from, to }: Range) => tensors.join(cut(views, from, to));
    // A patch is embedded without a look at its neighbours, so the order may be made first.
    const pixels = [
      whole(
        await tensors.upload(packed.toWindowOrder(packed.pixels, patchValues), patchValues),
      ),
    ];
    let x = await over(
      patches,
      [[hiddenSize, patchValues]],
      async (rows) => (await this.#embed.compute({ pixels: await rowsOf(pixels, rows) }, ["x"])).x,
    );
    for (let block = 0; block < depth; block++) {
      const spans = fullattBlockIndexes.includes(block) ? packed.imageSpans : packed.windowSpans;
      const before = x;
      const attention = await this.#attend(tensors, block, { x, packed, spans }, signal);
      const matrices = [
        [hiddenSize, hiddenSize],
        [2 * intermediateSize, hiddenSize],
        [hiddenSize, intermediateSize],
      ];
      x = await over(patches, matrices, async (rows) => {
        const inputs = { x: await rowsOf(before, rows), attention: await rowsOf(attention, rows) };
        return (await this.#blocks[block].mlp.compute(inputs, ["y"])).y;
      });
      tensors.free(x.map(({ tensor }) => tensor));
      onBlock?.(block + 1, depth);
    }
    const group = spatialMergeSize ** 2;
    const merged = hiddenSize * group;
    const last = x;
    const matrices = [[merged, merged], [outHiddenSize, merged]];
    const tokens = await over(patches / group, matrices, async ({ from, to }) => {
      const inputs = { x: await rowsOf(last, { from: from * group, to: to * group }) };
      return (await this.#merger.compute(inputs, ["tokens"])).tokens;
    });
    return packed.fromWindowOrder(await tensors.read(await tensors.join(tokens)), outHiddenSize);
  }

  /** Attention of one block, [patches, hidden]. */
  async #attend(
    tensors: Tensors,
    block: number,
    { x, packed, spans }: { x: View[]; packed: PackedImages; spans: AttentionSpan[] },
    signal?: AbortSignal,
  ): Promise<View[]> {
    const { hiddenSize, numHeads } = this.config;
    const half = hiddenSize / numHeads / 2;
    const { patches, cos, sin } = packed;
    const [q, k, v]: View[][] = [[], [], []];
    await this.#overRows(patches, [[3 * hiddenSize, hiddenSize]], async ({ from, to }) => {
      const angles = (data: Float32Array): HostTensor => ({
        data: data.subarray(from * half, to * half),
        dims: [1, to - from, half],
      });
      const inputs = {
        x: await tensors.join(cut(x, from, to)),
        cos: angles(cos),
        sin: angles(sin),
      };
      const parts = await this.#blocks[block].projection.compute(inputs, ["q", "k", "v"]);
      q.push(whole(parts.q));
      k.push(whole(parts.k));
      v.push(whole(parts.v));
      return parts.q;
    }, signal);
    const results: View[] = [];
    const rows = (views: View[], start: number, count: number) =>
      tensors.join(cut(views, start, start + count));
    for (const { start, batch, length } of spans) {
      // One run takes several whole windows, or some queries of one.
      const fitting = (queries: number) =>
        Math.max(
          1,
          this.#backend.rowsPerCall({
            operations: queries * 4 * hiddenSize * length,
            bytes: queries * 4 * numHeads * length,
          }, this.#operationsPerRun),
        );
      const together = fitting(length);
      for (let window = 0; window < batch; window += together) {
        const windows = Math.min(together, batch - window);
        const first = start + window * length;
        const keys = {
          k: await rows(k, first, windows * length),
          v: await rows(v, first, windows * length),
          keyShape: intTensor([windows, length, hiddenSize]),
        };
        const step = together > 1 ? length : Math.min(length, fitting(1));
        for (let from = 0; from < length; from += step) {
          signal?.throwIfAborted();
          const queries = Math.min(step, length - from);
          const { y } = await this.#attention.compute({
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

  /** Calls `run` on ranges of rows small enough, one after the other. */
  async #overRows(
    rows: number,
    matrices: Matrices,
    run: (rows: Range) => Promise<Tensor>,
    signal?: AbortSignal,
  ): Promise<View[]> {
    const row = {
      operations: matrices.reduce((sum, [out, width]) => sum + 2 * out * width, 0),
      bytes: Math.max(...matrices.map((shape) => productBytes(shape, this.#precision))),
    };
    const step = Math.max(1, this.#backend.rowsPerCall(row, this.#operationsPerRun));
    const results: View[] = [];
    for (let from = 0; from < rows; from += step) {
      signal?.throwIfAborted();
      results.push(whole(await run({ from, to: Math.min(from + step, rows) })));
    }
    return results;
  }

  /** Releases the sessions; further calls do nothing. */
  async dispose(): Promise<void> {
    await Promise.all(this.#opened.map((session) => session.dispose()));
    await this.#backend.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
