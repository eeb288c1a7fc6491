/**
 * What the figures of abilities say in words.
 *
 * @module
 */
import { type Ability, ABILITY_METRICS } from "../abilities.ts";
import type { AbilityPoints } from "./ability_rows.ts";
import { textWidth, wrapText } from "./text_width.ts";
import { FONT_SIZES, INK } from "./theme.ts";
import { svgElement } from "./svg_document.ts";

/** Abilities as headings write them. */
export const ABILITY_TITLES: Readonly<Record<Ability, string>> = {
  perception: "Perception",
  alignment: "Alignment",
  reasoning: "Reasoning",
};

/** What each measure counts. */
const COUNTED: Readonly<Record<Ability, string>> = {
  perception: "right with the image and wrong with a black one",
  alignment: "right with the image and with its description instead",
  reasoning: "right on the question alone",
};

/** Names in a sentence; of many the first few. */
export function nameList(names: readonly string[]): string {
  const shown = names.length > 5 ? names.slice(0, 4) : names;
  const rest = names.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** A note for each ability that lacks a model's value. */
export function missingNotes(
  abilities: readonly Pick<AbilityPoints, "ability" | "missing">[],
): string[] {
  return abilities.filter(({ missing }) => missing.length > 0).map(({ ability, missing }) =>
    `${ABILITY_TITLES[ability]}: no value of ${nameList(missing)}; not drawn.`
  );
}

/** Lines over a panel: the ability and its measure, how many samples, what counts. */
export interface AbilityHeading {
  readonly title: string;
  /** Smaller lines below it. */
  readonly lines: readonly string[];
}

/** Height of a heading's first line and of each further one. */
const HEADING_LINES = { first: 16, further: 13 } as const;

/** The heading of an ability's panel, `width` pixels wide; `counted` replaces what counts. */
export function abilityHeading(
  { ability, size }: Pick<AbilityPoints, "ability" | "size">,
  { width, counted = COUNTED[ability] }: { width: number; counted?: string },
): AbilityHeading {
  const metric = ABILITY_METRICS[ability];
  const long = `${ABILITY_TITLES[ability]} (${metric})`;
  const fits = textWidth(long, FONT_SIZES.heading, { bold: true }) <= width;
  return {
    title: fits ? long : metric,
    lines: wrapText([size, counted].filter((part) => part !== "").join("; "), width, {
      fontSize: FONT_SIZES.note,
    }),
  };
}

/** Height of the highest of some headings. */
export function headingHeight(headings: readonly AbilityHeading[]): number {
  const further = headings.reduce((most, { lines }) => Math.max(most, lines.length), 0);
  return HEADING_LINES.first + further * HEADING_LINES.further;
}

/** Draws a heading from 0, 0 down. */
export function headingElement(document: Document, { title, lines }: AbilityHeading): Element {
  const line = (text: string, y: number, attributes: Record<string, string | number>) =>
    svgElement(document, "text", { attributes: { x: 0, y, ...attributes }, children: [text] });
  return svgElement(document, "g", {
    attributes: { "aria-label": "heading", "text-anchor": "start" },
    children: [
      line(title, FONT_SIZES.heading, { "font-size": FONT_SIZES.heading, "font-weight": "bold" }),
      ...lines.map((text, i) =>
        line(text, HEADING_LINES.first + i * HEADING_LINES.further + FONT_SIZES.note, {
          "font-size": FONT_SIZES.note,
          fill: INK.muted,
        })
      ),
    ],
  });
}
