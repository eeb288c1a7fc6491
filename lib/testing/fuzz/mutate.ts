/**
 * Broken inputs made of whole ones: damage of bytes, and damage that keeps the structure and hurts
 * what is in it. Everything follows from a seed.
 *
 * @module
 */

/** Draws whole numbers from 0 to below `n`. */
export type Draw = (n: number) => number;

/** A generator for one case: mulberry32. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * n);
  };
}

export function pick<T>(draw: Draw, from: readonly T[]): T {
  return from[draw(from.length)];
}

/** Bytes that no text has, or that text handling trips over. */
const NASTY_BYTES: readonly (readonly number[])[] = [
  [0xff],
  [0xc0, 0x80],
  [0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
  [0x00],
  [0x1b, 0x5b, 0x32, 0x4a],
  [0xe2, 0x80, 0xae],
  [0x0d],
  [0x0a],
  [0x22],
  [0x7b],
];

function spliceBytes(bytes: Uint8Array, at: number, remove: number, insert: ArrayLike<number>) {
  const result = new Uint8Array(bytes.length - remove + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + remove), at + insert.length);
  return result;
}

/** Damage that knows nothing of what the bytes mean. */
export function mutateBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  const at = draw(bytes.length + 1);
  const length = Math.min(draw(2) ? draw(8) : draw(400), bytes.length - at);
  const ways: (() => Uint8Array)[] = [
    () => bytes.map((byte, i) => i === at ? byte ^ (1 << draw(8)) : byte),
    () => bytes.subarray(0, at),
    () => spliceBytes(bytes, at, length, []),
    () => spliceBytes(bytes, at, 0, bytes.subarray(at, at + length)),
    () => spliceBytes(bytes, at, 0, pick(draw, NASTY_BYTES)),
    () => spliceBytes(bytes, 0, 0, pick(draw, NASTY_BYTES)),
    () => spliceBytes(bytes, at, length, Uint8Array.from({ length }, () => draw(256))),
  ];
  return pick(draw, ways)();
}

const deep = (open: string, close: string, depth: number) =>
  open.repeat(depth) + (open === "[" ? "" : "1") + close.repeat(depth);

/** JSON text of values that no field expects. */
const NASTY_JSON: readonly string[] = [
  ..."null true false 0 -1 1 -0 0.5 1e400 -1e400 1e308 5e-324 9007199254740993 4294967296".split(
    " ",
  ),
  ...[
    "123456789012345678901234567890",
    "[]",
    "{}",
    '""',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u202e"',
  ],
  ...[
    '"../../x"',
    '"/etc/passwd"',
    '"__proto__"',
    '"constructor"',
    "[null]",
    '[[1,"a"]]',
    '{"a":1,"a":2}',
  ],
  ...['{"__proto__":{"x":1}}', "NaN", "01", "'x'", "undefined", "1,", '"\\u001b[2J"', '"a\\nb"'],
  JSON.stringify("x".repeat(20_000)),
  `[${"0,".repeat(5000)}0]`,
  deep("[", "]", 100),
  deep("[", "]", 5000),
  deep('{"a":', "}", 5000),
];

/** Stands for raw JSON text in a value that is about to be written. */
const RAW = "\u{e000}";
/** Stands for a key that another one of the same object has too. */
const DOUBLED = "\u{e001}";

function writeJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text
    .replace(new RegExp(`"${RAW}(\\d+)"`, "g"), (_, index) => NASTY_JSON[Number(index)])
    .replaceAll(DOUBLED, "");
}

type Container = Record<string | number, unknown>;

/** Every place in a value that can be changed. */
function places(value: unknown, into: [Container, string | number][] = []) {
  if (typeof value !== "object" || value === null) return into;
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const key of keys) {
    into.push([value as Container, key]);
    places((value as Container)[key], into);
  }
  return into;
}

/** Damage to a JSON value, as text. */
export function mutateJson(whole: unknown, draw: Draw): string {
  const holder = { value: structuredClone(whole) };
  const all = places(holder);
  const [container, key] = pick(draw, all);
  const raw = () => RAW + draw(NASTY_JSON.length);
  const rename = (to: string) => {
    if (Array.isArray(container) || container === holder) return void (container[key] = raw());
    const entries = Object.entries(container);
    for (const name of Object.keys(container)) delete container[name];
    for (const [name, inner] of entries) container[name === key ? to : name] = inner;
  };
  const name = String(key);
  const ways: (() => void)[] = [
    () => void (container[key] = raw()),
    () => void (container[key] = raw()),
    () => {
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete container[key];
    },
    () => rename(name.slice(0, -1) + pick(draw, ["", "x", name.at(-1)!.repeat(2)])),
    () =>
      rename(pick(draw, ["__proto__", "constructor", "toString", "", "\u0000", "x".repeat(5000)])),
    () => {
      const sibling = pick(draw, Object.keys(container));
      if (Array.isArray(container) || container === holder) container[key] = raw();
      else container[DOUBLED + sibling] = container[key];
    },
    () => {
      const [other, otherKey] = pick(draw, all);
      const value = structuredClone(other[otherKey]);
      container[key] = value;
    },
    () => void (container[key] = [container[key]]),
    () => void (container[key] = { [name]: container[key] }),
    () => {
      const value = container[key];
      if (typeof value === "number") container[key] = value * pick(draw, [-1, 0.5, 2, 1e9, 1e18]);
      else if (typeof value === "string") {
        container[key] = value + pick(draw, [" ", "\u0000", "x", value]);
      } else container[key] = raw();
    },
  ];
  pick(draw, ways)();
  return writeJson(holder.value);
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Damage to a JSON file: of its bytes, of its structure, or of both. */
export function mutateJsonFile(text: string, draw: Draw): Uint8Array {
  const structural = draw(3) > 0;
  const bytes = encode(structural ? mutateJson(JSON.parse(text), draw) : text);
  return structural && draw(4) > 0 ? bytes : mutateBytes(bytes, draw);
}

/** Damage to JSON Lines: of the file, of a line, or of the order of lines. */
export function mutateLines(text: string, draw: Draw): Uint8Array {
  const lines = text.trimEnd().split("\n");
  const at = draw(lines.length);
  const ways: (() => void)[] = [
    () => void (lines[at] = mutateJson(JSON.parse(lines[at]), draw)),
    () => void (lines[at] = mutateJson(JSON.parse(lines[at]), draw)),
    () => void lines.splice(at, 0, lines[at]),
    () => void lines.splice(at, 0, pick(draw, ["", " ", "{}", "[]", "null", "\u0000", "\u2028"])),
    () => void lines.splice(at, lines.length),
    () => void (lines[at] += "\r"),
    () => void (lines[at] += lines[at]),
  ];
  if (draw(4) > 0) pick(draw, ways)();
  const bytes = encode(lines.join("\n") + pick(draw, ["\n", "\n", "\n", ""]));
  return draw(3) > 0 ? bytes : mutateBytes(bytes, draw);
}

/** Words that expressions have, nearly have, or must not have. */
const NASTY_WORDS: readonly string[] = [
  ..."early middle late layers layer replaced by interpolate ablate + 1/3 2/3 3/3 0/3 1/0 0-3"
    .split(" "),
  ..."3-0 0- -1 99999999999999999999 1e999 alpha=0.5 alpha=NaN alpha=-1 noise=2 component=mlp"
    .split(" "),
  ...[
    "component=",
    "alpha=",
    "sft",
    "rl",
    "base",
    "in",
    '"sft"',
    "'rl'",
    '"',
    "'",
    "(",
    ")",
    "/tmp/x y",
  ],
  ...[
    "org/name@rev",
    "..",
    "\u0000",
    "\u202e",
    "ﬀ",
    "ı",
    "\n",
    "\t",
    "=",
    "1/3layers",
    "x".repeat(5000),
  ],
];

/** Damage to an expression: of its words, or of its letters. */
export function mutateExpression(text: string, draw: Draw): string {
  const words = text.split(" ");
  for (let changes = 1 + draw(3); changes > 0; changes--) {
    const at = draw(words.length + 1);
    const ways: (() => void)[] = [
      () => void words.splice(at, 1),
      () => void words.splice(at, 0, pick(draw, NASTY_WORDS)),
      () => void words.splice(at, 1, pick(draw, NASTY_WORDS)),
      () => void words.splice(at, 0, ...words.slice(draw(words.length + 1))),
      () =>
        void words.splice(at, 0, ...Array(draw(300)).fill(pick(draw, NASTY_WORDS.slice(0, 20)))),
      () => void (words[at] = (words[at] ?? "").toUpperCase()),
      () => void words.reverse(),
    ];
    pick(draw, ways)();
  }
  const joined = words.join(pick(draw, [" ", " ", " ", "", "  "]));
  return draw(3) > 0 ? joined : new TextDecoder().decode(mutateBytes(encode(joined), draw));
}
