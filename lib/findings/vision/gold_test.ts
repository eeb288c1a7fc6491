import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { answerIs, type Box, boxOverlap, parseBox } from "./gold.ts";

Deno.test("boxes are read out of any text with four numbers", () => {
  assertEquals(parseBox("[1, 2.5, 3, -4] 5"), [1, 2.5, 3, -4]);
  assertEquals(parseBox("10,20,30,40"), [10, 20, 30, 40]);
  assertEquals(parseBox("10,20,30"), null);
  assertEquals(parseBox(""), null);
});

Deno.test("overlap is the shared area over the joint one", () => {
  // Counted pixel by pixel.
  const a: Box = [2, 3, 9, 8];
  const b: Box = [5, 1, 12, 6];
  let shared = 0;
  let joint = 0;
  for (let x = 0; x < 20; x++) {
    for (let y = 0; y < 20; y++) {
      const inside = ([l, t, r, bottom]: Box) => x >= l && x < r && y >= t && y < bottom;
      if (inside(a) && inside(b)) shared++;
      if (inside(a) || inside(b)) joint++;
    }
  }
  assertAlmostEquals(boxOverlap(a, b), shared / joint);
  assertEquals(boxOverlap([0, 0, 1, 1], [5, 5, 6, 6]), 0);
  assertEquals(boxOverlap([5, 5, 1, 1], [5, 5, 1, 1]), 0);
});

Deno.test("an answer is right by overlap where boxes count, by text elsewhere", () => {
  const gold = { answer: "0,0,10,10", box: { box: [0, 0, 10, 10] as Box, iouThreshold: 0.5 } };
  assert(answerIs("0,0,10,6", gold));
  assert(!answerIs("0,0,10,4", gold));
  assert(!answerIs("nowhere", gold));
  assert(answerIs(" CEA. ", { answer: "cea" }));
  assert(!answerIs("", { answer: "cea" }));
});
