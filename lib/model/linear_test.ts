import { assert } from "@std/assert";
import { Checkpoint } from "../checkpoint/mod.ts";
import { randomSource } from "../testing/random_source.ts";
import { randomNormal, writeCheckpoint } from "../testing/safetensors_writer.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { addLinear, type Precision } from "./linear.ts";
import { GraphSession } from "./session.ts";
import { hostTensor } from "./tensors.ts";
import type { WeightSource } from "./weight_source.ts";

const OUT = 700; // two row blocks, the second shorter
const WIDTH = 1000; // not a multiple of the int8 block

function matrices(): { checkpoint: Checkpoint; folder: string } {
  const folder = Deno.makeTempDirSync();
  const random = randomSource(3);
  const tensor = (shape: number[]) => ({
    dtype: "BF16" as const,
    shape,
    values: randomNormal(shape.reduce((a, b) => a * b), random),
  });
  writeCheckpoint(folder, {
    "model.layers.0.a": tensor([OUT, WIDTH]),
    "model.layers.0.b": tensor([OUT, WIDTH]),
    "model.layers.0.bias": tensor([OUT]),
  });
  return { checkpoint: Checkpoint.open(folder), folder };
}

/** Largest error over the largest result, against sums in f64. */
async function error(
  precision: Precision,
  weight: WeightSource,
  { values, bias, checkpoint }: {
    values: (i: number) => number;
    bias: boolean;
    checkpoint: Checkpoint;
  },
): Promise<number> {
  const graph = new GraphBuilder("linear");
  const x = graph.input("x", "f32", ["N", WIDTH]);
  const weights = { weight, bias: bias ? checkpoint.tensor("model.layers.0.bias") : undefined };
  const y = addLinear(graph, x, weights, { precision, bound: false });
  graph.output("y", y, "f32", ["N", OUT]);
  await using session = await GraphSession.open(graph, {
    foldWeights: precision !== "bf16",
  });
  const data = Float32Array.from(randomNormal(2 * WIDTH, randomSource(4)));
  const results = await session.compute({ x: hostTensor(data, [2, WIDTH]) }, ["y"]);
  const biases = checkpoint.read("model.layers.0.bias");
  let worst = 0;
  let largest = 0;
  for (let row = 0; row < 2; row++) {
    for (let out = 0; out < OUT; out++) {
      let sum = bias ? biases[out] : 0;
      for (let i = 0; i < WIDTH; i++) sum += data[row * WIDTH + i] * values(out * WIDTH + i);
      worst = Math.max(worst, Math.abs(Number(results.y.data[row * OUT + out]) - sum));
      largest = Math.max(largest, Math.abs(sum));
    }
  }
  return worst / largest;
}

Deno.test("products agree with sums in f64 in every precision, plain and blended", async () => {
  const { checkpoint, folder } = matrices();
  const a = checkpoint.read("model.layers.0.a");
  const b = checkpoint.read("model.layers.0.b");
  const plain = checkpoint.tensor("model.layers.0.a");
  const blended = { a: plain, b: checkpoint.tensor("model.layers.0.b"), alpha: 0.25 };
  for (const bias of [false, true]) {
    for (const [precision, limit] of [["f32", 2e-6], ["bf16", 2e-6], ["int8", 2e-2]] as const) {
      const one = await error(precision, plain, { values: (i) => a[i], bias, checkpoint });
      const two = await error(precision, blended, {
        values: (i) => 0.75 * a[i] + 0.25 * b[i],
        bias,
        checkpoint,
      });
      assert(one < limit, `${precision}: ${one}`);
      assert(two < limit, `${precision} blended: ${two}`);
      if (precision === "int8") assert(one > 1e-5, "8 bits cannot be exact");
    }
  }
  checkpoint.close();
  Deno.removeSync(folder, { recursive: true });
});
