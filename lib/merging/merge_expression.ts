/**
 * Merge expressions: which layers of which models make a new one, in words.
 *
 * Grammar, case-insensitive but for references; words are separated by white space, `+` is a word of
 * its own wherever it stands. A name with a space or a `+` in it is written in quotes, single or
 * double: `"./my models/rl" late 1/3 layers replaced by sft`.
 *
 * ```text
 * expression = splice | edit
 * splice     = MODEL "early" SHARE ["layers"] "+" [MODEL "middle" SHARE ["layers"] "+"]
 *              MODEL "late" SHARE ["layers"]            the shares add to 3/3
 * edit       = MODEL selection change
 * selection  = "layers" I "-" J | "layers" I            0-based, J included, no space in I-J
 *            | REGION "1/3" ["layers"] | "all" "layers"
 * change     = "ablate" "noise=" R                      0 <= R <= 1
 *            | "interpolate" MODEL "alpha=" X ["component=" ("mlp" | "attn" | "all")]
 *            | "replaced" "by" MODEL                    0 <= X <= 1
 * REGION     = "early" | "middle" | "late"
 * SHARE      = "1/3" | "2/3"
 * MODEL      = "base" | "sft" | "coldstart" | "in" | "rl" | "final" | a name of the recipe
 *            | a reference: a folder or a hub id, with a slash in it or a dot in front
 * ```
 *
 * `layer` means `layers`. Every form of the original is there; in addition each selection goes with
 * each change, and all layers may be selected: what is left of the first model is its rest.
 *
 * @module
 */
import { listText } from "../list_text.ts";
import { ExpressionWords } from "./expression_words.ts";
import { MODEL_ALIASES, readModelName } from "./model_alias.ts";
import { type Third, THIRDS } from "../thirds.ts";

export { MAX_EXPRESSION_LENGTH, MergeExpressionError } from "./expression_words.ts";

/** Part of a layer that a blend is limited to. */
export type MergeComponent = "mlp" | "attn" | "all";

export interface SplicePart {
  /** A role, a name of the recipe, or a reference. */
  model: string;
  region: Third;
  thirds: 1 | 2;
}

/** Layers by region, or from `first` to `last`, both included. */
export type LayerSelection = { region: Third | "all" } | { first: number; last: number };

/** What is done to the selected layers. */
export type MergeChange =
  | { kind: "noise"; ratio: number }
  | { kind: "interpolate"; donor: string; alpha: number; component: MergeComponent }
  | { kind: "replace"; donor: string };

/** A parsed expression; plain data. */
export type MergeExpression =
  | { kind: "splice"; parts: SplicePart[] }
  | { kind: "edit"; model: string; layers: LayerSelection; change: MergeChange };

const CHANGES = '"ablate noise=R", "interpolate MODEL alpha=X" or "replaced by MODEL"';
const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?$/i;

class Parser {
  readonly #words: ExpressionWords;
  readonly #names: readonly string[];

  constructor(expression: string, names: readonly string[]) {
    this.#words = new ExpressionWords(expression);
    this.#names = names;
  }

  expression(): MergeExpression {
    const model = this.#model();
    if (this.#words.takeKeyword("layers", "layer")) {
      return this.#edit(model, this.#range());
    }
    if (this.#words.takeKeyword("all")) {
      const word = this.#words.peek();
      if (!this.#words.takeKeyword("layers", "layer")) {
        this.#words.fail(word, 'expected "layers"');
      }
      return this.#edit(model, { region: "all" });
    }
    const word = this.#words.peek();
    const region = this.#words.takeKeyword(...THIRDS);
    if (!region) {
      return this.#words.fail(
        word,
        `expected "early", "middle" or "late" and a share, "layers I-J" or "all layers"` +
          (word.text === "" ? "; a model alone is not a merge" : ""),
      );
    }
    const share = this.#words.peek();
    const thirds = this.#share();
    if (this.#words.peek().text === "+") {
      if (region !== "early") this.#words.fail(word, 'a splice begins with its "early" part');
      return this.#splice({ model, region, thirds });
    }
    if (this.#words.peek().text === "") {
      const more = region === "early" ? '"+" and the next part, or ' : "";
      this.#words.fail(this.#words.peek(), `expected ${more}${CHANGES}`);
    }
    if (thirds !== 1) {
      this.#words.fail(share, 'expected "1/3": a region that is changed is a third');
    }
    return this.#edit(model, { region });
  }

  #model(): string {
    const word = this.#words.take();
    const name = readModelName(word.text, this.#names);
    if (name !== null) return name;
    const known = listText([...Object.keys(MODEL_ALIASES), ...this.#names]);
    if (/^["']/.test(word.text) && !/^(["']).*\1$/s.test(word.text)) {
      this.#words.fail(word, "the quote is not closed");
    }
    const given = word.text === "" || word.text === "+" ? "expected a model" : "unknown model";
    return this.#words.fail(
      word,
      `${given}: one of ${known}, a folder (with a slash: ./name, "./my name") or a hub id (org/name)`,
    );
  }

  /** `1/3` or `2/3`, and the word "layers" if it is there. */
  #share(): 1 | 2 {
    const word = this.#words.take();
    if (word.text !== "1/3" && word.text !== "2/3") {
      this.#words.fail(word, 'expected a share, "1/3" or "2/3"');
    }
    this.#words.takeKeyword("layers", "layer");
    return word.text === "1/3" ? 1 : 2;
  }

  #splice(first: SplicePart): MergeExpression {
    const parts = [first];
    let share = this.#words.peek();
    while (parts.at(-1)!.region !== "late") {
      const plus = this.#words.take();
      if (plus.text !== "+") this.#words.fail(plus, 'expected "+" and the "late" part');
      const model = this.#model();
      const word = this.#words.peek();
      const region = parts.length === 1
        ? this.#words.takeKeyword("middle", "late")
        : this.#words.takeKeyword("late");
      if (!region) {
        this.#words.fail(word, `expected ${parts.length === 1 ? '"middle" or "late"' : '"late"'}`);
      }
      share = this.#words.peek();
      parts.push({ model, region, thirds: this.#share() });
    }
    const sum = parts.reduce((total, { thirds }) => total + thirds, 0);
    if (sum !== 3) this.#words.fail(share, `the shares add to ${sum}/3, they must add to 3/3`);
    this.#end();
    return { kind: "splice", parts };
  }

  #range(): LayerSelection {
    const word = this.#words.take();
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(word.text);
    if (!match) {
      return this.#words.fail(word, "expected a range of layers, as 9-17 (both included, from 0)");
    }
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (first > last) {
      this.#words.fail(word, `the range is out of order: ${first} comes after ${last}`);
    }
    return { first, last };
  }

  #edit(model: string, layers: LayerSelection): MergeExpression {
    const word = this.#words.peek();
    let change: MergeChange;
    switch (this.#words.takeKeyword("ablate", "interpolate", "replaced")) {
      case "ablate":
        change = { kind: "noise", ratio: this.#number("noise") };
        break;
      case "interpolate": {
        const donor = this.#model();
        const alpha = this.#number("alpha");
        change = { kind: "interpolate", donor, alpha, component: this.#component() };
        break;
      }
      case "replaced": {
        const by = this.#words.peek();
        if (!this.#words.takeKeyword("by")) this.#words.fail(by, 'expected "by" and a model');
        change = { kind: "replace", donor: this.#model() };
        break;
      }
      default:
        return this.#words.fail(word, `expected ${CHANGES}`);
    }
    this.#end();
    return { kind: "edit", model, layers, change };
  }

  /** `KEY=number`, the number from 0 to 1. */
  #number(key: "noise" | "alpha"): number {
    const word = this.#words.take();
    const prefix = `${key}=`;
    if (!word.text.toLowerCase().startsWith(prefix)) {
      this.#words.fail(word, `expected ${prefix} and a number from 0 to 1, without a space`);
    }
    const text = word.text.slice(prefix.length);
    const value = NUMBER.test(text) ? Number(text) : NaN;
    if (!(value >= 0 && value <= 1)) {
      const given = text === "" ? "nothing" : JSON.stringify(text);
      this.#words.fail(word, `${key} must be a number from 0 to 1, not ${given}`, prefix.length);
    }
    return value + 0; // -0 is 0
  }

  #component(): MergeComponent {
    const word = this.#words.peek();
    if (!/^component=/i.test(word.text)) return "all";
    this.#words.take();
    const value = word.text.slice("component=".length).toLowerCase();
    if (value === "mlp" || value === "attn" || value === "all") return value;
    return this.#words.fail(word, "expected mlp, attn or all", "component=".length);
  }

  #end() {
    const word = this.#words.peek();
    if (word.text !== "") this.#words.fail(word, "expected nothing more");
  }
}

/**
 * Parses a merge expression.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const change = { kind: "replace", donor: "rl" } as const;
 * assertEquals(
 *   parseMergeExpression("Base layers 9-17 replaced by RL"),
 *   { kind: "edit", model: "base", layers: { first: 9, last: 17 }, change },
 * );
 * ```
 *
 * @param options.names Names of models besides the roles, e.g. a recipe's variants.
 * @throws {MergeExpressionError} with the position at fault and what was expected there.
 */
export function parseMergeExpression(
  expression: string,
  { names = [] }: { names?: readonly string[] } = {},
): MergeExpression {
  return new Parser(expression, names).expression();
}

/**
 * Whether a text is meant as a merge expression rather than as the name of one model: its second
 * word says which layers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const meant = ["rl early 1/4", "MMR1/MMR1-7B-RL"].map(isMergeExpression);
 * assertEquals(meant, [true, false]);
 * ```
 */
export function isMergeExpression(text: string): boolean {
  return /^\s*(?:"[^"]*"|'[^']*'|(?!["'])\S+)\s+(?:early|middle|late|all|layers?)(?:\s|$)/i.test(
    text,
  );
}
