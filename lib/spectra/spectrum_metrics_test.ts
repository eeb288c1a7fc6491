import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { spectrumMetrics } from "./spectrum_metrics.ts";

const spectra = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
}).map((values) => Float64Array.from(values).sort().reverse());

Deno.test("ranks lie between 1 and the number of values", () => {
  fc.assert(fc.property(spectra, (values) => {
    const { stable_rank, effective_rank } = spectrumMetrics(values, 5);
    const limit = values.length * (1 + 1e-9);
    assert(stable_rank >= 1 - 1e-5 && stable_rank <= limit);
    assert(effective_rank >= 1 - 1e-9 && effective_rank <= limit);
    assert(stable_rank <= effective_rank ** 2 * (1 + 1e-9));
  }));
});

Deno.test("ranks and condition do not change with scale, norms grow with it", () => {
  fc.assert(fc.property(spectra, fc.integer({ min: 0, max: 6 }), (values, exponent) => {
    const scale = 2 ** exponent;
    const a = spectrumMetrics(values, 5);
    const b = spectrumMetrics(values.map((value) => value * scale), 5);
    assertAlmostEquals(b.effective_rank, a.effective_rank, 1e-9 * a.effective_rank);
    assertAlmostEquals(b.fro_norm, scale * a.fro_norm, 1e-12 * b.fro_norm);
    assertAlmostEquals(b.nuclear_norm, scale * a.nuclear_norm, 1e-12 * b.nuclear_norm);
  }));
});

Deno.test("a known spectrum has known metrics", () => {
  const m = spectrumMetrics(new Float64Array([4, 2, 2, 0]), 2);
  assertEquals([m.spectral_norm, m.nuclear_norm, m.singular_values], [4, 8, [4, 2]]);
  assertAlmostEquals(m.fro_norm, Math.sqrt(24), 1e-15);
  assertAlmostEquals(m.stable_rank, 1.5, 1e-12);
  // p = 1/2, 1/4, 1/4: entropy 1.5 ln 2.
  assertAlmostEquals(m.effective_rank, 2 ** 1.5, 1e-12);
  assertAlmostEquals(m.log_volume, Math.log(8), 1e-11);
  assertAlmostEquals(m.condition_number, 4e12, 1);
});

Deno.test("no update has ranks of zero, one value is perfectly conditioned", () => {
  const zero = spectrumMetrics(new Float64Array(3), 2);
  assertEquals([zero.stable_rank, zero.effective_rank, zero.fro_norm], [0, 0, 0]);
  assertEquals(spectrumMetrics(new Float64Array([5]), 2).condition_number, 1);
});
