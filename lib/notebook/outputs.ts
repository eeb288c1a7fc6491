/**
 * From the messages that a kernel publishes to the outputs of notebook cells. Source: "Messaging in
 * Jupyter", section "Messages on the IOPub channel".
 *
 * @module
 */
import type { JsonObject } from "./jupyter_message.ts";
import { isJsonMime, type MimeBundle, type NotebookOutput } from "./nbformat.ts";

/** An error among the outputs of a cell. */
export type ErrorOutput = Extract<NotebookOutput, { output_type: "error" }>;
type DisplayOutput = Extract<NotebookOutput, { output_type: "display_data" | "execute_result" }>;

/** What the runner's own listener in the kernel publishes for errors that nothing caught. */
export const UNHANDLED_ERROR = "unhandled_error";

/**
 * Collects the outputs of the cells of one notebook, one cell after the other: merges what one
 * stream prints in a row, replaces displays in place by their id over all cells, and clears outputs
 * on request, at once or when the next output comes.
 */
export class OutputCollector {
  /** The first error of the cell, which clearing the outputs does not undo. */
  error?: ErrorOutput;
  #outputs: NotebookOutput[] = [];
  #executionCount = 0;
  #clearPending = false;
  #displays = new Map<string, DisplayOutput[]>();

  /** Starts a cell. The list that is returned fills up as messages come. */
  startCell(executionCount: number): NotebookOutput[] {
    this.#outputs = [];
    this.#executionCount = executionCount;
    this.#clearPending = false;
    this.error = undefined;
    return this.#outputs;
  }

  /** Takes the content of one message; messages that are no outputs are ignored. */
  add(type: string, content: JsonObject): void {
    switch (type) {
      case "stream":
        return this.#stream(toText(content.name), toText(content.text));
      case "display_data":
      case "execute_result":
        return this.#display(type, content);
      case "update_display_data":
        return this.#updateDisplays(content);
      case "clear_output":
        if (content.wait === true) this.#clearPending = true;
        else this.#outputs.length = 0;
        return;
      case "error":
      case UNHANDLED_ERROR:
        return this.#push(errorOutput(content));
    }
  }

  #push(output: NotebookOutput): void {
    if (this.#clearPending) this.#outputs.length = 0;
    this.#clearPending = false;
    this.#outputs.push(output);
    if (output.output_type === "error") this.error ??= output;
  }

  #stream(name: string, text: string): void {
    const last = this.#clearPending ? undefined : this.#outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#push({ output_type: "stream", name, text });
  }

  #display(type: "display_data" | "execute_result", content: JsonObject): void {
    const data = this.#bundle(content.data);
    if (data === undefined) return;
    const metadata = toObject(content.metadata);
    const output: DisplayOutput = type === "display_data"
      ? { output_type: type, data, metadata }
      : { output_type: type, data, metadata, execution_count: this.#executionCount };
    const id = displayId(content);
    if (id !== undefined) {
      const same = this.#displays.get(id) ?? [];
      for (const other of same) Object.assign(other, { data, metadata });
      this.#displays.set(id, [...same, output]);
    }
    this.#push(output);
  }

  #updateDisplays(content: JsonObject): void {
    const data = this.#bundle(content.data);
    const id = displayId(content);
    if (data === undefined || id === undefined) return;
    const metadata = toObject(content.metadata);
    for (const output of this.#displays.get(id) ?? []) Object.assign(output, { data, metadata });
  }

  /** A file can hold text or, under JSON types, any JSON; anything else is an error of the cell. */
  #bundle(data: unknown): MimeBundle | undefined {
    const bundle: MimeBundle = {};
    for (const [mime, value] of Object.entries(toObject(data))) {
      if (typeof value === "string" || isJsonMime(mime)) bundle[mime] = value;
      else if (isTextList(value)) bundle[mime] = value.join("");
      else {
        const evalue = `The display data "${mime}" must be text, got ${JSON.stringify(value)}`;
        const traceback = [`InvalidDisplayData: ${evalue}`];
        this.#push({ output_type: "error", ename: "InvalidDisplayData", evalue, traceback });
        return undefined;
      }
    }
    return bundle;
  }
}

/**
 * What a terminal would show of a text with carriage returns: each line holds what was written
 * after its last one. Progress lines leave their last state, however often they were redrawn.
 */
export function applyCarriageReturns(text: string): string {
  return text.replace(/\r+\n/g, "\n").replace(/^[^\n]*\r(?=[^\n])/gm, "");
}

/** The error of a cell as an output that a notebook file can hold. */
function errorOutput(content: JsonObject): ErrorOutput {
  const ename = toText(content.ename);
  const evalue = toText(content.evalue);
  const given = isTextList(content.traceback) ? content.traceback : [];
  // A thrown value that is no Error comes with an empty traceback.
  const traceback = given.join("").trim() === "" ? [`${ename}: ${evalue}`] : given;
  return { output_type: "error", ename, evalue, traceback };
}

function displayId(content: JsonObject): string | undefined {
  const id = toObject(content.transient).display_id;
  return typeof id === "string" && id !== "" ? id : undefined;
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function toObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as JsonObject
    : {};
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
