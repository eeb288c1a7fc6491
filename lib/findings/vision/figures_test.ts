import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import pl from "nodejs-polars";
import { panelAreas, readAxis, readMarkers } from "../../figures/testdata/read_marks.ts";
import { sampleSweep, SWEEP_7B, SWEEP_TINY } from "../testdata/sample_sweeps.ts";
import { placedElements } from "../../figures/testdata/svg_geometry.ts";
import { CHANGE_STYLES, visionLocalizationFigure } from "./figure.ts";
import { visionStepFigure } from "./step_figure.ts";
import { TASK_LABELS } from "./task_rows.ts";

const frame = sampleSweep(SWEEP_7B).vision;
const rows = frame.toRecords();
const FIGURES = { visionLocalizationFigure, visionStepFigure };
const TASKS = Object.keys(TASK_LABELS);

Deno.test("vision localization: a panel a task, markers are the rates, rings the peaks", () => {
  const figure = visionLocalizationFigure(frame);
  const areas = panelAreas(figure);
  assertEquals(areas.length, 4);
  for (const [k, task] of TASKS.entries()) {
    const all = readMarkers(figure, areas[k]);
    const own = rows.filter((row) => row.task === task);
    for (const name of ["change", "source"] as const) {
      const column = `${name}_rate`;
      const markers = all.filter(({ stroke }) => stroke === CHANGE_STYLES[name].color);
      const points = markers.filter(({ fill }) => fill !== "none");
      assertEquals(points.length, 28);
      for (const [i, row] of own.entries()) {
        assertAlmostEquals(points[i].x, Number(row.layer), 0.05);
        assertAlmostEquals(points[i].y, Number(row[column]) * 100, 0.3);
      }
      const peak = Math.max(...own.map((row) => Number(row[column])));
      const first = own.find((row) => row[column] === peak)!;
      const rings = markers.filter(({ fill }) => fill === "none");
      assertEquals(rings.length, 1);
      assertAlmostEquals(rings[0].x, Number(first.layer), 0.05);
      assertAlmostEquals(rings[0].y, peak * 100, 0.3);
    }
  }
});

Deno.test("vision localization: the thick stretch is the largest step", () => {
  const figure = visionLocalizationFigure(frame);
  const areas = panelAreas(figure);
  const stretches = placedElements(figure, "path").filter(({ inherited }) =>
    inherited("aria-label") === "link"
  );
  assertEquals(stretches.length, 4);
  for (const [i, task] of TASKS.entries()) {
    const y = readAxis(figure, "y", areas[i]);
    const largest = Math.max(...rows.flatMap((row) => row.task === task ? Number(row.step) : []));
    const { element, y: top, inherited } = stretches[i];
    assertEquals(inherited("stroke"), CHANGE_STYLES.change.color);
    const [, y1, , y2] = element.getAttribute("d")!.match(/[\d.]+/g)!.map(Number);
    assertAlmostEquals(y(top + y1) - y(top + y2), largest * 100, 0.4);
  }
});

Deno.test("vision step: bars are the steps, strong where the interval excludes zero", () => {
  const figure = visionStepFigure(frame);
  const area = panelAreas(figure)[TASKS.indexOf("counting")];
  const y = readAxis(figure, "y", area);
  const zero = y(0);
  const bars = placedElements(figure, "rect").filter((placed) =>
    placed.inherited("aria-label") === "rect" && placed.x < area.right && placed.y < area.bottom &&
    Number(placed.element.getAttribute("width")) < 12
  );
  const own = rows.filter((row) => row.task === "counting");
  assertEquals(bars.length, 28);
  for (const [i, row] of own.entries()) {
    const { element } = bars[i];
    const height = Number(element.getAttribute("height")) * (zero - y(1));
    assertAlmostEquals(height, Math.abs(Number(row.step)) * 100, 0.3);
    const certain = Number(row.step_low) > 0 || Number(row.step_high) < 0;
    assertEquals(element.getAttribute("fill") === CHANGE_STYLES.change.color, certain);
  }
});

Deno.test("vision figures: the alt text says where", () => {
  const values = {
    rate: [0.5, 0.9, 0.9, 0.2],
    step: [-0.4, 0, 0.7, 0.2],
    source: [0, 0.1, 0.4, 0],
  };
  const known = pl.DataFrame(values.rate.map((change_rate, layer) => ({
    ...{ task: "ocr", layer, n: 10, change_rate, change_low: null, change_high: null },
    ...{ step: values.step[layer], step_low: values.step[layer] - 0.3, step_high: 0.8 },
    ...{ source_rate: values.source[layer], source_low: 0, source_high: 0.5 },
  })));
  const { alt } = visionLocalizationFigure(known);
  assert(
    alt.includes(
      "OCR: most change at layers 1, 2 (90 %); the largest step is layer 2's (+70 points); " +
        "at most 40 % become the other image's (layer 2).",
    ),
    alt,
  );
  const steps = visionStepFigure(known).alt;
  assert(
    steps.includes("OCR: layer 2 adds most (+70 points); the interval is above zero at 1 of 4"),
    steps,
  );
  assert(visionLocalizationFigure(known).svg.includes("n = 10 pairs a task"));
});

Deno.test("vision figures: no answer changes", () => {
  const { vision } = sampleSweep({ ...SWEEP_TINY, effect: 0 });
  const figure = visionLocalizationFigure(vision);
  assert(figure.alt.includes("Counting: no answer changes at any layer."), figure.alt);
  assert(visionStepFigure(vision).alt.includes("OCR: no layer adds anything."));
  const rings = placedElements(figure, "circle").filter((placed) =>
    placed.inherited("aria-label") === "dot" && placed.inherited("fill") === "none"
  );
  assertEquals(rings, []);
});

for (const [name, draw] of Object.entries(FIGURES)) {
  Deno.test(`${name}: missing tasks, layers and values`, () => {
    const some = rows.filter(({ task, layer }) => task === "ocr" && Number(layer) % 4 === 0);
    const texts = placedElements(draw(pl.DataFrame(some), { llmLayers: 28 }), "text")
      .map(({ text }) => text);
    assert(!texts.some((text) => text.startsWith("Counting")) && texts.includes("late"));
    const broken = rows.map((row) =>
      row.task === "ocr" && [3, 4, 5, 9].includes(Number(row.layer))
        ? { ...row, change_rate: NaN, step: null }
        : row.task === "counting"
        ? { ...row, change_rate: Infinity, step: NaN }
        : row
    );
    const { alt, svg } = draw(pl.DataFrame(broken));
    assert(alt.includes("OCR: no finite value at layer 3 to 5, 9; not drawn."), alt);
    assert(alt.includes("Counting: no finite value in every layer; not drawn."), alt);
    assert(alt.includes("Counting: no values to draw."), alt);
    assert(!/NaN|Infinity/.test(svg));
  });

  Deno.test(`${name}: the order of rows does not matter`, () => {
    assertEquals(draw(pl.DataFrame(rows.toReversed())).svg, draw(frame).svg);
  });

  Deno.test(`${name}: frames and options that do not fit are refused by name`, () => {
    const refused: [unknown, string][] = [
      [pl.DataFrame([]), "the frame has no rows; pass the frame of a vision localization sweep"],
      [frame.drop("layer", "step"), "no column layer, step (it has task, n"],
      [{}, "not a Polars frame"],
      [
        pl.DataFrame(rows.map((row) => ({ ...row, task: `${row.task}2` }))),
        'column task holds "counting2", but',
      ],
      [pl.DataFrame(rows.map((row) => ({ ...row, layer: -1 }))), "column layer holds -1"],
      [pl.DataFrame(rows.map((row) => ({ ...row, step: "x" }))), 'step holds "x"'],
      [pl.DataFrame([...rows, rows[0]]), "two rows for task counting, layer 0"],
    ];
    for (const [value, message] of refused) {
      const error = assertThrows(() => draw(value as pl.DataFrame), Error, message);
      assert(error.message.startsWith("Cannot draw the vision "), error.message);
    }
    for (const llmLayers of [27, 30.5, NaN]) {
      assertThrows(() => draw(frame, { llmLayers }), RangeError, `llmLayers is ${llmLayers}`);
    }
    assertThrows(() => draw(frame, { width: 10 }), RangeError, "10 pixels");
  });
}
