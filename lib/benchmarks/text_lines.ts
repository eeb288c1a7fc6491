/**
 * Splitting a stream of text into lines.
 *
 * @module
 */

/**
 * Lines of a text, without their ends (`\n` or `\r\n`).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const lines = ReadableStream.from(["a\nb", "c\r\n"]).pipeThrough(new TextLineStream());
 * assertEquals(await Array.fromAsync(lines), ["a", "bc"]);
 * ```
 */
export class TextLineStream extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line.replace(/\r$/, ""));
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest.replace(/\r$/, ""));
      },
    });
  }
}
