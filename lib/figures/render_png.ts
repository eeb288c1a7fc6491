/**
 * SVG to PNG by resvg, with fonts from a package only, so that the bytes are the same everywhere.
 *
 * @module
 */
import { Resvg } from "@resvg/resvg-js";
import fonts from "dejavu-fonts-ttf/package.json" with { type: "json" };
import { fileURLToPath } from "node:url";

/** The two font files; importing the package's JSON above is what makes Deno fetch it. */
function fontFiles(): string[] {
  const root = import.meta.resolve(`${fonts.name}/package.json`);
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) =>
    fileURLToPath(new URL(`ttf/${file}`, root))
  );
}

/**
 * Renders a standalone SVG.
 *
 * @param svg The document; texts must ask for DejaVu Sans or have a fallback.
 * @param scale PNG pixels per CSS pixel, above 0 and at most 8.
 * @throws {RangeError} if `scale` is out of range.
 * @throws {Error} if the SVG is not well-formed.
 */
export function renderPng(svg: string, scale: number): Uint8Array<ArrayBuffer> {
  if (!(scale > 0 && scale <= 8)) {
    throw new RangeError(
      `Cannot render a PNG at scale ${scale}: give a number above 0 and at most 8`,
    );
  }
  let resvg: Resvg;
  try {
    resvg = new Resvg(svg, {
      font: {
        loadSystemFonts: false,
        fontFiles: fontFiles(),
        defaultFontFamily: "DejaVu Sans",
        sansSerifFamily: "DejaVu Sans",
      },
      fitTo: { mode: "zoom", value: scale },
      background: "#ffffff",
    });
  } catch (cause) {
    throw new Error(`Cannot render a PNG: the SVG is not valid (${(cause as Error).message})`, {
      cause,
    });
  }
  return new Uint8Array(resvg.render().asPng());
}
