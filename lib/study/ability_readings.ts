/**
 * What the ability experiments say, in words whose numbers come from the reports.
 *
 * @module
 */
import { ABILITIES, type AbilityReport } from "../evaluation/ability_report.ts";
import { PAPER_SPLICES } from "../merging/paper_splices.ts";
import { AbilityReader, inPoints, type Points } from "./ability_reader.ts";
import { Paragraph } from "../report/mod.ts";
import { publishedBeside } from "./published.ts";

const list = (names: readonly string[]) =>
  names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0] ?? "none";

/** The abilities one under the other, and what they say together. */
function reading(
  report: AbilityReport,
  parts: { intro: string; items: readonly string[]; verdict: string },
): Paragraph {
  const confidence = Math.round(1000 * report.bootstrap.confidence) / 10;
  return new Paragraph([
    `${parts.intro}, in percentage points (with ${confidence} % intervals, paired by sample):\n`,
    ...parts.items.map((item) => `- ${item}.`),
    `\n${[parts.verdict, ...publishedBeside(report)].join(" ")}`,
  ].join("\n"));
}

function nothing(report: AbilityReport, needed: string): Paragraph {
  const labels = report.models.map(({ label }) => label);
  return new Paragraph(
    `There is nothing to compare: no ability was measured for ${needed} (the report has ${
      list(labels)
    }).`,
  );
}

/** Reads the abilities from Base to IN to RL: which steps fall, beside what the paper claims. */
export function readMonotonicity(report: AbilityReport): Paragraph {
  const courses = ABILITIES.flatMap((ability) => {
    const reader = new AbilityReader(report, ability);
    const [first, second] = [reader.less("IN", "Base"), reader.less("RL", "IN")];
    return first && second ? [{ reader, ability, first, second }] : [];
  });
  if (courses.length === 0) return nothing(report, "Base, IN and RL");
  const items = courses.map(({ reader, first, second }) => {
    const [base, sft, rl] = ["Base", "IN", "RL"].map((label) => reader.value(label)?.toFixed(1));
    return `${reader.heading("Base")}: Base ${base} %; IN ${sft} %, ${inPoints(first)}; ` +
      `RL ${rl} %, ${inPoints(second)}`;
  });
  const steps = courses.flatMap(({ ability, first, second }) => [
    { name: `${ability} from Base to IN`, ...first },
    { name: `${ability} from IN to RL`, ...second },
  ]);
  const still = steps.filter(({ value }) => value <= 0);
  const certain = still.filter(({ high }) => high < 0);
  const verdict = still.length === 0
    ? `here all ${steps.length} steps rise: it is not so`
    : `here ${list(still.map(({ name }) => name))} ${still.length > 1 ? "do" : "does"} not rise; ` +
      (certain.length > 0
        ? `it is so, with an interval below 0 for ${list(certain.map(({ name }) => name))}`
        : "by the values it is so, but no interval lies below 0");
  return reading(report, {
    intro: "The measures, and their changes from the model before",
    items,
    verdict:
      `The paper finds that the three abilities do not all rise from Base to IN to RL: ${verdict}.`,
  });
}

/** The splice that gains most over IN. */
function bestSplice(reader: AbilityReader): { name: string; gain: Points } | undefined {
  const gains = PAPER_SPLICES.flatMap(({ name }) => {
    const gain = reader.less(name, "IN");
    return gain ? [{ name, gain }] : [];
  });
  return gains.toSorted((a, b) => b.gain.value - a.gain.value)[0];
}

/** Reads the splices of IN and RL: which blocks carry RL's gain, beside what the paper claims. */
export function readTransferability(report: AbilityReport): Paragraph {
  const found = ABILITIES.flatMap((ability) => {
    const reader = new AbilityReader(report, ability);
    const rl = reader.less("RL", "IN");
    const midLate = reader.less("IN:RL:RL", "IN");
    const early = reader.less("RL:IN:IN", "IN");
    const lead = reader.less("IN:RL:RL", "RL:IN:IN");
    return rl && midLate && early && lead ? [{ reader, ability, rl, midLate, early, lead }] : [];
  });
  if (found.length === 0) return nothing(report, "IN, RL, IN:RL:RL and RL:IN:IN");
  const items = found.map(({ reader, rl, midLate, early, lead }) => {
    const best = bestSplice(reader)!;
    return `${reader.heading("IN")}: RL less IN ${inPoints(rl)}; IN:RL:RL less IN ` +
      `${inPoints(midLate)}; RL:IN:IN less IN ${inPoints(early)}; IN:RL:RL less RL:IN:IN ` +
      `${inPoints(lead)}; the highest splice is ${best.name}, ${inPoints(best.gain)} over IN`;
  });
  const gaining = found.filter(({ rl }) => rl.value > 0);
  const agrees = gaining.filter(({ midLate, lead }) => midLate.value > 0 && lead.value > 0);
  const certain = agrees.filter(({ rl, midLate, lead }) =>
    [rl, midLate, lead].every(({ low }) => low > 0)
  );
  const names = (some: typeof found) => list(some.map(({ ability }) => ability));
  const verdict = gaining.length === 0
    ? "RL gains in no ability here, so there is nothing to transfer"
    : `RL gains in ${names(gaining)} here, and of these it is so for ${names(agrees)}` +
      (agrees.length === 0
        ? ""
        : certain.length === 0
        ? ", though not with all intervals above 0"
        : `, with all intervals above 0 for ${names(certain)}`);
  return reading(report, {
    intro: "RL's gain, and that of splices (early, middle and late block from IN or RL)",
    items,
    verdict:
      "The paper finds that RL's middle and late blocks, put into IN, bring RL's gain, and that " +
      `its early block does not: ${verdict}.`,
  });
}

const FROZEN = ["early", "mid", "late"] as const;

/** What the frozen models keep of RL's gain, in percent; nothing where RL does not gain. */
function keptShares(rl: Points, costs: readonly Points[]): string {
  if (rl.value <= 0) return "RL has no gain here that could be kept";
  const shares = costs.map(({ value }) =>
    `${Math.round(100 * (rl.value - value) / rl.value) + 0} %`
  );
  const uncertain = rl.low <= 0 ? " (a gain whose own interval includes 0)" : "";
  return `they keep ${list(shares).replaceAll("-", "−")} of RL's gain${uncertain}`;
}

/** Reads RL with a block frozen: which block RL's gain needs, beside what the paper claims. */
export function readNecessity(report: AbilityReport): Paragraph {
  const found = ABILITIES.flatMap((ability) => {
    const reader = new AbilityReader(report, ability);
    const rl = reader.less("RL", "IN");
    const costs = FROZEN.flatMap((block) => reader.less("RL", `frozen ${block}`) ?? []);
    return rl && costs.length === FROZEN.length ? [{ reader, ability, rl, costs }] : [];
  });
  if (found.length === 0) return nothing(report, "IN, RL and the three frozen models");
  const items = found.map(({ reader, rl, costs }) => {
    const parts = FROZEN.map((block, i) => `${block} ${inPoints(costs[i])}`);
    return `${reader.heading("IN")}: RL less IN ${inPoints(rl)}; RL less RL with a block frozen: ` +
      `${parts.join(", ")}; ${keptShares(rl, costs)}`;
  });
  const reasoning = found.find(({ ability }) => ability === "reasoning");
  return reading(report, {
    intro: "RL's gain, and what freezing a block while RL trains the others costs",
    items,
    verdict:
      "The paper finds that RL with the late block frozen loses its gain in reasoning, and that " +
      `the early and the middle block cost less: ${necessityVerdict(reasoning)}.`,
  });
}

function necessityVerdict(
  reasoning: { reader: AbilityReader; rl: Points; costs: readonly Points[] } | undefined,
): string {
  if (reasoning === undefined) return "reasoning was not measured here";
  const { reader, rl, costs } = reasoning;
  if (rl.value <= 0) return "here RL does not gain in reasoning, so there is nothing to lose";
  const [early, mid, late] = costs;
  const most = late.value > Math.max(early.value, mid.value);
  if (!(late.value > 0 && most)) {
    const why = late.value <= 0
      ? "freezing the late block costs nothing"
      : `freezing the ${early.value >= mid.value ? "early" : "middle"} block costs as much or more`;
    return `it is not so here, where ${why}`;
  }
  const leads = ["early", "mid"].map((block) => reader.less(`frozen ${block}`, "frozen late"));
  const certain = [rl, late, ...leads].every((difference) => (difference?.low ?? 0) > 0);
  return certain
    ? "it is so here, with all intervals above 0"
    : "by the values it is so here, though not with all intervals above 0";
}
