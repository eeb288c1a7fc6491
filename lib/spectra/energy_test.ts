import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomSource } from "../testing/random_source.ts";
import {
  randomNormal,
  type TensorToWrite,
  writeCheckpoint,
} from "../testing/safetensors_writer.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { computeEnergy } from "./energy.ts";
import { updateOverlap } from "./update_overlap.ts";
import { energyReportSchema, energySummaryFrame } from "./energy_report.ts";
import { readReport } from "../read_report.ts";

const TRIPLE = fileURLToPath(new URL("./testdata/triple", import.meta.url));
const folders = {
  base: join(TRIPLE, "base"),
  sft: join(TRIPLE, "in"),
  rl: join(TRIPLE, "rl"),
};

function assertClose(actual: number, expected: number, relative: number, what: string) {
  assertAlmostEquals(actual, expected, relative * Math.abs(expected) + 1e-300, what);
}

interface Reference {
  in_norm: number;
  elements: number;
  unchanged: [number, number];
  inner_product: number;
  rounding_norm: number;
  sft: { fro_norm: number };
  rl: { fro_norm: number };
}

function readReference(): Record<string, Reference> {
  return JSON.parse(Deno.readTextFileSync(join(TRIPLE, "reference.json")));
}

Deno.test("norms agree with numpy in f64 on a sharded bf16 triple", async () => {
  const report = await computeEnergy(folders, { workers: 2 });
  const reference = readReference();
  assertEquals(
    report.layers.map((layer) => layer.param_name).sort(),
    Object.keys(reference).sort(),
  );
  for (const { param_name, sft, rl } of report.layers) {
    const expected = reference[param_name];
    assertClose(sft.fro_norm, expected.sft.fro_norm, 1e-6, param_name);
    assertClose(rl.fro_norm, expected.rl.fro_norm, 1e-6, param_name);
    assertClose(
      sft.relative_norm,
      expected.sft.fro_norm / (expected.in_norm + 1e-8),
      1e-6,
      param_name,
    );
  }
  const zero = report.layers.find(({ rl }) => rl.fro_norm === 0);
  assertEquals(zero?.param_name, "model.layers.1.self_attn.k_proj.weight");
});

Deno.test("unchanged elements, inner products and rounding agree with numpy", async () => {
  const { layers } = await computeEnergy(folders, { workers: 1 });
  const reference = readReference();
  for (const layer of layers) {
    const { param_name, sft, rl, elements, inner_product, rounding_norm } = layer;
    const expected = reference[param_name];
    assertEquals(elements, expected.elements);
    assertEquals([sft.unchanged, rl.unchanged], expected.unchanged, param_name);
    const scale = 1e-6 * sft.fro_norm * rl.fro_norm;
    assertAlmostEquals(inner_product!, expected.inner_product, scale + 1e-300, param_name);
    assertClose(rounding_norm!, expected.rounding_norm, 1e-6, param_name);
  }
  const all = layers.map(({ param_name }) => reference[param_name]);
  const sum = (value: (one: Reference) => number) =>
    all.reduce((total, one) => total + value(one), 0);
  const overlap = updateOverlap(layers);
  const norm = (value: (one: Reference) => number) => Math.sqrt(sum((one) => value(one) ** 2));
  const [ofIn, ofRl] = [norm(({ sft }) => sft.fro_norm), norm(({ rl }) => rl.fro_norm)];
  assertAlmostEquals(overlap.cosine!, sum((one) => one.inner_product) / ofIn / ofRl, 1e-6);
  assertClose(
    overlap.rl_unchanged!,
    sum((one) => one.unchanged[1]) / sum((one) => one.elements),
    1e-12,
    "unchanged",
  );
  assertClose(overlap.in_over_rounding!, ofIn / norm((one) => one.rounding_norm), 1e-6, "rounding");
});

Deno.test("the report agrees with the original's fp16 arithmetic within 1e-3, field by field", async () => {
  const ours = await computeEnergy(folders);
  const original = await readReport(join(TRIPLE, "original_energy.json"), energyReportSchema);
  assertEquals(ours.summary.map((row) => row.layer_idx), [-2, -1, 0, 1, 2, 3]);
  for (const [i, row] of original.summary.entries()) {
    const mine = ours.summary[i];
    assertEquals([mine.layer_idx, mine.section, mine.n_params], [
      row.layer_idx,
      row.section,
      row.n_params,
    ]);
    for (const phase of ["sft", "rl"] as const) {
      for (const [key, value] of Object.entries(row[phase])) {
        assertClose(mine[phase][key as keyof typeof row.sft], value, 1e-3, `${i} ${phase} ${key}`);
      }
    }
  }
  const byName = new Map(ours.layers.map((layer) => [layer.param_name, layer]));
  for (const layer of original.layers) {
    const mine = byName.get(layer.param_name)!;
    assertEquals([mine.layer_idx, mine.section, mine.component], [
      layer.layer_idx,
      layer.section,
      layer.component,
    ]);
    assertClose(mine.rl.relative_norm, layer.rl.relative_norm, 1e-3, layer.param_name);
  }
});

Deno.test("what is left out is listed with its reason", async () => {
  const { skipped } = await computeEnergy(folders, { llmOnly: true });
  const reasons = Object.fromEntries(
    skipped!.map(({ param_name, reason }) => [param_name, reason]),
  );
  assertEquals(
    reasons["visual.patch_embed.proj.weight"],
    "no layer index (embedding, head, patch embedding)",
  );
  assertEquals(reasons["model.layers.0.self_attn.q_proj.bias"], "not a weight (bias or buffer)");
  assertEquals(reasons["model.norm.weight"], "a norm's weight");
  assertEquals(reasons["visual.merger.mlp.0.weight"], "not in the LLM (--llm)");
});

Deno.test("progress counts bytes up to the total", async () => {
  const events: number[] = [];
  let total = 0;
  await computeEnergy(folders, {
    onProgress: (event) => {
      events.push(event.done);
      total = event.total;
    },
  });
  assertEquals(events[0], 0);
  assertEquals(events.at(-1), total);
  assertEquals(events.toSorted((a, b) => a - b), events);
});

/** Three checkpoints of one parameter each, written to `folder`. */
function writeTriple(folder: string, tensors: TensorToWrite[], name = PARAMETER) {
  const roles = ["base", "sft", "rl"] as const;
  const paths = roles.map((role, i) => writeCheckpoint(join(folder, role), { [name]: tensors[i] }));
  return { base: paths[0], sft: paths[1], rl: paths[2] };
}

const PARAMETER = "model.layers.0.mlp.up_proj.weight";

Deno.test("a mix of dtypes and blocks that end anywhere agree with plain sums", () =>
  withTempFolder(async (folder) => {
    const random = randomSource(3);
    const shape = [131, 1031];
    const values = [0, 1, 2].map(() => randomNormal(131 * 1031, random));
    const dtypes = ["BF16", "F32", "F64"] as const;
    const tensors = dtypes.map((dtype, i) => ({ dtype, shape, values: values[i] }));
    const [base, sft, rl] = [
      values[0].map((v) => new Float32Array([v])[0]),
      values[1].map(Math.fround),
      values[2],
    ];
    // Rounding of BF16 to nearest even, by arithmetic instead of bits.
    const bf16 = base.map((v) => {
      const step = 2 ** (Math.floor(Math.log2(Math.abs(v))) - 7);
      const scaled = v / step;
      const floor = Math.floor(scaled);
      const rest = scaled - floor;
      const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
      return (floor + (up ? 1 : 0)) * step;
    });
    const squares = (a: Float64Array, b: Float64Array) =>
      a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
    const { layers: [layer] } = await computeEnergy(writeTriple(folder, tensors));
    assertClose(layer.sft.fro_norm, Math.sqrt(squares(sft, bf16)), 1e-10, "sft");
    assertClose(layer.rl.fro_norm, Math.sqrt(squares(rl, sft)), 1e-10, "rl");
    const product = sft.reduce((sum, value, i) => sum + (value - bf16[i]) * (rl[i] - value), 0);
    assertClose(layer.inner_product!, product, 1e-10, "product");
    // A step of f32: 24 significant bits.
    const steps = sft.reduce((sum, v) => sum + 4 ** (Math.floor(Math.log2(Math.abs(v))) - 23), 0);
    assertClose(layer.rounding_norm!, Math.sqrt(steps / 12), 1e-10, "rounding");
  }));

Deno.test("NaN and infinity are errors that name tensor, index and file", () =>
  withTempFolder(async (folder) => {
    for (const [i, value] of [NaN, Infinity, -Infinity].entries()) {
      const tensors = [0, 1, 2].map((role) => ({
        dtype: "BF16" as const,
        shape: [10, 3],
        values: Array.from({ length: 30 }, (_, k) => (role === i && k === 17 ? value : k)),
      }));
      const error = await assertRejects(
        () => computeEnergy(writeTriple(join(folder, String(i)), tensors)),
        Error,
        `element 17 of shape [10, 3]`,
      );
      assert(error.message.includes(PARAMETER), error.message);
      assert(error.message.includes(join(String(i), ["base", "sft", "rl"][i])), error.message);
    }
  }));

Deno.test("triples that do not match are refused, with names", () =>
  withTempFolder(async (folder) => {
    const ones = (shape: number[]): TensorToWrite => ({
      dtype: "BF16",
      shape,
      values: new Float64Array(shape.reduce((a, b) => a * b)).fill(1),
    });
    const differing = writeTriple(join(folder, "a"), [ones([2, 3]), ones([2, 3]), ones([3, 2])]);
    await assertRejects(
      () => computeEnergy(differing),
      Error,
      `shapes differ: ${PARAMETER} (base [2, 3], sft [2, 3], rl [3, 2])`,
    );
    const triple = writeTriple(join(folder, "b"), [ones([2]), ones([2]), ones([2])]);
    writeCheckpoint(triple.rl, { "model.layers.0.other": ones([2]) });
    await assertRejects(() => computeEnergy(triple), Error, `${PARAMETER} (not in rl)`);
    await assertRejects(
      () => computeEnergy({ ...triple, base: join(folder, "nowhere") }),
      Error,
      "no such folder",
    );
  }));

Deno.test("the summary frame has a row for each layer and phase", async () => {
  const frame = energySummaryFrame(await computeEnergy(folders));
  assertEquals(frame.shape, { height: 12, width: 8 });
  assertEquals(frame.getColumn("phase").toArray().slice(0, 2), ["IN", "RL"]);
});
