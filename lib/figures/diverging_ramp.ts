/**
 * A diverging colour ramp of nine colours, the middle one for values around zero.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { decimalText } from "../number_format.ts";
import { decimal, niceStep } from "./axes.ts";

/** ColorBrewer's diverging schemes that colour-blind readers can read; both are light at zero. */
export type DivergingScheme = "PuOr" | "RdBu";

/** Nine colours, each for the values nearest to a multiple of `step`. */
export interface DivergingRamp {
  /** Distance between the values of neighbouring colours. */
  readonly step: number;
  /** Colours from the most negative to the most positive, and the values that they stand for. */
  readonly entries: readonly { readonly value: number; readonly color: string }[];
  readonly colorOf: (value: number) => string;
  /** A value in as many decimals as `step` has. */
  readonly format: (value: number) => string;
}

/** Colours on either side of the middle one. */
const SIDE = 4;
/** Values below are zero, for the choice of colours. */
const NOTHING = 1e-9;
const MANTISSAS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

/**
 * The ramp whose outermost colours are just enough for the largest of `values` (finite numbers), in
 * either direction.
 *
 * @example
 * ```ts
 * const ramp = divergingRamp([-3, 17], "PuOr");
 * console.log(ramp.entries.map(({ value }) => value)); // [-16, -12, -8, -4, 0, 4, 8, 12, 16]
 * console.log(ramp.colorOf(0.3) === ramp.entries[4].color); // true
 * ```
 */
export function divergingRamp(values: readonly number[], scheme: DivergingScheme): DivergingRamp {
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const { step, decimals } = stepFor(largest);
  const bins = Array.from({ length: 2 * SIDE + 1 }, (_, i) => i - SIDE);
  const scale = Plot.scale({ color: { type: "ordinal", scheme, domain: bins } })!;
  const format = (value: number) => decimalText(value, decimals);
  const entries = bins.map((bin) => ({
    value: Number((bin * step).toPrecision(12)),
    color: scale.apply(bin) as string,
  }));
  return {
    step,
    entries,
    colorOf: (value) => {
      const bin = Math.round(value / step);
      return entries[Math.min(2 * SIDE, Math.max(0, bin + SIDE))].color;
    },
    format,
  };
}

/** The smallest round step with which the outermost colour holds `largest`. */
function stepFor(largest: number): { step: number; decimals: number } {
  // Differences that are but rounding get no colour.
  if (largest < NOTHING) return { step: 1, decimals: 0 };
  const { mantissa, exponent } = niceStep(largest, SIDE + 0.5, MANTISSAS);
  const step = decimal(mantissa, exponent);
  const decimals = Math.max(0, -exponent) + (Number.isInteger(mantissa) ? 0 : 1);
  return { step, decimals: Math.min(20, Number.isInteger(step) ? 0 : decimals) };
}

/** Black or white, whichever is read better on `color` (`#rrggbb`; WCAG's relative luminance). */
export function inkOn(color: string): string {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const value = parseInt(color.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  // The luminance at which black and white have equal contrast, 4.6.
  return luminance < 0.179 ? "#ffffff" : "#000000";
}
