/**
 * Comparing answers by their form, down to single values.
 *
 * @module
 */
import {
  isName,
  type List,
  type Maths,
  readings,
  readMaths,
  type Relation,
  type Tuple,
} from "./forms.ts";
import { compareQuantities } from "./quantities.ts";
import { bracketDepth, type Token, tokenise } from "./tokens.ts";
import type { Formulas } from "./values.ts";
import { allOf, anyOf, coveredBy, pairedInAnyOrder, type Verdict } from "./verdict.ts";

/** Most members of a list, and most entries of a matrix. */
const MAX_MEMBERS = 64;
/** Deepest nesting of brackets. */
const MAX_DEPTH = 40;
const UP = new Set(["<", "\\le"]);
const DOWN = new Set([">", "\\ge"]);
const TURNED: Record<Token, Token> = { "<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le" };
const INFINITE = /^[-+]?\\infty$/;

/** Compares answers by their form, and values by computing them. */
export class Comparer {
  readonly #formulas: Formulas;

  constructor(formulas: Formulas) {
    this.#formulas = formulas;
  }

  /** Compares two answers of spelled mathematics (see `spellMaths`). */
  compare(a: string, b: string): Verdict {
    if (a === b) return a === "" ? "undecided" : "equal";
    for (const tex of [a, b]) {
      const depth = bracketDepth(tokenise(tex));
      if (tex === "" || depth === undefined || depth > MAX_DEPTH) return "undecided";
    }
    const pairs = readings(a).flatMap((x) => readings(b).map((y) => [x, y] as const));
    return anyOf(pairs.map(([x, y]) => this.#forms(single(x, y), single(y, x))));
  }

  readonly #forms = (a: Maths, b: Maths): Verdict => {
    const [x, y] = [a, b].map((form) => this.#solved(form));
    if (x.kind === "relation" || y.kind === "relation") return this.#relations(x, y);
    if (x.kind === "value" && y.kind === "value") {
      return compareQuantities(x.tex, y.tex, this.#formulas);
    }
    if (x.kind === "words" && y.kind === "words") return sameWords(x.words, y.words);
    if (x.kind === "words" && y.kind === "value") return this.#letters(x.words, y.tex);
    if (x.kind === "value" && y.kind === "words") return this.#letters(y.words, x.tex);
    if (x.kind === "ratio" || y.kind === "ratio") return this.#ratios(x, y);
    if (x.kind === "matrix" && y.kind === "matrix") return this.#matrices(x.rows, y.rows);
    return this.#members(x, y);
  };

  /** Words of few letters may be a product of them. */
  #letters(words: string, tex: string): Verdict {
    const isProduct = /^[A-Za-z]{1,4}$/.test(words) && this.#formulas.same(words, tex) === "equal";
    return isProduct ? "equal" : "different";
  }

  #members(a: Maths, b: Maths): Verdict {
    const kinds = [a.kind, b.kind];
    const [x, y] = kinds.includes("tuple")
      ? [byName(a), byName(b)].map(membersOf)
      : [a, b].map(membersOf);
    // C(6, 2) may be a point or a number.
    const isCall = [a, b].some((form) =>
      form.kind === "tuple" && /^[A-Z]$/.test(form.variable ?? "")
    );
    if (!x || !y) return isCall ? "undecided" : "different";
    if (x.length * y.length > MAX_MEMBERS ** 2) return "undecided";
    if (kinds.includes("set")) {
      // Points have an order, sets have none.
      if (kinds.includes("tuple") || kinds.includes("matrix")) return "different";
      return coveredBy(x, y, this.#forms);
    }
    if (a.kind === "list" && b.kind === "list") return pairedInAnyOrder(x, y, this.#forms);
    if (a.kind === "tuple" && b.kind === "tuple" && !sameBrackets(a, b)) return "different";
    const verdict = this.#inOrder(x, y);
    // "[2, 4]" is an interval, or a list in the brackets that programs put around one.
    const isInterval = [a, b].some((form) => form.kind === "tuple" && form.brackets !== "()");
    if (verdict !== "equal" || x.length !== 2 || !kinds.includes("list") || !isInterval) {
      return verdict;
    }
    return [a, b].some((form) => form.kind === "tuple" && form.brackets === "[]")
      ? "undecided"
      : "different";
  }

  #inOrder(a: readonly Maths[], b: readonly Maths[]): Verdict {
    return a.length === b.length ? allOf(a.map((x, i) => this.#forms(x, b[i]))) : "different";
  }

  #matrices(a: Maths[][], b: Maths[][]): Verdict {
    if (a.length !== b.length || a.some((row, i) => row.length !== b[i].length)) return "different";
    return a.flat().length > MAX_MEMBERS ? "undecided" : this.#inOrder(a.flat(), b.flat());
  }

  /** Ratios are the same if they are in proportion; a ratio of two is a quotient. */
  #ratios(a: Maths, b: Maths): Verdict {
    const [x, y] = [a, b].map((form) => {
      if (form.kind !== "ratio") return form.kind === "value" ? [form.tex, "1"] : undefined;
      const parts = form.members.map((member) => member.kind === "value" ? member.tex : "");
      return parts.includes("") ? undefined : parts;
    });
    if (!x || !y) return a.kind === b.kind ? "undecided" : "different";
    if (x.length !== y.length) return "different";
    const sameParts = allOf(x.map((part, i) => compareQuantities(part, y[i], this.#formulas)));
    // Times of day with a.m. or p.m. are in no proportion.
    if ([...x, ...y].some((part) => part.includes("\\text"))) return sameParts;
    const inProportion = allOf(
      x.slice(1).map((part, i) =>
        this.#formulas.same(`(${part})(${y[0]})`, `(${y[i + 1]})(${x[0]})`)
      ),
    );
    // 10:05 and 14:26 may be times of day.
    const isTime = [x, y].every((parts) => parts.slice(1).every((part) => /^[0-5]\d$/.test(part)));
    return sameParts === "equal" || inProportion !== "equal" || !isTime
      ? anyOf([sameParts, inProportion])
      : "undecided";
  }

  /** An inequality that is linear in its only letter as an interval. */
  #solved(form: Maths): Maths {
    if (form.kind === "list") return this.#intersected(form);
    if (form.kind === "relation") form = withoutBars(form);
    if (form.kind !== "relation" || form.relations.length > 2) return form;
    const { relations, sides } = form;
    const up = relations.every((relation) => UP.has(relation));
    if (!up && !relations.every((relation) => DOWN.has(relation))) return form;
    const letters = new Set(sides.join(" ").match(/(?:\\[A-Za-z]+|[A-Za-z])(?:_\{\w+\})?/g));
    const variables = [...letters].filter((letter) =>
      /^(?:[A-Za-df-hj-z]|\\(?:theta|alpha|beta|lambda|phi|omega))(?:_|$)/.test(letter)
    );
    if (variables.length !== 1) return form;
    const [variable] = variables;
    const middle = sides.length === 3
      ? 1
      : sides[1].includes(variable) && !sides[0].includes(variable)
      ? 1
      : 0;
    let low: [end: string, bracket: string] = ["-\\infty", "("];
    let high: [end: string, bracket: string] = ["\\infty", ")"];
    for (const [i, relation] of relations.entries()) {
      const outer = i < middle ? i : i + 1;
      const meeting = this.#formulas.meeting(sides[middle], sides[outer], variable);
      if (!meeting) return form;
      const strict = relation === "<" || relation === ">";
      // The variable is above what it meets if the middle is, unless the middle falls.
      const above = (up === outer < middle) === meeting.rises;
      if (above) low = [meeting.at, strict ? "(" : "["];
      else high = [meeting.at, strict ? ")" : "]"];
    }
    const members = [low[0], high[0]].map(readMaths);
    return { kind: "tuple", brackets: low[1] + high[1], members, variable };
  }

  /** "x > 2, x < 5" says that x is between; "x < 2, x > 5" has to mean either. */
  #intersected(list: List): Maths {
    if (list.alternatives || list.members.length !== 2) return list;
    if (!list.members.every(({ kind }) => kind === "relation")) return list;
    const halves = list.members.map((member) => this.#solved(member));
    if (!halves.every((half) => half.kind === "tuple")) return list;
    const [low, high] = [0, 1].map((side) => {
      return halves.find(({ members }) =>
        !isInfinite(members[side]) && isInfinite(members[1 - side])
      );
    });
    if (!low || !high || low.variable !== high.variable) return list;
    const [from, to] = [low.members[0], high.members[1]];
    if (from.kind !== "value" || to.kind !== "value") return list;
    if (this.#formulas.sign(`(${to.tex})-(${from.tex})`) !== 1) return list;
    return { ...low, brackets: low.brackets[0] + high.brackets[1], members: [from, to] };
  }

  #relations(a: Maths, b: Maths): Verdict {
    if (a.kind !== "relation" || b.kind !== "relation") {
      const [relation, other] = a.kind === "relation" ? [a, b] : [b as Relation, a];
      const values = [namedValue(relation)?.value, ...approximations(relation)].filter((value) =>
        value !== undefined
      );
      if (values.length > 0) {
        return anyOf(values.map((value) => this.#forms(readMaths(value), other)));
      }
      // An inequality may be of the same numbers as an interval or a union of some.
      return "members" in other ? "undecided" : "different";
    }
    const [x, y] = [namedValue(a), namedValue(b)];
    if (x && y && x.name === y.name) return this.#forms(readMaths(x.value), readMaths(y.value));
    if (x && y && isCall(x.name) && isCall(y.name)) return this.#functions(x, y);
    // What f(x) is may be called y.
    if (x && y && (isCall(x.name) || isCall(y.name)) && [x.name, y.name].includes("y")) {
      return this.#forms(readMaths(x.value), readMaths(y.value));
    }
    const [p, q] = [a, b].map(({ relations }) => relations.join() === "=");
    if (p && q) return this.#formulas.equations(a.sides, b.sides);
    if (p !== q && a.relations.length + b.relations.length === 2) return "different";
    const [r, s] = [rising(a), rising(b)];
    if (r && s) {
      return r.strict === s.strict ? this.#formulas.inequalities(r.sides, s.sides) : "different";
    }
    return a.relations.join() === b.relations.join()
      ? allOf(a.sides.map((side, i) => this.#forms(readMaths(side), readMaths(b.sides[i]))))
      : "undecided";
  }

  /** Functions by another name are others; what their variables are called does not matter. */
  #functions(x: Named, y: Named): Verdict {
    const [[f, variable], [g, other]] = [x, y].map(({ name }) => name.slice(0, -1).split("("));
    if (f !== g) return "different";
    if (![variable, other].every((letter) => /^[A-Za-z]$/.test(letter))) return "undecided";
    if (tokenise(y.value).includes(variable)) return "undecided";
    const renamed = tokenise(y.value).map((token) => token === other ? variable : token).join("");
    return this.#forms(readMaths(x.value), readMaths(renamed));
  }
}

/** A single solution may be given as a set of one. */
function single(a: Maths, b: Maths): Maths {
  return a.kind === "set" && a.members.length === 1 && b.kind === "value" ? a.members[0] : a;
}

/** Members of what has some: a vector has its entries, a matrix its rows. */
function membersOf(maths: Maths): Maths[] | undefined {
  if ("members" in maths) return maths.members;
  if (maths.kind !== "matrix") return undefined;
  const isVector = maths.rows.length === 1 || maths.rows.every((row) => row.length === 1);
  if (isVector) return maths.rows.flat();
  return maths.rows.map((members) => ({ kind: "tuple", brackets: "[]", members }));
}

/** "y = 3, x = 2" in the order of the names, as the coordinates of a point are. */
function byName(maths: Maths): Maths {
  if (maths.kind !== "list") return maths;
  const named = maths.members.map((member) => {
    const found = member.kind === "relation" ? namedValue(member) : undefined;
    return { name: found?.name ?? "", member };
  });
  if (new Set(named.map(({ name }) => name)).size < named.length) return maths;
  const sorted = named.toSorted((a, b) => a.name < b.name ? -1 : 1);
  return { ...maths, members: sorted.map(({ member }) => member) };
}

function isInfinite(maths: Maths): boolean {
  return maths.kind === "value" && INFINITE.test(maths.tex);
}

/** An interval's brackets say whether its ends belong to it, except where an end is infinite. */
function sameBrackets(a: Tuple, b: Tuple): boolean {
  if (a.variable && b.variable && a.variable !== b.variable) return false;
  if (a.members.length !== 2 || b.members.length !== 2) return true;
  const brackets = ({ brackets, members }: Tuple) =>
    members.map((end, i) => isInfinite(end) ? "()"[i] : brackets[i]).join("");
  return brackets(a) === brackets(b);
}

function sameWords(a: string, b: string): Verdict {
  const plain = (words: string) => words.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return plain(a) === plain(b) ? "equal" : "different";
}

interface Named {
  name: string;
  value: string;
}

/** The value that a relation gives a name to, as "x = 5" does; or the last of "3 + 4 = 7". */
function namedValue({ relations, sides }: Relation): Named | undefined {
  if (relations.some((relation) => relation !== "=" && relation !== "\\approx")) return undefined;
  const last = sides[sides.length - 1];
  if (isName(sides[0]) && sides[0] !== last) return { name: sides[0], value: last };
  if (sides.length === 2 && isName(last)) return { name: last, value: sides[0] };
  // Only numbers: the end of a calculation.
  return /[A-Za-z]/.test(
      sides.join("").replaceAll("\\approx", "").replace(/\\(?:frac|sqrt|cdot|pi)/g, ""),
    )
    ? undefined
    : { name: "", value: last };
}

/** Of "\sqrt{5} \approx 2.24" either side may be the answer; of "x = \sqrt{5} \approx 2.24" also. */
function approximations({ relations, sides }: Relation): string[] {
  const at = relations.indexOf("\\approx");
  return at < 0 || isName(sides[at]) ? [] : [sides[at]];
}

function isCall(name: string): boolean {
  return /^[A-Za-z]\([A-Za-z]\)$/.test(name);
}

/** "|x| < 3" as "-3 < x < 3". */
function withoutBars(relation: Relation): Relation {
  const [, inner] = /^\|([^|]+)\|$/.exec(relation.sides[0]) ?? [];
  if (!inner || relation.sides.length !== 2 || !UP.has(relation.relations[0])) return relation;
  const [sign] = relation.relations;
  return {
    kind: "relation",
    relations: [sign, sign],
    sides: [`-(${relation.sides[1]})`, inner, relation.sides[1]],
  };
}

/** An inequality by the side that is to be the larger, and the other. */
function rising({ relations, sides }: Relation): { sides: string[]; strict: boolean } | undefined {
  const [relation] = relations;
  if (relations.length !== 1 || !(relation in TURNED)) return undefined;
  const strict = relation === "<" || relation === ">";
  return { sides: DOWN.has(relation) ? sides : sides.toReversed(), strict };
}
