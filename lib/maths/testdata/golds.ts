/**
 * Gold answers in the shapes of the MATH benchmark, and their mechanical changes: of value, after
 * which an answer is another one, and of notation, after which it is the same.
 *
 * @module
 */

/** A generated answer. */
export interface Gold {
  shape: string;
  tex: string;
  /** Entries, where it has some, and how they are put together. */
  entries?: string[];
  join?: (entries: string[]) => string;
  /** Whether the order of the entries counts. */
  ordered?: boolean;
}

/** A changed answer, and what was changed. */
export interface Change {
  name: string;
  tex: string;
}

/** Numbers in [0, 1), the same in every run (a linear congruential generator, high bits). */
export class Draw {
  #state: bigint;

  constructor(seed: number) {
    this.#state = BigInt(seed) + 12345n;
  }

  next(): number {
    this.#state = BigInt.asUintN(64, this.#state * 6364136223846793005n + 1442695040888963407n);
    return Number(this.#state >> 33n) / 2 ** 31;
  }

  /** A whole number from `low` to `high`. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }

  /** `count` different things. */
  several<T>(count: number, draw: () => T): T[] {
    const drawn = new Set<T>();
    while (drawn.size < count) drawn.add(draw());
    return [...drawn];
  }
}

const sign = (draw: Draw) => draw.pick(["", "", "-"]);
const square = [2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19, 21];

function fraction(draw: Draw): string {
  const under = draw.whole(3, 29);
  let over = draw.whole(2, 60);
  while (over % under === 0 || over === under) over++;
  return `\\frac{${over}}{${under}}`;
}

function decimal(draw: Draw): string {
  return `${draw.whole(0, 99)}.${draw.whole(0, 9)}${draw.whole(1, 9)}`;
}

const root = (draw: Draw) => `${draw.pick(["", "2", "3", "5", "12"])}\\sqrt{${draw.pick(square)}}`;
const integer = (draw: Draw) => sign(draw) + draw.whole(2, 400);
const signed = (draw: Draw, atom: string) => sign(draw) + atom;

/** An entry of a list or a point. */
function entry(draw: Draw): string {
  return draw.pick([integer, integer, (d: Draw) => signed(d, fraction(d)), (d: Draw) => signed(d, root(d))])(draw);
}

function polynomial(draw: Draw, letter: string): string {
  const degree = draw.whole(1, 4);
  const terms = Array.from({ length: degree }, (_, i) => {
    const power = degree - i;
    const coefficient = draw.pick(["", "2", "3", "7", "12", "25"]);
    return `${coefficient}${letter}${power > 1 ? `^{${power}}` : ""}`;
  });
  const rest = [...terms.slice(1), String(draw.whole(2, 90))];
  return terms[0] + rest.map((term) => draw.pick([" + ", " - "]) + term).join("");
}

const list = (entries: string[]) => entries.join(", ");

type Shape = (draw: Draw) => Omit<Gold, "shape">;

function withEntries(
  entries: string[],
  join: (entries: string[]) => string,
  ordered: boolean,
): Omit<Gold, "shape"> {
  return { tex: join(entries), entries, join, ordered };
}

const UNITS = ["cm", "m", "inches", "feet", "miles", "kg", "hours", "minutes", "units"];
const NAMES = ["Ana", "Boris", "Chen", "Dalia", "Emre", "Farah", "Goran"];
const WORDS = ["ellipse", "circle", "parabola", "even", "odd", "neither", "no solution", "all real numbers"];
const MONTHS = ["January", "March", "June", "October"];

/** Every shape of answer. */
const SHAPES: Record<string, Shape> = {
  integer: (d) => ({ tex: integer(d) }),
  "large integer": (d) => ({ tex: sign(d) + d.whole(10_000, 99_999_999) }),
  decimal: (d) => ({ tex: sign(d) + decimal(d) }),
  "decimal below one": (d) => ({ tex: `${sign(d)}0.${d.whole(1, 9)}${d.whole(1, 9)}` }),
  fraction: (d) => ({ tex: signed(d, fraction(d)) }),
  "mixed number": (d) => ({ tex: `${sign(d)}${d.whole(2, 30)}\\frac{${d.whole(1, 4)}}{${d.whole(5, 9)}}` }),
  root: (d) => ({ tex: signed(d, root(d)) }),
  "cube root": (d) => ({ tex: `\\sqrt[3]{${d.pick([2, 3, 5, 7, 10, 12, 20])}}` }),
  surd: (d) => ({ tex: `${integer(d)} ${d.pick(["+", "-"])} ${root(d)}` }),
  "fraction of roots": (d) => ({ tex: `\\frac{${d.whole(2, 9)} + ${root(d)}}{${d.whole(11, 19)}}` }),
  "multiple of pi": (d) => ({ tex: `${d.whole(2, 40)}\\pi` }),
  "fraction of pi": (d) => ({ tex: `\\frac{${d.pick([2, 3, 5, 7, 11])}\\pi}{${d.pick([4, 6, 9, 13])}}` }),
  power: (d) => ({ tex: `${d.whole(2, 9)}^{${d.whole(3, 30)}}` }),
  scientific: (d) => ({ tex: `${d.whole(2, 9)}.${d.whole(1, 9)} \\times 10^{${sign(d)}${d.whole(3, 12)}}` }),
  factorial: (d) => ({ tex: `${d.whole(4, 9)}!` }),
  binomial: (d) => ({ tex: `\\binom{${d.whole(12, 20)}}{${d.whole(3, 5)}}` }),
  percent: (d) => ({ tex: `${d.whole(2, 95)}\\%` }),
  degrees: (d) => ({ tex: `${d.whole(5, 355)}^\\circ` }),
  units: (d) => ({ tex: `${d.whole(2, 90)} \\text{ ${d.pick(UNITS)}}` }),
  "square units": (d) => ({ tex: `${d.whole(2, 90)} \\text{ ${d.pick(["cm", "m", "ft"])}}^2` }),
  money: (d) => ({ tex: `\\$${d.whole(2, 900)}.${d.whole(10, 98)}` }),
  base: (d) => ({ tex: `${d.whole(1, 4)}${d.several(3, () => d.whole(0, 4)).join("")}_{${d.whole(5, 9)}}` }),
  complex: (d) => ({ tex: `${integer(d)} ${d.pick(["+", "-"])} ${d.whole(2, 30)}i` }),
  "complex root": (d) => ({ tex: `${d.whole(2, 9)} + ${root(d)}i` }),
  polynomial: (d) => ({ tex: polynomial(d, d.pick(["x", "t", "n"])) }),
  "product of factors": (d) => ({ tex: `(x - ${d.whole(2, 20)})(x + ${d.whole(21, 40)})` }),
  "rational function": (d) => ({ tex: `\\frac{x + ${d.whole(2, 9)}}{x - ${d.whole(2, 9)}}` }),
  "two letters": (d) => ({ tex: `${d.whole(2, 9)}a^{2}b - ${d.whole(2, 9)}ab` }),
  exponential: (d) => ({ tex: `${d.whole(2, 9)}e^{${d.whole(2, 5)}x} + ${d.whole(2, 9)}` }),
  trigonometric: (d) => ({ tex: `${d.whole(2, 9)}\\sin ${d.whole(2, 5)}x + \\cos x` }),
  logarithm: (d) => ({ tex: `\\log_{${d.whole(2, 9)}} ${d.whole(10, 60)}` }),
  line: (d) => ({ tex: `y = ${sign(d)}${d.whole(2, 9)}x ${d.pick(["+", "-"])} ${d.whole(1, 30)}` }),
  circle: (d) => ({ tex: `(x - ${d.whole(2, 9)})^{2} + (y + ${d.whole(2, 9)})^{2} = ${d.whole(10, 90)}` }),
  plane: (d) => ({ tex: `${d.whole(2, 9)}x - ${d.whole(2, 9)}y + z - ${d.whole(2, 30)} = 0` }),
  "named value": (d) => ({ tex: `${d.pick(["x", "n", "k", "\\theta", "a_{3}"])} = ${entry(d)}` }),
  function: (d) => ({ tex: `f(x) = ${polynomial(d, "x")}` }),
  inequality: (d) => ({ tex: `x ${d.pick(["<", ">", "\\le", "\\ge"])} ${entry(d)}` }),
  "double inequality": (d) => {
    const low = d.whole(-40, 20);
    return { tex: `${low} ${d.pick(["<", "\\le"])} x ${d.pick(["<", "\\le"])} ${low + d.whole(30, 60)}` };
  },
  interval: (d) => {
    const low = d.whole(-40, -2);
    const [open, close] = [d.pick(["(", "["]), d.pick([")", "]"])];
    return withEntries([String(low), fraction(d)], (ends) => open + list(ends) + close, true);
  },
  "half line": (d) => ({ tex: `${d.pick(["(", "["])}${entry(d)}, \\infty)` }),
  union: (d) => {
    const [a, b] = [d.whole(-50, -2), d.whole(3, 50)];
    return withEntries([`(-\\infty, ${a}]`, `(${b}, ${b + d.whole(2, 30)})`], (e) => e.join(" \\cup "), false);
  },
  pair: (d) => withEntries(d.several(2, () => entry(d)), (e) => `(${list(e)})`, true),
  triple: (d) => withEntries(d.several(3, () => entry(d)), (e) => `(${list(e)})`, true),
  "polar point": (d) => withEntries([String(d.whole(2, 30)), `\\frac{${d.pick([2, 5, 7])}\\pi}{6}`], (e) => `(${list(e)})`, true),
  points: (d) => withEntries(d.several(2, () => `(${list(d.several(2, () => integer(d)))})`), list, false),
  set: (d) => withEntries(d.several(d.whole(2, 5), () => entry(d)), (e) => `\\{${list(e)}\\}`, false),
  list: (d) => withEntries(d.several(d.whole(2, 5), () => entry(d)), list, false),
  "list of named": (d) => withEntries(d.several(2, () => `x = ${integer(d)}`), list, false),
  "or": (d) => withEntries(d.several(2, () => entry(d)), (e) => e.join(" \\text{ or } "), false),
  "list of complex": (d) => withEntries(d.several(2, () => `${d.whole(2, 30)} + ${d.whole(2, 30)}i`), list, false),
  "plus or minus": (d) => ({ tex: `${d.whole(2, 20)} \\pm ${root(d)}` }),
  "column vector": (d) =>
    withEntries(d.several(3, () => entry(d)), (e) => `\\begin{pmatrix} ${e.join(" \\\\ ")} \\end{pmatrix}`, true),
  matrix: (d) =>
    withEntries(
      d.several(4, () => entry(d)),
      ([a, b, c, e]) => `\\begin{pmatrix} ${a} & ${b} \\\\ ${c ?? ""}${e === undefined ? "" : ` & ${e}`} \\end{pmatrix}`,
      true,
    ),
  ratio: (d) => withEntries(d.several(2, () => String(d.pick([2, 3, 5, 7, 11, 13, 17]))), (e) => e.join(":"), true),
  "long ratio": (d) => withEntries(d.several(3, () => String(d.pick([2, 3, 5, 7, 11, 13]))), (e) => e.join(":"), true),
  time: (d) => ({ tex: `${d.whole(1, 12)}:${d.whole(10, 59)} \\text{ p.m.}` }),
  date: (d) => ({ tex: `\\text{${d.pick(MONTHS)} ${d.whole(2, 28)}}` }),
  word: (d) => ({ tex: `\\text{${d.pick(WORDS)}}` }),
  name: (d) => ({ tex: `\\text{${d.pick(NAMES)}}` }),
  names: (d) => withEntries(d.several(2, () => `\\text{${d.pick(NAMES)}}`), list, false),
  choice: (d) => ({ tex: `\\text{(${d.pick(["A", "B", "C", "D", "E"])})}` }),
  repeating: (d) => ({ tex: `0.\\overline{${d.whole(12, 98)}}` }),
  sum: (d) => ({ tex: `\\frac{${d.whole(2, 9)}}{${d.pick([11, 13])}} + \\frac{${d.whole(2, 9)}}{${d.pick([17, 19])}}` }),
  product: (d) => ({ tex: `${d.whole(2, 9)} \\cdot ${d.whole(11, 30)}` }),
  "absolute value": (d) => ({ tex: `|x - ${d.whole(2, 30)}|` }),
};

/** `count` answers, all shapes in turn. */
export function drawGolds(count: number, seed: number): { golds: Gold[]; draw: Draw } {
  const draw = new Draw(seed);
  const shapes = Object.entries(SHAPES);
  const golds = Array.from({ length: count }, (_, i) => {
    const [shape, make] = shapes[i % shapes.length];
    return { shape, ...make(draw) };
  });
  return { golds, draw };
}

/** Parts of an answer that are not values: words, commands, environments. */
const NO_VALUE = /\\text\{[^{}]*\}|\\(?:begin|end)\{[a-z]+\}|\\[A-Za-z]+/g;

/** All texts with one match of `pattern` outside of words and commands replaced. */
function eachReplaced(
  tex: string,
  pattern: RegExp,
  replace: (match: string) => string | undefined,
  skip: RegExp = NO_VALUE,
): string[] {
  const kept = [...tex.matchAll(skip)].map(({ index, 0: all }) => [index, index + all.length]);
  return [...tex.matchAll(pattern)].flatMap(({ index, 0: all }) => {
    if (kept.some(([from, to]) => index < to && index + all.length > from)) return [];
    const replaced = replace(all);
    return replaced === undefined ? [] : [tex.slice(0, index) + replaced + tex.slice(index + all.length)];
  });
}

/** Every mechanical change of the value of an answer. */
export function changesOfValue({ shape, tex, entries, join, ordered }: Gold, draw: Draw): Change[] {
  const changes: Change[] = [];
  const add = (name: string, texts: string[]) => changes.push(...texts.map((text) => ({ name, tex: text })));
  const other = (digit: string) => String((Number(digit) + draw.whole(1, 9)) % 10);
  // The index of a name is not the value: a_{3} = 5 is compared with b = 5 elsewhere.
  const words = shape === "date" || shape === "named value" ? /a_\{3\} =/g : NO_VALUE;
  add("digit", eachReplaced(tex, /\d/g, other, words));
  add("digit more", eachReplaced(tex, /\d+(?![\d.])/g, (digits) => digits + draw.whole(1, 9), words));
  if (!["word", "name", "names", "choice", "date", "time", "absolute value"].includes(shape)) {
    add("sign inside", eachReplaced(tex, /(?<=[\w})!] )[-+](?= )/g, (s) => s === "+" ? "-" : "+"));
    if (tex.startsWith("-")) add("sign", [tex.slice(1)]);
    else if (/^[\d\\]/.test(tex) && !/^\\(?:text|\{|begin)|pm|:/.test(tex) && !join) add("sign", [`-${tex}`]);
  }
  add("relation", eachReplaced(tex, /[<>]/g, (s) => s === "<" ? ">" : "<"));
  add("relation", eachReplaced(tex, /<|>|\\le|\\ge/g, (s) =>
    ({ "<": "\\le", ">": "\\ge", "\\le": "<", "\\ge": ">" })[s], /$^/g));
  add("fraction turned", eachReplaced(tex, /\\frac\{\d+\}\{\d+\}/g, (s) => s.replace(/\{(\d+)\}\{(\d+)\}/, "{$2}{$1}"), /$^/g));
  add("root dropped", eachReplaced(tex, /\\sqrt(?=\{)/g, () => "", /$^/g));
  add("pi dropped", eachReplaced(tex, /\\pi/g, () => "", /$^/g));
  add("power dropped", eachReplaced(tex, /\^\{-?\d+\}/g, () => ""));
  if (tex.includes("i") && shape.includes("complex")) add("i dropped", [tex.replace(/i(?!\w)/, "")]);
  add("operator", eachReplaced(tex, /\\cdot/g, () => "+", /$^/g));
  if (shape === "factorial") add("factorial dropped", [tex.replace("!", "")]);
  if (shape === "interval" || shape === "half line") {
    add("bracket", [tex.startsWith("(") ? tex.replace("(", "[") : tex.replace("[", "(")]);
  }
  add("function", eachReplaced(tex, /\\(?:sin|cos)/g, (s) => s === "\\sin" ? "\\cos" : "\\sin", /$^/g));
  if (entries && join) {
    for (const [i, one] of entries.entries()) {
      const rest = entries.toSpliced(i, 1);
      add("entry dropped", [join(rest)]);
      add("entry more", [join([...rest, one, "97"])]);
      if (shape !== "union" && shape !== "names") add("entry changed", [join(entries.with(i, `${one === "88" ? 89 : 88}`))]);
    }
    if (ordered) {
      for (let i = 1; i < entries.length; i++) {
        add("order", [join(entries.with(i, entries[i - 1]).with(i - 1, entries[i]))]);
      }
    }
  }
  return changes.filter((change) => change.tex !== tex);
}

/** Every mechanical change of the notation of an answer. */
export function changesOfNotation({ shape, tex, entries, join, ordered }: Gold): Change[] {
  const changes: Change[] = [];
  const add = (name: string, text: string) => changes.push({ name, tex: text });
  const swap = (name: string, from: string | RegExp, to: string | ((s: string) => string)) =>
    add(name, tex.replaceAll(from, to as string));
  swap("dfrac", "\\frac", "\\dfrac");
  swap("tfrac", "\\frac", "\\tfrac");
  swap("short fraction", /\\frac\{(\d)\}\{(\d)\}/g, "\\frac$1$2");
  if (shape === "fraction") swap("slash", /\\frac\{(\d+)\}\{(\d+)\}/g, "$1/$2");
  if (shape === "mixed number") swap("mixed with slash", /\\frac\{(\d+)\}\{(\d+)\}/g, " $1/$2");
  swap("short root", /\\sqrt\{(\d)\}/g, "\\sqrt$1");
  swap("root in words", /\\sqrt\{(\d+)\}/g, "sqrt($1)");
  swap("root sign", /\\sqrt\{(\d+)\}/g, "√$1");
  swap("no braces", /\^\{(\d+)\}/g, "^$1");
  swap("stars for powers", /\^\{(\d+)\}/g, "**$1");
  swap("left and right", /\(([^()]*)\)/g, "\\left($1\\right)");
  swap("big brackets", /\(([^()]*)\)/g, "\\bigl($1\\bigr)");
  swap("times", "\\cdot", "\\times");
  swap("dot", "\\times", "\\cdot");
  swap("star", /\\cdot|\\times/g, "*");
  swap("unicode times", /\\cdot|\\times/g, "×");
  swap("dot between factors", /(\d)(?=\\sqrt|\\pi|[a-z]\^)/g, "$1 \\cdot ");
  swap("pi as a letter", "\\pi", "π");
  swap("mathrm", "\\text", "\\mathrm");
  swap("mbox", "\\text", "\\mbox");
  swap("bold text", "\\text", "\\textbf");
  if (!tex.includes("^")) swap("no wrapper", /\\text\{([^{}]*)\}/g, "$1");
  swap("no spaces", /(?<![A-Za-z]) | (?![A-Za-z])/g, (s) => /\\text/.test(tex) ? s : "");
  if (!/\\text|:|\\begin/.test(tex)) add("spaces", tex.replace(/([-+=<>,()])/g, " $1 ").replace(/(?<=^|[(,{^] *)( *)- /g, "$1-"));
  add("thin spaces", tex.replace(/, /g, ",\\, ").replace(/ \+ /g, " \\;+\\; "));
  add("point at the end", `${tex}.`);
  add("dollars", `$${tex}$`);
  add("double dollars", `$$${tex}$$`);
  add("inline", `\\(${tex}\\)`);
  add("display", `\\[ ${tex} \\]`);
  add("dollars and a point", `$${tex}$.`);
  add("boxed", `\\boxed{${tex}}`);
  add("display style", `\\displaystyle ${tex}`);
  if (!/\\text|\\begin/.test(tex)) {
    add("bold", `\\mathbf{${tex}}`);
    add("boldsymbol", `\\boldsymbol{${tex}}`);
    add("bold asterisks", `**${tex}**`);
  }
  swap("braced circle", "^\\circ", "^{\\circ}");
  swap("degree sign", "^\\circ", "°");
  swap("degrees in words", "^\\circ", "\\text{ degrees}");
  if (shape === "degrees") swap("no degrees", "^\\circ", "");
  if (shape === "percent") swap("plain percent", "\\%", "%");
  if (shape === "percent") swap("percent in words", "\\%", " percent");
  if (shape === "money") swap("plain dollar", "\\$", "$");
  if (shape === "money") swap("dollars in words", /\\\$(.*)/g, "$1 dollars");
  if (shape.includes("units")) swap("no unit", / ?\\text\{[^{}]*\}(\^2)?/g, "");
  if (shape === "decimal below one") swap("no zero", "0.", ".");
  if (shape.startsWith("decimal")) add("zero at the end", `${tex}0`);
  if (shape === "large integer") {
    const grouped = (by: string) => tex.replace(/\B(?=(\d{3})+$)/g, by);
    for (const by of [",", "{,}", "\\,", ",\\!", " ", "'"]) add(`thousands ${by}`, grouped(by));
  }
  swap("unicode minus", /-/g, "−");
  swap("le as in ASCII", /\\le(?![a-z])/g, "<=");
  swap("leq", /\\le(?![a-z])/g, "\\leq");
  swap("leqslant", /\\le(?![a-z])/g, "\\leqslant");
  swap("le as a sign", /\\le(?![a-z])/g, "≤");
  swap("ge as a sign", /\\ge(?![a-z])/g, "≥");
  swap("geq", /\\ge(?![a-z])/g, "\\geq");
  swap("infinity as a sign", "\\infty", "∞");
  swap("union as a sign", "\\cup", "∪");
  swap("plus or minus as a sign", "\\pm", "±");
  swap("brace commands", /\\\{(.*)\\\}/g, "\\lbrace $1\\rbrace");
  swap("left braces", /\\\{(.*)\\\}/g, "\\left\\{$1\\right\\}");
  swap("square matrix", "pmatrix", "bmatrix");
  swap("or in plain", "\\text{ or }", " or ");
  swap("comma for or", "\\text{ or }", ", ");
  swap("full width", /[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
  if (/^[^=<>]*$/.test(tex) && !entries && !/\\text|\\pm|[:|]|\\le|\\ge|\\infty|[[\]]/.test(tex)) {
    add("named", `x_{0} = ${tex}`);
    add("turned", `${tex} = x_{0}`);
    add("equals", `= ${tex}`);
  }
  if (shape === "named value") add("without its name", tex.replace(/^.* = /, ""));
  if (shape === "function") add("without its name", tex.replace("f(x) = ", ""));
  if (shape === "inequality") {
    const turned = { "<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le" } as Record<string, string>;
    const [x, relation, end] = tex.split(" ");
    add("turned", `${end} ${turned[relation]} ${x}`);
    add("both sides negative", `-x ${turned[relation]} -(${end})`);
    const [open, close] = [relation.startsWith("\\") ? ["[", "]"] : ["(", ")"]][0];
    const up = relation === ">" || relation === "\\ge";
    add("as an interval", up ? `${open}${end}, \\infty)` : `(-\\infty, ${end}${close}`);
    add("with its set", `x \\in ${up ? `${open}${end}, \\infty)` : `(-\\infty, ${end}${close}`}`);
  }
  if (shape === "interval") {
    const [low, high] = entries!;
    const lower = tex.startsWith("[") ? "\\le" : "<";
    const upper = tex.endsWith("]") ? "\\le" : "<";
    add("as an inequality", `${low} ${lower} x ${upper} ${high}`);
    add("with its set", `x \\in ${tex}`);
  }
  if (shape === "double inequality") {
    const [low, lower, , upper, high] = tex.split(" ");
    add("as two", `x ${upper} ${high} \\text{ and } x ${lower === "<" ? ">" : "\\ge"} ${low}`);
    add("doubled", `${2 * Number(low)} ${lower} 2x ${upper} ${2 * Number(high)}`);
  }
  if (shape === "polynomial" || shape === "surd" || shape === "complex") {
    const terms = tex.replace(/ - /g, " + -").split(" + ");
    add("terms in another order", terms.toReversed().join(" + ").replaceAll("+ -", "- "));
  }
  if (shape === "line" || shape === "circle" || shape === "plane") {
    const [left, right] = tex.split(" = ");
    add("sides exchanged", `${right} = ${left}`);
    add("all on one side", `${left} - (${right}) = 0`);
    add("doubled", `2(${left}) = 2(${right})`);
  }
  if (entries && join && !ordered) {
    add("entries in another order", join(entries.toReversed()));
    add("entries turned", join([...entries.slice(1), entries[0]]));
    if (shape === "list") add("in braces", `\\{${tex}\\}`);
    if (shape === "list") add("with an and", entries.join(" and "));
    if (shape === "list" || shape === "set") add("semicolons", join(entries).replaceAll(", ", "; "));
    if (shape === "set") add("equal entries", join([...entries, entries[0]]));
    if (shape === "list of named") add("without names", tex.replaceAll("x = ", ""));
  }
  if (shape === "ratio") add("as a fraction", `\\frac{${entries![0]}}{${entries![1]}}`);
  if (shape === "ratio" || shape === "long ratio") add("doubled", join!(entries!.map((part) => String(2 * Number(part)))));
  return changes.filter((change) => change.tex !== tex);
}
