import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import pl from "nodejs-polars";
import { energyParameterFrame } from "../../spectra/energy_report.ts";
import { componentColor } from "./share_bars.ts";
import { energyShareFigure } from "./share_figure.ts";
import { LIKE_7B, LIKE_TINY, sampleEnergyReport } from "../testdata/sample_reports.ts";
import { placedElements } from "../../figures/testdata/svg_geometry.ts";

Deno.test("share figure: bars are as high as squared norms add up to", () => {
  const report = sampleEnergyReport(LIKE_7B);
  const figure = energyShareFigure(energyParameterFrame(report));
  const llm = report.layers.filter(({ section }) => section === "LLM Backbone");
  const total = llm.reduce((sum, { sft }) => sum + sft.fro_norm ** 2, 0);
  const ticks = placedElements(figure, "text").filter(({ inherited }) =>
    inherited("aria-label") === "y-axis tick label"
  );
  const perPercent = (ticks[0].y - ticks.at(-1)!.y) / Number(ticks.at(-1)!.text);
  const bars = placedElements(figure, "rect").filter(({ inherited }) =>
    inherited("aria-label") === "rect"
  );
  for (
    const [component, fill] of [["Attention", componentColor("IN", 0)], [
      "MLP",
      componentColor("IN", 1),
    ]]
  ) {
    const own = bars.filter(({ element }) => element.getAttribute("fill") === fill);
    // Thirds of 28 layers: 9, 9, 10.
    for (const [i, [first, last]] of [[1, 9], [10, 18], [19, 28]].entries()) {
      const share = llm.filter((layer) =>
        layer.component === component && layer.layer_idx >= first && layer.layer_idx <= last
      ).reduce((sum, { sft }) =>
        sum + sft.fro_norm ** 2, 0) / total * 100;
      const height = Number(own[i].element.getAttribute("height")) / perPercent;
      assertAlmostEquals(height, share, 0.05, `${component} ${first}`);
    }
  }
});

Deno.test("share figure: known shares are in the alt text", () => {
  const norms = { IN: [1, 1, 2], RL: [1, 2, 1] };
  const rows = (["IN", "RL"] as const).flatMap((phase) =>
    norms[phase].map((fro_norm, i) => ({
      layer_idx: i + 1,
      section: "LLM Backbone",
      component: "MLP",
      phase,
      fro_norm,
    }))
  );
  const vision = { ...rows[0], layer_idx: -1, section: "Vision Encoder", fro_norm: 1e6 };
  const { alt } = energyShareFigure(pl.DataFrame([vision, ...rows]));
  assert(alt.includes("IN: early 16.7 %, middle 16.7 %, late 66.7 %"), alt);
  assert(alt.includes("RL: early 16.7 %, middle 66.7 %, late 16.7 %"), alt);
});

Deno.test("share figure: a zero phase and broken norms are named", () => {
  const frame = energyParameterFrame(sampleEnergyReport({ ...LIKE_TINY, rlScale: 0 }));
  const rows = frame.toRecords().map((row) =>
    row.layer_idx === 2 && row.phase === "IN" ? { ...row, fro_norm: NaN } : row
  );
  const { alt } = energyShareFigure(pl.DataFrame(rows));
  assert(alt.includes("RL: the LLM's update is zero; there are no shares to draw."), alt);
  assert(alt.includes("IN: a matrix without a finite norm at layer index 2; it counts as 0."), alt);
});

Deno.test("share figure: needs three LLM layers", () => {
  const frame = energyParameterFrame(sampleEnergyReport({ ...LIKE_TINY, llmLayers: 2 }));
  assertThrows(() => energyShareFigure(frame), RangeError, "the frame has 2");
  const vision = frame.filter(pl.col("layer_idx").lt(0));
  assertThrows(() => energyShareFigure(vision), RangeError, "the frame has 0");
  assertThrows(() => energyShareFigure(pl.DataFrame([])), RangeError, "no rows");
  assertThrows(() => energyShareFigure(frame.drop("component")), TypeError, "component");
});
