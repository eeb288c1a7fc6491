/**
 * LaTeX as a list of tokens, and where its brackets open and close.
 *
 * @module
 */

/** A command (`\frac`, `\{`), `\text{...}` with its words, or one character. */
export type Token = string;

const TOKEN = /\\text\{[^{}]*\}|\\(?:begin|end)\{[A-Za-z]+\*?\}|\\[A-Za-z]+|\\[^]|[^]/gu;

/** Splits LaTeX into tokens; joining them gives it back. */
export function tokenise(tex: string): Token[] {
  return tex.match(TOKEN) ?? [];
}

/** Which brackets open (+1) or close (-1); an interval may close with another kind. */
export function bracketStep(token: Token): -1 | 0 | 1 {
  if (token.startsWith("\\begin{")) return 1;
  if (token.startsWith("\\end{")) return -1;
  if (token === "(" || token === "[" || token === "{" || token === "\\{") return 1;
  return token === ")" || token === "]" || token === "}" || token === "\\}" ? -1 : 0;
}

/** Deepest nesting of brackets; undefined if some are not closed or not opened. */
export function bracketDepth(tokens: readonly Token[]): number | undefined {
  let depth = 0;
  let deepest = 0;
  for (const token of tokens) {
    depth += bracketStep(token);
    if (depth < 0) return undefined;
    deepest = Math.max(deepest, depth);
  }
  return depth === 0 ? deepest : undefined;
}

/** Parts of a text and what stood between them. */
export interface Split {
  parts: string[];
  separators: Token[];
}

/** Splits balanced LaTeX at the tokens outside of all brackets that `separates` accepts. */
export function splitOutside(tex: string, separates: (token: Token) => boolean): Split {
  const split: Split = { parts: [""], separators: [] };
  let depth = 0;
  for (const token of tokenise(tex)) {
    if (depth === 0 && separates(token)) {
      split.separators.push(token);
      split.parts.push("");
      continue;
    }
    depth += bracketStep(token);
    split.parts[split.parts.length - 1] += token;
  }
  // After a command a space stays; at the end of a part it means nothing.
  split.parts = split.parts.map((part) => part.trim());
  return split;
}

/** The token that opens, the one that closes, and what is between, if they enclose all of `tex`. */
export function enclosed(tex: string): { open: Token; close: Token; inner: string } | undefined {
  const tokens = tokenise(tex);
  if (tokens.length < 2 || bracketStep(tokens[0]) !== 1) return undefined;
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    depth += bracketStep(token);
    if (depth === 0 && i < tokens.length - 1) return undefined;
  }
  if (depth !== 0) return undefined;
  const inner = tokens.slice(1, -1).join("");
  return { open: tokens[0], close: tokens[tokens.length - 1], inner };
}

/** Takes off round brackets and braces around all of a value. */
export function withoutBrackets(tex: string): string {
  const found = enclosed(tex);
  const grouping = found && ["()", "{}"].includes(found.open + found.close);
  return grouping ? withoutBrackets(found.inner) : tex;
}
