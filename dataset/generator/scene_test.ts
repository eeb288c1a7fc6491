import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseSceneKey } from "./testdata/parse_scene_key.ts";
import { boundingBox, renderScene, sceneKey, toRgb } from "./scene.ts";
import { sceneSpec } from "./spec.ts";

/** Scenes drawn by the training side: `python3 -m tiny_family scene-hashes`. */
const fixture =
  (await Deno.readTextFile(join(import.meta.dirname!, "testdata", "scene_hashes.jsonl")))
    .trim().split("\n").map((line) => JSON.parse(line) as { key: string; sha256: string });

Deno.test("renderScene() draws the same pixels as the training side", () => {
  assert(fixture.length >= 50);
  for (const { key, sha256 } of fixture) {
    const rgb = toRgb(renderScene(parseSceneKey(key)));
    assertEquals(createHash("sha256").update(rgb).digest("hex"), sha256, key);
  }
});

Deno.test("sceneKey() is what parseSceneKey() reads", () => {
  for (const { key } of fixture) assertEquals(sceneKey(parseSceneKey(key)), key);
});

Deno.test("boundingBox() is the smallest box around what is painted", () => {
  for (const { key } of fixture) {
    const scene = parseSceneKey(key);
    for (const placement of scene.placements) {
      const pixels = renderScene({ background: scene.background, placements: [placement] });
      const painted = [...pixels.keys()].filter((i) => pixels[i] !== scene.background);
      const xs = painted.map((i) => i % sceneSpec.side);
      const ys = painted.map((i) => Math.floor(i / sceneSpec.side));
      assertEquals(boundingBox(placement), [
        Math.min(...xs),
        Math.min(...ys),
        Math.max(...xs) + 1,
        Math.max(...ys) + 1,
      ]);
    }
  }
});
