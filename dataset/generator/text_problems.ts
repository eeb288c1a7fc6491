/**
 * Problems in text alone: three subjects in the shape of MATH, word problems in that of GSM8K.
 * The level is the number of steps.
 *
 * @module
 */
import { chain, drawChain, type Step, writeChain } from "./chain.ts";
import type { Problem } from "./problem.ts";
import type { Random } from "./random.ts";
import { fill, limits, questions, words } from "./spec.ts";

function textProblem(parts: Omit<Problem, "description">): Problem {
  return { ...parts, description: "" };
}

/** `Compute $12 + 7 - 5$.` */
export function prealgebra(random: Random, level: number): Problem {
  const { start, steps } = drawChain(random, level);
  const { value, thought } = chain(start, steps);
  const expression = writeChain(start, steps);
  return textProblem({
    task: "prealgebra",
    question: fill(questions.prealgebra, { expression }),
    answer: String(value),
    thought,
    expression: `prealgebra ${expression}`,
    level,
  });
}

/** `Find $x$ if $x + 7 - 3 = 12$.`: a chain undone from its end. */
export function algebra(random: Random, level: number): Problem {
  const { start, steps } = drawChain(random, level);
  const right = chain(start, steps).value;
  const undo = steps.toReversed().map(({ op, n }): Step => ({ op: op === "+" ? "-" : "+", n }));
  const expression = `${writeChain("x", steps)} = ${right}`;
  return textProblem({
    task: "algebra",
    question: fill(questions.algebra, { expression }),
    answer: String(start),
    thought: chain(right, undo).thought,
    expression: `algebra ${expression}`,
    level,
  });
}

/** `What is the last digit of $8 + 17 + 9$?` */
export function numberTheory(random: Random, level: number): Problem {
  const draw = () => random.integer(1, Math.min(limits.operand, Math.floor(limits.value / 6)));
  const start = draw();
  const steps = Array.from({ length: level }, (): Step => ({ op: "+", n: draw() }));
  const { value, thought } = chain(start, steps);
  const expression = writeChain(start, steps);
  return textProblem({
    task: "number theory",
    question: fill(questions.numberTheory, { expression }),
    answer: String(value % 10),
    thought,
    expression: `number theory ${expression}`,
    level,
  });
}

/** A short story of one to four changes of how many things somebody has. */
export function wordProblem(random: Random, level: number): Problem {
  const [person, friend] = random.sample(words.people, 2);
  const things = random.pick(words.things);
  const start = random.integer(2, limits.operand);
  const story = [fill(words.start, { ...person, things, n: start })];
  const steps: Step[] = [];
  let value = start;
  const symbols: string[] = [String(start)];
  for (let i = 0; i < level; i++) {
    const double = value > 0 && value <= limits.operand && random.chance(1, 5);
    const n = double ? value : random.integer(1, limits.operand);
    const grows = double || value < n || (value + n <= limits.value && random.chance(1, 2));
    const template = double ? words.twice : random.pick(grows ? words.more : words.less);
    story.push(fill(template, { ...person, friend: friend.name, n }));
    steps.push({ op: grows ? "+" : "-", n });
    symbols.push(double ? "* 2" : `${grows ? "+" : "-"} ${n}`);
    value += grows ? n : -n;
  }
  story.push(fill(words.question, { ...person, things }));
  return textProblem({
    task: "word problem",
    question: story.join(" "),
    answer: String(value),
    thought: chain(start, steps).thought,
    expression: `word problem ${symbols.join(" ")}`,
    level,
  });
}
