import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ABILITIES } from "../abilities.ts";
import { OTHER_STANDING } from "./abilities/model_standing.ts";
import { type Findings, findingShifts } from "./findings.ts";
import { judgeClaims } from "./ledger.ts";
import { madeFindings } from "./testdata/made_findings.ts";
import values from "./testdata/statement_values.json" with { type: "json" };

/** What scipy says of a statement. */
interface Expected {
  estimate: number[];
  p: number | null;
  visible: number | null;
  n: number;
  verdict: string;
}

/** Holds findings against all statements that scipy has an opinion on. */
function compare(findings: Findings, name: string, expected: object) {
  const statements = judgeClaims(findings).claims.flatMap(({ statements }) => statements);
  for (const [id, wanted] of Object.entries(expected) as [string, Expected][]) {
    const own = statements.find((statement) => statement.id === id)!;
    const what = `${id}, ${name}: ${own.reason}`;
    assertEquals([own.verdict, own.n], [wanted.verdict, wanted.n], what);
    const { value, low, high } = own.estimate!;
    const pairs = [
      [value, wanted.estimate[0]],
      [low, wanted.estimate[1]],
      [
        high,
        wanted.estimate[2],
      ],
      [own.p, wanted.p],
      [own.visible, wanted.visible],
    ];
    for (const [a, b] of pairs) {
      if (a === null || b === null) assertEquals(a, b, what);
      // scipy's maximum of a likelihood has half of a number's digits.
      else assertAlmostEquals(a, b, 2e-7, what);
    }
  }
}

const idsOf = (n: number) => Array.from({ length: n }, (_, i) => String(i));

Deno.test("statements on abilities are scipy's", () => {
  for (const { name, marks, statements } of values.abilities) {
    const labels = Object.keys(marks.reasoning) as (keyof typeof marks.reasoning)[];
    const report = madeFindings({ effect: 0, samples: 1 }).monotonicity!;
    const models = labels.map((label) => ({
      name: label,
      label,
      kind: "reasoner",
      ...OTHER_STANDING,
    }));
    const outcomes = labels.flatMap((model) =>
      ABILITIES.map((ability) => {
        const counted = [...marks[ability][model]].map((mark) => mark === "1");
        const ids = idsOf(counted.length);
        return { ...report.outcomes[0], model, ability, ids, counted };
      })
    );
    const own = { ...report, models, outcomes };
    compare({ monotonicity: own, transferability: own, necessity: own }, name, statements);
  }
});

Deno.test("statements on attention are scipy's", () => {
  for (const { name, layers, shifts, statements } of values.attention) {
    const { attention } = madeFindings({ effect: 0, samples: 1, layers });
    const outcomes = Object.entries(shifts).map(([key, shift]) => {
      const [text, span] = key.split(" ") as ["fixed" | "second", "generated" | "think"];
      return { text, span, ids: idsOf(shift[0].length), shift };
    });
    compare({ attention: { ...attention!, outcomes } }, name, statements);
  }
});

Deno.test("statements on localization are scipy's", () => {
  for (const { name, layers, read, correct, formed, statements } of values.localization) {
    const { vision, reasoning } = madeFindings({ effect: 0, samples: 1, layers });
    const outcomes = Object.entries(read).map(([task, last]) => ({
      task,
      ids: idsOf(last.length),
      changed: vision!.layers.map((layer) => last.map((at) => layer <= at ? "1" : "0").join("")),
    }));
    const marks = { ids: idsOf(correct[0].length), correct, correct_other: correct, formed };
    compare(
      {
        vision: { ...vision!, outcomes, logits: undefined },
        reasoning: [{ ...reasoning![0], outcomes: marks }],
      },
      name,
      statements,
    );
  }
});

Deno.test("statements on weights, and their shifts over depth, are numpy's", () => {
  for (const { name, layers, norms, decays, shifts, statements } of values.weights) {
    const made = madeFindings({ effect: 0, layers });
    // Attention's two matrices of a layer, then the MLP's.
    const placeOf = (i: number) => [Math.floor(i / 4), i % 4];
    const energy = {
      ...made.energy!,
      layers: made.energy!.layers.map((matrix, i) => {
        const [layer, place] = placeOf(i);
        const phase = (key: "sft" | "rl") => {
          const norm = norms[key][layer][place];
          return { fro_norm: norm, relative_norm: norm / (place + 1) };
        };
        return { ...matrix, sft: phase("sft"), rl: phase("rl") };
      }),
    };
    const diversity = {
      ...made.diversity!,
      layers: made.diversity!.layers.map((matrix, i) => {
        const [layer, place] = placeOf(i);
        const phase = (key: "sft" | "rl") => {
          const decay = decays[key][layer][place];
          const singular_values = [1, Math.exp(-decay / 2), Math.exp(-decay)];
          return { ...matrix[key], singular_values };
        };
        return { ...matrix, sft: phase("sft"), rl: phase("rl") };
      }),
    };
    compare({ energy, diversity }, name, statements);
    for (const key of ["energy", "diversity"] as const) {
      const own = findingShifts(key, { energy, diversity });
      const found = own === null ? [null, null] : [own.supported, own.contradicted];
      found.forEach((p, i) => {
        const wanted = shifts[key][i];
        if (p === null || wanted === null) assertEquals(p, wanted, name);
        else assertAlmostEquals(p, wanted, 1e-9, `${name}, ${key}`);
      });
    }
  }
});

Deno.test("the cases hold what is to be compared: every verdict, ties, one sample, none that counts", () => {
  const all = Object.values(values).flat().flatMap(({ statements }) => Object.values(statements));
  assertEquals(
    new Set(all.map(({ verdict }) => verdict)),
    new Set(["supported", "contradicted", "mixed", "not decided"]),
  );
  assert(all.some(({ n }) => n === 1) && all.some(({ visible }) => visible === null));
});
