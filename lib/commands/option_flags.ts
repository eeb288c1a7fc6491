/**
 * Flags of an experiment's options.
 *
 * @module
 */
import { z } from "zod";
import { flagName, OPTION_TEXTS } from "../experiments/mod.ts";
import { type Flag, type Flags, UsageError } from "./command_line.ts";
import { numberOf, oneOf, readLayers, readWords, wholeNumber } from "./flag_values.ts";

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
    return text
      ? [{ name, flag: text.flag ?? flagName(name), option: option as z.ZodType, text }]
      : [];
  });
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
    const { minValue, maxValue, isInt } = inner;
    if (!isInt) return numberOf(text, flag);
    return wholeNumber(text, flag, { min: minValue ?? 0, max: maxValue ?? undefined });
  }
  if (!(inner instanceof z.ZodArray)) return text;
  const element = inner.element as z.core.$ZodType;
  if (element instanceof z.ZodNumber) return readLayers(text, flag);
  return readWords(text).map((item) => readFlag(item, { flag, option: element }));
}

/**
 * The flags of an experiment's options, in the order of their declaration.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 * import { countOption } from "../experiments/mod.ts";
 * import { parseFlags } from "./command_line.ts";
 *
 * const options = z.strictObject({ numSamples: countOption(50, "Pairs of each task") });
 * const flags = flagsOf(options);
 * assertEquals(flags.num_samples.default, "50");
 * assertEquals(optionsOf(options, parseFlags(["--num-samples", "7"], flags)), { numSamples: 7 });
 * ```
 */
export function flagsOf(schema: z.ZodObject): Flags {
  return Object.fromEntries(
    optionsWithTexts(schema).map(({ flag, option, text: { help, value, words } }) => {
      if (value === undefined) return [flag, { help }];
      const preset = option.safeParse(undefined).data;
      const given = preset === undefined ? {} : { default: wordFor(preset, words) };
      const read = (text: string) => {
        const value = readFlag(text, { flag, option, words });
        const { error } = option.safeParse(value);
        if (error) throw new UsageError(`--${flag}: ${error.issues[0].message}`);
        return value;
      };
      const list = innerOf(option) instanceof z.ZodArray;
      return [flag, { value, help, read, list, ...given } satisfies Flag];
    }),
  );
}

/** An experiment's options among the values of flags. */
export function optionsOf<O extends z.ZodObject>(
  schema: O,
  values: Readonly<Record<string, unknown>>,
): Partial<z.input<O>> {
  const read = optionsWithTexts(schema).map(({ name, flag }) => [name, values[flag]]);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Partial<
    z.input<O>
  >;
}
