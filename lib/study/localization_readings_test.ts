import { assertStringIncludes } from "@std/assert";
import type { ReasoningReport, VisionReport } from "../probing/mod.ts";
import { readReasoningLocalization, readVisionLocalization } from "./localization_readings.ts";
import { madeBases } from "../testing/made_bases.ts";

/** A report over three layers whose change rate falls by `steps`. */
function visionReport(task: string, steps: [number, number, number]): VisionReport {
  const places = steps.map((step, layer) => ({
    task,
    layer,
    n: 10,
    change_rate: null,
    change_low: null,
    change_high: null,
    step,
    step_low: step,
    step_high: step,
    source_rate: 0.5 - layer / 10,
    source_low: null,
    source_high: null,
  }));
  return {
    basis: madeBases([task]),
    tasks: [task],
    layers: [0, 1, 2],
    num_samples: 10,
    change_rates: {},
    num_layers: 3,
    peak_layers: { [task]: 0 },
    step_peak_layers: { [task]: steps.indexOf(Math.max(...steps)) },
    baseline_accuracy: { [task]: 0.9 },
    control: { pairs: 10, changed: 0 },
    receipts: { swaps: 30, layer_tokens_swapped: 1, smallest_swap_norm: 1 },
    bootstrap: { seed: 0, rounds: 1, confidence: 0.95 },
    places,
  };
}

Deno.test("vision agrees with the paper where the rate falls in the claimed third", () => {
  const middle = readVisionLocalization(visionReport("ocr", [0.1, 0.7, 0.2])).text;
  assertStringIncludes(middle, "10.0 % in early, 70.0 % in middle, 20.0 % in late layers");
  assertStringIncludes(middle, "most at layer 1 (70.0 %");
  assertStringIncludes(middle, "holds here for ocr of ocr");
  assertStringIncludes(middle, "changes 0 of 10 answers");
  const late = readVisionLocalization(visionReport("ocr", [0, 0, 1])).text;
  assertStringIncludes(late, "holds here for none of ocr");
  // A model that ignores the image agrees with nobody.
  const none = readVisionLocalization(visionReport("recognition", [0, 0, 0])).text;
  assertStringIncludes(none, "holds here for none of recognition");
});

Deno.test("reasoning names the third that costs most", () => {
  const place = (layer: number, accuracy: number) => ({
    layer,
    n: 20,
    accuracy,
    accuracy_low: accuracy,
    accuracy_high: accuracy,
    drop: 0.5 - accuracy,
    drop_low: 0.4 - accuracy,
    drop_high: 0.6 - accuracy,
    accuracy_other: accuracy,
    finished: 20,
    undecided: 0,
  });
  const report: ReasoningReport = {
    basis: madeBases(["gsm8k"]),
    grading: "sound",
    disagreements: [],
    dataset: "gsm8k",
    model: "m",
    num_layers: 3,
    layers: [0, 1, 2],
    places: [place(-1, 0.5), place(0, 0.45), place(1, 0.4), place(2, 0.1)],
    levels: [],
    receipts: { ablations: 60, calls_left_out: 1 },
    bootstrap: { seed: 0, rounds: 1, confidence: 0.95 },
  };
  const { text } = readReasoningLocalization([report]);
  assertStringIncludes(text, "solves 50.0 %");
  assertStringIncludes(text, "5.0 % early, 10.0 % middle, 40.0 % late on average");
  assertStringIncludes(text, "most of all at layer 2 (40.0 %)");
  assertStringIncludes(text, "for 2 of 3 layers");
  assertStringIncludes(text, "here it is so.");
});
