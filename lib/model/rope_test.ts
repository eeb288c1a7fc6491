import { assertAlmostEquals, assertEquals } from "@std/assert";
import { rotationsAt } from "./positions.ts";

const config = {
  headDim: 16,
  ropeTheta: 10000,
  mropeSection: [2, 3, 3] as [number, number, number],
};

Deno.test("each frequency follows its section's axis", () => {
  const positions = new Int32Array([3, 5, 7, 11, 13, 17]); // t: 3 5, h: 7 11, w: 13 17
  const { cos, sin } = rotationsAt(positions, config);
  const axes = [0, 0, 1, 1, 1, 2, 2, 2];
  for (let token = 0; token < 2; token++) {
    for (const [i, axis] of axes.entries()) {
      const angle = positions[2 * axis + token] * 10000 ** (-2 * i / 16);
      assertAlmostEquals(cos[token * 8 + i], Math.cos(angle), 2e-6);
      assertAlmostEquals(sin[token * 8 + i], Math.sin(angle), 2e-6);
    }
  }
});

Deno.test("a range of tokens is that part of the whole", () => {
  const positions = Int32Array.from({ length: 30 }, (_, i) => (i * 7) % 10);
  const all = rotationsAt(positions, config);
  const own = [0, 10, 20].flatMap((axis) => [...positions.subarray(axis + 4, axis + 7)]);
  const part = rotationsAt(Int32Array.from(own), config);
  assertEquals(part.cos, all.cos.slice(4 * 8, 7 * 8));
  assertEquals(part.sin, all.sin.slice(4 * 8, 7 * 8));
});
