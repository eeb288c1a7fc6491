/**
 * Where things are in a figure's SVG: elements with all their translations applied.
 *
 * @module
 */
import { parseHTML } from "linkedom";
import type { Figure } from "../figure.ts";
import { textWidth } from "../text_width.ts";

/** An element and its place on the page. */
export interface PlacedElement {
  readonly element: Element;
  readonly text: string;
  /** Origin of its coordinate system on the page. */
  readonly x: number;
  readonly y: number;
  /** Whether it is turned by 90 degrees. */
  readonly turned: boolean;
  /** Attribute of the element or of the nearest group that has it. */
  inherited(name: string): string | undefined;
}

/** A text's bounding box on the page, in CSS pixels. */
export interface TextBox {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** All elements of a name, in document order. */
export function placedElements(figure: Figure, name: string): PlacedElement[] {
  const { document } = parseHTML(
    `<html><body>${figure.svg.replace(/^<\?xml.*\n/, "")}</body></html>`,
  );
  const found: PlacedElement[] = [];
  const visit = (element: Element, parent: Omit<PlacedElement, "element" | "text">) => {
    const transform = element.getAttribute("transform") ?? "";
    const [, dx = "0", dy = "0"] = /translate\(([-\d.]+),([-\d.]+)\)/.exec(transform) ?? [];
    const place = {
      x: parent.x + Number(dx),
      y: parent.y + Number(dy),
      turned: parent.turned || transform.includes("rotate(-90)"),
      inherited: (key: string) => element.getAttribute(key) ?? parent.inherited(key),
    };
    if (element.localName === name) {
      found.push({ element, text: element.textContent ?? "", ...place });
    }
    for (const child of element.children) visit(child, place);
  };
  const root = document.querySelector("svg") as unknown as Element;
  visit(root, { x: 0, y: 0, turned: false, inherited: () => undefined });
  return found;
}

/** The box of every text that the figure draws. */
export function textBoxes(figure: Figure): TextBox[] {
  return placedElements(figure, "text").filter(({ text }) => text !== "").map((placed) => {
    const { element, text, turned, inherited } = placed;
    const size = Number(inherited("font-size"));
    const length = (name: string) => {
      const value = element.getAttribute(name) ?? "0";
      return value.endsWith("em") ? parseFloat(value) * size : Number(value);
    };
    const width = textWidth(text, size, { bold: inherited("font-weight") === "bold" });
    const anchor = inherited("text-anchor") ?? "start";
    const start = length("x") - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
    const baseline = length("y");
    // Heights of capitals and of descenders in DejaVu Sans, in ems.
    const [top, bottom] = [baseline - 0.73 * size, baseline + 0.2 * size];
    return turned
      ? {
        text,
        left: placed.x + top,
        right: placed.x + bottom,
        top: placed.y - start - width,
        bottom: placed.y - start,
      }
      : {
        text,
        left: placed.x + start,
        right: placed.x + start + width,
        top: placed.y + top,
        bottom: placed.y + bottom,
      };
  });
}
