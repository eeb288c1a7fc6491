import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Checkpoint } from "../checkpoint/mod.ts";
import { qwenConfigOf } from "./qwen_config.ts";
import { type VisionGridConfig, visionPositions } from "./vision_positions.ts";
import { readReference, repositoryFile } from "./testdata/reference.ts";

const CONFIG: VisionGridConfig = {
  patchSize: 14,
  spatialMergeSize: 2,
  windowSize: 112,
  hiddenSize: 1280,
  numHeads: 16,
};

for (const name of ["random", "tiny"] as const) {
  Deno.test(`window order equals the reference's: ${name}`, () => {
    const { meta, ints } = readReference(name);
    using checkpoint = Checkpoint.open(repositoryFile(meta.model));
    const { vision } = qwenConfigOf(checkpoint);
    assert(meta.windows.length > 4);
    meta.windows.forEach((grid, i) => {
      const { windowIndex, windowStarts } = visionPositions(grid, vision);
      assertEquals([...windowIndex], [...ints(`window.${i}.index`).data], `grid ${grid}`);
      assertEquals([...windowStarts], [...ints(`window.${i}.starts`).data], `grid ${grid}`);
    });
  });
}

const side = fc.integer({ min: 1, max: 20 });

Deno.test("the order sorts groups by window, then by place in the window", () => {
  fc.assert(fc.property(side, side, fc.integer({ min: 1, max: 5 }), (height, width, window) => {
    const config = { ...CONFIG, windowSize: window * 28 };
    const { windowIndex, windowStarts } = visionPositions(
      [1, 2 * height, 2 * width],
      config,
    );
    const groups = Array.from({ length: height * width }, (_, i) => {
      const [y, x] = [Math.floor(i / width), i % width];
      return { i, key: [Math.floor(y / window), Math.floor(x / window), y, x] };
    });
    groups.sort((a, b) => {
      const axis = a.key.findIndex((value, k) => value !== b.key[k]);
      return axis < 0 ? 0 : a.key[axis] - b.key[axis];
    });
    assertEquals([...windowIndex], groups.map(({ i }) => i));
    // A window starts where the first two numbers change.
    const starts = groups.flatMap(({ key }, place) => {
      const before = groups[place - 1]?.key;
      return before?.[0] === key[0] && before?.[1] === key[1] ? [] : [place * 4];
    });
    assertEquals([...windowStarts], [...starts, groups.length * 4]);
  }));
});

Deno.test("each patch turns by its row and its column", () => {
  fc.assert(
    fc.property(side, side, fc.nat(), fc.nat(19), (height, width, pick, frequency) => {
      const { windowIndex, cos, sin } = visionPositions([1, 2 * height, 2 * width], CONFIG);
      const patch = pick % (height * width * 4);
      const group = windowIndex[Math.floor(patch / 4)];
      const row = 2 * Math.floor(group / width) + Math.floor(patch % 4 / 2);
      const column = 2 * (group % width) + patch % 2;
      // A head of 80 dimensions has 40 angles: 20 by row, then 20 by column.
      const turn = 10000 ** (-frequency / 20);
      const at = patch * 40 + frequency;
      assertAlmostEquals(cos[at], Math.cos(row * turn), 2e-5);
      assertAlmostEquals(sin[at], Math.sin(row * turn), 2e-5);
      assertAlmostEquals(cos[at + 20], Math.cos(column * turn), 2e-5);
      assertAlmostEquals(sin[at + 20], Math.sin(column * turn), 2e-5);
    }),
  );
});

Deno.test("grids that are not one frame of whole groups are refused", () => {
  for (const grid of [[2, 4, 4], [1, 3, 4], [1, 4, 5], [1, 0, 4]] as [number, number, number][]) {
    assertThrows(() => visionPositions(grid, CONFIG), RangeError, `grid [${grid.join(", ")}]`);
  }
});
