import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import pl from "nodejs-polars";
import { spliceDifferenceFigure } from "../splices/difference_figure.ts";
import { abilityFigure } from "./figure.ts";
import { necessityFigure } from "../necessity/figure.ts";
import { spliceFigure } from "../splices/figure.ts";
import { transitionFigure } from "./transition_figure.ts";
import { readColumn, readRowDots, readStrip, rowPanels } from "../../figures/testdata/read_rows.ts";
import {
  FROZEN,
  LONG_NAMES,
  sampleAbilities,
  SPLICES,
  TRIPLE,
} from "../testdata/sample_abilities.ts";
import { placedElements } from "../../figures/testdata/svg_geometry.ts";

const ABILITIES = ["perception", "alignment", "reasoning"];
const splices = sampleAbilities(SPLICES);
const values = splices.values.toRecords();
const againstIn = splices.against("IN").toRecords();

/** Rows of one ability, label -> share. */
function frameOf(shares: Record<string, number | null>, ability = "reasoning") {
  return pl.DataFrame(
    Object.entries(shares).map(([label, value]) => ({
      ...{ label, ability, n: 50, value },
      ...{ low: value === null ? null : value - 0.1, high: value === null ? null : value + 0.1 },
    })),
  );
}

/** Differences [label, reference, difference, half an interval]. */
function differencesOf(rows: [string, string, number, number][], ability = "reasoning") {
  return pl.DataFrame(rows.map(([label, reference, diff, half]) => (
    { label, reference, ability, n: 50, diff, low: diff - half, high: diff + half }
  )));
}

Deno.test("splices: dots and numbers are the values, strips the donors", () => {
  const figure = spliceFigure(splices.values, { differences: splices.against("IN") });
  const panels = rowPanels(figure);
  assertEquals(panels.length, 3);
  for (const [i, ability] of ABILITIES.entries()) {
    const dots = readRowDots(figure, panels[i]);
    const numbers = readColumn(figure, "%", panels[i]);
    const own = values.filter((row) => row.ability === ability);
    assertEquals([...dots.keys()], own.map(({ label }) => label));
    for (const { label, value } of own) {
      const dot = dots.get(String(label))!;
      assertAlmostEquals(dot.value, Number(value) * 100, 0.15);
      assertEquals(numbers.get(String(label)), (Number(value) * 100).toFixed(1));
      const difference = againstIn.find((row) => row.label === label && row.ability === ability);
      // IN itself is filled: it is compared with nothing.
      const certain = difference === undefined ||
        Number(difference.low) > 0 || Number(difference.high) < 0;
      assertEquals(dot.fill === dot.stroke, certain, `${ability} ${label}`);
    }
  }
  for (const label of Object.keys(SPLICES.models)) {
    const donors = label.includes(":") ? label.split(":") : [label, label, label];
    assertEquals(readStrip(figure, label), donors);
  }
});

Deno.test("splices: without differences every dot is filled and no legend speaks of them", () => {
  const figure = spliceFigure(splices.values);
  for (const panel of rowPanels(figure)) {
    for (const { fill, stroke } of readRowDots(figure, panel).values()) assertEquals(fill, stroke);
  }
  assert(!figure.svg.includes("includes 0"));
});

Deno.test("splice differences: dots are the differences, the reference is zero", () => {
  const figure = spliceDifferenceFigure(splices.against("IN"));
  for (const [i, panel] of rowPanels(figure).entries()) {
    const dots = readRowDots(figure, panel);
    const own = againstIn.filter((row) => row.ability === ABILITIES[i]);
    assertEquals(dots.size, 7);
    for (const { label, diff, low, high } of own) {
      const dot = dots.get(String(label))!;
      assertAlmostEquals(dot.value, Number(diff) * 100, 0.15);
      assertEquals(dot.fill === dot.stroke, Number(low) > 0 || Number(high) < 0);
    }
  }
  const known = differencesOf([["RL", "IN", 0.1, 0.05], ["RL:IN:IN", "IN", -0.1, 0.05]]);
  const { alt } = spliceDifferenceFigure(known);
  assert(
    alt.includes(
      "Reasoning: RL +10.0, RL:IN:IN −10.0 points; the interval is above zero for RL, below zero " +
        "for RL:IN:IN.",
    ),
    alt,
  );
});

Deno.test("necessity: the share of RL's gain that is kept", () => {
  const shares = { IN: 0.2, RL: 0.4, "frozen early": 0.36, "frozen mid": 0.5, "frozen late": 0.18 };
  const cells = (gain: [number, number] | undefined) => {
    const differences = gain === undefined ? undefined : differencesOf([["IN", "RL", ...gain]]);
    const figure = necessityFigure(frameOf(shares), { differences });
    return { figure, kept: readColumn(figure, "gain kept", rowPanels(figure)[0]) };
  };
  const certain = cells([-0.2, 0.1]);
  assertEquals(Object.fromEntries(certain.kept), {
    "frozen early": "80 %",
    "frozen mid": "150 %",
    "frozen late": "−10 %",
  });
  assert(certain.figure.alt.includes("frozen late 18.0 % (keeps −10 % of RL's gain)"));
  const uncertain = cells([-0.2, 0.3]);
  assertEquals(uncertain.kept.get("frozen early"), "(80 %)");
  assert(!uncertain.figure.alt.includes("keeps"));
  assert(uncertain.figure.alt.includes("of a gain (+20.0 points) whose own interval includes 0."));
  assertEquals(cells(undefined).kept.get("frozen early"), "80 %");
});

Deno.test("necessity: no gain, none is kept", () => {
  const loss = necessityFigure(frameOf({ IN: 0.4, RL: 0.3, "frozen early": 0.36 }));
  assert(loss.alt.includes("RL does not gain over IN (−10.0 points); none can be kept."), loss.alt);
  assertEquals(readColumn(loss, "gain kept", rowPanels(loss)[0]).size, 0);
  const without = necessityFigure(frameOf({ IN: 0.4, RL: null, "frozen early": 0.36 }));
  assert(without.alt.includes("Reasoning: no gain of RL over IN, for want of a value of both."));
});

Deno.test("necessity: filled where the difference from RL is certain, turned or not", () => {
  const frame = frameOf({ IN: 0.2, RL: 0.4, "frozen early": 0.36, "frozen late": 0.2 });
  const differences = [
    differencesOf([["RL", "IN", 0.2, 0.1], ["RL", "frozen late", 0.2, 0.3]]),
    differencesOf([["frozen early", "RL", -0.04, 0.01]]),
  ];
  const figure = necessityFigure(frame, { differences });
  const filled = [...readRowDots(figure, rowPanels(figure)[0])]
    .filter(([, { fill, stroke }]) => fill === stroke).map(([label]) => label);
  assertEquals(filled.sort(), ["IN", "RL", "frozen early"]);
  const some = necessityFigure(frame, { differences: differences[1] });
  assert(some.alt.includes("Reasoning: no difference from RL of IN, frozen late; drawn hollow."));
});

Deno.test("abilities: falls are dashed and named, changes are the paired differences", () => {
  const frame = frameOf({ Base: 0.3, IN: 0.5, RL: 0.4, "RL:IN:RL": 0.9 });
  const differences = [
    differencesOf([["IN", "Base", 0.2, 0.1], ["RL", "Base", 0.1, 0.2]]),
    differencesOf([["RL", "IN", -0.1, 0.05]]),
  ];
  const figure = abilityFigure(frame, { differences });
  assert(
    figure.alt.includes(
      "Reasoning: Base 30.0 %, IN 50.0 % (+20.0 points), RL 40.0 % (−10.0 points); falls from IN " +
        "to RL (interval below 0). Not drawn: RL:IN:RL.",
    ),
    figure.alt,
  );
  const links = placedElements(figure, "path").filter(({ inherited }) =>
    inherited("aria-label") === "link"
  ).map(({ inherited }) => inherited("stroke-dasharray"));
  assertEquals(links, ["4,3", undefined]);
  const texts = placedElements(figure, "text").map(({ text }) => text);
  for (const text of ["+20.0", "−10.0", "IN − Base", "RL − IN"]) assert(texts.includes(text), text);
  const rising = abilityFigure(frameOf({ Base: 0.3, IN: 0.5, RL: 0.5 }), {
    differences: differences[0],
  });
  assert(rising.alt.includes("falls at no step. Reasoning: no paired difference of RL less IN."));
});

Deno.test("abilities: a model without a value is bridged and named", () => {
  const figure = abilityFigure(frameOf({ Base: 0.3, IN: null, RL: 0.2 }));
  assert(figure.alt.includes("Base 30.0 %, RL 20.0 % (−10.0 points); falls from Base to RL."));
  assert(figure.alt.includes("Reasoning: no value of IN; not drawn."), figure.alt);
  const texts = placedElements(figure, "text").map(({ text }) => text);
  assert(texts.includes("RL − Base") && !texts.includes("Alignment (M_v2r)"));
});

Deno.test("transitions: bars are the counts, the measure is framed", () => {
  const counts = { n_TT: 30, n_TF: 40, n_FT: 0, n_FF: 10 };
  const rows = ["perception", "alignment"].map((ability) => ({ label: "IN", ability, ...counts }));
  const broken = { label: "RL", ability: "alignment", ...counts, n_FF: null };
  const figure = transitionFigure(pl.DataFrame([...rows, broken]));
  const rects = placedElements(figure, "rect").filter(({ inherited }) =>
    inherited("aria-label") === "rect"
  );
  const framed = rects.filter(({ inherited }) => inherited("fill") === "none");
  const bars = rects.filter((rect) => !framed.includes(rect));
  const width = (rect: typeof rects[number]) => Number(rect.element.getAttribute("width"));
  assertEquals(bars.length, 6);
  const whole = (width(bars[0]) + width(bars[1]) + width(bars[2])) / 80;
  for (const [i, n] of [30, 40, 10, 30, 40, 10].entries()) {
    assertAlmostEquals(width(bars[i]) / whole, n, 0.05);
  }
  assertEquals(framed.map((rect) => Math.round(width(rect) / whole)), [40, 30]);
  assert(figure.alt.includes("Perception: IN TT 30, TF 40, FT 0, FF 10 of 80."), figure.alt);
  assert(figure.alt.includes("Alignment: no value of RL; not drawn."), figure.alt);
});

Deno.test("rows of models: long names are shortened in the middle and kept whole", () => {
  const { values, transitions } = sampleAbilities(LONG_NAMES);
  for (const figure of [spliceFigure(values), transitionFigure(transitions)]) {
    const titles = placedElements(figure, "title").map(({ text }) => text).slice(1);
    const long = Object.keys(LONG_NAMES.models).filter((name) => name.length > 35);
    for (const name of long) {
      assert(titles.includes(name), name);
      assert(figure.alt.includes(name));
    }
    const dots = placedElements(figure, "text").map(({ text }) => text)
      .filter((text) => text.includes("…"));
    assertEquals(dots.length, titles.length);
    const name = dots.find((text) => text.startsWith("an-org"));
    assert(name?.endsWith("step-1200"), name);
  }
});

Deno.test("ability figures: the order of rows does not matter", () => {
  const backwards = (frame: pl.DataFrame) => pl.DataFrame(frame.toRecords().toReversed());
  const frozen = sampleAbilities(FROZEN);
  const triple = sampleAbilities(TRIPLE);
  const drawn: [(frame: pl.DataFrame) => { svg: string }, pl.DataFrame][] = [
    [abilityFigure, triple.values],
    [spliceFigure, splices.values],
    [spliceDifferenceFigure, splices.against("IN")],
    [necessityFigure, frozen.values],
    [transitionFigure, frozen.transitions],
  ];
  for (const [draw, frame] of drawn) assertEquals(draw(backwards(frame)).svg, draw(frame).svg);
});

Deno.test("ability figures: frames that do not fit are refused by name", () => {
  const one = values[0];
  const count = { label: "IN", ability: "perception", n_TT: 1, n_TF: 1, n_FT: 1, n_FF: 1 };
  const refused: [() => unknown, string][] = [
    [() => spliceFigure(pl.DataFrame([])), "no rows"],
    [() => spliceFigure(splices.values.drop("low")), "no column low (it has label, ability"],
    [() => spliceFigure(pl.DataFrame([one, one])), "two rows for label IN, ability perception"],
    [() => necessityFigure(pl.DataFrame([{ ...one, ability: "M_vis" }])), 'holds "M_vis", but'],
    [() => necessityFigure(pl.DataFrame([{ ...one, label: null }])), "column label holds null"],
    [() => spliceFigure(splices.values, { width: 300 }), "300 pixels wide"],
    [
      () => spliceFigure(splices.values, { differences: splices.values }),
      "no column diff, reference",
    ],
    [() => abilityFigure(frameOf({ x: 0.5, y: 0.6 })), "no row of Base, IN or RL (it has x, y)"],
    [
      () =>
        spliceDifferenceFigure(
          pl.concat([splices.against("IN"), splices.against("RL").slice(0, 1)]),
        ),
      "it compares with one reference, the frame has",
    ],
    [() => spliceDifferenceFigure(splices.values), "no column diff"],
    [
      () => spliceDifferenceFigure(differencesOf([["IN", "IN", 0, 0]])),
      "no model besides the reference IN",
    ],
    [
      () => transitionFigure(pl.DataFrame([{ ...count, ability: "reasoning" }])),
      'holds "reasoning", but "perception" or "alignment" is needed',
    ],
    [() => transitionFigure(pl.DataFrame([{ ...count, n_TT: -1 }])), "column n_TT holds -1"],
    [() => transitionFigure(pl.DataFrame([{ ...count, n_TF: 0.5 }])), "column n_TF holds 0.5"],
  ];
  for (const [draw, message] of refused) {
    const error = assertThrows(draw, Error, message);
    assert(error.message.startsWith("Cannot draw "), error.message);
  }
});
