import { assert, assertEquals, assertThrows } from "@std/assert";
import pl from "nodejs-polars";
import {
  diversitySummaryFrame,
  representativeSpectraFrame,
} from "../../spectra/diversity_report.ts";
import {
  effectiveRankFigure,
  logVolumeFigure,
  spectralNormFigure,
  stableRankFigure,
} from "./figures.ts";
import { normalizedSpectraFigure } from "./spectra_figure.ts";
import { updateAnglesFrame } from "../../spectra/update_angles.ts";
import { updateAnglesFigure } from "./angles_figure.ts";
import { LIKE_TINY, sampleDiversityReport } from "../testdata/sample_reports.ts";
import { placedElements } from "../../figures/testdata/svg_geometry.ts";

const FIGURES = { effectiveRankFigure, logVolumeFigure, spectralNormFigure, stableRankFigure };
const report = sampleDiversityReport(LIKE_TINY);
const summary = diversitySummaryFrame(report);
const zeroReport = sampleDiversityReport({ ...LIKE_TINY, rlScale: 0 });

for (const [name, draw] of Object.entries(FIGURES)) {
  Deno.test(`${name}: a zero update is not drawn, whatever the formulas make of it`, () => {
    const figure = draw(diversitySummaryFrame(zeroReport));
    assert(figure.alt.includes("RL: zero update in every layer; not drawn."), figure.alt);
    const dots = placedElements(figure, "g").filter(({ element }) =>
      element.getAttribute("aria-label") === "dot"
    );
    assertEquals(dots.map(({ element }) => element.getAttribute("stroke")), ["#d62728"]);
    // Not even both: axes and bands stay, and the figure says why it is empty.
    const empty = draw(diversitySummaryFrame(sampleDiversityReport({
      ...LIKE_TINY,
      rlScale: 0,
      hiddenSize: 0,
    })));
    assert(empty.alt.includes("No values to draw. IN: zero update in every layer"), empty.alt);
  });

  Deno.test(`${name}: missing values and columns are named`, () => {
    const rows = summary.toRecords().map((row) =>
      row.layer_idx === 4 && row.phase === "RL" ? { ...row, spectral_norm_mean: NaN } : row
    );
    const { alt } = draw(pl.DataFrame(rows));
    assert(alt.includes("RL: no finite value at layer index 4; not drawn."), alt);
    assertThrows(() => draw(pl.DataFrame([])), RangeError, "no rows");
    assertThrows(() => draw(summary.select("layer_idx", "section", "phase")), TypeError, "_mean");
  });
}

Deno.test("angles figure: a layer that one update leaves alone is named, chance is drawn for all others", () => {
  const frame = updateAnglesFrame(report);
  const rows = frame.toRecords().map((row) =>
    row.layer_idx === 4 ? { ...row, k_mean: null, overlap_mean: null, chance_mean: null } : row
  );
  const { alt } = updateAnglesFigure(pl.DataFrame(rows));
  const note = "8 directions: none that both updates have at layer index 4; not drawn.";
  assert(alt.includes(note), alt);
  const none = updateAnglesFigure(updateAnglesFrame(zeroReport)).alt;
  assert(
    none.includes("No values to draw. 1 direction: none that both updates have in every"),
    none,
  );
  const chance = placedElements(updateAnglesFigure(frame), "g").filter(({ element }) =>
    element.getAttribute("aria-label") === "line" &&
    element.getAttribute("stroke-dasharray") === "1,3"
  );
  assertEquals(chance.length, 3 * 2);
  assertThrows(() => updateAnglesFigure(pl.DataFrame([])), RangeError, "no rows");
  assertThrows(() => updateAnglesFigure(frame.drop("side")), TypeError, "no column side");
});

Deno.test("thirds are the frame's, where a weight filter leaves few layers", () => {
  const rows = summary.toRecords().filter(({ layer_idx }) => layer_idx === 3 || layer_idx === 9);
  const texts = placedElements(stableRankFigure(pl.DataFrame(rows)), "text").map(({ text }) =>
    text
  );
  assertEquals(["early", "middle", "late"].filter((name) => texts.includes(name)), [
    "early",
    "late",
  ]);
});

Deno.test("spectra figure: a panel for each region present, a note for what is left out", () => {
  const spectra = representativeSpectraFrame(report);
  const headings = (frame: pl.DataFrame) =>
    placedElements(normalizedSpectraFigure(frame), "text").map(({ text }) => text)
      .filter((text) => /^(Early|Middle|Late): layer index/.test(text));
  assertEquals(headings(spectra), [
    "Early: layer index 3",
    "Middle: layer index 7",
    "Late: layer index 11",
  ]);
  const late = spectra.filter(pl.col("region").eq(pl.lit("late")));
  assertEquals(headings(late), ["Late: layer index 11"]);
  const zero = normalizedSpectraFigure(representativeSpectraFrame(zeroReport)).alt;
  assert(
    zero.includes("RL, early, middle, late: zero update or no finite value; not drawn."),
    zero,
  );
  const noise = spectra.toRecords().map((row) => ({
    ...row,
    value: row.phase === "IN" && Number(row.rank) > 47 ? 1e-12 : row.value,
  }));
  const floored = normalizedSpectraFigure(pl.DataFrame(noise));
  assert(
    floored.alt.includes(
      "IN, early, middle, late: 3, 3, 3 values below 1.0×10⁻⁷ of σ₁; not drawn.",
    ),
    floored.alt,
  );
  assert(floored.alt.includes("at rank 47"), floored.alt);
});

Deno.test("spectra figure: solid IN, dashed RL, one value is a dot", () => {
  const paths = placedElements(normalizedSpectraFigure(representativeSpectraFrame(report)), "g")
    .filter(({ element }) => element.getAttribute("aria-label") === "line");
  assertEquals(
    paths.map(({ element }) => [
      element.getAttribute("stroke"),
      element.getAttribute("stroke-dasharray") !== null,
    ]),
    Array(3).fill([["#d62728", false], ["#1f77b4", true]]).flat(),
  );
  const row = { region: "early", layer_idx: 1, param_name: "a", phase: "IN", rank: 1, value: 1 };
  assertEquals(
    placedElements(normalizedSpectraFigure(pl.DataFrame([row])), "circle").length,
    1,
  );
});

Deno.test("spectra figure: frames and options that do not fit are refused by name", () => {
  const spectra = representativeSpectraFrame(report);
  assertThrows(() => normalizedSpectraFigure(pl.DataFrame([])), RangeError, "no rows");
  assertThrows(() => normalizedSpectraFigure(spectra.drop("rank")), TypeError, "no column rank");
  const region = spectra.toRecords().map((row) => ({ ...row, region: "top" }));
  assertThrows(() => normalizedSpectraFigure(pl.DataFrame(region)), TypeError, '"top"');
  for (const floor of [0, 1, NaN]) {
    assertThrows(
      () => normalizedSpectraFigure(spectra, { floor }),
      RangeError,
      `floor is ${floor}`,
    );
  }
});
