/**
 * Keys of served models: read from the environment, and masked wherever they might show.
 *
 * @module
 */

/** Looks up a variable of the environment. */
export type ReadVariable = (name: string) => string | undefined;

/** Shorter words ("EMPTY", "none") stand for no key and would mask ordinary text. */
const LEAST_LENGTH = 6;
const MASK = "[key]";

/** A key. Prints as a mask, as JSON too. */
export class ApiKey {
  readonly #value: string;
  /** The variable that it is from. */
  readonly variable: string;

  private constructor(value: string, variable: string) {
    this.#value = value;
    this.variable = variable;
  }

  /**
   * Reads a key.
   *
   * @param variable Name of a variable of the environment.
   * @throws {Error} if it is not set, or its value cannot be a key. The value is not in the message.
   */
  static read(variable: string, readVariable: ReadVariable): ApiKey {
    // A key that was given in place of a name must not be repeated in a message.
    if (!/^[A-Z_][A-Z0-9_]{0,63}$/.test(variable)) {
      throw new Error(
        "Cannot read a key: what was given is no name of an environment variable (A-Z, 0-9 and _); " +
          "name the variable, not the key itself",
      );
    }
    // A line break at the end is easily copied along.
    const value = readVariable(variable)?.trim() ?? "";
    if (value === "") {
      throw new Error(
        `Cannot ask a served model: the environment variable ${variable} is not set; set it to ` +
          "the key (any word will do for a server that needs none)",
      );
    }
    if (!/^[\x21-\x7e]+$/.test(value)) {
      throw new Error(
        `Cannot ask a served model: the value of ${variable} has spaces or characters that no key ` +
          "has; set it to the key alone",
      );
    }
    return new ApiKey(value, variable);
  }

  /** The key itself, for the client that sends it. */
  reveal(): string {
    return this.#value;
  }

  /** A text with every occurrence of the key masked. */
  redact(text: string): string {
    if (this.#value.length < LEAST_LENGTH) return text;
    const forms = new Set([
      this.#value,
      encodeURIComponent(this.#value),
      JSON.stringify(this.#value).slice(1, -1),
    ]);
    return [...forms].reduce((masked, form) => masked.replaceAll(form, MASK), text);
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return `ApiKey(${this.variable})`;
  }
}
