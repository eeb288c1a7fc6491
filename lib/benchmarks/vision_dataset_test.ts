import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { loadVisionPairs, VISION_TASKS, type VisionTask } from "./vision_dataset.ts";

const root = join(import.meta.dirname!, "..", "..");
const embedded = join(root, "dataset", "vision_functionality");

async function loadAll(folder: string, task: VisionTask) {
  return await loadVisionPairs(join(folder, task, "data.jsonl"), task);
}

for (const task of VISION_TASKS) {
  Deno.test(`loadVisionPairs() loads the embedded ${task} pairs`, async () => {
    const pairs = await loadAll(embedded, task);
    assertEquals(pairs.length, 100);
    assertEquals(new Set(pairs.map(({ id }) => id)).size, 100);
    for (const pair of pairs) assert(pair.targetAnswer !== pair.sourceAnswer, pair.id);
  });
}

Deno.test("loadVisionPairs() loads the original's published folder", async () => {
  const folder = Deno.env.get("FRANKENSTEIN_VISION_DATASET") ??
    join(root, "..", "shared", "data", "vision_functionality_dataset");
  try {
    await Deno.stat(folder);
  } catch {
    console.warn(
      `SKIPPED: no ${folder}; set FRANKENSTEIN_VISION_DATASET to the original's folder.`,
    );
    return;
  }
  const pairs = (await Promise.all(VISION_TASKS.map((task) => loadAll(folder, task)))).flat();
  assertEquals(pairs.length, 400);
  assertEquals(pairs[0].targetAnswer, "3");
  assertStringIncludes(pairs[0].prompt, "<image>How many");
});

const good = {
  id: "ocr_0",
  task: "ocr",
  target_image: "images/a.png",
  source_image: "images/a.png",
  prompt: "Read",
  meta: { target_text: "AB", source_text: "CD" },
};

/** A dataset of one good line and then `line`; the message of the error that loading it gives. */
async function messageFor(line: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "ocr", "images"), { recursive: true });
    await Deno.writeTextFile(join(folder, "ocr", "images", "a.png"), "");
    await Deno.writeTextFile(join(folder, "outside.png"), "");
    await Deno.symlink(join(folder, "outside.png"), join(folder, "ocr", "images", "link.png"));
    await Deno.writeTextFile(
      join(folder, "ocr", "data.jsonl"),
      `${JSON.stringify(good)}\n${line}\n`,
    );
    const error = await assertRejects(() => loadAll(folder, "ocr"), Error);
    return error.message;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const faults: [string, string, string][] = [
  ["a broken line", '{"id": ', "not JSON"],
  ["a missing field", JSON.stringify({ ...good, meta: { target_text: "AB" } }), "meta.source_text"],
  ["a missing image", JSON.stringify({ ...good, source_image: "images/b.png" }), "is missing"],
  [
    "a path out",
    JSON.stringify({ ...good, target_image: "../outside.png" }),
    "leaves the data set",
  ],
  ["an absolute path", JSON.stringify({ ...good, target_image: "/etc/passwd" }), "leaves"],
  ["a link out", JSON.stringify({ ...good, target_image: "images/link.png" }), "link that leaves"],
  ["a NUL in a path", JSON.stringify({ ...good, target_image: "a\0.png" }), "leaves"],
  [
    "another task",
    JSON.stringify({ ...good, task: "counting", meta: { target_answer: "1", source_answer: "2" } }),
    'task: is "counting", expected "ocr"',
  ],
  ["an id that stands twice", JSON.stringify(good), 'the id "ocr_0" stands twice'],
  ["an unknown task", JSON.stringify({ ...good, task: "smelling" }), "task"],
];
for (const [name, line, expected] of faults) {
  Deno.test(`loadVisionPairs() names file and line of ${name}`, async () => {
    const message = await messageFor(line);
    if (!expected.includes("twice")) assertStringIncludes(message, "data.jsonl, line 2");
    assertStringIncludes(message, expected);
  });
}

Deno.test("loadVisionPairs() says which file an absent task lacks", async () => {
  await assertRejects(() => loadAll("/nonexistent", "ocr"), Error, "ocr/data.jsonl: there is no");
});
