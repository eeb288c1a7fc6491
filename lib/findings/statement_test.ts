import { assert, assertEquals } from "@std/assert";
import {
  intervalText,
  judge as draft,
  LEAST_SAMPLES,
  type Measured,
  type Question,
  verdictOf,
} from "./statement.ts";

/** Judged as the only statement of its claim. */
function judge(question: Question, measured: Measured) {
  const { p, decide } = draft(question, measured);
  return decide(p ?? 1, 1);
}

const QUESTION: Question = {
  id: "9.x",
  claim: 9,
  text: "A beats B",
  direction: "A above B",
  statistic: { name: "A less B", unit: "share" },
  of: "samples",
};

Deno.test("only an interval wholly on one side of 0 decides", () => {
  assertEquals(verdictOf({ low: 1e-9, high: 1 }), "supported");
  assertEquals(verdictOf({ low: 0, high: 1 }), "not decided");
  assertEquals(verdictOf({ low: -1, high: 0 }), "not decided");
  assertEquals(verdictOf({ low: -1, high: -1e-9 }), "contradicted");
  assertEquals(verdictOf({ low: 0, high: 0 }), "not decided");
});

const measured = {
  // Leaves out 0 up to a confidence of 97 %.
  contrast: (confidence: number) => ({ value: 0.12, low: 1.94 - 2 * confidence, high: 0.21 }),
  visible: () => 0.132,
  n: 100,
  terms: [
    { name: "A", value: 0.5, low: 0, high: 1 },
    { name: "B", value: 0.38, low: 0, high: 1 },
  ],
  note: "Both were asked alike",
};

Deno.test("a reason tells terms, estimate, interval, samples and what they could show", () => {
  const { verdict, reason } = judge(QUESTION, measured);
  assertEquals(verdict, "supported");
  assertEquals(
    reason,
    "A +50.0 points, B +38.0 points. Both were asked alike. A less B: +12.0 points " +
      "(+4.0 to +21.0), n = 100 samples, wholly above 0. So many show 13.2 points or more " +
      "(power 80 %).",
  );
  const few = judge(QUESTION, { ...measured, n: LEAST_SAMPLES - 1 });
  assertEquals(few.verdict, "not decided");
  assert(few.reason.endsWith("n = 9 samples: too few to decide, at least 10 are needed."));
  const none = judge(QUESTION, { nothing: "Nothing moves" });
  assertEquals([none.verdict, none.estimate], ["not decided", null]);
  const missing = judge(QUESTION, { missing: "Nobody asked." });
  assertEquals([missing.verdict, missing.reason, missing.n], ["not run", "Nobody asked.", 0]);
  const blind = judge(QUESTION, { ...measured, visible: () => null });
  assert(blind.reason.endsWith("No effect would show with n = 100."));
});

Deno.test("a statement among others is corrected for them", () => {
  const { p, decide } = draft(QUESTION, measured);
  assertEquals(p!.toFixed(6), "0.030000");
  const { verdict, reason } = decide(2 * p!, 2);
  assertEquals(verdict, "not decided");
  assert(
    reason.endsWith(
      "wholly above 0, but not once corrected for 2 statements (Holm's p = 0.060). Effects of " +
        "fewer than 13.2 points could not be seen (power 80 %).",
    ),
    reason,
  );
});

Deno.test("a margin moves where a statement holds, not where it fails", () => {
  const at = (value: number, reach: number) => ({
    ...measured,
    contrast: (confidence: number) => ({
      value,
      low: value - reach * confidence,
      high: value + reach * confidence,
    }),
    margin: 0.03,
  });
  const judged = (value: number, reach: number) => judge(QUESTION, at(value, reach)).verdict;
  assertEquals(judged(0, 0.02), "supported");
  assertEquals(judged(0, 0.04), "not decided");
  assertEquals(judged(-0.04, 0.03), "contradicted");
  assertEquals(judged(-0.015, 0.01), "mixed");
  // What is against the statement by less than the margin does not count.
  assertEquals(judge(QUESTION, at(0, 0.04)).visible!.toFixed(3), "0.102");
});

Deno.test("weights are judged by what all specifications agree on", () => {
  const of = "specifications";
  const judged = (...specifications: number[]) =>
    judge({ ...QUESTION, of }, { specifications, terms: [] });
  assertEquals(judged(2, 1, 3).verdict, "supported");
  assertEquals(judged(-2, -1).verdict, "contradicted");
  assertEquals(judged(0, 0).verdict, "not decided");
  const mixed = judged(1, -1, 2);
  assertEquals([mixed.verdict, mixed.p, mixed.n], ["mixed", null, 3]);
  assertEquals(mixed.estimate, { value: 1, low: -1, high: 2 });
  assert(mixed.reason.endsWith("the range over 3 specifications, of which 2 are above 0."));
});

Deno.test("small numbers keep three digits of the largest, and zero has no minus", () => {
  assertEquals(
    intervalText({ value: 0.00123, low: -0.00001, high: 0.0024 }, "share"),
    "+0.123 points (−0.001 to +0.240)",
  );
  assertEquals(
    intervalText({ value: -0.5, low: -1, high: -0.00001 }, "share"),
    "−50.0 points (−100.0 to 0.0)",
  );
  assertEquals(
    intervalText({ value: 12.346, low: -1, high: 20 }, "ln"),
    "+12.35 (−1.00 to +20.00)",
  );
  assertEquals(intervalText({ value: 0, low: 0, high: 0 }, "ln"), "0.00 (0.00 to 0.00)");
});
