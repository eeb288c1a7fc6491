/**
 * One case of the fuzz: made, sent through its door, and judged.
 *
 * @module
 */
import { dirname } from "node:path";
import { DOORS, type FuzzCase } from "./doors.ts";
import { drawFrom } from "./mutate.ts";

/** Which case: everything about it follows from this. */
export interface CaseNumber {
  /** Key of the doors. */
  kind: string;
  seed: number;
  index: number;
}

/** What became of it. */
export interface Verdict {
  outcome: "clean" | "refused" | "fault";
  /** The error's message, or what is wrong. */
  message: string;
}

const LONGEST_MESSAGE = 4000;

/** Whether an error was thrown for a caller to read, rather than by the language. */
function isTyped(error: Error): boolean {
  const { constructor, message } = error;
  if (constructor !== TypeError && constructor !== RangeError) {
    return constructor !== SyntaxError && constructor !== ReferenceError;
  }
  const raw =
    /^Cannot (?:read propert|set propert|convert|destructure|mix|access|create|perform|assign|define|delete)/;
  return /^Cannot |^Unknown /.test(message) && !raw.test(message);
}

/** What is wrong with an error; null if nothing is. */
function errorFault(error: unknown, path: string | undefined): string | null {
  if (!(error instanceof Error)) return `threw ${String(error)}, which is no error`;
  const { message } = error;
  if (!isTyped(error)) return `a raw ${error.constructor.name}: ${message}\n${error.stack}`;
  if (message === "") return "an error without a message";
  if (/[\r\n]/.test(message)) return `a message of several lines: ${JSON.stringify(message)}`;
  if (message.length > LONGEST_MESSAGE) {
    return `a message of ${message.length} characters: ${message.slice(0, 200)}...`;
  }
  // A checkpoint is named by its folder.
  if (path !== undefined && !message.includes(dirname(path))) {
    return `a message that does not name the file: ${message}`;
  }
  return null;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** What is wrong with the file after it was sent; null if it is as it was. */
function fileFault({ path, input, cuts }: FuzzCase, refused: boolean): string | null {
  if (path === undefined) return null;
  const after = Deno.readFileSync(path);
  const whole = cuts && !refused ? (input as Uint8Array).subarray(0, after.length) : input;
  return sameBytes(after, whole as Uint8Array) ? null : "the file was written over";
}

/** Runs one case in a folder of its own. */
export async function runCase({ kind, seed, index }: CaseNumber): Promise<Verdict> {
  const folder = Deno.makeTempDirSync();
  try {
    const salt = [...kind].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7);
    const made = DOORS[kind](folder, drawFrom(Math.imul(seed + 1, 0x9e3779b1) + salt + index));
    const before = [...Deno.readDirSync(folder)].length;
    let failure: unknown;
    try {
      await made.send();
    } catch (error) {
      failure = error ?? new Error("threw nothing");
    }
    const fault = (failure === undefined ? null : errorFault(failure, made.path)) ??
      fileFault(made, failure !== undefined) ??
      ([...Deno.readDirSync(folder)].length === before ? null : "files were made or removed");
    if (fault !== null) return { outcome: "fault", message: fault };
    return failure === undefined
      ? { outcome: "clean", message: "" }
      : { outcome: "refused", message: (failure as Error).message };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
