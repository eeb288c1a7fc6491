/**
 * Where progress is shown: a bar in a terminal, an updating output in a notebook, nowhere in a pipe.
 *
 * @module
 */
import type { ProgressEvent, ProgressListener } from "../progress.ts";
import { progressLine } from "./progress_bar.ts";

/** A shown progress. Dispose it when the work ends: the line is then taken away. */
export interface ShownProgress extends Disposable {
  listener: ProgressListener;
}

/** MIME type of a {@linkcode ProgressEvent} among a notebook cell's outputs. */
export const PROGRESS_MIME = "application/vnd.progress+json";

/** Shortest time between two drawings, in milliseconds. */
const INTERVAL_MS = 100;

type Draw = (line: string, event: ProgressEvent) => void;

/** Draws at most every {@linkcode INTERVAL_MS}; first and last events of a label always. */
function throttled(draw: Draw): ProgressListener {
  let label: string | undefined;
  let startedMs = 0;
  let startedAt = 0;
  let drawnMs = -Infinity;
  return (event) => {
    const now = performance.now();
    if (event.label !== label) {
      label = event.label;
      startedMs = now;
      startedAt = event.done;
      drawnMs = -Infinity;
    }
    if (now - drawnMs < INTERVAL_MS && event.done < event.total) return;
    drawnMs = now;
    draw(progressLine(event, now - startedMs, startedAt), event);
  };
}

function inTerminal(): ShownProgress {
  const encoder = new TextEncoder();
  const write = (text: string) => Deno.stderr.writeSync(encoder.encode(text));
  return {
    listener: throttled((line) => {
      let columns = 80;
      try {
        columns = Deno.consoleSize().columns;
      } catch {
        // Not every terminal tells its size.
      }
      write(`\r\x1b[K${line.slice(0, columns - 1)}`);
    }),
    [Symbol.dispose]: () => write("\r\x1b[K"),
  };
}

type Broadcast = (type: string, content: Record<string, unknown>) => Promise<void>;

/** The kernel's broadcast, or undefined outside of a notebook, where Deno.jupyter throws. */
function kernelBroadcast(): Broadcast | undefined {
  try {
    const { jupyter } = Deno as unknown as { jupyter: { broadcast: Broadcast } };
    return jupyter.broadcast;
  } catch {
    return undefined;
  }
}

function inNotebook(broadcast: Broadcast): ShownProgress {
  const transient = { display_id: crypto.randomUUID() };
  let type = "display_data";
  return {
    listener: throttled((line, event) => {
      void broadcast(type, {
        data: { "text/plain": line, [PROGRESS_MIME]: event },
        metadata: {},
        transient,
      });
      type = "update_display_data";
    }),
    // The output that follows takes the line's place.
    [Symbol.dispose]: () => void broadcast("clear_output", { wait: false }),
  };
}

/** Shows progress where this runs. */
export function showProgress(): ShownProgress {
  const broadcast = kernelBroadcast();
  if (broadcast) return inNotebook(broadcast);
  if (Deno.stderr.isTerminal()) return inTerminal();
  return { listener: () => {}, [Symbol.dispose]: () => {} };
}
