/**
 * Runs cases of the fuzz in a thread of its own, so that one that hangs can be ended.
 *
 * @module
 */
import { type CaseNumber, runCase } from "./run_case.ts";

const scope = self as unknown as Worker;
scope.onmessage = async ({ data }: MessageEvent<CaseNumber>) => {
  try {
    scope.postMessage(await runCase(data));
  } catch (error) {
    scope.postMessage({
      outcome: "fault",
      message: `the fuzz itself failed: ${(error as Error).stack}`,
    });
  }
};
