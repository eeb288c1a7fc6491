/**
 * Edits and captures at the sites of one layer: the one place where values are changed and read.
 *
 * @module
 */
import { showValue } from "../../check_keys.ts";
import type { PlannedRow } from "../row_plan.ts";
import { cut, rowsOf, type Tensor, type Tensors, type View, whole } from "../tensors.ts";
import { account, accountChange, type RowEdit } from "./row_edits.ts";
import { reaches, resampleTokens, runsOf } from "./tokens.ts";
import type { Action, EditEvent, Part, Site } from "./types.ts";

/** Tokens that follow each other, of one row or of rows that share them. */
export interface Segment {
  rows: readonly PlannedRow[];
  /** Whether they are the first row's alone: where they are shared nothing is edited. */
  own: boolean;
  /** Index of the first token in the sequence. */
  firstToken: number;
  tokens: number;
  phase: EditEvent["phase"];
}

/** A segment and its values, [tokens, width]. */
interface SegmentValues {
  views: View[];
  segment: Segment;
}

type ActionOf<Type extends Action["type"]> = Extract<Action, { type: Type }>;

/** Visits of one layer in one pass. */
export class LayerVisits {
  readonly #tensors: Tensors;
  readonly #layer: number;
  /** Replacements on the device, by what they come from; rows that take the same share them. */
  readonly #uploaded = new Map<Float32Array, Map<number, Promise<Tensor>>>();

  constructor(tensors: Tensors, layer: number) {
    this.#tensors = tensors;
    this.#layer = layer;
  }

  /** Whether anything is done or captured at a site. */
  concerns({ rows, own, firstToken, tokens }: Segment, site: Site): boolean {
    const end = firstToken + tokens;
    for (const { edits, captures } of rows) {
      const captured = captures.at(site, this.#layer);
      if (captured && reaches(captured, firstToken, end)) return true;
      if (!own) continue;
      for (const edit of edits.at(site, this.#layer)) {
        if (changesValues(edit) && reaches(edit.tokens, firstToken, end)) return true;
      }
    }
    return false;
  }

  /** Values of segments, [tokens, width] each, after their rows' edits; captures see them so. */
  async visitEach(
    values: readonly SegmentValues[],
    site: Site,
    part: Part = null,
  ): Promise<View[][]> {
    const results: SegmentValues[] = [];
    for (const { views, segment } of values) {
      const [row] = segment.rows;
      let result = views;
      for (const edit of segment.own && row ? row.edits.at(site, this.#layer) : []) {
        result = await this.#apply(result, segment, edit, part);
      }
      results.push({ views: result, segment });
    }
    await this.#capture(results, site, part);
    return results.map(({ views }) => views);
  }

  /** Reads at once what captures want of segments: on a device each reading waits for it. */
  async #capture(values: readonly SegmentValues[], site: Site, part: Part): Promise<void> {
    const layer = this.#layer;
    const wanted = values.flatMap(({ views, segment: { rows, firstToken } }) =>
      rows.map(({ captures }) => {
        const tokens = captures.at(site, layer);
        const runs = tokens ? runsOf(tokens, firstToken, firstToken + rowsOf(views)) : [];
        const chosen = runs.flatMap(([from, to]) => cut(views, from - firstToken, to - firstToken));
        return { captures, chosen };
      })
    ).filter(({ chosen }) => chosen.length > 0);
    if (wanted.length === 0) return;
    const joined = await this.#tensors.join(wanted.flatMap(({ chosen }) => chosen));
    const width = joined.dims[1];
    await this.#tensors.readLater(joined, (all) => {
      let at = 0;
      for (const { captures, chosen } of wanted) {
        const data = all.slice(at, at += rowsOf(chosen) * width);
        captures.add(site, part, { layer, data, width });
      }
    });
  }

  /** {@linkcode LayerVisits.visitEach} of segments that lie one after the other in a tensor. */
  async visitAll(
    tensor: Tensor,
    segments: readonly Segment[],
    site: Site,
    part: Part = null,
  ): Promise<Tensor> {
    if (!segments.some((segment) => this.concerns(segment, site))) return tensor;
    let at = 0;
    const values = segments.map((segment) => ({
      segment,
      views: cut([whole(tensor)], at, at += segment.tokens),
    }));
    const changed = await this.visitEach(values, site, part);
    return await this.#tensors.join([
      ...changed.flat(),
      ...cut([whole(tensor)], at, tensor.dims[0]),
    ]);
  }

  async #apply(views: View[], segment: Segment, edit: RowEdit, part: Part): Promise<View[]> {
    const { firstToken } = segment;
    const count = rowsOf(views);
    const runs = runsOf(edit.tokens, firstToken, firstToken + count);
    if (runs.length === 0 || !changesValues(edit)) return views;
    const chosen = runs.map(([from, to]) => cut(views, from - firstToken, to - firstToken));
    const { action } = edit;
    const measured = !(action.type === "replace" && action.measured === "first layer") ||
      this.#layer === edit.firstLayer;
    const before = measured ? await this.#tensors.join(chosen.flat()) : null;
    const changed = action.type === "adjust"
      ? [whole(await this.#tensors.adjust(await this.#tensors.join(chosen.flat()), action))]
      : action.type === "replace"
      ? await this.#replacement(runs, action, part)
      : await this.#call(chosen.flat(), runs, { segment, edit, part });
    // Of the two values of a token, one is enough to count it.
    const tokens = part === "values" ? 0 : runs.reduce((sum, [from, to]) => sum + to - from, 0);
    account(edit, this.#layer, { tokens, calls: part === "values" ? 0 : 1 });
    if (before) {
      const after = await this.#tensors.join(changed);
      await this.#tensors.squaredDistance(before, after, (squared) => accountChange(edit, squared));
    }
    const result: View[] = [];
    let at = 0;
    let done = 0;
    for (const [from, to] of runs) {
      result.push(...cut(views, at, from - firstToken));
      result.push(...cut(changed, done, done + to - from));
      done += to - from;
      at = to - firstToken;
    }
    return [...result, ...cut(views, at, count)];
  }

  async #replacement(
    runs: [number, number][],
    { source, width, rows, rowOf }: ActionOf<"replace">,
    part: Part,
  ): Promise<View[]> {
    const values = source(this.#layer, part);
    const ofSource = this.#uploaded.get(values) ?? new Map<number, Promise<Tensor>>();
    this.#uploaded.set(values, ofSource);
    const uploading = ofSource.get(rows) ??
      this.#tensors.upload(resampleTokens(values, width, rows), width);
    ofSource.set(rows, uploading);
    const tensor = await uploading;
    const views: { tensor: Tensor; from: number; to: number }[] = [];
    for (const [from, to] of runs) {
      for (let token = from; token < to; token++) {
        const row = rowOf(token);
        const last = views.at(-1);
        if (last?.to === row) last.to++;
        else views.push({ tensor, from: row, to: row + 1 });
      }
    }
    return views;
  }

  async #call(
    views: View[],
    runs: [number, number][],
    { segment, edit, part }: { segment: Segment; edit: RowEdit; part: Part },
  ): Promise<View[]> {
    const { apply } = edit.action as ActionOf<"call">;
    const joined = await this.#tensors.join(views);
    // Others may share what the function changes in place.
    const values = (await this.#tensors.read(joined)).slice();
    const tokens = runs.flatMap(([from, to]) =>
      Array.from({ length: to - from }, (_, i) => from + i)
    );
    const { phase, rows: [row] } = segment;
    const layer = this.#layer;
    const result: unknown = apply({ layer, row: row.index, phase, tokens, part, values });
    const whose = `${edit.what} at layer ${layer}`;
    if (result !== undefined) {
      throw new TypeError(
        `Cannot use ${whose}: its function returned ${
          showValue(result)
        }; it must change values in ` +
          "place, and return nothing",
      );
    }
    const width = joined.dims[1];
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) {
      const token = tokens[Math.floor(at / width)];
      throw new Error(`Cannot go on after ${whose}: it made token ${token} ${values[at]}`);
    }
    return [whole(await this.#tensors.upload(values, width))];
  }
}

function changesValues({ action: { type } }: RowEdit): boolean {
  return type !== "skip" && type !== "cut";
}
