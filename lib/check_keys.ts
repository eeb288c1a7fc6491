/**
 * Objects that a caller wrote by hand: a key that nobody reads is a mistake, not a wish to be left
 * out.
 *
 * @module
 */
import { didYouMean } from "./nearest_name.ts";

/** Every key of a type, optional ones too; a type error where one is missing or is too much. */
export type KeysOf<T> = Readonly<Record<keyof Required<T>, true>>;

/** A value as a message shows it. */
export function showValue(value: unknown): string {
  const text = (typeof value === "object" && JSON.stringify(value)) || String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/**
 * Checks that a value is an object of known keys; one whose value is undefined is as good as absent.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 *
 * const known: KeysOf<{ zeroAblate?: number[] }> = { zeroAblate: true };
 * const text = 'Cannot use the intervention: it takes no "zeroAblat"; did you mean "zeroAblate"?';
 * assertThrows(() => checkKeys({ zeroAblat: [3] }, known, "the intervention"), Error, text);
 * ```
 *
 * @param what The value, for the message.
 * @returns Whether there is anything in it.
 * @throws {Error} naming the key, and the one that was probably meant.
 */
export function checkKeys(
  value: unknown,
  known: Readonly<Record<string, true>>,
  what: string,
): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`Cannot use ${what}: it is ${showValue(value)}, not an object`);
  }
  const given = Object.entries(value).filter(([, field]) => field !== undefined);
  const unknown = given.find(([key]) => !Object.hasOwn(known, key));
  if (unknown) {
    throw new Error(
      `Cannot use ${what}: it takes no ${didYouMean(unknown[0], Object.keys(known))}`,
    );
  }
  return given.length > 0;
}
