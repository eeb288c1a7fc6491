import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import pl from "nodejs-polars";
import { attentionFigure } from "./figure.ts";
import { TEXTS } from "./names.ts";
import { attentionShiftFigure, TEXT_STYLES } from "./shift_figure.ts";
import { attentionHeadFigure } from "./head_figure.ts";
import { MODEL_STYLES, MODELS } from "../series_styles.ts";
import { cellColors, rampEntries } from "../../figures/testdata/read_cells.ts";
import { readMarkers } from "../../figures/testdata/read_marks.ts";
import { sampleSweep, SWEEP_7B } from "../testdata/sample_sweeps.ts";
import { placedElements } from "../../figures/testdata/svg_geometry.ts";

const { attention, shift, heads } = sampleSweep({ ...SWEEP_7B, heads: 16 });
const masses = attention.toRecords();
const shifts = shift.toRecords();

Deno.test("attention: markers are the masses of the target and span asked for", () => {
  const choices = [
    [{}, { target: "visual", span: "generated" }],
    [{ target: "system", span: "answer" }, { target: "system", span: "answer" }],
  ] as const;
  for (const [options, { target, span }] of choices) {
    const figure = attentionFigure(attention, options);
    for (const [i, text] of Object.keys(TEXTS).entries()) {
      const area = { left: i === 0 ? 14 : 435, right: i === 0 ? 430 : 860 };
      const all = readMarkers(figure, area);
      for (const model of MODELS) {
        const markers = all.filter(({ stroke }) => stroke === MODEL_STYLES[model].color);
        const own = masses.filter((row) =>
          row.model === model && row.text === text && row.target === target && row.span === span
        );
        assertEquals(markers.length, 28);
        for (const [layer, { mass }] of own.entries()) {
          assertAlmostEquals(markers[layer].x, layer, 0.05);
          assertAlmostEquals(markers[layer].y, Number(mass) * 100, 0.1);
        }
      }
    }
  }
  const titles = [attentionFigure(attention), attentionFigure(attention, { target: "question" })]
    .map(({ title }) => title);
  assertEquals(titles, [
    "Attention to visual tokens by layer",
    "Attention to question tokens by layer",
  ]);
  assert(attentionFigure(attention, { span: "think" }).svg.includes("inside &lt;think&gt;"));
});

Deno.test("attention shift: a panel for each target, markers are the differences", () => {
  const figure = attentionShiftFigure(shift, { width: 872 });
  // Three panels: (872 - 2 * 14 - 2 * 16) / 3 wide, 16 apart.
  for (const [i, target] of ["visual", "question", "system"].entries()) {
    const left = 14 + i * (812 / 3 + 16) - 1;
    const all = readMarkers(figure, { left, right: left + 275 });
    for (const text of ["own", "fixed"]) {
      const markers = all.filter(({ stroke }) => stroke === TEXT_STYLES[text].color);
      const own = shifts.filter((row) =>
        row.text === text && row.target === target && row.span === "generated"
      );
      assertEquals(markers.length, 28);
      for (const [layer, { diff }] of own.entries()) {
        assertAlmostEquals(markers[layer].x, layer, 0.1);
        assertAlmostEquals(markers[layer].y, Number(diff) * 100, 0.1);
      }
    }
  }
});

Deno.test("attention heads: every cell has the colour of the nearest legend value", () => {
  const figure = attentionHeadFigure(heads);
  const entries = rampEntries(figure);
  const step = entries[1].value - entries[0].value;
  const panels = cellColors(figure, 28);
  assertEquals(panels.map(({ size }) => size), [28 * 16, 28 * 16]);
  for (const { text, layer, head, diff } of heads.toRecords()) {
    const color = panels[text === "own" ? 0 : 1].get(`${layer} ${head}`);
    const { value } = entries.find((entry) => entry.color === color)!;
    assert(Math.abs(value - Number(diff) * 100) <= step / 2 + 1e-9, `${layer} ${head}: ${diff}`);
  }
});

const KNOWN = [0.01, 0.05, -0.02].map((diff, layer) => ({
  ...{ text: "own", span: "generated", target: "visual", layer, n: 8 },
  ...{ diff, low: diff - 0.03, high: diff + 0.03 },
}));

Deno.test("attention figures: the alt text says where", () => {
  const { alt, svg } = attentionShiftFigure(pl.DataFrame(KNOWN));
  assert(
    alt.includes(
      "To visual tokens: on each model's own text the difference is largest at layer 1 " +
        "(+5.0 points), its interval excludes zero at 1 of 3 layers.",
    ),
    alt,
  );
  assert(svg.includes("n = 8 prompts") && !svg.includes("To system tokens"));
  const mass = KNOWN.map(({ diff, ...row }) => ({ ...row, model: "RL", mass: 0.1 + diff }));
  const attentionAlt = attentionFigure(pl.DataFrame(mass)).alt;
  assert(
    attentionAlt.includes(
      "Each model's own text: RL is highest at layer 1 (15 %; mean over layers 11 %).",
    ),
    attentionAlt,
  );
  const byHead = KNOWN.map(({ text, layer, diff }) => ({ text, layer, head: 2, diff }));
  const headAlt = attentionHeadFigure(pl.DataFrame(byHead)).alt;
  assert(
    headAlt.includes(
      "attention rises most in layer 1, head 2 (+5.0 points) and falls most in layer 2, head 2 " +
        "(−2.0 points).",
    ),
    headAlt,
  );
});

Deno.test("attention figures: values that are missing are named or crossed out", () => {
  const brokenMass = masses.map((row) =>
    row.model === "IN" && row.text === "fixed" && Number(row.layer) < 2
      ? { ...row, mass: NaN, n: 0 }
      : row
  );
  const figure = attentionFigure(pl.DataFrame(brokenMass));
  assert(figure.alt.includes("IN, fixed text: no finite value at layer 0, 1; not drawn."));
  assert(figure.svg.includes("n = 0 to 100 prompts"));
  const brokenShift = shifts.map((row) => row.text === "own" ? { ...row, diff: NaN } : row);
  const { alt } = attentionShiftFigure(pl.DataFrame(brokenShift));
  assert(alt.includes("visual, own text: no finite value in every layer; not drawn."), alt);
  assert(alt.includes("To visual tokens: no values on each model's own text; on one fixed"), alt);
  const brokenHeads = heads.toRecords().map((row) => row.head === 3 ? { ...row, diff: NaN } : row);
  const crossed = attentionHeadFigure(pl.DataFrame(brokenHeads));
  assertEquals(cellColors(crossed, 28).map(({ size }) => size), [28 * 15, 28 * 15]);
  const lines = placedElements(crossed, "path").filter(({ inherited }) =>
    inherited("aria-label") === "empty cells"
  ).map(({ element }) => element.getAttribute("d")!.split("M").length - 1);
  assertEquals(lines, [28, 28]);
  assert(crossed.svg.includes(">no value</text>"));
  assert(!attentionHeadFigure(heads).svg.includes(">no value</text>"));
});

Deno.test("attention figures: the order of rows does not matter", () => {
  const backwards = (rows: readonly Record<string, unknown>[]) => pl.DataFrame(rows.toReversed());
  assertEquals(attentionFigure(backwards(masses)).svg, attentionFigure(attention).svg);
  assertEquals(attentionShiftFigure(backwards(shifts)).svg, attentionShiftFigure(shift).svg);
  assertEquals(
    attentionHeadFigure(backwards(heads.toRecords())).svg,
    attentionHeadFigure(heads).svg,
  );
});

Deno.test("attention figures: frames and options that do not fit are refused by name", () => {
  const visual = attention.filter(pl.col("target").eq(pl.lit("visual")));
  const refused: [() => unknown, string][] = [
    [() => attentionFigure(attention.drop("mass")), "no column mass (it has model"],
    [() => attentionFigure(attention, { target: "image" as never }), 'option target is "image"'],
    [() => attentionFigure(visual, { target: "system" }), "no row has target system and span"],
    [
      () => attentionFigure(pl.DataFrame([{ ...masses[0], model: "SFT" }])),
      'column model holds "SFT", but "Base", "IN" or "RL" is needed',
    ],
    [() => attentionShiftFigure(pl.DataFrame([])), "no rows"],
    [() => attentionShiftFigure(shift, { span: "tail" as never }), 'option span is "tail"'],
    [
      () => attentionShiftFigure(pl.DataFrame([{ ...shifts[0], target: "image" }])),
      'column target holds "image"',
    ],
    [
      () => attentionShiftFigure(pl.DataFrame([shifts[0], shifts[0]])),
      "two rows for text own, span generated, target visual, layer 0",
    ],
    [() => attentionHeadFigure(heads.drop("head")), "no column head"],
    [
      () => attentionHeadFigure(pl.DataFrame([...heads.toRecords(), heads.toRecords()[0]])),
      "two rows for text own, layer 0, head 0; pass the frame of an attention shift by head, of one",
    ],
    [
      () => attentionHeadFigure(pl.DataFrame([{ text: "mine", layer: 0, head: 0, diff: 0 }])),
      'column text holds "mine"',
    ],
  ];
  for (const [draw, message] of refused) {
    const error = assertThrows(draw, Error, message);
    assert(error.message.startsWith("Cannot draw the attention "), error.message);
  }
});
