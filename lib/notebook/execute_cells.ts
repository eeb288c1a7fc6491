/**
 * Executes the cells of a notebook, one after the other, in a running kernel.
 *
 * @module
 */
import { executableCells } from "./code_cells.ts";
import { explainSyntax } from "./deno_tools.ts";
import { type Kernel, KernelError } from "./kernel.ts";
import type { CodeCell, MimeBundle, Notebook } from "./nbformat.ts";
import {
  type CellPosition,
  type ExecutableCell,
  NotebookError,
  type NotebookErrorKind,
} from "./notebook_error.ts";
import { applyCarriageReturns, type ErrorOutput, OutputCollector } from "./outputs.ts";

/** What happens while a notebook runs. */
export type CellEvent =
  | (CellPosition & { type: "started"; source: string })
  | (CellPosition & { type: "stream"; name: string; text: string })
  | (CellPosition & { type: "display"; data: MimeBundle })
  | (CellPosition & { type: "finished" });

/** How cells are executed. */
interface ExecuteCellsOptions {
  name: string;
  /** Milliseconds that one cell may take; by default no limit. */
  cellTimeoutMs?: number;
  onCell?: (event: CellEvent) => void;
}

/**
 * Executes all code cells and stores their outputs and prompt numbers in the notebook, in place,
 * up to and including a cell that fails.
 *
 * @throws {NotebookError} If a cell fails: it throws, does not parse, leaves a rejected promise
 * unhandled, displays what a file cannot hold, takes too long, or ends the kernel. The error is
 * also the last output of that cell.
 */
export async function executeCells(
  notebook: Notebook,
  kernel: Kernel,
  options: ExecuteCellsOptions,
): Promise<void> {
  const collector = new OutputCollector();
  for (const position of executableCells(notebook)) {
    const cell = notebook.cells[position.index] as CodeCell;
    await executeCell(cell, position, kernel, collector, options);
  }
}

async function executeCell(
  cell: CodeCell,
  position: ExecutableCell,
  kernel: Kernel,
  collector: OutputCollector,
  options: ExecuteCellsOptions,
): Promise<void> {
  const { source, ...event } = position;
  options.onCell?.({ ...event, type: "started", source });
  cell.execution_count = position.number;
  cell.outputs = collector.startCell(position.number);
  const fail = (reason: string, kind: NotebookErrorKind, traceback: string, cause?: unknown) =>
    new NotebookError(options.name, reason, { kind, cell: position, traceback, cause });
  try {
    const reply = await kernel.execute(source, {
      timeoutMs: options.cellTimeoutMs,
      onOutput(type, content) {
        collector.add(type, content);
        if (type === "stream") {
          const { name, text } = content as { name: string; text: string };
          options.onCell?.({ ...event, type: "stream", name, text });
        } else if (type === "display_data" || type === "update_display_data") {
          options.onCell?.({ ...event, type: "display", data: content.data as MimeBundle });
        }
      },
    });
    // An error while a result is shown comes as an output beside a good reply; code that does not
    // parse gives a bad reply without an output.
    let { error } = collector;
    if (error === undefined && !reply.ok) error = await unexplainedError(source, reply.traceback);
    if (error !== undefined) {
      if (!cell.outputs.includes(error)) cell.outputs.push(error);
      const [reason] = `${error.ename}: ${error.evalue}`.split("\n");
      throw fail(reason, "error", error.traceback.join("\n"));
    }
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    const { kind, message } = error;
    const ename = kind === "timeout" ? "Timeout" : "KernelDied";
    cell.outputs.push({ output_type: "error", ename, evalue: message, traceback: [message] });
    throw fail(message, kind, "", error);
  } finally {
    for (const output of cell.outputs) {
      if (output.output_type === "stream") output.text = applyCarriageReturns(output.text);
    }
  }
  options.onCell?.({ ...event, type: "finished" });
}

async function unexplainedError(source: string, traceback: string[]): Promise<ErrorOutput> {
  const message = await explainSyntax(source) ??
    "Error: the kernel could not execute the cell, and gave no reason";
  const [, ename, evalue] = message.match(/^(\w+): (.*)/) ?? ["", "Error", message];
  return {
    output_type: "error",
    ename,
    evalue,
    traceback: traceback.length > 0 ? traceback : message.split("\n"),
  };
}
