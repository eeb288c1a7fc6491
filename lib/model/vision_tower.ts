/**
 * The vision encoder: patches of images of any size to visual tokens.
 *
 * @module
 */
import type { Checkpoint } from "../checkpoint/mod.ts";
import { concatenate } from "./concatenate.ts";
import type { ImagePatches } from "./image_processor.ts";
import type { Precision } from "./linear.ts";
import type { QwenVisionConfig } from "./qwen_config.ts";
import { type Device, GraphSession } from "./session.ts";
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
   * Multiplications and additions of one run of a graph at most, default 1e10: half a second on
   * two busy cores, after which the thread is free for a moment.
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

interface BlockSessions {
  projection: GraphSession;
  mlp: GraphSession;
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
  readonly #operationsPerRun: number;
  readonly #opened: GraphSession[];
  readonly #embed: GraphSession;
  readonly #blocks: BlockSessions[];
  readonly #attention: GraphSession;
  readonly #merger: GraphSession;

  private constructor(
    { config, operationsPerRun }: { config: QwenVisionConfig; operationsPerRun: number },
    opened: GraphSession[],
    parts: [GraphSession, BlockSessions[], GraphSession, GraphSession],
  ) {
    this.config = config;
    this.#operationsPerRun = operationsPerRun;
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
    { precision = "f32", device, threads, operationsPerRun = 1e10 }: VisionTowerOptions = {},
  ): Promise<VisionTower> {
    const find = (name: string) => checkpoint.tensor(name);
    const opened: GraphSession[] = [];
    const open = async (name: string, graph: Uint8Array) => {
      const foldWeights = precision !== "bf16";
      const session = await GraphSession.open(graph, { device, threads, foldWeights, name });
      opened.push(session);
      return session;
    };
    try {
      const embed = await open("the patch embedding", patchEmbedGraph(find, config, precision));
      const blocks: BlockSessions[] = [];
      for (let block = 0; block < config.depth; block++) {
        const place = { find, block };
        const name = `vision block ${block}`;
        blocks.push({
          projection: await open(name, visionProjectionGraph(place, config, precision)),
          mlp: await open(name, visionMlpGraph(place, config, precision)),
        });
      }
      const attention = await open("vision attention", visionAttentionGraph(config));
      const merger = await open("the vision merger", mergerGraph(find, config, precision));
      const settings = { config, operationsPerRun };
      return new VisionTower(settings, opened, [embed, blocks, attention, merger]);
    } catch (error) {
      await Promise.all(opened.map((session) => session.dispose()));
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
    const rowsOf = (data: Float32Array, width: number) => (from: number, to: number) => ({
      data: data.subarray(from * width, to * width),
      dims: [to - from, width],
    });
    const pixels = rowsOf(packed.pixels, patchValues);
    const embedded = await this.#overRows(
      patches,
      2 * patchValues * hiddenSize,
      async (from, to) => (await this.#embed.run({ pixels: pixels(from, to) }, ["x"])).x,
      signal,
    );
    let x = packed.toWindowOrder(concatenate(embedded), hiddenSize);
    for (let block = 0; block < depth; block++) {
      const spans = fullattBlockIndexes.includes(block) ? packed.imageSpans : packed.windowSpans;
      const attention = rowsOf(await this.#attend(block, { x, packed, spans }, signal), hiddenSize);
      const before = rowsOf(x, hiddenSize);
      const operations = 2 * hiddenSize * (hiddenSize + 3 * intermediateSize);
      const parts = await this.#overRows(patches, operations, async (from, to) => {
        const feeds = { x: before(from, to), attention: attention(from, to) };
        return (await this.#blocks[block].mlp.run(feeds, ["y"])).y;
      }, signal);
      x = concatenate(parts);
      onBlock?.(block + 1, depth);
    }
    const group = spatialMergeSize ** 2;
    const merged = hiddenSize * group;
    const last = rowsOf(x, hiddenSize);
    const operations = 2 * merged * (merged + outHiddenSize);
    const tokens = await this.#overRows(patches / group, operations, async (from, to) => {
      const feeds = { x: last(from * group, to * group) };
      return (await this.#merger.run(feeds, ["tokens"])).tokens;
    }, signal);
    return packed.fromWindowOrder(concatenate(tokens), outHiddenSize);
  }

  /** Attention of one block, [patches, hidden]. */
  async #attend(
    block: number,
    { x, packed, spans }: { x: Float32Array; packed: PackedImages; spans: AttentionSpan[] },
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const { hiddenSize, numHeads } = this.config;
    const half = hiddenSize / numHeads / 2;
    const { patches, cos, sin } = packed;
    const parts: Record<"q" | "k" | "v", Float32Array>[] = [];
    await this.#overRows(patches, 6 * hiddenSize * hiddenSize, async (from, to) => {
      const rows = to - from;
      const angles = (data: Float32Array) => ({
        data: data.subarray(from * half, to * half),
        dims: [1, rows, half],
      });
      const data = x.subarray(from * hiddenSize, to * hiddenSize);
      const feeds = { x: { data, dims: [rows, hiddenSize] }, cos: angles(cos), sin: angles(sin) };
      parts.push(await this.#blocks[block].projection.run(feeds, ["q", "k", "v"]));
    }, signal);
    const [q, k, v] = (["q", "k", "v"] as const).map((name) =>
      concatenate(parts.map((part) => part[name]))
    );
    const results: Float32Array[] = [];
    const rows = (data: Float32Array, start: number, [batch, length]: [number, number]) => ({
      data: data.subarray(start * hiddenSize, (start + batch * length) * hiddenSize),
      dims: [batch, length, hiddenSize],
    });
    for (const { start, batch, length } of spans) {
      // One run takes several whole windows, or some queries of one.
      const perQuery = 4 * hiddenSize * length;
      const most = Math.max(1, Math.floor(this.#operationsPerRun / perQuery));
      const together = Math.max(1, Math.floor(most / length));
      for (let window = 0; window < batch; window += together) {
        const windows = Math.min(together, batch - window);
        const first = start + window * length;
        const keys = { k: rows(k, first, [windows, length]), v: rows(v, first, [windows, length]) };
        const step = Math.min(length, most);
        for (let from = 0; from < length; from += step) {
          signal?.throwIfAborted();
          const queries = rows(q, first + from, [windows, Math.min(step, length - from)]);
          const { y } = await this.#attention.run({ q: queries, ...keys }, ["y"]);
          results.push(y);
        }
      }
    }
    return concatenate(results);
  }

  /** Calls `run` on ranges of rows small enough, one after the other. */
  async #overRows<T>(
    rows: number,
    operationsPerRow: number,
    run: (from: number, to: number) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T[]> {
    const step = Math.max(1, Math.floor(this.#operationsPerRun / operationsPerRow));
    const results: T[] = [];
    for (let from = 0; from < rows; from += step) {
      signal?.throwIfAborted();
      results.push(await run(from, Math.min(from + step, rows)));
    }
    return results;
  }

  /** Releases the sessions; further calls do nothing. */
  async dispose(): Promise<void> {
    await Promise.all(this.#opened.map((session) => session.dispose()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
