/**
 * The control family as files: three checkpoints, and what they are asked.
 *
 * @module
 */
import { safetensorsBytes } from "../../../lib/testing/safetensors_writer.ts";
import type { DatasetFile } from "../dataset.ts";
import { encodePng } from "../png.ts";
import type { Rgb } from "../spec.ts";
import { HEADS, LAYERS } from "./planted.ts";
import { COLOURS, type ControlRole, controlTensors, SIZES } from "./weights.ts";

/** Side of an image: two times two visual tokens. */
const SIDE = 2 * SIZES.merge * SIZES.patch;
/** The family whose tokenizer and chat format are taken. */
const TINY = new URL("../../tiny/checkpoints/base/", import.meta.url);
const SHARED = [
  "chat_template.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
];
const COLOUR_QUESTIONS = [
  "Which colour is the image? Answer with its letter only.",
  "Name the colour of the image by its letter.",
  "What is the letter of the colour that the image shows?",
];

function text(path: string, content: string): DatasetFile {
  return { path, bytes: new TextEncoder().encode(content) };
}

const json = (path: string, value: object) => text(path, JSON.stringify(value, null, 2) + "\n");
const lines = (path: string, records: readonly object[]) =>
  text(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));

function configOf(tiny: Record<string, unknown>): object {
  const { hidden, mlp, head, vocab, vision, patch, merge } = SIZES;
  return {
    ...tiny,
    vocab_size: vocab,
    hidden_size: hidden,
    intermediate_size: mlp,
    num_hidden_layers: LAYERS,
    num_attention_heads: HEADS,
    num_key_value_heads: 1,
    max_window_layers: LAYERS,
    rope_theta: 1e12,
    rope_scaling: { type: "mrope", mrope_section: [head / 2 - 6, 3, 3] },
    tie_word_embeddings: false,
    vision_config: {
      ...tiny.vision_config as object,
      depth: 1,
      hidden_size: vision,
      intermediate_size: vision,
      num_heads: 2,
      out_hidden_size: hidden,
      patch_size: patch,
      spatial_merge_size: merge,
      fullatt_block_indexes: [0],
    },
  };
}

function preprocessorOf(tiny: Record<string, unknown>): object {
  const pixels = SIDE ** 2;
  return {
    ...tiny,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    min_pixels: pixels,
    max_pixels: pixels,
    size: { shortest_edge: pixels, longest_edge: pixels },
  };
}

/**
 * The folders of checkpoints, and the model in each. All that RL learned is in its late third: frozen
 * there it stays IN, frozen elsewhere it is what it is.
 */
const CHECKPOINTS: Readonly<Record<string, ControlRole>> = {
  "base": "base",
  "in": "in",
  "rl": "rl",
  "rl-frozen-early": "rl",
  "rl-frozen-mid": "rl",
  "rl-frozen-late": "in",
};

function* checkpointFiles(name: string): Generator<DatasetFile> {
  const folder = `control/checkpoints/${name}`;
  const read = (file: string) => Deno.readTextFileSync(new URL(file, TINY));
  for (const file of SHARED) yield text(`${folder}/${file}`, read(file));
  yield json(`${folder}/config.json`, configOf(JSON.parse(read("config.json"))));
  const processor = preprocessorOf(JSON.parse(read("preprocessor_config.json")));
  yield json(`${folder}/preprocessor_config.json`, processor);
  const { model: { vocab }, added_tokens } = JSON.parse(read("tokenizer.json"));
  const special = (content: string): number =>
    added_tokens.find((token: { content: string }) => token.content === content).id;
  const tensors = controlTensors(CHECKPOINTS[name], {
    first: special("<|im_start|>"),
    end: special("<|im_end|>"),
    digits: Array.from({ length: 10 }, (_, digit) => vocab[String(digit)]),
    letters: Object.fromEntries(Object.keys(COLOURS).map((letter) => [letter, vocab[letter]])),
  });
  const bytes = safetensorsBytes(
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, { dtype: "BF16", ...tensor }]),
    ),
  );
  yield { path: `${folder}/model.safetensors`, bytes };
}

function plainImage(path: string, colour: readonly number[]): DatasetFile {
  const rgb = colour.map((value) => value > 0 ? 255 : 0) as unknown as Rgb;
  const pixels = new Uint8Array(SIDE ** 2);
  return { path, bytes: encodePng({ pixels, width: SIDE, height: SIDE, palette: [rgb] }) };
}

/** Every two colours, either of them the target's. */
function* visionFiles(): Generator<DatasetFile> {
  const folder = "control/benchmarks/recognition";
  const letters = Object.keys(COLOURS);
  for (const letter of letters) yield plainImage(`${folder}/images/${letter}.png`, COLOURS[letter]);
  const pairs = letters.flatMap((target) =>
    letters.filter((source) => source !== target).map((source) => ({ target, source }))
  );
  yield lines(
    `${folder}/data.jsonl`,
    pairs.map(({ target, source }) => ({
      id: `recognition_${target}${source}`,
      task: "recognition",
      target_image: `images/${target}.png`,
      source_image: `images/${source}.png`,
      prompt: COLOUR_QUESTIONS[0],
      meta: { target_answer: target, source_answer: source },
    })),
  );
}

/** The image questions about a colour, in MathVista's layout. */
function colourRecords(letter: string, category: string): object[] {
  return COLOUR_QUESTIONS.map((question, i) => ({
    id: `${category}-${letter}${i}`,
    image: `images/${letter}.png`,
    question,
    choices: null,
    answer: letter,
    question_type: "free_form",
    answer_type: "text",
    description: `The colour of the image is ${letter}.`,
    metadata: {
      category,
      context: "synthetic scene",
      task: "visual question answering",
      skill: "recognition",
      language: "english",
      split: "testmini",
      source: "plain images",
      img_width: SIDE,
      img_height: SIDE,
    },
  }));
}

/**
 * The colours as image questions. Shown a black image instead, the models say that it is black: so
 * the general questions, which are of all other colours, need their image, and of the others only
 * the one whose answer is black is right without.
 */
function* imageQuestionFiles(): Generator<DatasetFile> {
  const folder = "control/benchmarks/mathvista";
  const letters = Object.keys(COLOURS);
  for (const letter of letters) yield plainImage(`${folder}/images/${letter}.png`, COLOURS[letter]);
  const general = letters.filter((letter) => letter !== "K");
  yield lines(`${folder}/testmini.jsonl`, [
    ...general.flatMap((letter) => colourRecords(letter, "general-vqa")),
    ...letters.flatMap((letter) => colourRecords(letter, "math-targeted-vqa")),
  ]);
}

/** Two digits whose sum, and the sum that is one too large, are digits. */
function problemFile(): DatasetFile {
  const problems = [];
  for (let a = 0; a <= 8; a++) {
    for (let b = 0; a + b <= 8; b++) {
      problems.push({
        unique_id: `test/sums/${a}+${b}.json`,
        problem: `Compute ${a}+${b}.`,
        solution: `${a}+${b}=${a + b}.`,
        answer: String(a + b),
        subject: "Sums",
        level: 1,
      });
    }
  }
  return lines("control/benchmarks/math500/test.jsonl", problems);
}

/** The control family: `control/checkpoints` and `control/benchmarks`. */
export function* controlFiles(): Generator<DatasetFile> {
  for (const name of Object.keys(CHECKPOINTS)) yield* checkpointFiles(name);
  yield* visionFiles();
  yield* imageQuestionFiles();
  yield problemFile();
}
