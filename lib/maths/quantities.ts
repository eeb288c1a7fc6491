/**
 * Values with units: told apart, and converted where they measure the same.
 *
 * @module
 */
import { type Rational, sameRational } from "./rational.ts";
import type { Formulas } from "./values.ts";
import { anyOf, type Verdict } from "./verdict.ts";

/** A value and what it counts. */
export interface Quantity {
  /** Spelled mathematics. */
  value: string;
  /** "percent", "degrees", or the unit's words in lower case; undefined if there is none. */
  unit?: string;
}

/** A unit by what it measures: units of the same measure convert into each other. */
export interface Measure {
  measure: string;
  /** How many of the measure's first unit one is. */
  size: Rational;
}

/** Names of a unit and its size, by measure; plurals in -s are known without being listed. */
const UNITS = {
  length: [
    ...["mm millimeter millimetre 1", "cm centimeter centimetre 10", "m meter metre 1000"],
    ...["km kilometer kilometre 1000000", "in inch inche 25.4", "ft foot feet 304.8"],
    ...["yd yard 914.4", "mi mile 1609344"],
  ],
  mass: ["mg milligram 1", "g gram 1000", "kg kilogram 1000000"],
  weight: ["oz ounce 1", "lb pound 16"],
  time: ["s sec second 1", "min minute 60", "h hr hour 3600", "day 86400"],
  volume: ["ml milliliter millilitre 1", "l liter litre 1000"],
  money: ["cent 1", "dollar 100"],
};

const MEASURES = new Map(
  Object.entries(UNITS).flatMap(([measure, lines]) =>
    lines.flatMap((line) => {
      const names = line.split(" ");
      const size = { over: BigInt(Math.round(10 * Number(names.pop()))), under: 10n };
      return names.map((name): [string, Measure] => [name, { measure, size }]);
    })
  ),
);

const UNIT = /(?:\\%|\^\{\\circ\}[CF]?|\\text\{[^{}]*\}(?:\^\{\d\})?)+$/;

/** Words before a value. */
const LEAD = /^\\text\{[^{}]*\}(?=.)/;
/** Words with which a number is not what is meant. */
const CHANGES_VALUE =
  /\b(?:not?|never|less|fewer|more|greater|than|least|most|under|over|between|factorial|squared|cubed|times|plus|minus|half|thirds?|quarters?)\b/i;

/** Parts a value from its unit, and from words before it. */
export function splitUnit(tex: string): Quantity {
  const lead = LEAD.exec(tex)?.[0] ?? "";
  if (CHANGES_VALUE.test(tex)) return { value: tex };
  const rest = tex.slice(lead.length);
  const found = UNIT.exec(rest);
  if (!found) return { value: rest };
  const value = rest.slice(0, found.index);
  // Words alone are an answer; a function's degrees are its own.
  if (value === "" || /\\(?:sin|cos|tan|cot|sec|csc)(?![A-Za-z])/.test(value)) {
    return { value: tex };
  }
  // In a sentence what follows the number need not be its unit.
  return lead === "" ? { value, unit: spellUnit(found[0]) } : { value };
}

function spellUnit(tex: string): string {
  return tex
    .replaceAll("\\%", " percent ")
    .replaceAll("^{\\circ}", " degrees ")
    .replace(/\\text\{([^{}]*)\}/g, " $1")
    .replace(/\^\{(\d)\}/g, "^$1")
    .replace(/\bper\b/g, "/")
    .replace(/\busd\b/gi, "dollars")
    .replace(/\bmph\b/g, "miles/hour")
    .replace(/\s*\/\s*/g, "/")
    .replace(/[.\s]+/g, " ").trim().toLowerCase();
}

const POWERS = new Map([["square", 2], ["sq", 2], ["cubic", 3]]);

/** One unit with its power; undefined if it is not known. */
function measureOf(unit: string): Measure | undefined {
  const words = unit.split(" ");
  const power = words.length === 2 ? POWERS.get(words[0]) : words.length === 1 ? 1 : undefined;
  const [name, exponent = "1"] = words[words.length - 1].split("^");
  const known = MEASURES.get(name) ?? MEASURES.get(name.replace(/s$/, ""));
  if (!known || power === undefined || !/^\d$/.test(exponent)) return undefined;
  const total = BigInt(power * Number(exponent));
  const { over, under } = known.size;
  return {
    measure: `${known.measure}^${total}`,
    size: { over: over ** total, under: under ** total },
  };
}

/**
 * What a unit measures, and its size; rates by what they divide.
 *
 * @returns undefined for a unit that is not known.
 */
export function readUnit(unit: string): Measure | undefined {
  const parts = unit.split("/").map(measureOf);
  if (parts.length > 2) return undefined;
  const [above, below] = parts;
  if (!above || parts.length === 2 && !below) return undefined;
  if (!below) return above;
  return {
    measure: `${above.measure}/${below.measure}`,
    size: { over: above.size.over * below.size.under, under: above.size.under * below.size.over },
  };
}

/**
 * Compares values. Units must agree where both have one; a percentage is its number or a hundredth
 * of it, degrees are their number or radians.
 */
export function compareQuantities(a: string, b: string, formulas: Formulas): Verdict {
  if (a === b) return "equal";
  const [leadA, leadB] = [a, b].map((tex) => LEAD.exec(tex)?.[0].toLowerCase());
  // "June 5" and "July 5" are two days, "The sum is 5" and "There are 5" may be the same answer.
  if (leadA && leadB && leadA !== leadB) {
    const [x, y] = [a, b].map((tex) => tex.replace(LEAD, ""));
    return compareQuantities(x, y, formulas) === "different" ? "different" : "undecided";
  }
  const [x, y] = [splitUnit(a), splitUnit(b)];
  if (x.unit === y.unit) return formulas.same(x.value, y.value);
  if (x.unit !== undefined && y.unit !== undefined) {
    return compareUnits([x.value, y.value], [x.unit, y.unit], formulas);
  }
  const [measured, bare, unit] = x.unit ? [x.value, y.value, x.unit] : [y.value, x.value, y.unit];
  // "5 m" in plain text may be a product or a length.
  if (unit?.length === 1 && bare.endsWith(unit)) {
    return formulas.same(measured, bare.slice(0, -1));
  }
  const meanings = [measured];
  if (unit === "percent") meanings.push(`\\frac{${measured}}{100}`);
  if (unit === "degrees" && bare.includes("\\pi")) {
    meanings.push(`(${measured})\\cdot\\frac{\\pi}{180}`);
  }
  return anyOf(meanings.map((meaning) => formulas.same(meaning, bare)));
}

function compareUnits(
  values: [string, string],
  units: [string, string],
  formulas: Formulas,
): Verdict {
  const [x, y] = units.map(readUnit);
  if (x && y) {
    if (x.measure !== y.measure) return "different";
    const inFirst = (value: string, { over, under }: Rational) =>
      `(${value})\\cdot\\frac{${over}}{${under}}`;
    return sameRational(x.size, y.size)
      ? formulas.same(...values)
      : formulas.same(inFirst(values[0], x.size), inFirst(values[1], y.size));
  }
  // Of units that are not known only the numbers can tell.
  const known = /^(?:percent|degrees|[ap]m)/;
  if (x || y || units.some((unit) => known.test(unit))) return "different";
  return formulas.same(...values) === "different" ? "different" : "undecided";
}
