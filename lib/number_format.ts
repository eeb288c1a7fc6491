/**
 * Numbers for people to read: a real minus, no negative zero, one format for numbers that are read
 * together.
 *
 * @module
 */

/** A number with so many decimals: "34.0", "−3.0"; what rounds to zero has no sign. */
export function decimalText(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text.replace(/^-/, "−");
}

/** A change with its sign: "+3.0", "−3.0", "0.0". */
export function signedText(value: number, decimals: number): string {
  const text = decimalText(value, decimals);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** A share (0 to 1) in percent: "72.0 %". */
export function percentText(share: number, decimals = 1): string {
  return `${decimalText(100 * share, decimals)} %`;
}

/** At least two significant digits, and no more decimals than those need. */
function shortDecimal(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return "0";
  if (magnitude >= 10) return decimalText(value, 0);
  return decimalText(
    value,
    magnitude >= 0.095 ? 1 : Math.min(8, 1 - Math.floor(Math.log10(magnitude))),
  );
}

/** A percentage as running text says it: "62 %", "4.2 %". */
export function shortPercentText(percent: number): string {
  return `${shortDecimal(percent)} %`;
}

/** A difference of percentages as running text says it: "+4.2 points". */
export function shortPointsText(points: number): string {
  return `${points > 0 ? "+" : ""}${shortDecimal(points)} points`;
}

/** A number of bytes: "34.2 MB", "16.6 GB". */
export function byteText(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/**
 * A formatter for numbers that are read together: whole numbers as they are; else so many decimals
 * that the largest has four significant digits and the smallest two, or as few as write all of them
 * exactly (two for shares of 100); else, where that would take more than six decimals or the numbers
 * are above a million, scientific notation.
 */
export function numberFormat(values: readonly number[]): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const special = (value: number) => Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "−inf";
  const magnitudes = finite.map(Math.abs).filter((value) => value > 0);
  const largest = magnitudes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = magnitudes.reduce((a, b) => Math.min(a, b), Infinity);
  let format: (value: number) => string;
  if (finite.every(Number.isInteger) && largest < 1e15) {
    format = (value) => decimalText(value, 0);
  } else {
    const exponentOf = (value: number) => Math.floor(Math.log10(value));
    const most = Math.max(0, 3 - exponentOf(largest), 1 - exponentOf(smallest));
    const isExact = (decimals: number) =>
      finite.every((value) => Math.abs(Number(value.toFixed(decimals)) - value) <= 1e-12 * largest);
    const decimals = [2, 3].find((few) => few < most && isExact(few)) ?? most;
    format = decimals <= 6 && largest < 1e6
      ? (value) => decimalText(value, decimals)
      : (value) =>
        value === 0 ? "0" : value.toExponential(3).replace("e+", "e").replaceAll("-", "−");
  }
  return (value) => Number.isFinite(value) ? format(value) : special(value);
}
