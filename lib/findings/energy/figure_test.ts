import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import pl from "nodejs-polars";
import { energySummaryFrame } from "../../spectra/energy_report.ts";
import { energyFigure } from "./figure.ts";
import type { Figure } from "../../figures/mod.ts";
import { LIKE_7B, LIKE_TINY, sampleEnergyReport } from "../testdata/sample_reports.ts";
import { placedElements } from "../../figures/testdata/svg_geometry.ts";
import { SECTION_FILLS } from "../layer_bands.ts";

const report = sampleEnergyReport(LIKE_7B);
const summary = energySummaryFrame(report);

/** Reads the values of the circles back off the axis labels of their panel. */
function readCircles(figure: Figure, options: { panelLeft: number; log: boolean }): number[] {
  const axis = options.log ? Math.log10 : (value: number) => value;
  const inPanel = ({ x }: { x: number }) => Math.abs(x - options.panelLeft) < 90;
  const labels = placedElements(figure, "text").filter((placed) =>
    placed.inherited("aria-label") === "y-axis tick label" && inPanel(placed)
  );
  const circles = placedElements(figure, "circle").filter(({ inherited, x }) =>
    inherited("aria-label") === "dot" && Math.abs(x - options.panelLeft) < 2
  );
  // Panels of both phases stand under one another: take the ticks of the first.
  const first = labels.slice(0, labels.findIndex(({ y }, i) => i > 0 && y > labels[i - 1].y) >>> 0);
  const [low, high] = [first[0], first.at(-1)!];
  const scale = (axis(Number(high.text)) - axis(Number(low.text))) / (high.y - low.y);
  return circles.map(({ element, y }) => {
    const value = axis(Number(low.text)) + (y + Number(element.getAttribute("cy")) - low.y) * scale;
    return options.log ? 10 ** value : value;
  });
}

for (const scale of ["linear", "log"] as const) {
  Deno.test(`energy figure, ${scale}: the circles are IN's mean Frobenius norms`, () => {
    const figure = energyFigure(summary, { scale });
    const values = readCircles(figure, { panelLeft: 14, log: scale === "log" });
    assertEquals(values.length, report.summary.length);
    const largest = Math.max(...values);
    for (const [i, { sft }] of report.summary.entries()) {
      assertAlmostEquals(values[i], sft.fro_norm_mean, 0.002 * largest);
    }
  });
}

Deno.test("energy figure: bands lie behind their sections in every panel", () => {
  const rectangles = placedElements(energyFigure(summary), "rect");
  const frame = rectangles.find(({ inherited }) => inherited("aria-label") === "frame")!;
  const frameWidth = Number(frame.element.getAttribute("width"));
  for (
    const [section, layers] of [["Vision Encoder", 32], ["Projector", 1], ["LLM Backbone", 28]]
  ) {
    const bands = rectangles.filter(({ element }) =>
      element.getAttribute("fill") === SECTION_FILLS[section]
    );
    assertEquals(bands.length, 2, `${section}`);
    for (const { element } of bands) {
      const perLayer = Number(element.getAttribute("width")) / Number(layers);
      // 61 layer indices share the panel.
      assertAlmostEquals(perLayer, frameWidth / 61, 0.02);
    }
  }
});

Deno.test("energy figure: only the LLM, no projector, one layer", () => {
  const shapes = [
    { visionBlocks: 0, projector: false },
    { projector: false },
    { visionBlocks: 0, projector: false, llmLayers: 1 },
  ];
  const labels = shapes.map((shape) => {
    const frame = energySummaryFrame(sampleEnergyReport({ ...LIKE_TINY, ...shape }));
    const texts = placedElements(energyFigure(frame), "text");
    return ["Vision encoder", "Projector", "LLM", "middle"]
      .filter((label) => texts.some(({ text }) => text === label));
  });
  assertEquals(labels, [["LLM", "middle"], ["Vision encoder", "LLM", "middle"], ["LLM"]]);
});

Deno.test("energy figure: the order of rows does not matter", () => {
  const backwards = pl.DataFrame(summary.toRecords().toReversed());
  assertEquals(energyFigure(backwards).svg, energyFigure(summary).svg);
});

Deno.test("energy figure: zero updates are drawn at 0, or named where the axis is logarithmic", () => {
  const zero = energySummaryFrame(sampleEnergyReport({ ...LIKE_TINY, rlScale: 0 }));
  const squares = (figure: Figure) =>
    placedElements(figure, "path").filter(({ inherited }) =>
      inherited("aria-label") === "dot" && inherited("stroke") === "#1f77b4"
    ).length;
  const linear = energyFigure(zero);
  assert(linear.alt.includes("RL: zero update in every layer; drawn at 0."), linear.alt);
  assert(linear.alt.includes("RL is zero in every layer"));
  const log = energyFigure(zero, { scale: "log" });
  assert(log.alt.includes("RL: zero update in every layer; not drawn"), log.alt);
  assertEquals([squares(linear), squares(log)], [2 * 19, 0]);
  const part = zero.toRecords().map((row) =>
    Number(row.layer_idx) > 3 && row.phase === "RL" ? { ...row, fro_norm_mean: 1 } : row
  );
  const some = energyFigure(pl.DataFrame(part), { scale: "log" });
  assert(some.alt.includes("RL: zero update at layer index −6 to 3; not drawn"), some.alt);
  assertEquals(squares(some), 9);
});

Deno.test("energy figure: values that are not finite are left out and named", () => {
  const rows = summary.toRecords().map((row) => {
    if (row.phase === "IN" && row.layer_idx === -3) return { ...row, fro_norm_mean: NaN };
    if (row.phase === "IN" && row.layer_idx === 2) return { ...row, fro_norm_mean: null };
    if (row.phase === "RL" && row.layer_idx === 5) return { ...row, relative_norm_mean: Infinity };
    return row;
  });
  const figure = energyFigure(pl.DataFrame(rows));
  assert(figure.alt.includes("IN: no finite value at layer index −3, 2; not drawn."), figure.alt);
  assert(figure.alt.includes("RL: no finite value at layer index 5; not drawn."), figure.alt);
  assertEquals(readCircles(figure, { panelLeft: 14, log: false }).length, 59);
  assert(!figure.svg.includes("NaN"));
});

Deno.test("energy figure: caption and title are drawn, escaped", () => {
  const caption = 'recipe <tiny> & "more" \u0007';
  const figure = energyFigure(summary, { title: "A & <B>", caption });
  assert(figure.svg.includes(">A &amp; &lt;B&gt;</text>"));
  assert(figure.svg.includes(">recipe &lt;tiny&gt; &amp; &quot;more&quot; \ufffd</text>"));
  assert(figure.png(0.1).length > 0);
});

Deno.test("energy figure: frames that do not fit are refused by name", () => {
  const rows = summary.toRecords();
  const refused: [unknown, string][] = [
    [pl.DataFrame([]), "the frame has no rows; pass energySummaryFrame(report)"],
    [summary.drop("phase"), "no column phase (it has layer_idx, section"],
    [{}, "not a Polars frame"],
    [undefined, "not a Polars frame"],
    [pl.DataFrame(rows.map((row) => ({ ...row, phase: "SFT" }))), 'column phase holds "SFT"'],
    [pl.DataFrame(rows.map((row) => ({ ...row, fro_norm_mean: "x" }))), 'fro_norm_mean holds "x"'],
    [pl.DataFrame(rows.map((row) => ({ ...row, layer_idx: 0.5 }))), "layer_idx holds 0.5"],
    [pl.DataFrame(rows.map((row) => ({ ...row, layer_idx: 1e15 }))), "layer_idx holds 1000000"],
    [
      pl.DataFrame([...rows, rows[0]]),
      "two rows for section Vision Encoder, phase IN, layer_idx -32",
    ],
  ];
  for (const [frame, message] of refused) {
    const error = assertThrows(() => energyFigure(frame as pl.DataFrame), Error, message);
    assert(error.message.startsWith("Cannot draw the energy figure: "), error.message);
  }
  for (const width of [100, NaN, 1e9]) {
    assertThrows(() => energyFigure(summary, { width }), RangeError, `${width} pixels`);
  }
});
