import { assert, assertEquals } from "@std/assert";
import { intervalText, judge, LEAST_SAMPLES, type Question, verdictOf } from "./statement.ts";

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

Deno.test("a reason tells terms, estimate, interval and samples", () => {
  const measured = {
    estimate: { value: 0.12, low: 0.034, high: 0.21 },
    n: 100,
    terms: [{ name: "A", value: 0.5, low: 0, high: 1 }, {
      name: "B",
      value: 0.38,
      low: 0,
      high: 1,
    }],
    note: "Both were asked alike",
  };
  const { verdict, reason } = judge(QUESTION, measured);
  assertEquals(verdict, "supported");
  assertEquals(
    reason,
    "A +50.0 points, B +38.0 points. Both were asked alike. A less B: +12.0 points " +
      "(+3.4 to +21.0), n = 100 samples, wholly above 0.",
  );
  const few = judge(QUESTION, { ...measured, n: LEAST_SAMPLES - 1 });
  assertEquals(few.verdict, "not decided");
  assert(few.reason.endsWith("n = 9 samples: too few to decide, at least 10 are needed."));
  const none = judge(QUESTION, { ...measured, estimate: null });
  assertEquals([none.verdict, none.estimate], ["not decided", null]);
  const missing = judge(QUESTION, { missing: "Nobody asked." });
  assertEquals([missing.verdict, missing.reason, missing.n], ["not run", "Nobody asked.", 0]);
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
