/**
 * The pairs of vision localization, of the original's vision_functionality_dataset and the embedded
 * ones alike (TASK/data.jsonl with images beside it).
 *
 * @module
 */
import { z } from "zod";
import { resolveImage } from "./dataset_image.ts";
import { filledText as text, readRows, rowError, withUniqueIds } from "./dataset_rows.ts";

export const VISION_TASKS = ["counting", "ocr", "grounding", "recognition"] as const;
export type VisionTask = typeof VISION_TASKS[number];

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
  /** Grounding only: left, top, right, bottom in pixels. */
  boxes?: { target: z.infer<typeof box>; source: z.infer<typeof box>; iouThreshold: number };
  /** Everything in the record's `meta`, as it stands. */
  meta: Readonly<Record<string, unknown>>;
}

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const answers = z.looseObject({ target_answer: text, source_answer: text }).transform((meta) => ({
  meta,
  targetAnswer: meta.target_answer,
  sourceAnswer: meta.source_answer,
}));

/** What is right for both images, whatever a task's `meta` calls it. */
const METAS = {
  counting: answers,
  recognition: answers,
  ocr: z.looseObject({ target_text: text, source_text: text }).transform((meta) => ({
    meta,
    targetAnswer: meta.target_text,
    sourceAnswer: meta.source_text,
  })),
  grounding: z.looseObject({
    target_bbox_xyxy: box,
    source_bbox_xyxy: box,
    iou_threshold: z.number().min(0).max(1),
  }).transform((meta) => {
    const { target_bbox_xyxy: target, source_bbox_xyxy: source, iou_threshold } = meta;
    return {
      meta,
      targetAnswer: target.join(","),
      sourceAnswer: source.join(","),
      boxes: { target, source, iouThreshold: iou_threshold },
    };
  }),
} satisfies Record<
  VisionTask,
  z.ZodType<Pick<VisionPair, "targetAnswer" | "sourceAnswer" | "boxes" | "meta">>
>;

const record = <T extends VisionTask>(task: T) =>
  z.object({
    id: text,
    task: z.literal(task),
    target_image: text,
    source_image: text,
    prompt: text,
    meta: METAS[task],
  });
const schema = z.discriminatedUnion("task", [
  record("counting"),
  record("recognition"),
  record("ocr"),
  record("grounding"),
]);

/**
 * Reads the pairs of one task, in the file's order.
 *
 * @param path The task's data.jsonl.
 * @throws {Error} If the file is missing, an id stands twice, or a line is broken, lacks a field,
 * belongs to another task, or names an image that is missing or outside of the file's folder; the
 * message says file and line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const pairs = await loadVisionPairs("dataset/vision_functionality/ocr/data.jsonl", "ocr");
 * assertEquals(pairs.length, 100);
 * ```
 */
export async function loadVisionPairs(path: string, task: VisionTask): Promise<VisionPair[]> {
  const pairs: VisionPair[] = [];
  for (const { value, place } of await readRows(path, schema)) {
    if (value.task !== task) {
      throw rowError(path, place, `task: is ${JSON.stringify(value.task)}, expected "${task}"`);
    }
    const image = (field: "target_image" | "source_image") =>
      resolveImage(value[field], { file: path, place, field });
    pairs.push({
      id: value.id,
      task,
      targetImage: await image("target_image"),
      sourceImage: await image("source_image"),
      prompt: value.prompt,
      ...value.meta,
    });
  }
  return withUniqueIds(path, pairs);
}
