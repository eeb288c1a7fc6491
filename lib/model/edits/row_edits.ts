/**
 * The edits of a row: checked, looked up by site and layer, and accounted for.
 *
 * @module
 */
import { checkKeys, showValue } from "../../check_keys.ts";
import { didYouMean } from "../../nearest_name.ts";
import type { ModelInput } from "../model_input.ts";
import type { PlannedRow } from "../row_plan.ts";
import { EDIT_KINDS } from "./kinds.ts";
import type { Edit, EditKind, EditPlace, EditPlan, EditReceipt, Site } from "./types.ts";

/** An edit of a row, and what came of it so far. */
export interface RowEdit extends EditPlan {
  firstLayer: number;
  edit: Edit;
  /** Whose it is, for messages. */
  what: string;
  receipt: EditReceipt;
}

function kindOf(edit: Edit, what: string): EditKind<Edit> {
  if (typeof edit !== "object" || edit === null || !Object.hasOwn(EDIT_KINDS, edit.kind)) {
    const kind = (edit as Edit | null)?.kind;
    throw new Error(
      `Cannot use ${what}: ` +
        (typeof kind === "string"
          ? `there is no kind ${didYouMean(kind, Object.keys(EDIT_KINDS))}`
          : `it is ${showValue(edit)}, not an edit`),
    );
  }
  return EDIT_KINDS[edit.kind] as EditKind<Edit>;
}

/** What is done to a row. */
export class RowEdits {
  readonly all: readonly RowEdit[];
  /** Whether anything may be done to generated tokens, but for layers that are left out. */
  readonly inAnswer: boolean;
  /** By site, then by layer. */
  readonly #at = new Map<Site, RowEdit[][]>();
  readonly #skipped = new Set<number>();
  readonly #input: ModelInput;

  /** @throws {Error} if one is wrong for the model or the prompt. */
  constructor(edits: readonly Edit[], row: number, place: Omit<EditPlace, "what">) {
    if (!Array.isArray(edits)) {
      throw new TypeError(`Cannot use the edits of row ${row}: they are ${showValue(edits)}`);
    }
    this.#input = place.input;
    this.all = edits.map((edit, i): RowEdit => {
      const what = `edit ${i} of row ${row}`;
      const kind = kindOf(edit, what);
      const named = `${what} (${edit.kind})`;
      checkKeys(edit, kind.keys, named);
      const plan = kind.plan(edit, { ...place, what: named });
      const norm = plan.action.type === "skip" || plan.action.type === "cut" ? null : 0;
      const receipt = { kind: edit.kind, layers: [], calls: 0, tokens: 0, norm };
      return { ...plan, firstLayer: Math.min(...plan.layers), edit, what: named, receipt };
    });
    const prompt = place.input.ids.length;
    this.inAnswer = this.all.some(({ action, tokens }) =>
      action.type !== "skip" && tokens.end > prompt
    );
    for (const edit of this.all) {
      for (const layer of edit.layers) {
        if (edit.action.type === "skip") this.#skipped.add(layer);
        const layers = this.#at.get(edit.site) ?? [];
        this.#at.set(edit.site, layers);
        layers[layer] = [...layers[layer] ?? [], edit];
      }
    }
  }

  /** Edits of values at a site of a layer, in the order given. */
  at(site: Site, layer: number): readonly RowEdit[] {
    return this.#at.get(site)?.[layer] ?? NONE;
  }

  /** Whether the layer is not called. */
  skips(layer: number): boolean {
    return this.#skipped.has(layer);
  }

  /** What may be said of the row's first tokens: the same for all rows that skip the same layers. */
  get onlySkips(): boolean {
    return this.all.every(({ action }) => action.type === "skip");
  }

  /** Whether another row of the same tokens would be computed alike. */
  skipsAsMuchAs(other: RowEdits): boolean {
    return this.onlySkips && other.onlySkips && this.#skipped.size === other.#skipped.size &&
      [...this.#skipped].every((layer) => other.#skipped.has(layer));
  }

  /** First layer whose computation of the prompt is not the unmodified model's; else `numLayers`. */
  touch(numLayers: number): number {
    const layers = this.all.map(({ firstLayer, tokens, action }) =>
      // Rows that see different tokens of a prompt hold it apart, whatever was computed for it.
      tokens.first < this.#input.ids.length || action.type === "cut" ? firstLayer : numLayers
    );
    return Math.min(numLayers, ...layers);
  }

  /** First token of the prompt that has to be computed anew from `layer` on, where edits begin. */
  firstChangedToken(layer: number): number {
    return Math.min(
      ...this.all.map(({ tokens, firstNeeded, firstLayer }) =>
        firstNeeded !== undefined && firstLayer === layer && this.all.length === 1
          ? firstNeeded
          : tokens.first
      ),
    );
  }

  /** Enters calls that were left out. */
  leaveOut(layer: number, tokens: number): void {
    for (const edit of this.at("layer", layer)) {
      if (edit.action.type === "skip") account(edit, layer, { tokens });
    }
  }

  /**
   * The receipts.
   *
   * @throws {Error} if an edit had its tokens before it and changed nothing.
   */
  receipts(): EditReceipt[] {
    for (const { edit, what, receipt, tokens } of this.all) {
      const { calls, norm } = receipt;
      const came = calls > 0 || tokens.first < this.#input.ids.length;
      if (edit.allowNoChange || !came || calls > 0 && norm !== 0) continue;
      throw new Error(
        `The ${edit.kind} of ${
          what.replace(/ \(.*/, "")
        } changed nothing; its result would be the ` +
          "unmodified model's. Set allowNoChange if that is meant",
      );
    }
    return this.all.map(({ receipt }) => receipt);
  }
}

const NONE: readonly RowEdit[] = [];

/** Enters in an edit's receipt that it did something. */
export function account(
  { receipt, firstLayer }: RowEdit,
  layer: number,
  { tokens, calls = 1 }: { tokens: number; calls?: number },
): void {
  if (receipt.layers.at(-1) !== layer && !receipt.layers.includes(layer)) {
    receipt.layers.push(layer);
  }
  receipt.calls += calls;
  if (layer === firstLayer) receipt.tokens += tokens;
}

/** Enters by how much an edit has changed values, squared. */
export function accountChange({ receipt }: RowEdit, squared: number): void {
  if (receipt.norm !== null) receipt.norm = Math.sqrt(receipt.norm ** 2 + squared);
}

/** Edits of a row that cut its attention. */
export function cutsOf({ edits }: PlannedRow, layer: number): RowEdit[] {
  return edits.at("heads", layer).filter(({ action }) => action.type === "cut");
}

/**
 * Cuts the attention of one query of a row, and enters it in the receipts.
 *
 * @param query `token` is its index in the sequence; `cut` is called for each head and key.
 * @returns Whether anything was cut.
 */
export function cutQuery(
  row: PlannedRow,
  { layer, token, heads, cut }: {
    layer: number;
    token: number;
    heads: number;
    cut: (head: number, key: number) => void;
  },
): boolean {
  let any = false;
  for (const edit of cutsOf(row, layer)) {
    const { tokens, action } = edit;
    if (action.type !== "cut" || !tokens.has(token)) continue;
    let keys = 0;
    for (let key = action.to.first; key <= token; key++) {
      if (!action.to.has(key)) continue;
      keys++;
      for (let head = 0; head < heads; head++) {
        if (action.heads?.has(head) ?? true) cut(head, key);
      }
    }
    if (keys > 0) account(edit, layer, { tokens: 1 });
    any ||= keys > 0;
  }
  return any;
}
