/**
 * What the attention shift says, in words whose numbers come from the report.
 *
 * @module
 */
import type { AttentionReport } from "../probing/mod.ts";
import { Paragraph } from "../report/mod.ts";
import { thirdOf, THIRDS } from "../thirds.ts";

const points = (value: number) => `${value > 0 ? "+" : ""}${(100 * value).toFixed(2)}`;

/** Mean shift and layers whose interval excludes 0, by third. */
function shiftByThird(report: AttentionReport, text: "own" | "fixed") {
  const shifts = report.shifts.filter((shift) =>
    shift.text === text && shift.span === "generated" && shift.target === "visual"
  );
  return THIRDS.flatMap((region) => {
    const own = shifts.filter(({ layer, diff }) =>
      diff !== null && thirdOf(layer, report.num_layers) === region
    );
    if (own.length === 0) return [];
    return [{
      region,
      mean: own.reduce((sum, { diff }) => sum + diff!, 0) / own.length,
      layers: own.length,
      raised: own.filter(({ low }) => low! > 0).length,
      lowered: own.filter(({ high }) => high! < 0).length,
    }];
  });
}

function sentence(report: AttentionReport, text: "own" | "fixed"): string {
  const under = text === "own"
    ? "Under each model's own text"
    : `Under one fixed text (${report.fixed_text}'s)`;
  const thirds = shiftByThird(report, text);
  if (thirds.length === 0) return `${under} there is nothing to compare.`;
  const parts = thirds.map(({ region, mean, layers, raised, lowered }) =>
    `${points(mean)} points in the ${region} third (of ${layers} layers ${raised} clearly more, ` +
    `${lowered} clearly less)`
  );
  return `${under}, RL's generated tokens give to visual tokens, against IN's, ${
    parts.join(", ")
  }.`;
}

/** Reads the attention shift: where RL looks at the image more, beside what the paper claims. */
export function readAttentionShift(report: AttentionReport): Paragraph {
  const fixed = shiftByThird(report, "fixed");
  const raised = fixed.filter(({ mean }) => mean > 0).map(({ region }) => region);
  const top = fixed.reduce<typeof fixed[number] | undefined>(
    (best, third) => best && best.mean >= third.mean ? best : third,
    undefined,
  );
  const agrees = top !== undefined && top.mean > 0 && top.region !== "early";
  return new Paragraph([
    sentence(report, "own"),
    sentence(report, "fixed"),
    "The paper finds that RL raises this attention, mostly in middle and late layers: under the " +
    `fixed text, where only attention can change, the mean is raised in ` +
    `${raised.length > 0 ? `the ${raised.join(" and ")}` : "no"} third` +
    `${raised.length > 1 ? "s" : ""}` +
    (top && top.mean > 0 ? `, most in the ${top.region} one` : "") +
    `. ${agrees ? "It is so" : "It is not so"} here.`,
  ].join(" "));
}
