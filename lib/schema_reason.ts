/**
 * What is wrong with a value that does not fit its schema, in words for the one who wrote it.
 *
 * @module
 */
import { z } from "zod";
import { listText } from "./list_text.ts";
import { didYouMean, nearestName } from "./nearest_name.ts";

type Path = readonly PropertyKey[];

const pathText = (path: Path) => z.core.toDotPath([...path]);

/** The value at a path. */
function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}

/** Names of the keys that a schema has at a path; none where it takes any. */
function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  const { def } = schema._zod as unknown as { def: Record<string, unknown> };
  const inner = def.innerType ?? def.in;
  if (inner) return knownKeys(inner as z.core.$ZodType, path);
  const shape = (def.shape ?? {}) as Record<string, z.core.$ZodType>;
  if (path.length === 0) return Object.keys(shape);
  const [key, ...rest] = path;
  const next = Object.hasOwn(shape, key) ? shape[key as string] : def.valueType ?? def.element;
  return next ? knownKeys(next as z.core.$ZodType, rest) : [];
}

/**
 * The reasons why a value does not fit, the first 10 of them, each with its field. A key that is
 * missing or unknown is named with the one that was probably meant.
 *
 * @param error From the schema's `safeParse` of the value.
 * @param whole What the value itself is called, default "top level".
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const schema = z.strictObject({ base: z.string(), sft: z.string() });
 * const value = { base: "a", sfft: "b" };
 * const { error } = schema.safeParse(value);
 * assertEquals(
 *   schemaReason(error!, { schema, value }),
 *   'sft is missing; unknown key "sfft"; did you mean "sft"?',
 * );
 * ```
 */
export function schemaReason(
  error: z.ZodError,
  { schema, value, whole = "top level" }: { schema: z.ZodType; value: unknown; whole?: string },
): string {
  const reasons = error.issues.flatMap((issue) => {
    const { code, path, message } = issue;
    if (code === "unrecognized_keys") {
      const [known, where] = [knownKeys(schema, path), pathText(path)];
      return issue.keys.map((key) =>
        `${where === "" ? "" : `${where}: `}unknown key ${didYouMean(key, known)}`
      );
    }
    const parent = at(value, path.slice(0, -1));
    const key = String(path.at(-1));
    const missing = code === "invalid_type" && path.length > 0 && typeof parent === "object" &&
      parent !== null &&
      !Object.hasOwn(parent, key);
    if (missing) {
      const known = knownKeys(schema, path.slice(0, -1));
      // Where a schema takes any key, a misspelt one passes and only the right one is missed.
      const near = nearestName(key, Object.keys(parent).filter((name) => !known.includes(name)));
      const unknown = error.issues.some(({ code }) => code === "unrecognized_keys");
      const hint = near === undefined || unknown ? "" : `, but ${JSON.stringify(near)} is there`;
      return [`${pathText(path)} is missing${hint}`];
    }
    return [`${pathText(path) || whole}: ${message}`];
  });
  return listText(reasons, "; ");
}

/**
 * The value as its schema gives it.
 *
 * @param explain Makes an error's message of the reasons why it does not fit.
 * @throws {Error} if it does not.
 */
export function fitted<S extends z.ZodType>(
  schema: S,
  value: unknown,
  explain: (reasons: string) => string | Error,
  whole?: string,
): z.output<S> {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data as z.output<S>;
  const why = explain(schemaReason(error, { schema, value, whole }));
  throw typeof why === "string" ? new Error(why) : why;
}
