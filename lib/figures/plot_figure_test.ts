import * as Plot from "@observablehq/plot";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { plotFigure, type PlotFigureText } from "./plot_figure.ts";

const data = ["IN", "RL"].flatMap((model, i) =>
  [0, 1, 2, 3].map((layer) => ({ model, layer, rate: -10 * layer * (i + 1) }))
);
const text = { title: "Rates", description: "Both fall.", notes: ["n = 4 pairs."] };
const options: Plot.PlotOptions = {
  color: { legend: true },
  y: { grid: true, label: "Rate (%)" },
  marks: [Plot.lineY(data, { x: "layer", y: "rate", stroke: "model" })],
};

Deno.test("a chart of one's own has title, legend, notes and a description", () => {
  const figure = plotFigure(options, text);
  for (const part of ["Rates", "IN", "RL", "Rate (%)", "n = 4 pairs.", "<desc>Both fall."]) {
    assertStringIncludes(figure.svg, part);
  }
  assertEquals(figure.alt, "Rates. Both fall. n = 4 pairs.");
  assertEquals(plotFigure(options, text).svg, figure.svg);
  const bytes = figure.png(1);
  assertEquals([...bytes.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join(""), "PNG");
  const size = new DataView(bytes.buffer, bytes.byteOffset);
  assertEquals([size.getUint32(16), size.getUint32(20)], [figure.width, figure.height]);
  assert(figure.svg.match(/stroke="#d62728"/) && figure.svg.match(/stroke="#1f77b4"/));
  // No minus of a keyboard before a digit.
  assert(!/>-\d/.test(figure.svg));
  assert(plotFigure({ ...options, color: {} }, text).height < figure.height);
});

Deno.test("what cannot be drawn is refused with the reason", () => {
  const cases: [Plot.PlotOptions, object, string][] = [
    [options, { ...text, title: " " }, "a figure without title"],
    [options, { title: "Rates" }, "a figure without description"],
    [options, { ...text, note: "x" }, 'did you mean "notes"?'],
    [options, { ...text, width: 100 }, "100 pixels wide"],
    [
      {
        marks: [Plot.dot([1, 2, 3], { x: (x) => x, fill: (x) => x })],
        color: { legend: true, scheme: "blues" },
      },
      text,
      "a legend for a linear colour scale",
    ],
  ];
  for (const [plot, texts, message] of cases) {
    assertThrows(() => plotFigure(plot, texts as PlotFigureText), Error, message);
  }
});
