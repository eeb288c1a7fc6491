/**
 * Options of experiments, declared once: their defaults, what they mean and how they are written as
 * flags. Types, checks, help texts and a run's identity come from the declaration.
 *
 * @module
 */
import { z } from "zod";
import { GRADINGS } from "../benchmarks/grading/mod.ts";
import { fitted } from "../schema_reason.ts";

/** What --help says of an option. */
export interface OptionText {
  help: string;
  /** Placeholder of its value, e.g. "N"; none for what is said or not. */
  value?: string;
  /** Its flag, where that is not its name in the original's spelling. */
  flag?: string;
  /** Words that a flag takes for its values, where they are not the values themselves. */
  words?: Readonly<Record<string, string>>;
}

/** Texts of options, by their schemas. */
export const OPTION_TEXTS = z.registry<OptionText>();

/** A whole number. */
export function countOption(preset: number, help: string) {
  return z.int().min(1).default(preset).register(OPTION_TEXTS, { help, value: "N" });
}

/** A number that need not be whole. */
export function numberOption(schema: z.ZodNumber, preset: number, text: OptionText) {
  return schema.default(preset).register(OPTION_TEXTS, text);
}

/** Which grading of answers counts. */
export function gradingOption() {
  return z.enum(GRADINGS).default(GRADINGS[0]).register(OPTION_TEXTS, {
    help: "Rules that count: sound, or the original's; the others' results stand beside them",
    value: "RULES",
  });
}

/** A seed of numpy's generator, which takes 32 bits. */
export function seedOption() {
  const schema = z.int().min(0).max(2 ** 32 - 1).default(123);
  return schema.register(OPTION_TEXTS, { help: "Seed of the draw", value: "N" });
}

/** Layers of the language model, from 0; all of them where nothing is said. */
export function layersOption() {
  return z.array(z.int()).readonly().optional().register(OPTION_TEXTS, {
    help: "Layers, from 0, e.g. 0,4,8-11; default all",
    value: "LIST",
  });
}

/**
 * Options as a user gives them, with the defaults of those that are not given.
 *
 * @throws {Error} naming the option at fault.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const schema = z.strictObject({ numSamples: countOption(50, "Pairs of each task") });
 * assertEquals(readOptions(schema, {}, "localize vision"), { numSamples: 50 });
 * ```
 */
export function readOptions<O extends z.ZodObject>(
  schema: O,
  given: z.input<O>,
  what: string,
): z.output<O> {
  return fitted(schema, given, (why) => `Cannot ${what}: ${why}`);
}

/** An option as a flag is called, in the original's spelling: `numSamples` is `num_samples`. */
export function flagName(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The layers that were asked for, in order and each once; all of `numLayers` by default. */
export function layersAsked(layers: readonly number[] | undefined, numLayers: number): number[] {
  return [...new Set(layers ?? Array.from({ length: numLayers }, (_, i) => i))]
    .sort((a, b) => a - b);
}
