/**
 * Cleaning up when the program is ended from outside.
 *
 * @module
 */

/**
 * Calls `cleanup` when this process gets SIGINT, SIGTERM or SIGHUP, or exits by `Deno.exit`, until
 * the returned function is called. After a signal the process ends as the signal asks: the signal
 * is raised again once the cleanup has run. `cleanup` must be synchronous and must not throw.
 */
export function onTermination(cleanup: () => void): () => void {
  // Windows knows no SIGTERM, and delivers SIGHUP when its console is closed.
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGHUP"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  const handlers = signals.map((signal) => () => {
    release();
    cleanup();
    Deno.kill(Deno.pid, signal);
  });
  const release = () => {
    signals.forEach((signal, i) => Deno.removeSignalListener(signal, handlers[i]));
    globalThis.removeEventListener("unload", cleanup);
  };
  signals.forEach((signal, i) => Deno.addSignalListener(signal, handlers[i]));
  globalThis.addEventListener("unload", cleanup);
  return release;
}
