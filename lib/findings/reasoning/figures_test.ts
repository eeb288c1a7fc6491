import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import pl from "nodejs-polars";
import { ABLATED_STYLE, MEAN_STYLE, reasoningLocalizationFigure } from "./figure.ts";
import { reasoningByLevelFigure } from "./level_figure.ts";
import { cellColors, rampEntries } from "../../figures/testdata/read_cells.ts";
import { readAxis, readMarkers } from "../../figures/testdata/read_marks.ts";
import { sampleSweep, SWEEP_7B, SWEEP_TINY } from "../testdata/sample_sweeps.ts";
import { placedElements } from "../../figures/testdata/svg_geometry.ts";

const { reasoning, levels } = sampleSweep(SWEEP_7B);
const rows = reasoning.toRecords();

Deno.test("reasoning localization: markers are accuracies, filled where the drop is certain", () => {
  const figure = reasoningLocalizationFigure(reasoning);
  const panels = [["gsm8k", 14, 430], ["math500", 435, 860]] as const;
  for (const [dataset, left, right] of panels) {
    const markers = readMarkers(figure, { left, right })
      .filter(({ stroke }) => stroke === ABLATED_STYLE.color);
    const own = rows.filter((row) => row.dataset === dataset && Number(row.layer) >= 0);
    assertEquals(markers.length, 28);
    for (const [i, row] of own.entries()) {
      assertAlmostEquals(markers[i].x, Number(row.layer), 0.05);
      assertAlmostEquals(markers[i].y, Number(row.accuracy) * 100, 0.2);
      const certain = Number(row.drop_low) > 0 || Number(row.drop_high) < 0;
      assertEquals(markers[i].fill, certain ? ABLATED_STYLE.color : "#ffffff", `layer ${i}`);
    }
    // The dashed line of the baseline.
    const line = placedElements(figure, "line").find((placed) =>
      placed.inherited("stroke-dasharray") === "2,2" && placed.x >= left && placed.x < right &&
      placed.inherited("aria-label") === "rule"
    )!;
    const baseline = rows.find((row) => row.dataset === dataset && row.layer === -1)!;
    const y = readAxis(figure, "y", { left, right });
    const at = line.y + Number(line.element.getAttribute("y1"));
    assertAlmostEquals(y(at), Number(baseline.accuracy) * 100, 0.2);
  }
});

Deno.test("reasoning localization: the alt text says where accuracy falls", () => {
  const accuracies = [0.8, 0.7, 0.2, 0.8];
  const known = accuracies.map((accuracy, i) => ({
    ...{ dataset: "math500", layer: i - 1, n: 20 },
    ...{ accuracy, accuracy_low: accuracy - 0.1, accuracy_high: accuracy + 0.1 },
    ...{ drop: 0.8 - accuracy, drop_low: 0.65 - accuracy, drop_high: 0.95 - accuracy },
  }));
  const { alt, svg } = reasoningLocalizationFigure(pl.DataFrame(known));
  assert(
    alt.includes(
      "MATH-500: 80 % with no ablation; accuracy falls most without layer 1 (−60 points to 20 %); " +
        "the drop's interval is above zero at 1 of 3 layers.",
    ),
    alt,
  );
  assert(svg.includes("n = 20 questions a dataset"));
  const bare = reasoningLocalizationFigure(pl.DataFrame(known.slice(1)));
  assert(
    bare.alt.includes("MATH-500: no accuracy of the whole model, without an ablation."),
    bare.alt,
  );
  const broken = known.map((row) => row.layer === 2 ? { ...row, accuracy: NaN } : row);
  const noted = reasoningLocalizationFigure(pl.DataFrame(broken));
  assert(noted.alt.includes("MATH-500: no finite accuracy at layer 2; not drawn."), noted.alt);
  const zero = sampleSweep({ ...SWEEP_TINY, effect: 0 }).reasoning;
  assert(reasoningLocalizationFigure(zero).alt.includes("no layer's ablation lowers accuracy"));
});

Deno.test("reasoning localization: a layer's mean in its place is a series of its own", () => {
  const row = (ablation: string, layer: number, accuracy: number) => ({
    ...{ dataset: "gsm8k", ablation, layer, n: 50 },
    ...{ accuracy, accuracy_low: accuracy - 0.1, accuracy_high: accuracy + 0.1 },
    ...{ drop: 0.9 - accuracy, drop_low: 0.85 - accuracy, drop_high: 0.95 - accuracy },
  });
  const both = ["zero", "mean"].flatMap((way, i) =>
    [-1, 0, 1].map((layer) => row(way, layer, layer < 0 ? 0.9 : 0.5 + 0.2 * i + 0.1 * layer))
  );
  const figure = reasoningLocalizationFigure(pl.DataFrame(both));
  for (const [{ color }, values] of [[ABLATED_STYLE, [50, 60]], [MEAN_STYLE, [70, 80]]] as const) {
    const markers = readMarkers(figure, { left: 14, right: 860 })
      .filter(({ stroke }) => stroke === color);
    assertEquals(markers.map(({ y }) => Math.round(y)), [...values]);
  }
  assert(
    figure.alt.includes("falls most with the mean of layer 0 (−20 points to 70 %)"),
    figure.alt,
  );
  assert(figure.alt.includes("falls most without layer 0 (−40 points to 50 %)"), figure.alt);
  assertThrows(
    () => reasoningLocalizationFigure(pl.DataFrame([...both, both[5]])),
    RangeError,
    "two rows for dataset gsm8k, ablation mean, layer 1",
  );
  assertThrows(
    () => reasoningLocalizationFigure(pl.DataFrame([{ ...both[0], ablation: "half" }])),
    TypeError,
    '"zero" or "mean" is needed',
  );
});

Deno.test("reasoning by level: every cell has the colour of the nearest legend value", () => {
  const figure = reasoningByLevelFigure(levels);
  const entries = rampEntries(figure);
  const panels = cellColors(figure, 28);
  let cells = 0;
  for (const [i, dataset] of ["gsm8k", "math500"].entries()) {
    for (const row of levels.toRecords()) {
      if (row.dataset !== dataset || Number(row.layer) < 0) continue;
      const drop = Number(row.drop) * 100;
      const color = panels[i].get(`${row.layer} ${Number(row.level) - 1}`);
      const value = entries.find((entry) => entry.color === color)!.value;
      const step = entries[1].value - entries[0].value;
      assert(
        Math.abs(value - drop) <= step / 2 + 1e-9,
        `${dataset} ${row.layer}: ${drop} ${value}`,
      );
      cells++;
    }
  }
  assertEquals(cells, 28 * (5 + 3));
});

Deno.test("reasoning by level: labels, missing levels and values", () => {
  const known = [
    { dataset: "gsm8k", level: null, layer: -1, n: 9, accuracy: 0.6, drop: 0 },
    { dataset: "gsm8k", level: null, layer: 0, n: 9, accuracy: 0.6, drop: 0 },
    { dataset: "math500", level: 5, layer: -1, n: 4, accuracy: 0.75, drop: 0 },
    { dataset: "math500", level: 5, layer: 0, n: 4, accuracy: 0.5, drop: 0.25 },
    { dataset: "math500", level: 5, layer: 2, n: 4, accuracy: 1, drop: -0.25 },
    { dataset: "math500", level: 3, layer: 0, n: 6, accuracy: null, drop: NaN },
  ];
  const figure = reasoningByLevelFigure(pl.DataFrame(known));
  const texts = placedElements(figure, "text").map(({ text }) => text);
  for (const text of ["level 5 (n = 4, 75 %)", "level 3 (n = 6)", "25", "−25", "no value"]) {
    assert(texts.includes(text), `${text} is not in ${texts}`);
  }
  assert(!texts.includes("GSM8K"));
  assert(figure.alt.includes("2 rows have no level; not drawn."), figure.alt);
  assert(
    figure.alt.includes("level 3 has no values; level 5 loses most without layer 0 (−25 points)."),
    figure.alt,
  );
  assertThrows(
    () => reasoningByLevelFigure(pl.DataFrame(known.slice(0, 3))),
    RangeError,
    "no row has both a level and an ablated layer",
  );
});

Deno.test("reasoning figures: the order of rows does not matter", () => {
  const backwards = [reasoning, levels].map((frame) =>
    pl.DataFrame(frame.toRecords().toReversed())
  );
  assertEquals(
    reasoningLocalizationFigure(backwards[0]).svg,
    reasoningLocalizationFigure(reasoning).svg,
  );
  assertEquals(reasoningByLevelFigure(backwards[1]).svg, reasoningByLevelFigure(levels).svg);
});

Deno.test("reasoning figures: frames that do not fit are refused by name", () => {
  const refused: [() => unknown, string][] = [
    [() => reasoningLocalizationFigure(pl.DataFrame([])), "no rows"],
    [
      () => reasoningLocalizationFigure(reasoning.select("dataset", "layer")),
      "no column accuracy, accuracy_low, accuracy_high, drop, drop_low, drop_high, n (it",
    ],
    [
      () => reasoningLocalizationFigure(pl.DataFrame([...rows, rows[0]])),
      "two rows for dataset gsm8k, ablation zero, layer -1",
    ],
    [
      () => reasoningLocalizationFigure(pl.DataFrame(rows.map((row) => ({ ...row, layer: -2 })))),
      "column layer holds -2, but a whole number from -1",
    ],
    [
      () => reasoningLocalizationFigure(pl.DataFrame([{ ...rows[0], dataset: null }, rows[1]])),
      "column dataset holds null",
    ],
    [() => reasoningByLevelFigure(reasoning), "no column level (it has"],
    [() => reasoningByLevelFigure(levels, { llmLayers: 3 }), "llmLayers is 3"],
  ];
  for (const [draw, message] of refused) {
    const error = assertThrows(draw, Error, message);
    assert(error.message.startsWith("Cannot draw the reasoning "), error.message);
  }
});
