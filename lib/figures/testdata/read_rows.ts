/**
 * Dots read back off figures whose rows are models.
 *
 * @module
 */
import type { Figure } from "../figure.ts";
import { type PageArea, readAxis } from "./read_marks.ts";
import { type PlacedElement, placedElements } from "./svg_geometry.ts";

/** A dot: its value on the axis and its look. */
export interface ReadDot {
  value: number;
  fill: string;
  stroke: string;
}

/** Where each of the panels, from left to right, begins and ends; headings stand at their left. */
export function rowPanels(figure: Figure): PageArea[] {
  const lefts = placedElements(figure, "text").filter((placed) =>
    placed.inherited("aria-label") === "heading" && placed.inherited("font-weight") === "bold"
  ).map(({ x }) => x);
  // A label may stand out to the left of the panel's edge by half its width.
  return lefts.map((left, i) => ({ left: left - 12, right: (lefts[i + 1] ?? Infinity) - 12 }));
}

/** The dot of each row in a panel, by the model's name. */
export function readRowDots(figure: Figure, area: PageArea): Map<string, ReadDot> {
  const toValue = readAxis(figure, "x", area);
  const rows = modelRows(figure);
  const dots = ["circle", "path"].flatMap((name) => placedElements(figure, name)).filter((placed) =>
    placed.inherited("aria-label") === "dot" && placed.x > area.left && placed.x < area.right
  );
  return new Map(dots.map((dot) => [
    rowAt(rows, dot.y),
    {
      value: toValue(dot.x),
      fill: dot.inherited("fill") ?? "",
      stroke: dot.inherited("stroke") ?? "",
    },
  ]));
}

/** The texts of a row's blocks, from left to right. */
export function readStrip(figure: Figure, label: string): string[] {
  const rows = modelRows(figure);
  return placedElements(figure, "text").filter((placed) =>
    placed.inherited("aria-label") === "blocks" &&
    rowAt(rows, placed.y + Number(placed.element.getAttribute("y"))) === label
  ).map(({ text }) => text);
}

/** The column of numbers of a heading in a panel, by the model's name. */
export function readColumn(figure: Figure, heading: string, area: PageArea): Map<string, string> {
  const rows = modelRows(figure);
  const texts = placedElements(figure, "text").filter((placed) => {
    const x = placed.x + Number(placed.element.getAttribute("x"));
    return placed.inherited("aria-label") === heading && x > area.left && x < area.right;
  });
  return new Map(
    texts.slice(1).map((placed) => [
      rowAt(rows, placed.y + Number(placed.element.getAttribute("y"))),
      placed.text,
    ]),
  );
}

function modelRows(figure: Figure): { name: string; y: number }[] {
  return placedElements(figure, "text").filter((placed) =>
    placed.inherited("aria-label") === "rows" && placed.inherited("text-anchor") === undefined
  ).map((placed) => ({
    name: fullName(placed),
    y: placed.y + Number(placed.element.getAttribute("y")),
  }));
}

/** The name that a shortened one stands for. */
function fullName({ element, text }: PlacedElement): string {
  const title = [...element.parentElement?.children ?? []].find(({ localName }) =>
    localName === "title"
  );
  return title?.textContent ?? text;
}

function rowAt(rows: readonly { name: string; y: number }[], y: number): string {
  return rows.reduce((best, row) => Math.abs(row.y - 4 - y) < Math.abs(best.y - 4 - y) ? row : best)
    .name;
}
