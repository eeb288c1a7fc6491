/**
 * The figures of a study's folder, as the page holds them.
 *
 * @module
 */
import { basename, join } from "node:path";
import { parseHTML } from "linkedom";
import { oneLine } from "../plain_text.ts";
import { decodeUtf8 } from "../strict_json.ts";
import { anchor, fileLink, type Markup, markup } from "./markup.ts";

/** A figure, read from its SVG file. */
export interface ReportFigure {
  /** File name without its ending. */
  name: string;
  svg: string;
  title: string;
  /** What is seen, for those who do not see it. */
  description: string;
  /** Size in CSS pixels. */
  width: number;
  height: number;
}

/** Reads title, description and size out of an SVG document. */
function readSvg(svg: string, path: string): ReportFigure {
  const root = parseHTML(`<!DOCTYPE html><body>${svg.replace(/^\s*<\?xml[^>]*\?>/, "")}</body>`)
    .document.querySelector("body > svg");
  const [width, height] = ["width", "height"].map((name) => Number(root?.getAttribute(name)));
  if (!root || !(width > 0) || !(height > 0)) {
    throw new Error(
      `Cannot show ${path}: it is no SVG document with a width and a height; remove it, or run its ` +
        "notebook again",
    );
  }
  const text = (name: string) =>
    [...root.children].find(({ localName }) => localName === name)?.textContent?.trim() ?? "";
  const name = basename(path, ".svg");
  return { name, svg, title: text("title") || name, description: text("desc"), width, height };
}

/**
 * Reads all figures of a study's folder. One that cannot be shown stands for itself alone.
 *
 * @returns The figures by name, and why files among them cannot be shown, one sentence each.
 * @throws {Error} if the folder cannot be read.
 */
export async function readFigures(folder: string) {
  const place = join(folder, "figures");
  const figures = new Map<string, ReportFigure>();
  const unreadable: string[] = [];
  const entries = await Array.fromAsync(Deno.readDir(place)).catch((cause) => {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw new Error(`Cannot read ${place}: ${(cause as Error).message}`, { cause });
  });
  const files = entries.map(({ name }) => name).filter((name) => name.endsWith(".svg")).sort();
  for (const file of files) {
    const path = join(place, file);
    try {
      const figure = readSvg(decodeUtf8(await Deno.readFile(path), path), path);
      figures.set(figure.name, figure);
    } catch (error) {
      unreadable.push(oneLine((error as Error).message));
    }
  }
  return { figures, unreadable };
}

/**
 * A figure of the page. The SVG is an image of its own: its ids cannot meet another figure's, its
 * styles cannot reach the page, and nothing in it can run.
 */
export function figureMarkup(figure: ReportFigure, number: number): Markup {
  const data = new TextEncoder().encode(figure.svg).toBase64();
  const { title, description, width, height, name } = figure;
  const alt = description ? `${title}. ${description}` : title;
  return markup`<figure id="figure-${number}">
<div class="scroll" role="region" tabindex="0" aria-label="Figure ${number}">
<img src="data:image/svg+xml;base64,${data}" alt="${alt}" width="${width}" height="${height}">
</div>
<figcaption>Figure ${number}. ${title}. ${fileLink(`figures/${name}.svg`)}${
    anchor(`figure-${number}`, "this figure")
  }</figcaption>
</figure>`;
}
