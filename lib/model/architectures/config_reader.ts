/**
 * Reading a config.json part by part, with errors that name the file, the field and its value.
 *
 * @module
 */
import type { z } from "zod";
import { type CheckpointConfig, describeField } from "../../checkpoint/mod.ts";
import { listText } from "../../list_text.ts";

/** A config.json that is read as a family's. */
export class ConfigReader {
  /** @param label The family, for messages. */
  constructor(readonly config: CheckpointConfig, readonly source: string, readonly label: string) {}

  fail(why: string, source = this.source): never {
    throw new Error(`Cannot use ${source} as a ${this.label} model: ${why}`);
  }

  /** A value that a schema takes; `where` is its place in the file. */
  check<T>(schema: z.ZodType<T>, value: unknown, where: string, source = this.source): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues.map(({ path, message }) =>
      `${[where, ...path].join(".")}: ${message}`
    );
    this.fail(listText(issues, "; "), source);
  }

  /** Name and value of a field, e.g. of "vision_config.depth". */
  field(field: string): string {
    return describeField(this.config, field);
  }

  /**
   * The size of a head: one field over another.
   *
   * @param multiple What it must be a multiple of, and words for that.
   */
  headSize(width: string, heads: string, [multiple, words]: [number, string]): number {
    const [part, key] = width.split(".");
    const fields = part === "text_config" ? this.config.text : this.config.vision;
    const size = Number(fields[key]) / Number(fields[heads.split(".")[1]]);
    if (Number.isInteger(size) && size % multiple === 0) return size;
    this.fail(
      `${this.field(width)} over ${this.field(heads)} is ${size}, where ${words} is needed`,
    );
  }
}
