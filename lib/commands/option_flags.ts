/**
 * Flags of an experiment's options.
 *
 * @module
 */
import { z } from "zod";
import { flagName, OPTION_TEXTS } from "../experiments/mod.ts";
import { type Flag, oneOf, UsageError, wholeNumber } from "./command_line.ts";
import { layersOf, listOf } from "./localization_flags.ts";

/** An option's schema without its default. */
function innerOf(schema: z.core.$ZodType): z.core.$ZodType {
  const wrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ||
    schema instanceof z.ZodReadonly;
  return wrapped ? innerOf(schema.unwrap()) : schema;
}

/** The word that a flag has for a value. */
function wordFor(value: unknown, words: Readonly<Record<string, string>> = {}): string {
  return Object.keys(words).find((word) => words[word] === value) ?? String(value);
}

/** The options that a command takes by flags: those that say what --help should. */
function optionsWithTexts(schema: z.ZodObject) {
  return Object.entries(schema.shape).flatMap(([name, option]) => {
    const text = OPTION_TEXTS.get(option);
    return text ? [{ name, flag: flagName(name), option: option as z.ZodType, text }] : [];
  });
}

/**
 * The flags of an experiment's options, in the order of their declaration.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 * import { countOption } from "../experiments/mod.ts";
 *
 * const options = z.strictObject({ numSamples: countOption(50, "Pairs of each task") });
 * const { num_samples } = flagsOf(options);
 * assertEquals(num_samples, {
 *   ...{ type: "string", value: "N", help: "Pairs of each task", default: "50" },
 * });
 * assertEquals(optionsOf(options, { num_samples: "7" }), { numSamples: 7 });
 * ```
 */
export function flagsOf(schema: z.ZodObject): Record<string, Flag> {
  return Object.fromEntries(
    optionsWithTexts(schema).map(({ flag, option, text: { help, value, words } }) => {
      const preset = option.safeParse(undefined).data;
      const given = preset === undefined ? {} : { default: wordFor(preset, words) };
      return [flag, { type: "string", value, help, ...given } satisfies Flag];
    }),
  );
}

function readFlag(
  text: string,
  { flag, option, words }: {
    flag: string;
    option: z.core.$ZodType;
    words?: Readonly<Record<string, string>>;
  },
): unknown {
  if (words) return words[oneOf(text.toLowerCase(), Object.keys(words), flag)];
  const inner = innerOf(option);
  if (inner instanceof z.ZodEnum) return oneOf(text, inner.options as string[], flag);
  if (inner instanceof z.ZodNumber) {
    const { minValue, maxValue } = inner;
    return wholeNumber(text, flag, { min: minValue ?? 0, max: maxValue ?? undefined });
  }
  if (!(inner instanceof z.ZodArray)) return text;
  const element = inner.element as z.core.$ZodType;
  if (element instanceof z.ZodNumber) return layersOf(text);
  return listOf(text)!.map((item) => readFlag(item, { flag, option: element }));
}

/**
 * An experiment's options from flags.
 *
 * @throws {UsageError} naming the flag at fault.
 */
export function optionsOf<O extends z.ZodObject>(
  schema: O,
  flags: Readonly<Record<string, string | boolean | undefined>>,
): Partial<z.input<O>> {
  const read = optionsWithTexts(schema).flatMap(({ name, flag, option, text: { words } }) => {
    const text = flags[flag];
    if (typeof text !== "string") return [];
    const value = readFlag(text, { flag, option, words });
    const { error } = option.safeParse(value);
    if (error) throw new UsageError(`--${flag}: ${error.issues[0].message}`);
    return [[name, value]];
  });
  return Object.fromEntries(read) as Partial<z.input<O>>;
}

/** The flags that take lists, which may be written as separate words. */
export function listFlags(schema: z.ZodObject): string[] {
  return optionsWithTexts(schema)
    .filter(({ option }) => innerOf(option) instanceof z.ZodArray)
    .map(({ flag }) => flag);
}
