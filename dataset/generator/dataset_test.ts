import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { writeDataset } from "./generate.ts";
import { makeVisualItems } from "./benchmarks.ts";
import { chain } from "./chain.ts";
import { createRandom } from "./random.ts";
import { algebra, numberTheory, prealgebra, wordProblem } from "./text_problems.ts";

const dataset = join(import.meta.dirname!, "..");

Deno.test("the shipped images and lines are, byte for byte, what the generator makes", async () => {
  const { files, different } = await writeDataset(dataset, { check: true });
  assertEquals(different, []);
  assert(files > 1200);
});

Deno.test("the held-out list names every shipped scene and problem once", async () => {
  const records = (await Deno.readTextFile(join(dataset, "tiny", "held_out.jsonl"))).trim().split(
    "\n",
  )
    .map((line) => JSON.parse(line) as { id: string; scene: string; expression: string });
  assertEquals(records.length, 800 + 480 + 600);
  const scenes = records.map(({ scene }) => scene).filter((scene) => scene !== null);
  assertEquals(scenes.length, 1280);
  const expressions = records.map(({ expression }) => expression).filter((text) => text !== null);
  assertEquals(expressions.length, 240 + 600);
  assertEquals(new Set(expressions).size, expressions.length);
});

/** Works a written chain out, left to right, as an independent reading of the question. */
function workOut(text: string): number {
  const [start, ...rest] = text.split(" ");
  let value = Number(start);
  for (let i = 0; i < rest.length; i += 2) {
    const n = Number(rest[i + 1]);
    value = rest[i] === "+" ? value + n : rest[i] === "-" ? value - n : value * n;
  }
  return value;
}

Deno.test("answers follow from the questions", () => {
  const random = createRandom("answers");
  for (let i = 0; i < 300; i++) {
    const level = i % 5 + 1;
    const computed = prealgebra(random, level);
    assertEquals(workOut(computed.question.split("$")[1]), Number(computed.answer));
    const solved = algebra(random, level);
    const [left, right] = solved.question.split("$")[3].split(" = ");
    assertEquals(workOut(left.replace("x", solved.answer)), Number(right));
    const last = numberTheory(random, level);
    assertEquals(workOut(last.question.split("$")[1]) % 10, Number(last.answer));
    const story = wordProblem(random, Math.min(level, 4));
    assertEquals(workOut(story.expression.slice("word problem ".length)), Number(story.answer));
  }
});

Deno.test("choices hold the right answer once", () => {
  for (const { problem, choices } of makeVisualItems(48, 3)) {
    if (!choices) continue;
    assertEquals(choices.filter((choice) => choice === problem.answer).length, 1);
    assertEquals(new Set(choices).size, 4);
  }
});

Deno.test("asking for more different problems than there are is an error", () => {
  assertThrows(() => makeVisualItems(2000, 1), Error, "Cannot draw 2000 different problems");
});

Deno.test("chain() writes every step", () => {
  assertEquals(chain(9, [{ op: "-", n: 4 }, { op: "+", n: 10 }]), {
    value: 15,
    thought: "9-4=5, 5+10=15.",
  });
});
