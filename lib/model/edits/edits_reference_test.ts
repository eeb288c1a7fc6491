/**
 * Every kind of edit against PyTorch hooks in Hugging Face transformers (f32, eager):
 * training/reference/make_edit_fixtures.py made the numbers from the same JSON.
 */
import { assert, assertEquals } from "@std/assert";
import { Checkpoint } from "../../checkpoint/mod.ts";
import { Decoder } from "../decoder.ts";
import { forward } from "../forward.ts";
import { generate } from "../generate.ts";
import { planOf } from "../layer_list.ts";
import {
  caseInput,
  maxDifference,
  readEditReference,
  readReference,
  repositoryFile,
} from "../testdata/reference.ts";
import { EDIT_KINDS } from "./kinds.ts";

for (const name of ["tiny", "random"] as const) {
  Deno.test(`${name}: edits of every kind in one batch give the hooks' logits and tokens`, async () => {
    const reference = readReference(name);
    const { rows, logits, tokens } = readEditReference(name);
    using checkpoint = Checkpoint.open(repositoryFile(reference.meta.model));
    await using decoder = await Decoder.open(planOf(checkpoint));
    const input = caseInput(reference, "square");
    const requests = rows.map((edits) => ({ input, edits }));
    // An unmodified row beside them shares what it can.
    const all = [{ input }, ...requests];
    const got = await forward(decoder, all);
    const { steps } = reference.meta;
    const answers = await generate(decoder, all, { maxNewTokens: steps });
    for (const [i, edits] of rows.entries()) {
      const what = `row ${i}: ${JSON.stringify(edits).slice(0, 120)}`;
      const want = logits.data.subarray(i * decoder.config.vocabSize).subarray(
        0,
        decoder.config.vocabSize,
      );
      const difference = maxDifference(got[i + 1].logits, want);
      assert(difference < 2e-4, `${what}: ${difference}`);
      assertEquals(
        [...answers[i + 1].tokens],
        [...tokens.data].slice(i * steps, (i + 1) * steps),
        what,
      );
    }
  });
}

Deno.test("the reference has every kind that JSON can hold, and every site", () => {
  const edits = readEditReference("random").rows.flat();
  const kinds = new Set(edits.map(({ kind }) => kind));
  // Swaps have references of their own, against a second image.
  const missing = Object.keys(EDIT_KINDS).filter((kind) =>
    !kinds.has(kind as typeof edits[0]["kind"])
  );
  assertEquals(missing.toSorted(), ["function", "swapVisualTokens"]);
  const sites = new Set(edits.flatMap((edit) => "site" in edit ? [edit.site] : []));
  assertEquals(sites.size, 6);
});
