/**
 * The pairs of vision localization: loads the original's vision_functionality_dataset and the
 * embedded one alike (TASK/data.jsonl with images beside it).
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { resolveImage } from "./dataset_image.ts";
import { JsonLineError, readJsonLines } from "./json_lines.ts";

/** The four vision tasks. */
export const VISION_TASKS = ["counting", "ocr", "grounding", "recognition"] as const;
/** One of the four vision tasks. */
export type VisionTask = typeof VISION_TASKS[number];

/** Left, top, right, bottom in pixels. */
export type BoxXyxy = [number, number, number, number];

/** A pair of images, one question about both, and what is right for each. */
export interface VisionPair {
  id: string;
  task: VisionTask;
  /** Full path of the image that the question is asked about. */
  targetImage: string;
  /** Full path of the image whose visual tokens are swapped in. */
  sourceImage: string;
  /** As published: the counting prompts begin with a literal `<image>`. */
  prompt: string;
  targetAnswer: string;
  sourceAnswer: string;
  /** Grounding only. */
  boxes?: { target: BoxXyxy; source: BoxXyxy; iouThreshold: number };
  /** Everything in the record's `meta`, as it stands. */
  meta: Readonly<Record<string, unknown>>;
}

const text = z.string().min(1);
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const answers = z.looseObject({ target_answer: text, source_answer: text });
const metaSchemas = {
  counting: answers,
  recognition: answers,
  ocr: z.looseObject({ target_text: text, source_text: text }),
  grounding: z.looseObject({
    target_bbox_xyxy: box,
    source_bbox_xyxy: box,
    iou_threshold: z.number().min(0).max(1),
  }),
};

function record<T extends VisionTask, M extends z.ZodType>(task: T, meta: M) {
  return z.object({
    id: text,
    task: z.literal(task),
    target_image: text,
    source_image: text,
    prompt: text,
    meta,
  });
}

const schema = z.discriminatedUnion("task", [
  record("counting", metaSchemas.counting),
  record("recognition", metaSchemas.recognition),
  record("ocr", metaSchemas.ocr),
  record("grounding", metaSchemas.grounding),
]);
type VisionRecord = z.infer<typeof schema>;

/** What is right for both images, whatever the task calls it. */
function answersOf(
  found: VisionRecord,
): Pick<VisionPair, "targetAnswer" | "sourceAnswer" | "boxes"> {
  switch (found.task) {
    case "counting":
    case "recognition":
      return { targetAnswer: found.meta.target_answer, sourceAnswer: found.meta.source_answer };
    case "ocr":
      return { targetAnswer: found.meta.target_text, sourceAnswer: found.meta.source_text };
    case "grounding": {
      const { target_bbox_xyxy: target, source_bbox_xyxy: source } = found.meta;
      return {
        targetAnswer: target.join(","),
        sourceAnswer: source.join(","),
        boxes: { target, source, iouThreshold: found.meta.iou_threshold },
      };
    }
  }
}

/**
 * Streams the pairs of one task, in the file's order.
 *
 * @param folder The dataset's folder, which holds a folder for each task.
 * @throws {JsonLineError} If a line is broken, lacks a field, belongs to another task, or names an
 * image that is missing or outside the task's folder; the message says file and line.
 * @throws {Deno.errors.NotFound} If the task has no data.jsonl.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const pairs = await Array.fromAsync(loadVisionTask("dataset/vision_functionality", "ocr"));
 * assertEquals(pairs.length, 100);
 * ```
 */
export async function* loadVisionTask(
  folder: string,
  task: VisionTask,
): AsyncGenerator<VisionPair> {
  const taskFolder = join(folder, task);
  const file = join(taskFolder, "data.jsonl");
  for await (const { value, line } of readJsonLines(file, schema)) {
    if (value.task !== task) {
      throw new JsonLineError(file, line, `task: is "${value.task}", expected "${task}".`);
    }
    const image = (field: "target_image" | "source_image") =>
      resolveImage(value[field], { folder: taskFolder, file, line, field });
    yield {
      id: value.id,
      task,
      targetImage: await image("target_image"),
      sourceImage: await image("source_image"),
      prompt: value.prompt,
      ...answersOf(value),
      meta: value.meta,
    };
  }
}
