/**
 * Heatmaps read back: which colour is where, and which value the legend gives it.
 *
 * @module
 */
import type { Figure } from "../figure.ts";
import { placedElements } from "./svg_geometry.ts";

/** The legend's colours and the values in them. */
export function rampEntries(figure: Figure): { color: string; value: number }[] {
  const inLegend = (name: string) =>
    placedElements(figure, name).filter(({ inherited }) => inherited("aria-label") === "legend");
  const texts = inLegend("text");
  return inLegend("rect").map(({ element }, i) => ({
    color: element.getAttribute("fill")!,
    value: Number(texts[i].text.replace("−", "-")),
  }));
}

/** For each panel, from top left to bottom right: "`layer row`" -> colour. */
export function cellColors(figure: Figure, llmLayers: number): Map<string, string>[] {
  const panels = new Map<string, Map<string, string>>();
  const paths = placedElements(figure, "path").filter(({ inherited }) =>
    inherited("aria-label") === "cells"
  );
  for (const { element, x, y } of paths) {
    const corners = [
      ...element.getAttribute("d")!.matchAll(/M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)/g),
    ]
      .map((match) => match.slice(1).map(Number));
    // The frame's left top corner is the panel's only rectangle.
    const frame = placedElements(figure, "rect").find((rect) =>
      rect.inherited("aria-label") === "frame" && rect.x === x && rect.y === y
    )!.element;
    const [left, top, width] = ["x", "y", "width"].map((name) =>
      Number(frame.getAttribute(name))
    );
    const panel = panels.get(`${x} ${y}`) ?? new Map<string, string>();
    panels.set(`${x} ${y}`, panel);
    for (const [cornerX, cornerY, , height] of corners) {
      const layer = Math.round((cornerX - left) / (width / llmLayers) - 0.02);
      const row = Math.round((cornerY - top) / (height + 0.5) - 0.02);
      panel.set(`${layer} ${row}`, element.getAttribute("fill")!);
    }
  }
  return [...panels.values()];
}
