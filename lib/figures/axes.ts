/**
 * Axis scales: domain, ticks and labels that stay readable for any data.
 *
 * @module
 */
import { decimalText } from "../number_format.ts";

/** A y axis, ready for Observable Plot. */
export interface AxisScale {
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly format: (tick: number) => string;
  /** To be added to the axis label: "" or " (×10⁻³)". */
  readonly unit: string;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** `10ⁿ` in superscript digits. */
export function powerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]);
  return `10${exponent < 0 ? "⁻" : ""}${digits.join("")}`;
}

/** `mantissa * 10^exponent` without the error of `10 ** exponent` for negative exponents. */
export function decimal(mantissa: number, exponent: number): number {
  return Number(`${mantissa}e${exponent}`);
}

/** The step, a mantissa times a power of ten, that gives at most `count` steps over `span`. */
export function niceStep(span: number, count: number, mantissas: readonly number[] = [1, 2, 5]) {
  const exponent = Math.floor(Math.log10(span / count));
  const mantissa = mantissas.find((one) => decimal(one, exponent) * count >= span * (1 - 1e-9));
  return mantissa ? { mantissa, exponent } : { mantissa: 1, exponent: exponent + 1 };
}

/** Multiples of a nice step inside [`low`, `high`], at most `count` + 1 of them. */
function evenTicks(low: number, high: number, count: number): number[] {
  const { mantissa, exponent } = niceStep(high - low, count);
  const first = Math.ceil(low / decimal(mantissa, exponent));
  return Array.from({ length: count + 1 }, (_, i) => decimal((first + i) * mantissa, exponent))
    .filter((tick) => tick >= low && tick <= high);
}

/**
 * Whole-numbered ticks inside [`low`, `high`], at most `count` + 1 of them.
 *
 * @example
 * ```ts
 * console.log(integerTicks(-32.5, 28.5, 7)); // [-30, -20, -10, 0, 10, 20]
 * ```
 */
export function integerTicks(low: number, high: number, count: number): number[] {
  const { mantissa, exponent } = niceStep(Math.max(high - low, 1e-9), Math.max(count, 1));
  const step = Math.max(1, decimal(mantissa, exponent));
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(i * step + 0);
  return ticks;
}

/**
 * A linear axis around `values` (finite numbers; none gives 0 to 1).
 *
 * @param options.zero Whether the axis starts at zero.
 * @param options.ticks At most about how many steps, 6 by default.
 */
export function linearScale(
  values: readonly number[],
  options: { zero: boolean; ticks?: number },
): AxisScale {
  let low = values.reduce((a, b) => Math.min(a, b), options.zero ? 0 : Infinity);
  let high = values.reduce((a, b) => Math.max(a, b), options.zero ? 0 : -Infinity);
  if (values.length === 0 || (low === 0 && high === 0)) [low, high] = [0, 1];
  // One value, or nearly equal ones: an axis around them on which short labels can differ.
  const least = Math.max(Math.abs(low), Math.abs(high)) * 0.02;
  if (high - low < least) [low, high] = [low - least, high + least];
  const margin = (high - low) * 0.06;
  const domain = [
    options.zero && low === 0 ? 0 : low - margin,
    options.zero && high === 0 ? 0 : high + margin,
  ] as const;
  const count = options.ticks ?? 6;
  const ticks = evenTicks(domain[0], domain[1], count);
  const { exponent } = niceStep(domain[1] - domain[0], count);
  // Small or large numbers: the power of ten goes to the axis label.
  const magnitude = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high))));
  const shift = magnitude < -2 || magnitude > 4 ? magnitude : 0;
  const digits = Math.min(Math.max(0, shift - exponent), 20);
  return {
    type: "linear",
    domain,
    ticks,
    format: (tick) => decimalText(tick === 0 ? 0 : tick / decimal(1, shift), digits),
    unit: unitOf(shift),
  };
}

/**
 * A logarithmic axis around the positive ones of `values` (none gives 0.1 to 1).
 *
 * Ticks are as many round numbers of each decade as fit; within less than about a decade, where
 * those are too few, they are evenly spaced numbers.
 */
export function logScale(values: readonly number[]): AxisScale {
  const positive = values.filter((value) => value > 0);
  let low = positive.reduce((a, b) => Math.min(a, b), Infinity);
  let high = positive.reduce((a, b) => Math.max(a, b), 0);
  if (positive.length === 0) [low, high] = [0.1, 1];
  const margin = Math.max(high / low, 1.5) ** 0.06;
  [low, high] = [Math.max(low / margin, 1e-300), Math.min(high * margin, 1e300)];
  const ticks = logTicks(low, high);
  // Numbers that would be long: the power of ten goes to each label, or to the axis label where
  // the labels are close to one another.
  const plain = ticks.every((tick) => tick <= 1e5 && String(tick).length <= 6);
  const shift = plain || high / low >= 100 ? 0 : Math.floor(Math.log10(high));
  return {
    type: "log",
    domain: [low, high],
    ticks,
    format: (tick) => {
      if (plain) return String(tick);
      if (shift !== 0) return String(Number((tick / decimal(1, shift)).toPrecision(9)));
      const [mantissa, exponent] = tick.toExponential().split("e");
      const power = powerOfTen(Number(exponent));
      return mantissa === "1" ? power : `${mantissa}×${power}`;
    },
    unit: unitOf(shift),
  };
}

function unitOf(shift: number): string {
  return shift === 0 ? "" : ` (×${powerOfTen(shift)})`;
}

const MAX_LOG_TICKS = 8;

/** Round numbers of a decade, from the densest choice to the sparsest. */
const DECADES = [[1, 1.5, 2, 3, 5, 7], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]];

function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const within = (mantissas: readonly number[], step: number) => {
    const ticks: number[] = [];
    for (let exponent = Math.floor(first / step) * step; exponent <= last; exponent += step) {
      ticks.push(...mantissas.map((mantissa) => decimal(mantissa, exponent)));
    }
    return ticks.filter((tick) => tick >= low && tick <= high);
  };
  for (const mantissas of DECADES) {
    const ticks = within(mantissas, 1);
    if (ticks.length > MAX_LOG_TICKS) continue;
    return ticks.length >= 3 ? ticks : evenTicks(low, high, 5);
  }
  let step = 2;
  while (within([1], step).length > MAX_LOG_TICKS) step++;
  return within([1], step);
}
