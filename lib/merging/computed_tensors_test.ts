import { assert, assertEquals } from "@std/assert";
import { Checkpoint, findTensors } from "../checkpoint/mod.ts";
import { noisyValues } from "../model/noise.ts";
import { readReference } from "./testdata/reference.ts";
import type { SmallModelOptions } from "./testdata/small_models.ts";
import { layerOf, sameAs, writeWith } from "./testdata/write_with.ts";

Deno.test("blends are numpy's, rounded once; one end of the range is that parent's bits", async () => {
  const name = "model.layers.2.mlp.up_proj.weight";
  for (const { alpha, a, b, bf16, a32, b32, f32 } of readReference().blends) {
    for (const dtype of ["BF16", "F32"] as const) {
      const set = (values: number[]): SmallModelOptions => ({
        dtype,
        change: (tensors) => {
          tensors[name].values = values;
        },
      });
      const [first, second] = dtype === "BF16" ? [a, b] : [a32, b32];
      const expected = dtype === "BF16" ? Uint16Array.from(bf16) : Uint32Array.from(f32);
      await writeWith(`sft layers 2-3 interpolate rl alpha=${alpha}`, ({ bytes, output }) => {
        assertEquals([...bytes(output, name)], [...new Uint8Array(expected.buffer)]);
      }, { sft: set(first), rl: set(second) });
    }
  }
  const [{ a, b }] = readReference().blends;
  const odd = (values: number[]): SmallModelOptions => ({
    change: (tensors) => {
      // What arithmetic would not leave alone.
      tensors[name].values = [...values.slice(0, 44), -0, Infinity, NaN, -Infinity];
    },
  });
  for (const [alpha, parent] of [[0, "sft"], [1, "rl"]] as const) {
    await writeWith(`sft layers 0-5 interpolate rl alpha=${alpha}`, (merged) => {
      const layers = sameAs(merged, merged.folders[parent]).filter((name) => layerOf(name) >= 0);
      assertEquals([layers.length, merged.written.computed], [30, 0]);
    }, { sft: odd(a), rl: odd(b) });
  }
});

Deno.test("a component limits a blend to its tensors", async () => {
  for (const [component, changed] of [["mlp", ".mlp."], ["attn", ".self_attn."], ["all", "."]]) {
    const expression = `sft layers 1-2 interpolate rl alpha=0.5 component=${component}`;
    await writeWith(expression, (merged) => {
      const same = new Set(sameAs(merged, merged.folders.sft));
      for (const name of findTensors(merged.output).keys()) {
        const touched = [1, 2].includes(layerOf(name)) && name.includes(changed);
        assertEquals(same.has(name), !touched, `${component}: ${name}`);
      }
    });
  }
});

Deno.test("noise is that of a running model, repeats with its seed, and keeps to its layers", async () => {
  const name = "model.layers.1.mlp.up_proj.weight";
  const noisy = async (ratio: number, seed: number) => {
    let values: Float32Array | Float64Array = new Float32Array();
    await writeWith(`sft layers 1-1 ablate noise=${ratio}`, async (merged) => {
      using result = Checkpoint.open(merged.output);
      values = result.read(name);
      const same = sameAs(merged, merged.folders.sft).filter((name) => layerOf(name) === 1);
      assertEquals(same.length, ratio === 0 ? 5 : 0);
      assertEquals(merged.written.computed, ratio === 0 ? 0 : 5);
      using parent = Checkpoint.open(merged.folders.sft);
      const tensor = parent.tensor(name);
      const options = { layer: 1, key: "up", amount: ratio, seed };
      assertEquals(values, await noisyValues(tensor, options));
    }, { seed, sft: { dtype: "F32" }, rl: { dtype: "F32" } });
    return values;
  };
  const [half, again, other] = [await noisy(0.5, 3), await noisy(0.5, 3), await noisy(0.5, 4)];
  assertEquals(half, again);
  assert(half.some((value, i) => Math.abs(value - other[i]) > 0.1));
  const [none, all] = [await noisy(0, 3), await noisy(1, 3)];
  half.forEach((value, i) => assert(Math.abs(value - 0.5 * (none[i] + all[i])) < 1e-6));
});

Deno.test("noise has the deviation of the weights, estimated without bias", async () => {
  // Pairs of numbers: dividing by n instead of n - 1 would halve the variance.
  const pairs = Array.from({ length: 1000 }, (_, i) => `model.layers.0.pair.${i}.weight`);
  const scale = (i: number) => 1 + i % 7;
  const change: SmallModelOptions["change"] = (tensors) => {
    pairs.forEach((name, i) => {
      tensors[name] = { dtype: "F32", shape: [2], values: [scale(i), 0] };
    });
  };
  await writeWith("sft layers 0-0 ablate noise=1", ({ output }) => {
    using result = Checkpoint.open(output);
    // The sample variance of [s, 0] is s^2 / 2.
    const squares = pairs.flatMap((name, i) =>
      [...result.read(name)].map((value) => value ** 2 / (scale(i) ** 2 / 2))
    );
    const variance = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    assert(Math.abs(variance - 1) < 0.12, `${variance}`);
  }, { sft: { change } });
});
