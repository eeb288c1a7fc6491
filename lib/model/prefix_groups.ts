/**
 * Which rows share which prompt's K and V, as lists for grouped decode attention.
 *
 * @module
 */
import type { PlannedRow } from "./row_plan.ts";

/**
 * Numbers the prompts of a batch as its rows come. Rows are ordered so that at every layer those
 * that share come first, so the prompts shared at a layer are 0 to their count.
 */
export class PrefixGroups {
  readonly #numbers = new Map<number, number>();
  /** Tokens of each group's prompt. */
  readonly lengths: number[] = [];

  constructor(rows: readonly PlannedRow[]) {
    for (const { sample, input } of rows) {
      if (this.#numbers.has(sample)) continue;
      this.#numbers.set(sample, this.#numbers.size);
      this.lengths.push(input.ids.length);
    }
  }

  /** The group of a prompt. */
  of(sample: number): number {
    return this.#numbers.get(sample)!;
  }

  /** Groups among the first `rows` rows. */
  count(rows: readonly PlannedRow[]): number {
    return new Set(rows.map((row) => row.sample)).size;
  }

  /**
   * The rows of each group side by side.
   *
   * @param rows The rows that share.
   * @returns members [groups * most], each group's rows, short groups filled up with a row whose
   * result is not fetched; places [rows], each row's group and place there.
   */
  grid(rows: readonly PlannedRow[]) {
    const groups = this.count(rows);
    const lists: number[][] = Array.from({ length: groups }, () => []);
    const places: [number, number][] = [];
    for (const [row, { sample }] of rows.entries()) {
      const group = this.of(sample);
      places.push([group, lists[group].length]);
      lists[group].push(row);
    }
    const most = Math.max(...lists.map((list) => list.length));
    const members = lists.flatMap((list) =>
      Array.from({ length: most }, (_, i) => list[i] ?? list[0])
    );
    return { groups, most, members, places };
  }
}
