/**
 * The pairs of vision localization: two images, one question, two answers, in the layout of the
 * original's vision_functionality_dataset.
 *
 * @module
 */
import type { VisionTask } from "../../lib/benchmarks/mod.ts";
import type { ImageProblem } from "./problem.ts";
import { createRandom, type Random } from "./random.ts";
import { boundingBox, type Scene } from "./scene.ts";
import { sceneSpec } from "./spec.ts";
import { objectName } from "./sprite.ts";
import {
  counting,
  drawCount,
  drawShape,
  drawWanted,
  drawWord,
  grounding,
  ocr,
  recognition,
} from "./vision_problems.ts";

/** Two images, the question about them, and what the original's `meta` says. */
export interface GeneratedPair {
  target: ImageProblem;
  source: ImageProblem;
  prompt: string;
  meta: Readonly<Record<string, unknown>>;
}

const canvas = [sceneSpec.side, sceneSpec.side];

/** Two different values of `draw`. */
function drawTwo<T>(draw: () => T): [T, T] {
  const first = draw();
  let second = draw();
  while (second === first) second = draw();
  return [first, second];
}

function boxOf(scene: Scene, object: string) {
  const found = scene.placements.find(({ sprite }) =>
    sprite.kind === "shape" && objectName(sprite) === object
  );
  return boundingBox(found!);
}

const makers: Record<VisionTask, (random: Random) => GeneratedPair> = {
  counting(random) {
    const [target, source] = drawTwo(() => drawCount(random)).map((n) => counting(random, n));
    return {
      target,
      source,
      // The published prompts of this task begin with a literal <image>.
      prompt: `<image>${target.question}`,
      meta: { target_answer: target.answer, source_answer: source.answer },
    };
  },
  ocr(random) {
    const [target, source] = drawTwo(() => drawWord(random)).map((word) => ocr(random, word));
    return {
      target,
      source,
      prompt: target.question,
      meta: { target_text: target.answer, source_text: source.answer, canvas_size: canvas },
    };
  },
  grounding(random) {
    const wanted = drawShape(random);
    const object = objectName(wanted);
    const target = grounding(random, wanted);
    let source = grounding(random, drawShape(random, wanted));
    while (source.answer === target.answer) source = grounding(random, drawShape(random, wanted));
    return {
      target,
      source,
      prompt: target.question,
      meta: {
        object_name: object,
        target_bbox_xyxy: boxOf(target.scene, object),
        source_bbox_xyxy: boxOf(source.scene, object),
        canvas_size: canvas,
        iou_threshold: 0.5,
      },
    };
  },
  recognition(random) {
    const wanted = drawWanted(random);
    const target = recognition(random, wanted, true);
    const source = recognition(random, wanted, false);
    return {
      target,
      source,
      prompt: target.question,
      meta: {
        category_name: wanted.object,
        target_answer: target.answer,
        source_answer: source.answer,
        canvas_size: canvas,
      },
    };
  },
};

/**
 * Pair number `index` of a task, for a seed.
 *
 * @example
 * ```ts
 * import { assertNotEquals } from "@std/assert";
 *
 * const { target, source } = makeVisionPair("counting", 0, 7);
 * assertNotEquals(target.answer, source.answer);
 * ```
 */
export function makeVisionPair(task: VisionTask, index: number, seed: number): GeneratedPair {
  return makers[task](createRandom(`vision/${seed}/${task}/${index}`));
}
