/**
 * What every command does alike: flags, --help, --json, progress, one-line errors, Ctrl-C and the
 * exit code.
 *
 * @module
 */
import { listText } from "../list_text.ts";
import { didYouMean, nearestName } from "../nearest_name.ts";
import { oneLine, printable } from "../plain_text.ts";
import type { ProgressListener } from "../progress.ts";
import { shellWord } from "../shell_word.ts";
import { showProgress } from "../study/mod.ts";

/**
 * One flag of a command. Its name is written as the original writes it, with underscores; a user may
 * write dashes.
 */
export interface Flag<T = unknown> {
  help: string;
  /** Placeholder of the value in --help, e.g. "DIR"; a flag without one is a switch. */
  value?: string;
  /** Reads the value, or throws an error that says what is wrong with it; else it is a text. */
  read?: (text: string, flag: string) => T;
  required?: boolean;
  default?: string;
  /** Another name that is taken. */
  also?: string;
  /** Its items may be written as separate words, as Python commands take them. */
  list?: boolean;
}

/** The flags of a command, in the order of --help. */
export type Flags = Record<string, Flag>;

/** Values of a command's flags. */
export type FlagValues<F extends Flags> = {
  [K in keyof F]: F[K] extends { value: string }
    ? F[K] extends { required: true } | { default: string } ? ValueOf<F[K]>
    : ValueOf<F[K]> | undefined
    : boolean;
};

type ValueOf<F> = F extends { read: (text: string, flag: string) => infer T } ? T : string;

/** What a command is told beside its flags. */
export interface CommandContext {
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
  /** Draws a bar in a terminal. */
  onProgress: ProgressListener;
}

/** A command: how it is called and what it does. */
export interface Command<F extends Flags> {
  /** As the user types it, e.g. "deno task characterisation-energy". */
  name: string;
  /** What it does, one or two sentences. */
  summary: string;
  flags: F;
  /** Words that stand without a flag, e.g. "FILE"; none may, if it is left out. */
  words?: string;
  /** The same command goes on with what was done when it was interrupted. */
  resumes?: boolean;
  /** Prints for a person, and returns what --json prints. */
  run: (values: FlagValues<F> & { words: string[] }, context: CommandContext) => Promise<object>;
}

/** A failure with an exit code of its own; others end with 1. */
export class CommandError extends Error {
  constructor(message: string, readonly exitCode: number, options?: ErrorOptions) {
    super(message, options);
  }
}

/** A mistake in how a command was called. */
export class UsageError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 2, options);
  }
}

/** Flags that every command has. */
const COMMON = {
  json: { help: "Print one JSON document; what is for people goes to stderr" },
  help: { help: "Show this text; -h does, too" },
} as const satisfies Flags;

/** Columns of --help. */
const COLUMNS = 100;

/** Text in lines of at most so many characters, unless a word is longer. */
function wrapped(text: string, columns: number): string[] {
  return text.split(/\s+/).reduce<string[]>((lines, word) => {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && longer.length > columns) return [...lines, word];
    return [...lines.slice(0, -1), longer];
  }, []);
}

/** The text of --help. */
export function helpText<F extends Flags>(
  { name, summary, flags, words }: Pick<Command<F>, "name" | "summary" | "flags" | "words">,
): string {
  const rows = Object.entries<Flag>({ ...flags, ...COMMON }).map(([flag, { help, ...rest }]) => {
    const { value, required, default: preset } = rest;
    const note = required ? " (required)" : preset !== undefined ? ` (default ${preset})` : "";
    return { usage: `--${flag}${value ? ` ${value}` : ""}`, help: `${help}${note}` };
  });
  const width = Math.max(...rows.map(({ usage }) => usage.length));
  const room = COLUMNS - width - 4;
  const lines = rows.map(({ usage, help }) =>
    `  ${usage.padEnd(width)}  ${wrapped(help, room).join(`\n${" ".repeat(width + 4)}`)}`
  );
  const usage = `Usage: ${name} [flags]${words ? ` ${words}` : ""}`;
  const spelling = "In a flag's name - is as good as _.";
  return `${summary}\n\n${usage}\n\n${lines.join("\n")}\n\n${spelling}`;
}

/** The flags' texts as they are written, and the words between them. */
function split(args: readonly string[], flags: Flags) {
  const texts = new Map<string, string>();
  const words: string[] = [];
  const names = new Map(
    Object.entries(flags).flatMap(([name, { also }]) =>
      [name, ...also ? [also] : []].map((spelling) => [spelling, name])
    ),
  );
  for (let at = 0; at < args.length; at++) {
    const [, typed, inline] = /^(?:--?)([^=]+)(?:=(.*))?$/s.exec(args[at]) ?? [];
    if (typed === undefined) {
      words.push(args[at]);
      continue;
    }
    const name = args[at] === "-h" ? "help" : names.get(typed.replaceAll("-", "_"));
    if (name === undefined || !(args[at] === "-h" || args[at].startsWith("--"))) {
      const known = [...names.keys()].map((name) => `--${name}`);
      throw new UsageError(`Unknown flag ${didYouMean(args[at].split("=")[0], known)}`);
    }
    const { value, list } = flags[name];
    if (value === undefined) {
      if (inline !== undefined) throw new UsageError(`--${name} is a switch and takes no value`);
      texts.set(name, "");
      continue;
    }
    const given = inline !== undefined ? [inline] : [];
    while (at + 1 < args.length && !args[at + 1].startsWith("-")) {
      if (given.length > 0 && !list) break;
      given.push(args[++at]);
    }
    if (given.length === 0) {
      throw new UsageError(`--${name} needs a value: --${name} ${value} or --${name}=${value}`);
    }
    texts.set(name, given.join(","));
  }
  return { texts, words };
}

function readValue(text: string, name: string, { read }: Flag): unknown {
  try {
    return read ? read(text, name) : text;
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`--${name}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Reads flags; of one that is given twice the last value holds.
 *
 * @param words Whether words may stand without a flag.
 * @throws {UsageError} for an unknown flag, a missing or wrong value, a missing required flag or a
 * stray word.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const flags = { sample_size: { value: "N", help: "How many", read: Number } };
 * assertEquals(parseFlags(["--sample-size", "3"], flags).sample_size, 3);
 * ```
 */
export function parseFlags<F extends Flags>(
  args: readonly string[],
  flags: F,
  { words: mayHaveWords = false } = {},
): FlagValues<F> & { help: boolean; json: boolean; words: string[] } {
  const all: Flags = { ...flags, ...COMMON };
  // What `deno task x -- --flag` passes on.
  const { texts, words } = split(args[0] === "--" ? args.slice(1) : args, all);
  const help = texts.has("help");
  if (words.length > 0 && !mayHaveWords) {
    const meant = nearestName(words[0], Object.keys(all));
    throw new UsageError(
      `Stray word ${JSON.stringify(words[0])}` + (meant ? `; did you mean "--${meant}"?` : ""),
    );
  }
  const missing = Object.entries(all).filter(([name, { required }]) => required && !texts.has(name))
    .map(([name]) => `--${name}`);
  if (missing.length > 0 && !help) throw new UsageError(`Missing ${listText(missing)}`);
  const values = Object.entries(all).map(([name, flag]) => {
    if (flag.value === undefined) return [name, texts.has(name)];
    const text = texts.get(name) ?? flag.default;
    return [name, text === undefined || help ? undefined : readValue(text, name, flag)];
  });
  return { ...Object.fromEntries(values), words };
}

/** What is said when Ctrl-C ended a command. */
function interruptedText({ name, resumes }: { name: string; resumes?: boolean }, args: string[]) {
  const what = resumes ? "What is done is kept; this goes on" : "This starts it again";
  return `Interrupted. ${what}:\n  ${[name, ...args.map(shellWord)].join(" ")}`;
}

/** An error's message in one line; a notebook's shows the cell and its traceback below it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  return error.name === "NotebookError" ? printable(error.message) : oneLine(error.message);
}

/** Makes what is printed plain text that takes a progress bar's place. */
function printPlainly(beforeEach: () => void): void {
  for (const level of ["log", "info", "warn", "error"] as const) {
    const write = console[level].bind(console);
    console[level] = (...values) => {
      beforeEach();
      write(...values.map((value) => typeof value === "string" ? printable(value) : value));
    };
  }
}

/**
 * Runs a command: flags, help, errors as one line, exit code 0, 1 (failed), 2 (wrong usage) or 130
 * (Ctrl-C, which lets work end cleanly; a second one ends at once).
 */
export async function runCommand<F extends Flags>(
  command: Command<F>,
  args: string[] = Deno.args,
): Promise<void> {
  const progress = showProgress();
  printPlainly(() => progress[Symbol.dispose]());
  const toStdout = console.log;
  const json = args.includes("--json");
  if (json) console.log = console.error;
  const print = (document: object) => json && toStdout(JSON.stringify(document, null, 2));
  const controller = new AbortController();
  const { signal } = controller;
  const interrupt = () => controller.abort(new Error("interrupted"));
  Deno.addSignalListener("SIGINT", () => signal.aborted ? Deno.exit(130) : interrupt());
  // Schedulers send these to a script and all that it runs, which hands them on: twice means once.
  const others = Deno.build.os === "windows" ? [] : ["SIGTERM", "SIGHUP"] as const;
  for (const name of others) Deno.addSignalListener(name, interrupt);
  try {
    const values = parseFlags(args, command.flags, { words: command.words !== undefined });
    if (values.help) toStdout(helpText(command));
    else print(await command.run(values, { signal, onProgress: progress.listener }));
    // Native libraries keep threads alive that would hold the process.
    Deno.exit(0);
  } catch (error) {
    const known = error instanceof CommandError;
    const interrupted = signal.aborted && !known;
    const message = interrupted ? interruptedText(command, args) : `error: ${messageOf(error)}`;
    print({ error: interrupted ? "interrupted" : messageOf(error) });
    console.error(message);
    if (error instanceof UsageError) console.error(`See ${command.name} --help`);
    else if (Deno.env.get("DEBUG") && error instanceof Error) console.error(error.stack);
    Deno.exit(known ? error.exitCode : interrupted ? 130 : 1);
  }
}

/** Runs the subcommand that the first argument names; without one, says which there are. */
export async function runSubcommand(
  name: string,
  subcommands: Record<string, (args: string[]) => Promise<void>>,
  args: string[] = Deno.args,
): Promise<void> {
  const [first, ...rest] = args[0] === "--" ? args.slice(1) : args;
  const known = Object.keys(subcommands);
  if (first !== undefined && known.includes(first)) return await subcommands[first](rest);
  const wanted = ["--help", "-h"].includes(first);
  await runCommand({
    name,
    summary: "Each subcommand has its own --help.",
    flags: {},
    words: known.join("|"),
    run: () => {
      throw new UsageError(
        first === undefined
          ? `No subcommand; there are ${listText(known)}`
          : `Unknown subcommand ${didYouMean(first, known)}`,
      );
    },
  }, wanted ? ["--help"] : []);
}
