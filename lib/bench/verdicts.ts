/**
 * How often verdicts err, and how often they find what is there: families that are made up, judged as
 * those that are measured are.
 *
 * @module
 */
import { type Findings, judgeClaims, type Statement, type Verdict } from "../findings/mod.ts";
import { exactShare, smallestDifference } from "../statistics/mod.ts";
import type { BenchResult } from "./bench_result.ts";
import { type FamilySize, nullFamily, publishedFamily, risingFamily } from "./verdict_families.ts";

/** Families of each kind and size. */
const FAMILIES = 400;

/** Layers of the paper's models (28, 36) and of the embedded ones, with samples as one has them. */
const SIZES = [[12, 100], [28, 100], [36, 100], [12, 500], [28, 500], [36, 500]] as const;

const CONFIDENCE = 0.95;
const PUBLISHED = "published effects";

/** "3.5 % (1.4 to 7.1)": a rate and its exact interval. */
function rateText(count: number, of: number): string {
  const { value, low, high } = exactShare(count, of)(CONFIDENCE);
  const percent = (share: number) => (100 * share).toFixed(1);
  return `${percent(value)} % (${percent(low)} to ${percent(high)})`;
}

interface Judged {
  claims: Map<number, Verdict[]>;
  statements: Map<string, Verdict[]>;
}

function judgeFamilies(
  make: (size: FamilySize) => Findings,
  [layers, samples]: readonly [number, number],
): Judged {
  const judged: Judged = { claims: new Map(), statements: new Map() };
  const add = <K>(map: Map<K, Verdict[]>, key: K, verdict: Verdict) =>
    map.set(key, [...map.get(key) ?? [], verdict]);
  for (let seed = 1; seed <= FAMILIES; seed++) {
    const ledger = judgeClaims(make({ seed, layers, samples }));
    for (const { claim, verdict, statements } of ledger.claims) {
      if (verdict === "not run") continue;
      add(judged.claims, claim, verdict);
      statements.forEach(({ id, verdict }: Statement) => add(judged.statements, id, verdict));
    }
  }
  return judged;
}

const count = (verdicts: readonly Verdict[], wanted: Verdict) =>
  verdicts.filter((verdict) => verdict === wanted).length;

/** The statement of a claim that is decided most often. */
function mostDecided(claim: number, { statements }: Judged): string {
  const own = [...statements].filter(([id]) => id.startsWith(`${claim}.`)).map((
    [id, verdicts],
  ) => ({
    id,
    decided: count(verdicts, "supported") + count(verdicts, "contradicted"),
  }));
  const { id, decided } = own.toSorted((a, b) => b.decided - a.decided)[0];
  return `${id} decided in ${rateText(decided, FAMILIES)}`;
}

function rates(
  name: string,
  make: (size: FamilySize) => Findings,
  size: readonly [number, number],
): BenchResult[] {
  const judged = judgeFamilies(make, size);
  return [...judged.claims].map(([claim, verdicts]) => ({
    what: `claim ${claim}, ${name}, ${size[0]} layers, n = ${size[1]}`,
    ours: `supported ${rateText(count(verdicts, "supported"), FAMILIES)}`,
    reference: `contradicted ${rateText(count(verdicts, "contradicted"), FAMILIES)}`,
    ratio: null,
    target: name === PUBLISHED ? "supported" : "<= 5 % each",
    note: mostDecided(claim, judged),
  }));
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
  for (const n of [100, 500, 1000]) yield* rates(PUBLISHED, publishedFamily, [28, n]);
  // Without an effect no ability rises: claim 1 is right, and wrong where all rise by its margin.
  for (const size of SIZES) {
    yield* rates(
      "no effect",
      (family) => ({ ...nullFamily(family), ...risingFamily(family) }),
      size,
    );
  }
  yield* [100, 500, 1000].map(planned);
}
