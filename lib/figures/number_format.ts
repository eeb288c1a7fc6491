/**
 * One number format for a whole column, so that digits stand under one another.
 *
 * @module
 */

/**
 * A formatter for numbers that are read together: whole numbers as they are; else so many decimals
 * that the largest has four significant digits and the smallest two; else, where that would take
 * more than six decimals or the numbers are above a million, scientific notation.
 *
 * @example
 * ```ts
 * const format = numberFormat([0.20821, 0.5]);
 * console.log(format(0.20821)); // "0.2082"
 * ```
 */
export function numberFormat(values: readonly number[]): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const special = (value: number) => Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
  const magnitudes = finite.map(Math.abs).filter((value) => value > 0);
  const largest = magnitudes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = magnitudes.reduce((a, b) => Math.min(a, b), Infinity);
  let format: (value: number) => string;
  if (finite.every(Number.isInteger) && largest < 1e15) {
    format = (value) => String(value + 0);
  } else {
    const exponentOf = (value: number) => Math.floor(Math.log10(value));
    const decimals = Math.max(0, 3 - exponentOf(largest), 1 - exponentOf(smallest));
    format = decimals <= 6 && largest < 1e6
      ? (value) => value.toFixed(decimals)
      : (value) => value === 0 ? "0" : value.toExponential(3).replace("e+", "e");
  }
  return (value) => Number.isFinite(value) ? format(value) : special(value);
}
