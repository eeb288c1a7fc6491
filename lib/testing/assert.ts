/**
 * The assertions of `@std/assert` that the tests use, over `node:assert/strict`, so that the suite
 * installs from npm alone. To use the real package, point `@std/assert` in deno.json's imports at
 * `jsr:@std/assert@1`: names and arguments are the same.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";

/** The typings of node:assert differ over leaving the message out; at run time all allow it. */
function note(msg?: string): string {
  return msg as string;
}

/** Throws unless `expr` is truthy. */
export function assert(expr: unknown, msg?: string): asserts expr {
  nodeAssert.ok(expr, note(msg));
}

/** Throws unless `actual` and `expected` are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, note(msg));
}

/** Throws if `actual` and `expected` are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, note(msg));
}

/** Throws unless `actual` and `expected` are the same value (`Object.is`). */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, note(msg));
}

/** Throws unless |actual - expected| <= tolerance (default 1e-7). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance) return;
  const suffix = msg === undefined ? "" : `: ${msg}`;
  throw new nodeAssert.AssertionError({
    message: `Expected ${actual} to be within ${tolerance} of ${expected}${suffix}`,
    actual,
    expected,
    operator: "assertAlmostEquals",
  });
}

/** Throws unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  nodeAssert.ok(
    actual.includes(expected),
    msg ?? `Expected the string to include ${JSON.stringify(expected)}, got:\n${actual}`,
  );
}

/** Throws unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  nodeAssert.match(actual, expected, note(msg));
}

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = new (...args: any[]) => E;

function checkError<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E>,
  msgIncludes: string,
): E {
  nodeAssert.ok(
    error instanceof errorClass,
    `Expected a ${errorClass.name}, got ${error instanceof Error ? error.stack : error}`,
  );
  assertStringIncludes(error.message, msgIncludes);
  return error;
}

/** Throws unless `fn` throws an `errorClass` whose message includes `msgIncludes`; returns it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E> = Error as unknown as ErrorClass<E>,
  msgIncludes = "",
): E {
  try {
    fn();
  } catch (error) {
    return checkError(error, errorClass, msgIncludes);
  }
  throw new nodeAssert.AssertionError({ message: "Expected the function to throw" });
}

/** Rejects unless `fn` rejects with an `errorClass` whose message includes `msgIncludes`. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E> = Error as unknown as ErrorClass<E>,
  msgIncludes = "",
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkError(error, errorClass, msgIncludes);
  }
  throw new nodeAssert.AssertionError({ message: "Expected the function to reject" });
}
