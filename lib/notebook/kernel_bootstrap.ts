/**
 * Code that the runner executes silently in the kernel, around the notebook's cells.
 *
 * @module
 */
import { UNHANDLED_ERROR } from "./outputs.ts";

/** The type of the messages that {@link barrierSource} publishes. */
export const BARRIER = "barrier";

/**
 * What runs before the first cell. It publishes errors that nothing caught: the kernel itself drops
 * a rejected promise, and never answers again when a timer's callback throws.
 */
export const BOOTSTRAP_SOURCE = `void (() => {
  const report = (event, error) => {
    event.preventDefault();
    const isError = error instanceof Error;
    try {
      Deno.jupyter.broadcast("${UNHANDLED_ERROR}", {
        ename: isError ? error.name : "Uncaught",
        evalue: isError ? error.message : String(error),
        traceback: Deno.inspect(error).split("\\n"),
      });
    } catch {
      // An error thrown here would be reported here again, without end.
    }
  };
  globalThis.addEventListener("unhandledrejection", (event) => report(event, event.reason));
  globalThis.addEventListener("error", (event) => report(event, event.error));
})();`;

/**
 * Publishes a message behind everything that has been printed or displayed. The kernel answers a
 * request before its outputs have left: once this message arrives, all of them have arrived.
 */
export function barrierSource(token: string): string {
  return `await Deno.jupyter.broadcast(${JSON.stringify(BARRIER)}, ${JSON.stringify({ token })});`;
}
