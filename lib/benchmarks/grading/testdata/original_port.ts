/**
 * The original's reading and judging written down a second time, straight from its description,
 * without regard to speed, for tests of `original_grading.ts`. Texts are to have white space and
 * digits on which Python and JavaScript agree.
 */

const LETTERS = "ABCDEFGH";

function box(text: string): string | null {
  const last = text.split(/\\boxed\s*\{/).length - 1;
  if (last === 0) return null;
  let depth = 1;
  let inside = "";
  for (const character of text.split(/\\boxed\s*\{/)[last]) {
    depth += character === "{" ? 1 : character === "}" ? -1 : 0;
    if (depth === 0) return inside.trim();
    inside += character;
  }
  return null;
}

function marked(text: string, lineEnds: boolean): string | null {
  const tag = text.match(/<answer>(.*?)<\/answer>/is);
  if (tag) return tag[1].trim();
  const boxed = box(text);
  if (boxed) return boxed;
  for (const line of lineEnds ? text.trim().split("\n").reverse() : []) {
    const number = line.trim().match(/(-?\d+\.?\d*)\s*$/);
    if (number) return number[1];
  }
  return null;
}

function letterOf(text: string): string | null {
  const trimmed = text.trim();
  for (
    const pattern of [
      /<answer>\s*([A-H])\s*<\/answer>/i,
      /\\boxed\{\s*([A-H])\s*\}/i,
      /[Tt]he\s+(?:correct\s+)?answer\s+is\s*:?\s*\(?([A-H])\)?/,
      /[Aa]nswer\s*:\s*\(?([A-H])\)?/,
      /\(([A-H])\)\s*$/,
      /^([A-H])\.$/m,
      /\*\*([A-H])\*\*/,
      /(?:option|choice)\s+([A-H])/i,
      /([A-H])\s*(?:is|would be)\s+(?:the\s+)?(?:correct|right|best)/i,
      /(?:select|choose)\s+([A-H])/i,
    ]
  ) {
    const match = trimmed.match(pattern);
    if (match) return match[1].toUpperCase();
  }
  return trimmed.slice(-100).match(/\b([A-H])\b/)?.[1] ?? null;
}

/** The answer as read. */
export function read(text: string, choices: string[] | null, strict: boolean): string {
  if (text === "") return "";
  const found = marked(text, !strict);
  if (found && strict) return found;
  if (found) {
    const labelled = found.match(/^\s*([A-Ha-h0-9])\s*[.):-]\s*(.+?)\s*$/);
    if (labelled) return labelled[2].trim();
    return found.length === 1 && LETTERS.includes(found.toUpperCase())
      ? found.toUpperCase()
      : found;
  }
  const letter = strict || !choices ? null : letterOf(text);
  if (letter) return letter;
  const boxed = box(text);
  if (boxed) return boxed;
  for (
    const pattern of [
      /(?:the\s+)?(?:final\s+)?answer\s*(?:is|:)\s*[:\s]*(.+?)(?:\.|$)/i,
      /(?:therefore|thus|hence|so)[,\s]+(?:the\s+)?(?:answer\s+is\s+)?(.+?)(?:\.|$)/i,
    ]
  ) {
    // A line's end at the end of the text does not count.
    const match = text.replace(/\n$/, "").match(pattern);
    const stated = match ? match[1].trim() : "";
    if (stated && stated.length < 100) return stated;
  }
  const numbers = text.match(/-?\d+\.?\d*/g);
  return numbers ? numbers[numbers.length - 1] : text.trim().slice(-50);
}

/** Whether the answer is right where no mathematics is compared. */
export function isRight(
  predicted: string,
  text: string,
  { gold, choices, strict }: { gold: string; choices: string[] | null; strict: boolean },
): boolean {
  if (predicted === "" || gold === "") return false;
  const squash = (words: string) => words.trim().toLowerCase().split(" ").join("");
  const [a, b] = [squash(predicted), squash(gold)];
  const right = gold.trim().toUpperCase();
  if (!strict && right.length === 1 && LETTERS.includes(right)) {
    return letterOf(predicted) === right || letterOf(text) === right;
  }
  const place = a.length === 1 ? "abcdefgh".indexOf(a) : -1;
  if (!strict && choices && place >= 0 && place < choices.length) {
    if (squash(choices[place]) === b) return true;
  }
  if (a === b) return true;
  if (!strict && a.includes(b) && b.length >= 0.9 * a.length) return true;
  if (!strict && b.includes(a) && a.length >= 0.9 * b.length) return true;
  const number = (words: string) =>
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(words) ? Number(words) : NaN;
  const [x, y] = [a, b].map((words) => number(words.replace(/[,%]/g, "").trim()));
  return Math.abs(x - y) < 1e-6 || (y !== 0 && Math.abs(x - y) / Math.abs(y) < 0.01);
}
