/**
 * How often verdicts err, and how often they find what is there: families that are made up, judged as
 * those that are measured are.
 *
 * @module
 */
import { type Findings, judgeClaims, type Verdict } from "../findings/mod.ts";
import { exactShare, smallestDifference } from "../statistics/mod.ts";
import type { BenchResult } from "./bench_result.ts";
import {
  alikeFamily,
  type FamilySize,
  nearFamily,
  nullAttention,
  nullFamily,
  publishedFamily,
} from "./verdict_families.ts";

/** Families of one kind and size, whose verdicts are counted. */
export interface VerdictPlan {
  what: string;
  make: (size: FamilySize) => Findings;
  layers: number;
  samples: number;
  families: number;
  target: string;
}

const FALSE_RATE = "<= 5 %";

/** All that is counted; 28 and 36 layers have the paper's models, 12 the embedded ones. */
export const VERDICT_PLANS: readonly VerdictPlan[] = [
  ...[100, 500, 1000].map((samples) => ({
    what: "published effects",
    make: publishedFamily,
    ...{ layers: 28, samples, families: 400, target: "supported" },
  })),
  ...[100, 500].flatMap((samples) =>
    [12, 28, 36].flatMap((layers) => {
      const common = { what: "no effect", layers, samples, target: FALSE_RATE };
      const make = (size: FamilySize) => ({ ...nullFamily(size), attention: null });
      return [
        { ...common, make, families: 400 },
        { ...common, make: nullAttention, families: 1000 },
      ];
    })
  ),
  ...[100, 500].flatMap((samples) => {
    const common = { layers: 28, samples, families: 400 };
    return [
      { ...common, what: "no effect, models alike", make: alikeFamily, target: FALSE_RATE },
      {
        ...common,
        what: "one part without effect",
        make: nearFamily,
        target: `1: contradicted ${FALSE_RATE}; 6, 7: supported ${FALSE_RATE}`,
      },
    ];
  }),
];

/** "3.5 % (1.4 to 7.1)": a rate and its exact interval. */
function rateText(count: number, of: number): string {
  const { value, low, high } = exactShare(count, of)(0.95);
  const percent = (share: number) => (100 * share).toFixed(1);
  return `${percent(value)} % (${percent(low)} to ${percent(high)})`;
}

/** How often each claim gets which verdict. */
export function* verdictRates(
  { what, make, layers, samples, families, target }: VerdictPlan,
): Generator<BenchResult> {
  const ledgers = Array.from(
    { length: families },
    (_, i) => judgeClaims(make({ seed: i + 1, layers, samples })),
  );
  for (const [i, { claim, verdict }] of ledgers[0].claims.entries()) {
    if (verdict === "not run") continue;
    const rate = (...wanted: Verdict[]) =>
      rateText(ledgers.filter(({ claims }) => wanted.includes(claims[i].verdict)).length, families);
    yield {
      what: `claim ${claim}, ${what}, ${layers} layers, n = ${samples}`,
      ours: `supported ${rate("supported")}`,
      reference: `contradicted ${rate("contradicted")}`,
      ratio: null,
      target,
      note: `${families} families; either ${rate("supported", "contradicted")}, ` +
        `mixed ${rate("mixed")}`,
    };
  }
}

function planned(n: number): BenchResult {
  const points = [0.1, 0.2, 0.4].map((discordance) =>
    (100 * smallestDifference({ n, discordance })!).toFixed(1)
  );
  return {
    what: `smallest difference of two models' shares that n = ${n} shows in 80 %`,
    ours: `${points.join(", ")} points`,
    reference: "-",
    ratio: null,
    target: "",
    note: "of samples 10, 20, 40 % differ",
  };
}

/** Rates of verdicts without an effect and with the published ones. */
export function* benchVerdicts(): Generator<BenchResult> {
  for (const plan of VERDICT_PLANS) yield* verdictRates(plan);
  yield* [100, 500, 1000].map(planned);
}
