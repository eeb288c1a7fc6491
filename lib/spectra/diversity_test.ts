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
import { computeDiversity } from "./diversity.ts";
import {
  diversityReportSchema,
  diversitySummaryFrame,
  representativeSpectraFrame,
} from "./diversity_report.ts";
import { readReport } from "../read_report.ts";

const TRIPLE = fileURLToPath(new URL("./testdata/triple", import.meta.url));
const folders = { base: join(TRIPLE, "base"), sft: join(TRIPLE, "in"), rl: join(TRIPLE, "rl") };

type Phases<T> = { sft: T; rl: T };

function assertClose(actual: number, expected: number, relative: number, what: string) {
  assertAlmostEquals(actual, expected, relative * Math.abs(expected) + 1e-12, what);
}

Deno.test("singular values agree with LAPACK in f64 within 1e-6", async () => {
  const report = await computeDiversity(folders, { topk: 1000 });
  const reference: Record<string, Phases<{ singular_values?: number[] }>> = JSON.parse(
    Deno.readTextFileSync(join(TRIPLE, "reference.json")),
  );
  const matrices = Object.keys(reference).filter((name) => reference[name].sft.singular_values);
  assertEquals(report.layers.map((layer) => layer.param_name).sort(), matrices.sort());
  for (const layer of report.layers) {
    for (const phase of ["sft", "rl"] as const) {
      const expected = reference[layer.param_name][phase].singular_values!;
      const values = layer[phase].singular_values;
      assertEquals(values.length, expected.length);
      values.forEach((value, i) => {
        if (expected[i] > 1e-5 * expected[0]) {
          assertClose(value, expected[i], 1e-6, `${layer.param_name} ${phase} ${i}`);
        }
      });
      assert(layer[phase].sum_of_squares_error! < 1e-12);
    }
  }
});

Deno.test("the report agrees with the original's within 1e-3, field by field", async () => {
  const ours = await computeDiversity(folders, { topk: 8 });
  const original = await readReport(join(TRIPLE, "original_diversity.json"), diversityReportSchema);
  const byName = new Map(ours.layers.map((layer) => [layer.param_name, layer]));
  assertEquals(byName.size, original.layers.length);
  for (const layer of original.layers) {
    const mine = byName.get(layer.param_name)!;
    assertEquals([mine.layer_idx, mine.section, mine.component, mine.region], [
      layer.layer_idx,
      layer.section,
      layer.component,
      layer.region,
    ]);
    for (const phase of ["sft", "rl"] as const) {
      const where = `${layer.param_name} ${phase}`;
      const { condition_number: _, singular_values, ...metrics } = layer[phase];
      for (const [key, value] of Object.entries(metrics)) {
        assertClose(mine[phase][key as keyof typeof metrics]!, value, 1e-3, `${where} ${key}`);
      }
      singular_values.forEach((value, i) =>
        assertClose(mine[phase].singular_values[i], value, 1e-3, `${where} ${i}`)
      );
    }
  }
  for (const [i, row] of original.summary.entries()) {
    const mine = ours.summary[i];
    assertEquals([mine.layer_idx, mine.region, mine.n_params], [
      row.layer_idx,
      row.region,
      row.n_params,
    ]);
    assertClose(mine.rl.stable_rank_mean, row.rl.stable_rank_mean, 1e-3, `summary ${i}`);
  }
});

Deno.test("1-D weights are left out with the reason, a zero update has a zero spectrum", async () => {
  const { layers, skipped } = await computeDiversity(folders);
  assertEquals(
    skipped!.find(({ param_name }) => param_name === "visual.merger.ln_q.weight")?.reason,
    "not a matrix (1-D)",
  );
  const zero = layers.find(({ param_name }) =>
    param_name === "model.layers.1.self_attn.k_proj.weight"
  )!;
  const { spectral_norm, stable_rank, effective_rank, singular_values } = zero.rl;
  assertEquals([spectral_norm, stable_rank, effective_rank], [0, 0, 0]);
  assert(singular_values.every((value) => value === 0));
});

Deno.test("a filter keeps matching names and says what it left out", async () => {
  const { layers, skipped, metadata } = await computeDiversity(folders, {
    weightFilter: "down_proj",
  });
  assert(layers.length > 0 && layers.every(({ param_name }) => param_name.includes("down_proj")));
  assert(skipped!.some(({ reason }) => reason === "not down_proj (--weight-filter)"));
  assertEquals(metadata.weight_filter, "down_proj");
  await assertRejects(() => computeDiversity(folders, { weightFilter: "nope" }), Error, '"nope"');
});

Deno.test("bad topk is refused", async () => {
  for (const topk of [0, -1, 1.5, NaN]) {
    await assertRejects(() => computeDiversity(folders, { topk }), RangeError, `top ${topk}`);
  }
});

Deno.test("planted updates of rank r come back as rank r, in their layers only", () =>
  withTempFolder(async (folder) => {
    const random = randomSource(11);
    const [rows, columns] = [48, 80];
    const names = [0, 1, 2].map((layer) => `model.layers.${layer}.mlp.down_proj.weight`);
    const weights = names.map(() => randomNormal(rows * columns, random));
    const planted = [0, 3, 7];
    // Small whole numbers times a power of two: sums stay exact in F32, so the rank is exact.
    const whole = () => Math.floor(random() * 7) - 3;
    const updates = planted.map((rank) => {
      const update = new Float64Array(rows * columns);
      for (let r = 0; r < rank; r++) {
        const u = Array.from({ length: rows }, whole);
        const v = Array.from({ length: columns }, whole);
        update.forEach((_, i) => update[i] += u[Math.floor(i / columns)] * v[i % columns]);
      }
      return update;
    });
    const write = (role: string, change: number) => {
      const tensors = Object.fromEntries(
        names.map((name, layer): [string, TensorToWrite] => [name, {
          dtype: "F32",
          shape: [rows, columns],
          values: weights[layer].map((w, i) =>
            Math.round(w * 64) / 64 + change * updates[layer][i] / 64
          ),
        }]),
      );
      return writeCheckpoint(join(folder, role), tensors);
    };
    const triple = { base: write("base", 0), sft: write("sft", 0), rl: write("rl", 1) };
    const { layers } = await computeDiversity(triple);
    layers.forEach(({ rl, sft }, layer) => {
      assertEquals(sft.spectral_norm, 0);
      const above = rl.singular_values.filter((s) => s > Math.max(rl.error_floor!, 1e-30)).length;
      assertEquals(above, planted[layer]);
    });
  }));

Deno.test("more than two dimensions are flattened from dimension 1", () =>
  withTempFolder(async (folder) => {
    const name = "model.layers.0.mlp.up_proj.weight";
    const values = randomNormal(24, randomSource(5));
    const write = (role: string, shape: number[], scale: number) =>
      writeCheckpoint(join(folder, role), {
        [name]: { dtype: "F32", shape, values: values.map((v) => Math.fround(v) * scale) },
      });
    const spectrum = async (shape: number[]) => {
      const label = shape.join("x");
      const { layers } = await computeDiversity({
        base: write(`${label}/b`, shape, 0),
        sft: write(`${label}/s`, shape, 1),
        rl: write(`${label}/r`, shape, 1),
      });
      return layers[0].sft.singular_values;
    };
    assertEquals(await spectrum([4, 3, 2]), await spectrum([4, 6]));
  }));

Deno.test("NaN is an error that names tensor, index and file", () =>
  withTempFolder(async (folder) => {
    const name = "model.layers.0.mlp.up_proj.weight";
    const write = (role: string, value: number) =>
      writeCheckpoint(join(folder, role), {
        [name]: { dtype: "BF16", shape: [2, 2], values: [1, 2, value, 4] },
      });
    const triple = { base: write("b", 3), sft: write("s", 3), rl: write("r", NaN) };
    const error = await assertRejects(() => computeDiversity(triple), Error, "element 2 of shape");
    assert(error.message.includes(name) && error.message.includes("/r/"), error.message);
  }));

Deno.test("frames have a row for each layer and phase, and normalised spectra start at 1", async () => {
  const report = await computeDiversity(folders, { topk: 8 });
  assertEquals(diversitySummaryFrame(report).height, 12);
  const rows = representativeSpectraFrame(report).toRecords() as {
    region: string;
    phase: string;
    rank: number;
    value: number | null;
  }[];
  const firsts = rows.filter(({ rank }) => rank === 1);
  assertEquals(
    firsts.map(({ region, phase, value }) => [region, phase, value]),
    [
      ["early", "IN", 1],
      ["early", "RL", 1],
      ["middle", "IN", 1],
      // The middle third's representative is the matrix that RL did not change.
      ["middle", "RL", null],
      ["late", "IN", 1],
      ["late", "RL", 1],
    ],
  );
});
