import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import type { z } from "zod";
import { basisTexts } from "../../basis.ts";
import { tinyFolder } from "../../testing/tiny_model.ts";
import { withTempFolder } from "../../testing/temp_folder.ts";
import { runExperiment } from "../../experiments/mod.ts";
import { ATTENTION_EXPERIMENT, ATTENTION_FILES } from "./experiment.ts";

const MODELS = {
  Base: { folder: tinyFolder("base"), name: "tiny/base" },
  IN: { folder: tinyFolder("in"), name: "tiny/in" },
  RL: { folder: tinyFolder("rl"), name: "tiny/rl" },
};

function run(output: string, more: z.input<typeof ATTENTION_EXPERIMENT.options> = {}) {
  return runExperiment(ATTENTION_EXPERIMENT, {
    ...{ models: MODELS, output, data: "embedded" },
    options: { sampleSize: 2, maxNewTokens: 40, ...more },
  });
}

Deno.test("three models, three texts; resumed to the same bytes; other options refused", () =>
  withTempFolder(async (folder) => {
    const report = await run(folder);
    assertEquals([report.fixed_text, report.num_layers, report.num_heads], ["IN", 12, 4]);
    assert(report.places.every(({ mass }) => mass === null || mass >= 0 && mass <= 1));
    const { basis } = JSON.parse(Deno.readTextFileSync(join(folder, ATTENTION_FILES.run)));
    assertEquals(basis, report.basis);
    assertEquals(basisTexts(basis), [
      "embedded MathVista math-targeted-vqa, n = 2, not graded",
    ]);
    const read = () =>
      Object.values(ATTENTION_FILES).filter((name) => name !== "run.json")
        .map((name) => Deno.readTextFileSync(join(folder, name)));
    const whole = read();
    assertEquals(whole[0].trimEnd().split("\n").length, 3 * 2);
    assertEquals(whole[1].trimEnd().split("\n").length, 3 * 2 * 2 + 2 * 2);
    for (const [name, bytes] of [["attention.jsonl", 5000], ["generations.jsonl", 900]] as const) {
      Deno.truncateSync(join(folder, name), Math.min(bytes, whole[0].length));
      if (name === "generations.jsonl") Deno.truncateSync(join(folder, "attention.jsonl"), 0);
      await run(folder);
      assertEquals(read(), whole);
    }
    await assertRejects(
      () => run(folder, { fixedText: "RL" }),
      Error,
      "options/fixed_text (IN there",
    );
    await assertRejects(
      () => run(join(folder, "other"), { category: "nothing" }),
      Error,
      "general-vqa, math-targeted-vqa",
    );
  }));
