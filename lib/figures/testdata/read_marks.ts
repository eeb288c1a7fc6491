/**
 * Values read back off a figure: where its marks lie between the labels of its axes.
 *
 * @module
 */
import type { Figure } from "../figure.ts";
import { type PlacedElement, placedElements } from "./svg_geometry.ts";

/** A part of the page; a missing edge is open. */
export interface PageArea {
  left: number;
  right: number;
  top?: number;
  bottom?: number;
}

/** The panels from top left to bottom right, from the labels at their left to those below them. */
export function panelAreas(figure: Figure): Required<PageArea>[] {
  return placedElements(figure, "rect").filter(({ inherited }) =>
    inherited("aria-label") === "frame"
  ).map(({ element, x, y }) => {
    const [left, top, width, height] = ["x", "y", "width", "height"].map((name) =>
      Number(element.getAttribute(name))
    );
    return { left: x - 2, right: x + left + width + 8, top: y - 2, bottom: y + top + height + 24 };
  });
}

/** A marker's place on the axes, and its look. */
export interface ReadMarker {
  x: number;
  y: number;
  stroke: string;
  fill: string;
}

/** Maps a pixel of the page to the value that the axis labels in an area give it. */
export function readAxis(figure: Figure, axis: "x" | "y", area: PageArea): (at: number) => number {
  return axisOf(placedElements(figure, "text"), axis, area);
}

function axisOf(texts: readonly PlacedElement[], axis: "x" | "y", area: PageArea) {
  const labels = texts.filter((placed) =>
    placed.inherited("aria-label") === `${axis}-axis tick label` && within(placed, area)
  ).map((placed) => ({ at: placed[axis], value: Number(placed.text.replace("−", "-")) }));
  const [first, last] = [labels[0], labels.at(-1)!];
  const scale = (last.value - first.value) / (last.at - first.at);
  return (at: number) => first.value + (at - first.at) * scale;
}

/** Every marker among the dots in an area: circles first, other shapes then. */
export function readMarkers(figure: Figure, area: PageArea): ReadMarker[] {
  const texts = placedElements(figure, "text");
  const [x, y] = [axisOf(texts, "x", area), axisOf(texts, "y", area)];
  return ["circle", "path"].flatMap((name) => placedElements(figure, name)).filter((placed) =>
    placed.inherited("aria-label") === "dot" && within(center(placed), area)
  ).map((placed) => {
    const at = center(placed);
    return {
      x: x(at.x),
      y: y(at.y),
      stroke: placed.inherited("stroke") ?? "",
      fill: placed.inherited("fill") ?? "",
    };
  });
}

function center({ element, x, y }: PlacedElement): { x: number; y: number } {
  return {
    x: x + Number(element.getAttribute("cx")),
    y: y + Number(element.getAttribute("cy")),
  };
}

function within({ x, y }: { x: number; y: number }, area: PageArea): boolean {
  return x >= area.left && x < area.right && y >= (area.top ?? 0) && y < (area.bottom ?? Infinity);
}
