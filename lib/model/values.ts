/**
 * Numbers with a shape: what captures and lenses give, and what edits take.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { type ColumnType, frameOf } from "../frame.ts";

/**
 * A tensor on the host, row-major.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const values = new Values(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]);
 * assertEquals([...values.row(1)], [4, 5, 6]);
 * assertEquals([...values.mean()], [2.5, 3.5, 4.5]);
 * assertEquals(values.toFrame(["token", "unit"]).columns, ["token", "unit", "value"]);
 * ```
 */
export class Values {
  constructor(readonly data: Float32Array, readonly dims: readonly number[]) {
    const size = dims.reduce((product, dim) => product * dim, 1);
    if (size !== data.length) {
      throw new Error(
        `Cannot shape ${data.length} values as [${dims.join(", ")}]: that is ${size}`,
      );
    }
  }

  /** Values of one index of the first dimension, in place; negative ones count from the end. */
  row(index: number): Float32Array {
    const rows = this.dims[0];
    const at = index < 0 ? rows + index : index;
    if (!Number.isInteger(at) || at < 0 || at >= rows) {
      throw new RangeError(`Cannot give row ${index}: there are ${rows}`);
    }
    const width = this.data.length / rows;
    return this.data.subarray(at * width, (at + 1) * width);
  }

  /** Means over the first dimension. */
  mean(): Float32Array {
    const rows = this.dims[0];
    if (rows === 0) throw new RangeError("Cannot average over no rows");
    const sums = new Float64Array(this.data.length / rows);
    this.data.forEach((value, i) => sums[i % sums.length] += value);
    return Float32Array.from(sums, (sum) => sum / rows);
  }

  /** One row a value: its index in each dimension, and the value. */
  toFrame(axes: readonly string[] = this.dims.map((_, axis) => `axis${axis}`)): pl.DataFrame {
    if (axes.length !== this.dims.length) {
      throw new Error(`Cannot name ${this.dims.length} dimensions ${axes.join(", ")}`);
    }
    const columns: Record<string, ColumnType> = {};
    for (const axis of axes) columns[axis] = "int";
    columns.value = "float";
    const rows = Array.from(this.data, (value, i) => {
      const row: Record<string, number> = { value };
      let rest = i;
      for (let axis = axes.length - 1; axis >= 0; axis--) {
        row[axes[axis]] = rest % this.dims[axis];
        rest = Math.floor(rest / this.dims[axis]);
      }
      return row;
    });
    return frameOf(rows, columns);
  }
}
