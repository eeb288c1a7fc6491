/**
 * The items of the embedded benchmarks: problems drawn from a seed, none twice.
 *
 * @module
 */
import { drawChoices } from "./choices.ts";
import { difference, range, sum } from "./image_maths_problems.ts";
import type { ImageProblem, Problem } from "./problem.ts";
import { createRandom, type Random } from "./random.ts";
import { sceneKey } from "./scene.ts";
import { algebra, numberTheory, prealgebra, wordProblem } from "./text_problems.ts";
import {
  counting,
  drawCount,
  drawWanted,
  drawWord,
  ocr,
  position,
  recognition,
} from "./vision_problems.ts";

/** An image question with its place in the MathVista-shaped set. */
export interface VisualItem {
  problem: ImageProblem;
  category: "general-vqa" | "math-targeted-vqa";
  /** Four choices for every third number question, else absent. */
  choices?: string[];
}

/** A text problem and its subject. */
export interface TextItem {
  problem: Problem;
  subject: string;
}

const generalTasks: ((random: Random) => ImageProblem)[] = [
  (random) => counting(random, drawCount(random)),
  (random) => ocr(random, drawWord(random)),
  (random) => recognition(random, drawWanted(random), random.chance(1, 2)),
  (random) => position(random, random.pick(["row", "column"])),
];
const mathTasks = [sum, difference, range];
const subjects = [
  { subject: "Prealgebra", draw: prealgebra },
  { subject: "Algebra", draw: algebra },
  { subject: "Number Theory", draw: numberTheory },
];

/** Tasks whose answers are numbers that can be offered as choices. */
const withChoices = new Set(["counting", "sum", "difference", "range"]);
const CHOICES_EVERY = 3;

/** Draws in vain after which there are held to be no new values left. */
const MOST_REPEATS = 10_000;

/** `count` values of `draw`, of which no two have the same `key`. */
function drawUnique<T>(count: number, draw: (index: number) => T, key: (value: T) => string): T[] {
  const seen = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    for (let repeats = 0; repeats < MOST_REPEATS; repeats++) {
      const value = draw(index);
      if (seen.has(key(value))) continue;
      seen.add(key(value));
      return value;
    }
    throw new Error(
      `Cannot draw ${count} different problems: found only ${seen.size}. Ask for less.`,
    );
  });
}

/** `perCategory` general and as many mathematical questions about images, tasks in turn. */
export function makeVisualItems(perCategory: number, seed: number): VisualItem[] {
  const make = (category: VisualItem["category"], tasks: typeof generalTasks): VisualItem[] => {
    const random = createRandom(`benchmark/${seed}/${category}`);
    const problems = drawUnique(
      perCategory,
      (index) => tasks[index % tasks.length](random),
      // A described mathematical question leaves the scene out, so its content must differ too.
      (problem) => category === "general-vqa" ? sceneKey(problem.scene) : problem.expression,
    );
    return problems.map((problem, index) => {
      const turn = Math.floor(index / tasks.length);
      const offered = withChoices.has(problem.task) && turn % CHOICES_EVERY === 0;
      return {
        problem,
        category,
        ...(offered ? { choices: drawChoices(random, problem.answer) } : {}),
      };
    });
  };
  return [...make("general-vqa", generalTasks), ...make("math-targeted-vqa", mathTasks)];
}

/** `count` problems of three subjects and five levels, in turn. */
export function makeMathItems(count: number, seed: number): TextItem[] {
  const random = createRandom(`benchmark/${seed}/math`);
  return drawUnique(
    count,
    (index) => {
      const { subject, draw } = subjects[index % subjects.length];
      return { subject, problem: draw(random, Math.floor(index / subjects.length) % 5 + 1) };
    },
    ({ problem }) => problem.expression,
  );
}

/** `count` word problems of one to four steps, in turn. */
export function makeWordProblems(count: number, seed: number): Problem[] {
  const random = createRandom(`benchmark/${seed}/word`);
  return drawUnique(
    count,
    (index) => wordProblem(random, index % 4 + 1),
    (problem) => problem.expression,
  );
}
