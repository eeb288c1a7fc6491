/**
 * What every command does alike: flags, --help, one-line errors and the exit code.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { listText } from "../list_text.ts";
import { didYouMean } from "../nearest_name.ts";
import { oneLine, printable, printPlainText } from "../plain_text.ts";

/** One flag of a command. */
export interface Flag {
  /** "boolean" takes no value. */
  type: "string" | "boolean";
  /** One line for --help. */
  help: string;
  /** Placeholder of the value in --help, e.g. "DIR". */
  value?: string;
  /** Must be given. */
  required?: boolean;
  /** Default value, said by --help. */
  default?: string;
}

/** A command: how it is called and what it does. */
export interface Command<F extends Record<string, Flag>> {
  /** As the user types it, e.g. "deno task characterisation-energy". */
  name: string;
  /** What it does, one or two sentences. */
  summary: string;
  flags: F;
  run: (values: FlagValues<F>, signal: AbortSignal) => Promise<void>;
}

/** Values of a command's flags. */
export type FlagValues<F extends Record<string, Flag>> = {
  [K in keyof F]: F[K]["type"] extends "boolean" ? boolean
    : F[K] extends { required: true } | { default: string } ? string
    : string | undefined;
};

/** A mistake in how a command was called. */
export class UsageError extends Error {}

/** The text of --help. */
export function helpText<F extends Record<string, Flag>>(
  { name, summary, flags }: Pick<Command<F>, "name" | "summary" | "flags">,
): string {
  const rows = Object.entries(flags).map(([flag, { value, help, required, default: preset }]) => {
    const usage = `--${flag}${value ? ` ${value}` : ""}`;
    const note = required ? " (required)" : preset !== undefined ? ` (default ${preset})` : "";
    return [usage, `${help}${note}`];
  });
  rows.push(["--help, -h", "Show this text"]);
  const width = Math.max(...rows.map(([usage]) => usage.length));
  const lines = rows.map(([usage, help]) => `  ${usage.padEnd(width)}  ${help}`);
  return `${summary}\n\nUsage: ${name} [flags]\n\n${lines.join("\n")}`;
}

/**
 * Reads flags.
 *
 * @throws {Error} for an unknown flag, a missing value, a missing required flag or a stray word.
 */
export function parseFlags<F extends Record<string, Flag>>(
  args: string[],
  flags: F,
): FlagValues<F> & { help: boolean } {
  // What `deno task x -- --flag` passes on.
  const given = args[0] === "--" ? args.slice(1) : args;
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, default: preset }]) => [
      name,
      { type, ...(preset !== undefined ? { default: preset } : {}) },
    ]),
  );
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({
      args: given,
      options: { ...options, help: { type: "boolean", short: "h", default: false } },
    }));
  } catch (cause) {
    const { code, message } = cause as Error & { code?: string };
    const unknown = code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" &&
      /^Unknown option '--(.*?)'/s.exec(message);
    throw new UsageError(
      unknown
        ? `Unknown flag ${
          didYouMean(`--${unknown[1]}`, Object.keys(flags).map((name) => `--${name}`))
        }`
        : message.split(". To specify")[0],
      { cause },
    );
  }
  const missing = Object.entries(flags)
    .filter(([name, { required }]) => required && values[name] === undefined)
    .map(([name]) => `--${name}`);
  if (missing.length > 0 && !values.help) throw new UsageError(`Missing ${listText(missing)}`);
  for (const [name, { type }] of Object.entries(flags)) {
    if (type === "boolean") values[name] ??= false;
  }
  return values as FlagValues<F> & { help: boolean };
}

/** A whole number from a flag's text. */
export function wholeNumber(
  text: string,
  flag: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  throw new UsageError(`--${flag} must be a whole number ${range}, not ${JSON.stringify(text)}`);
}

/** A number from 0 out of a flag's text; above 0 with `positive`. */
export function numberOf(text: string, flag: string, { positive = false } = {}): number {
  const value = Number(text);
  const right = text.trim() !== "" && Number.isFinite(value) && value >= 0;
  if (right && !(positive && value === 0)) return value;
  const range = positive ? "above 0" : "from 0";
  throw new UsageError(`--${flag} must be a number ${range}, not ${JSON.stringify(text)}`);
}

/** A seed from a flag's text: numpy's generator takes 32 bits. */
export function seedOf(text: string, flag: string): number {
  return wholeNumber(text, flag, { max: 2 ** 32 - 1 });
}

/** One of the words that a flag knows. */
export function oneOf<T extends string>(text: string, known: readonly T[], flag: string): T {
  const found = known.find((word) => word === text);
  if (found !== undefined) return found;
  const choices = new Intl.ListFormat("en-GB", { type: "disjunction", style: "short" }).format(
    known,
  );
  throw new UsageError(`--${flag} must be ${choices}, not ${JSON.stringify(text)}`);
}

/**
 * The name of a folder that a flag puts into another one.
 *
 * @throws {Error} if it would lead elsewhere, or not every system can have a folder of that name.
 */
export function folderName(text: string, flag: string): string {
  const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(text);
  const leading = /[\p{Cc}<>:"/\\|?*]|^[. ]|[. ]$|^$/u.test(text);
  if (!reserved && !leading && text.length <= 200) return text;
  throw new UsageError(
    `--${flag} must be the name of one folder, such as my-run, not ${
      JSON.stringify(text)
    }; where ` +
      "it goes is said by --output_dir",
  );
}

/** An error's message in one line; a notebook's shows the cell and its traceback below it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  return error.name === "NotebookError" ? printable(error.message) : oneLine(error.message);
}

/**
 * Runs a command: flags, help, errors as one line, exit code 0, 1 (failed) or 2 (wrong usage), and
 * Ctrl-C as an abort that lets work end cleanly (a second one ends at once).
 */
export async function runCommand<F extends Record<string, Flag>>(
  command: Command<F>,
  args: string[] = Deno.args,
): Promise<void> {
  printPlainText();
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) Deno.exit(130);
    controller.abort(new Error("interrupted; run the same command again to continue"));
  };
  const signals = ["SIGINT", ...Deno.build.os === "windows" ? [] : ["SIGTERM", "SIGHUP"]];
  for (const signal of signals) Deno.addSignalListener(signal as Deno.Signal, interrupt);
  try {
    const values = parseFlags(args, command.flags);
    if (values.help) console.log(helpText(command));
    else await command.run(values, controller.signal);
    // Native libraries keep threads alive that would hold the process.
    Deno.exit(0);
  } catch (error) {
    const usage = error instanceof UsageError;
    console.error(`error: ${messageOf(error)}`);
    if (usage) console.error(`See ${command.name} --help`);
    else if (Deno.env.get("DEBUG") && error instanceof Error) console.error(error.stack);
    Deno.exit(usage ? 2 : controller.signal.aborted ? 130 : 1);
  }
}

/** Runs the subcommand that the first argument names; without one, says which there are. */
export async function runSubcommand(
  name: string,
  subcommands: Record<string, (args: string[]) => Promise<void>>,
  args: string[] = Deno.args,
): Promise<void> {
  printPlainText();
  const [first, ...rest] = args[0] === "--" ? args.slice(1) : args;
  const run = Object.hasOwn(subcommands, first ?? "") ? subcommands[first] : undefined;
  if (run) return await run(rest);
  const usage = `Usage: ${name} ${Object.keys(subcommands).join("|")} [flags]`;
  if (first === "--help" || first === "-h") {
    console.log(`${usage}\n\nEach has its own --help.`);
    Deno.exit(0);
  }
  console.error(
    `error: ${
      first ? `Unknown subcommand ${didYouMean(first, Object.keys(subcommands))}` : "No subcommand"
    }`,
  );
  console.error(usage);
  Deno.exit(2);
}
