/**
 * Progress as a line of text: a bar, amounts, time left.
 *
 * @module
 */
import { byteText } from "../number_format.ts";
import type { ProgressEvent } from "../progress.ts";

const BAR_CELLS = 24;

function amount(value: number, unit: ProgressEvent["unit"]): string {
  return unit === "bytes" ? byteText(value) : String(value);
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * Draws an event as one line.
 *
 * @example
 * ```ts
 * const line = progressLine({ label: "energy", done: 5, total: 10, unit: "tensors" }, 2000);
 * console.log(line); // energy [############------------]  50 %  5/10 tensors  0:02 left
 * ```
 *
 * @param elapsedMs Milliseconds since the work began, for the time left.
 * @param startedAt Units that were done before it began (resumed work costs no time).
 */
export function progressLine(event: ProgressEvent, elapsedMs: number, startedAt = 0): string {
  const { label, done, total, unit, detail } = event;
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const filled = Math.round(share * BAR_CELLS);
  const bar = "#".repeat(filled) + "-".repeat(BAR_CELLS - filled);
  const amounts = unit === "bytes"
    ? `${amount(done, unit)} of ${amount(total, unit)}`
    : `${done}/${total} ${unit}`;
  const worked = done - startedAt;
  const left = worked > 0 && done < total
    ? `  ${duration(elapsedMs / 1000 / worked * (total - done))} left`
    : "";
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${label} [${bar}] ${percent} %  ${amounts}${left}${detail ? `  ${detail}` : ""}`;
}
