import { assertEquals } from "@std/assert";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { Checkpoint } from "../checkpoint/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { embeddingGraph, headGraph } from "./lm_head.ts";
import { logitEditInputs } from "./logit_edits.ts";
import { sessionOptions, toOrt } from "./session.ts";
import { writeSparseHead } from "./testdata/synthetic_checkpoint.ts";

/** Runs a graph once; the operators that ran, each with the elements of its largest output. */
async function operatorsOf(graph: GraphBuilder, feeds: Record<string, ort.Tensor>, folder: string) {
  const options = sessionOptions();
  const session = await ort.InferenceSession.create(graph.serialize(), {
    ...options,
    // Packing comes after folding, and would take a second copy of the head.
    extra: { ...options.extra, "session.disable_prepacking": "1" },
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
  });
  await session.run(feeds);
  session.endProfiling();
  await session.release();
  const [{ name }] = [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("profile"));
  const events: { cat: string; args: { op_name?: string; output_size?: string } }[] = JSON.parse(
    Deno.readTextFileSync(join(folder, name)),
  );
  Deno.removeSync(join(folder, name));
  return events.filter(({ cat, args }) => cat === "Node" && args.op_name !== undefined)
    .map(({ args }) => [args.op_name!, Number(args.output_size)] as const);
}

Deno.test("no weight of a published vocabulary is widened when the model runs", () =>
  withTempFolder(async (folder) => {
    const { vocabSize, hiddenSize } = writeSparseHead(folder);
    using checkpoint = Checkpoint.open(folder);
    const head = checkpoint.tensor("lm_head.weight");
    const plan = {
      config: { hiddenSize, vocabSize, rmsNormEps: 1e-6 },
      finalNorm: checkpoint.tensor("model.norm.weight"),
      embedding: head,
      head,
    };
    const x = new ort.Tensor("float32", new Float32Array(hiddenSize), [1, hiddenSize]);
    const form = { precision: "f32", bound: false } as const;
    const edits = Object.fromEntries(
      Object.entries(logitEditInputs()).map(([name, tensor]) => [name, toOrt(tensor)]),
    );
    const ran = await operatorsOf(headGraph(plan, form), { x, ...edits }, folder);
    const count = (type: string) => ran.filter(([name]) => name === type).length;
    // Five blocks of rows, their logits put together, and the index of the largest.
    assertEquals([count("Gemm"), count("Concat"), count("ArgMax")], [5, 1, 1]);
    const widened = ran.filter(([name, bytes]) => name === "Cast" && bytes > 4 * vocabSize);
    assertEquals(widened, []);

    const ids = new ort.Tensor("int32", new Int32Array(3), [3]);
    const embedded = await operatorsOf(embeddingGraph(plan), { ids }, folder);
    assertEquals(embedded, [["Gather", 3 * hiddenSize * 2], ["Cast", 3 * hiddenSize * 4]]);
  }));
