import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { AbilityReport } from "./abilities/report.ts";
import { FINDINGS, type Findings } from "./findings.ts";
import { combine, judgeClaims, type Ledger, ledgerSchema, verdictText } from "./ledger.ts";
import { type Statement, type Verdict, VERDICTS } from "./statement.ts";
import { randomSource } from "../testing/random_source.ts";
import { madeAbilities, madeFindings } from "./testdata/made_findings.ts";

const verdicts = ({ claims }: Ledger) => claims.map(({ verdict }) => verdict);
const statements = ({ claims }: Ledger) => claims.flatMap((claim) => claim.statements);
const verdictsById = (ledger: Ledger) =>
  Object.fromEntries(statements(ledger).map(({ id, verdict }) => [id, verdict]));

function byId(ledger: Ledger, id: string): Statement {
  return statements(ledger).find((statement) => statement.id === id)!;
}

Deno.test("data that are as the paper says support every claim, opposite data contradict every one", () => {
  const asClaimed = judgeClaims(madeFindings({ effect: 1, layers: 28 }));
  assertEquals(
    new Set(statements(asClaimed).map(({ verdict }) => verdict)),
    new Set(["supported"]),
  );
  assertEquals(new Set(verdicts(asClaimed)), new Set(["supported"]));
  const opposite = judgeClaims(madeFindings({ effect: -1, layers: 28 }));
  assertEquals(
    statements(opposite).filter(({ verdict }) => verdict !== "contradicted").map(({ id }) => id),
    [],
  );
  assertEquals(new Set(verdicts(opposite)), new Set(["contradicted"]));
  // The stored form is the ledger itself.
  assertEquals(ledgerSchema.parse(JSON.parse(JSON.stringify(opposite))), opposite);
});

Deno.test("without any effect at most 5 % of claims are supported, or contradicted", () => {
  const families = 40;
  const counts: Partial<Record<Verdict, number>> = {};
  for (let seed = 1; seed <= families; seed++) {
    const findings = madeFindings({
      effect: 0,
      seed,
      samples: 40,
      layers: [12, 28, 36][seed % 3],
    });
    // Abilities that rise by claim 1's margin: it is wrong there, and right where nothing rises.
    const monotonicity = madeAbilities(randomSource(seed), { samples: 40 }, {
      Base: { all: 0.44 },
      IN: { all: 0.47 },
      RL: { all: 0.5 },
    });
    for (const verdict of verdicts(judgeClaims({ ...findings, monotonicity }))) {
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
  }
  const { supported = 0, contradicted = 0 } = counts;
  const all = 7 * families;
  // The rates of each claim are measured by `deno task bench --only verdicts`.
  assert(supported / all < 0.05, `${supported} of ${all} supported`);
  assert(contradicted / all < 0.05, `${contradicted} of ${all} contradicted`);
  assert(supported + contradicted > 0, "a rule that never errs has no power either");
});

Deno.test("weights that all specifications agree on may still be no clearer than their shifts", () => {
  const { energy } = madeFindings({ effect: 1, layers: 28 });
  // Both rise from layer to layer: IN is as claimed, RL is not.
  const rising = {
    ...energy!,
    layers: energy!.layers.map((layer) => {
      const norms = { fro_norm: 1 + layer.layer_idx, relative_norm: 1 + layer.layer_idx };
      return { ...layer, sft: norms, rl: norms };
    }),
  };
  const [claim] = judgeClaims({ energy: rising }).claims.slice(3);
  assertEquals(claim.statements.map(({ verdict }) => verdict), ["supported", "contradicted"]);
  assertEquals(claim.verdict, "mixed");
  // IN falls and RL rises toward the end: both are against the claim,
  // as smooth profiles without thirds often are.
  const against = {
    ...rising,
    layers: rising.layers.map((layer) => {
      const norms = { fro_norm: 99 - layer.layer_idx, relative_norm: 99 - layer.layer_idx };
      return { ...layer, sft: norms };
    }),
  };
  const ramps = judgeClaims({ energy: against }).claims[3];
  assertEquals(ramps.statements.map(({ verdict }) => verdict), ["contradicted", "contradicted"]);
  assertEquals(ramps.verdict, "not decided");
  // Without an effect they agree just as often, but seldom so clearly.
  let [agreed, decided] = [0, 0];
  for (let seed = 1; seed <= 60; seed++) {
    const { energy, diversity } = madeFindings({ effect: 0, seed, samples: 10, layers: 28 });
    for (const { statements, verdict, reason } of judgeClaims({ energy, diversity }).claims) {
      const plain = combine(statements.map(({ verdict }) => verdict));
      if (plain !== "supported" && plain !== "contradicted") continue;
      agreed++;
      if (verdict === plain) decided++;
      else assert(verdict === "not decided" && reason.includes("By shifts of the profiles"));
    }
  }
  assert(agreed > 20 && decided < agreed / 3, `${decided} of ${agreed}`);
});

Deno.test("several statements without effect contradict a claim no more often than one", () => {
  const report = madeFindings({ effect: 1 }).transferability!;
  // One clear part of four is enough; one that is clear by itself only is not.
  const swapped = (label: string, right: number) =>
    report.outcomes.map((outcome) =>
      outcome.ability === "alignment"
        ? {
          ...outcome,
          counted: outcome.ids.map((_, i) =>
            i < (outcome.model === `models/${label}` ? right : 20)
          ),
        }
        : { ...outcome, counted: outcome.ids.map((_, i) => i < 20) }
    );
  const verdictWith = (right: number) => {
    const outcomes = swapped("RL:IN:IN, rest IN", right);
    const ledger = judgeClaims({ transferability: { ...report, outcomes } });
    return byId(ledger, "6.alignment.early").verdict;
  };
  // Five samples of which all differ one way: p = 0.025 by itself, 0.1 among four.
  assertEquals([verdictWith(25), verdictWith(40)], ["not decided", "contradicted"]);
});

/** What a ledger says when one thing about the data is turned. */
function turned(change: (findings: ReturnType<typeof madeFindings>) => Partial<Findings>): Ledger {
  const findings = madeFindings({ effect: 1, layers: 28 });
  return judgeClaims({ ...findings, ...change(findings) });
}

function relabel(report: AbilityReport, labels: Record<string, string>): AbilityReport {
  return {
    ...report,
    models: report.models.map((model) => ({ ...model, label: labels[model.label] ?? model.label })),
  };
}

Deno.test("swapping IN and RL turns the claims about them", () => {
  const swap = { IN: "RL", RL: "IN" };
  const ledger = turned(({ energy, diversity, attention, transferability, necessity }) => ({
    energy: {
      ...energy!,
      layers: energy!.layers.map(({ sft, rl, ...l }) => ({ ...l, sft: rl, rl: sft })),
    },
    diversity: {
      ...diversity!,
      layers: diversity!.layers.map(({ sft, rl, ...l }) => ({ ...l, sft: rl, rl: sft })),
    },
    attention: {
      ...attention!,
      outcomes: attention!.outcomes!.map(({ shift, ...outcome }) => ({
        ...outcome,
        shift: shift.map((layer) => layer.map((value) => -value!)),
      })),
    },
    transferability: relabel(transferability!, {
      ...swap,
      "IN:RL:RL": "RL:IN:IN, rest IN",
      "RL:IN:IN, rest IN": "IN:RL:RL",
      "IN:IN:IN, rest RL": "IN:RL:RL, rest RL",
      "IN:RL:RL, rest RL": "IN:IN:IN, rest RL",
    }),
    necessity: relabel(necessity!, swap),
  }));
  assertEquals(verdicts(ledger), [
    "supported",
    "contradicted",
    "supported",
    "contradicted",
    "contradicted",
    "contradicted",
    // The late block costs most still.
    "mixed",
  ]);
});

Deno.test("reversing the layers turns the claims about early and late", () => {
  const ledger = turned(({ vision, reasoning, attention, energy }) => ({
    // A pair that follows its image up to layer l then does so up to the last but l.
    vision: {
      ...vision!,
      outcomes: vision!.outcomes!.map(({ changed, ...outcome }) => ({
        ...outcome,
        changed: changed.map((_, layer) =>
          layer === 0
            ? changed[0]
            : changed[changed.length - layer].replaceAll(/./g, (mark) => mark === "1" ? "0" : "1")
        ),
      })),
    },
    reasoning: reasoning!.map(({ outcomes, ...report }) => {
      const [baseline, ...ablated] = outcomes!.correct;
      return { ...report, outcomes: { ...outcomes!, correct: [baseline, ...ablated.reverse()] } };
    }),
    attention: {
      ...attention!,
      outcomes: attention!.outcomes!.map(({ shift, ...outcome }) => ({
        ...outcome,
        shift: shift.toReversed(),
      })),
    },
    energy: {
      ...energy!,
      layers: energy!.layers.map((layer) => ({ ...layer, layer_idx: 29 - layer.layer_idx })),
    },
  }));
  const found = verdictsById(ledger);
  assertEquals(found["2.mid_late"], "contradicted");
  assertEquals(found["3.recognition"], "contradicted");
  // The middle stays where it is.
  assertEquals([found["3.ocr"], found["3.counting"], found["4.rl"]], Array(3).fill("supported"));
  assertEquals([found["3.reasoning.math500"], found["4.in"]], Array(2).fill("contradicted"));
});

Deno.test("shuffling models or layers sample by sample leaves nothing decided", () => {
  const shuffle = (marks: string, by: number) => marks.slice(by) + marks.slice(0, by);
  const ledger = turned(({ transferability, reasoning, attention }) => ({
    // Each model gets the same sequence of right and wrong, rotated.
    transferability: {
      ...transferability!,
      outcomes: transferability!.outcomes.map((outcome, i) => ({
        ...outcome,
        counted: outcome.ids.map((_, sample) => (sample + i) % 2 === 0),
      })),
    },
    reasoning: reasoning!.map(({ outcomes, ...report }) => ({
      ...report,
      outcomes: {
        ...outcomes!,
        correct: outcomes!.correct.map((_, i) => shuffle("1100".repeat(15), i)),
      },
    })),
    attention: {
      ...attention!,
      outcomes: attention!.outcomes!.map(({ shift, ...outcome }) => ({
        ...outcome,
        shift: shift.map((layer) => layer.map((_, i) => i % 2 === 0 ? 0.02 : -0.02)),
      })),
    },
  }));
  const found = verdictsById(ledger);
  for (const id of Object.keys(found).filter((id) => /^(2|6|3\.reasoning)/.test(id))) {
    assertEquals([id, found[id]], [id, "not decided"]);
  }
});

Deno.test("claim 1 falls only with a rise at every step, and stands with one sure decline", () => {
  const findings = madeFindings({ effect: -1 });
  const rising = findings.monotonicity!;
  assertEquals(verdicts(judgeClaims(findings))[0], "contradicted");
  const one = (edit: (counted: boolean[]) => boolean[]): Verdict => {
    const outcomes = rising.outcomes.map((outcome) =>
      outcome.model === "models/RL" && outcome.ability === "reasoning"
        ? { ...outcome, counted: edit(outcome.counted) }
        : outcome
    );
    return verdicts(judgeClaims({ monotonicity: { ...rising, outcomes } }))[0];
  };
  assertEquals(one((counted) => counted.map(() => false)), "supported");
  // As good as IN: that step is no sure rise, and no decline either.
  const inRight =
    rising.outcomes.find(({ model, ability }) => model === "models/IN" && ability === "reasoning")!
      .counted;
  assertEquals(one(() => inRight), "not decided");
});

Deno.test("claim 1 without any ability is not run", () => {
  const { monotonicity } = madeFindings({ effect: 1 });
  const not_run = { perception: "no images", alignment: "no images", reasoning: "no questions" };
  const [claim] = judgeClaims({ monotonicity: { ...monotonicity!, not_run } }).claims;
  assertEquals([claim.verdict, claim.reason], [
    "not run",
    "No perception: no images; No alignment: no images; No reasoning: no questions.",
  ]);
});

Deno.test("a claim without RL's own gain is not supported by a splice that is better than IN", () => {
  const findings = madeFindings({ effect: 1 });
  const report = findings.transferability!;
  const counted = (label: string) =>
    report.outcomes.filter(({ model }) => model === `models/${label}`).map(({ counted }) =>
      counted
    );
  const asIn = counted("IN");
  let i = 0;
  const outcomes = report.outcomes.map((outcome) =>
    outcome.model === "models/RL" ? { ...outcome, counted: asIn[i++] } : outcome
  );
  const ledger = judgeClaims({ transferability: { ...report, outcomes } });
  assertEquals(byId(ledger, "6.reasoning.mid_late").verdict, "not decided");
  assertEquals(byId(ledger, "6.reasoning.early").verdict, "supported");
});

Deno.test("what has not run, or lacks what is compared, is not run and says why", () => {
  const nothing = judgeClaims({});
  assertEquals(new Set(verdicts(nothing)), new Set(["not run"]));
  for (const [key, { notebook, table }] of Object.entries(FINDINGS)) {
    const reasons = statements(nothing).map(({ reason }) => reason).join("\n");
    assert(reasons.includes(`tables/${table}`) && reasons.includes(notebook), key);
  }
  const findings = madeFindings({ effect: 1 });
  const few = judgeClaims({
    necessity: {
      ...findings.necessity!,
      models: findings.necessity!.models.filter(({ label }) => label !== "frozen mid"),
    },
    vision: { ...findings.vision!, layers: [1, 4, 8] },
    attention: { ...findings.attention!, outcomes: undefined },
  });
  assertEquals(byId(few, "7.late").verdict, "supported");
  assert(byId(few, "7.mid").reason.includes("no reasoning of frozen mid, only of IN, RL"));
  assertEquals(few.claims[6].verdict, "not decided");
  assert(byId(few, "3.ocr").reason.includes("The first layers of the thirds are 0, 4, 8"));
  assert(byId(few, "2.raised").reason.includes("run notebook 02 again"));
});

Deno.test("a handful of samples decides nothing, however clear", () => {
  const ledger = judgeClaims(madeFindings({ effect: 1, samples: 9 }));
  for (const { id, verdict, reason } of statements(ledger)) {
    if (/^[45]/.test(id)) continue;
    assertEquals([id, verdict], [id, "not decided"]);
    assert(reason.includes("too few to decide"), reason);
  }
  const shallow = judgeClaims(madeFindings({ effect: 1, layers: 6 }));
  assertEquals(byId(shallow, "4.in").verdict, "not decided");
});

Deno.test("an update of zero decides nothing", () => {
  const { energy, diversity } = madeFindings({ effect: 1 });
  const ledger = judgeClaims({
    energy: {
      ...energy!,
      layers: energy!.layers.map((layer) => ({ ...layer, rl: { fro_norm: 0, relative_norm: 0 } })),
    },
    diversity: {
      ...diversity!,
      layers: diversity!.layers.map((layer) => ({
        ...layer,
        rl: { ...layer.rl, spectral_norm: 0, singular_values: [0, 0, 0] },
      })),
    },
  });
  assertEquals(byId(ledger, "4.in").verdict, "supported");
  assertEquals(byId(ledger, "4.rl").verdict, "not decided");
  assert(byId(ledger, "4.rl").reason.includes("changes no LLM weight"));
  assertEquals(verdicts(ledger)[4], "not run");
});

Deno.test("energy alike in every layer favours no third, whatever their sizes", () => {
  const { energy } = madeFindings({ effect: 0, layers: 28 });
  const flat = {
    ...energy!,
    layers: energy!.layers.map((layer) => ({ ...layer, sft: { fro_norm: 1, relative_norm: 0 } })),
  };
  const statement = byId(judgeClaims({ energy: flat }), "4.in");
  assertEquals([statement.verdict, Math.round(1e9 * statement.estimate!.value)], [
    "not decided",
    0,
  ]);
});

Deno.test("a claim is as its statements", () => {
  const verdict = fc.constantFrom<Verdict>(...VERDICTS);
  fc.assert(fc.property(fc.array(verdict, { minLength: 1 }), (all) => {
    const claim = combine(all);
    const has = (wanted: Verdict) => all.includes(wanted);
    const only = (wanted: Verdict) => all.every((one) => one === wanted);
    const isMixed = has("mixed") || has("supported") && has("contradicted");
    assertEquals(claim === "supported", only("supported"));
    assertEquals(claim === "mixed", isMixed);
    assertEquals(claim === "contradicted", has("contradicted") && !isMixed);
    assertEquals(claim === "not run", only("not run"));
  }));
});

Deno.test("equal findings give equal ledgers", () => {
  const ledger = () => judgeClaims(madeFindings({ effect: 0, seed: 5 }));
  assertEquals(ledger(), ledger());
});

Deno.test("a claim says what the other grading of answers says, where that is something else", () => {
  const made = madeFindings({ effect: 1 }).monotonicity!;
  const shares: Record<string, number> = { Base: 0.1, IN: 0.5, RL: 0.9 };
  const labels = new Map(made.models.map(({ name, label }) => [name, label]));
  const monotonicity: AbilityReport = {
    ...made,
    disagreements: [{ original: "text", sound: "different", right: "original", answers: 9 }],
    // By the other grading every ability rises at both steps.
    outcomes: made.outcomes.map((outcome) => ({
      ...outcome,
      counted_other: outcome.ids.map((_, i) =>
        i < shares[labels.get(outcome.model)!] * outcome.ids.length
      ),
    })),
  };
  const [own] = judgeClaims({ monotonicity: made }).claims;
  const [claim] = judgeClaims({ monotonicity }).claims;
  assertEquals([own.verdict, own.verdict_other], ["supported", null]);
  assertEquals([claim.verdict, claim.verdict_other], ["supported", "contradicted"]);
  assert(claim.statements[0].reason.includes("By the other grading: contradicted, −"));
  assertEquals(verdictText(claim), "supported (contradicted by the other grading)");
});
