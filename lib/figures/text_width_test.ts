import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { renderPng } from "./render_png.ts";
import { decodePng } from "./testdata/decode_png.ts";
import { elideMiddle, textWidth, wrapText } from "./text_width.ts";

/** Width between the first and the last inked column of a rendered text, in CSS pixels. */
async function renderedWidth(text: string, options: { bold: boolean }): Promise<number> {
  const [size, scale] = [20, 2];
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="40">` +
    `<text x="10" y="25" font-size="${size}" font-family="DejaVu Sans"` +
    `${options.bold ? ' font-weight="bold"' : ""}>${escaped}</text></svg>`;
  const pixels = await decodePng(renderPng(svg, scale));
  const inked = (x: number) => {
    for (let y = 0; y < pixels.height; y++) if (pixels.luminance(x, y) < 128) return true;
    return false;
  };
  const columns = Array.from({ length: pixels.width }, (_, x) => x).filter(inked);
  return (columns.at(-1)! - columns[0] + 1) / scale;
}

Deno.test("text width: agrees with the rendered text", async () => {
  // Each printable ASCII character, between bars that have the same side bearings at both ends.
  const alphabet = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join("");
  for (const bold of [false, true]) {
    const bar = await renderedWidth("|", { bold });
    for (let i = 0; i < alphabet.length; i += 24) {
      const text = alphabet.slice(i, i + 24);
      const expected = textWidth(`|${text}`, 20, { bold }) + bar;
      assertAlmostEquals(await renderedWidth(`|${text}|`, { bold }), expected, 1.5, text);
    }
  }
  for (const text of ["ΔW", "‖ΔW‖", "σ₁", "→", "×10⁻³", "…", "−"]) {
    assert(await renderedWidth(text, { bold: false }) <= textWidth(text, 20), text);
  }
});

Deno.test("wrapText: keeps every word, and every line fits", () => {
  const word = fc.string({ minLength: 1, maxLength: 60 }).map((text) => text.replace(/\s/g, "_"));
  fc.assert(fc.property(fc.array(word), fc.integer({ min: 60, max: 800 }), (words, width) => {
    const lines = wrapText(words.join(" "), width, { fontSize: 10 });
    assertEquals(lines.join("").replaceAll(" ", ""), words.join(""));
    for (const line of lines) assert(textWidth(line, 10) <= width);
  }));
  assertEquals(wrapText("  ", 100, { fontSize: 10 }), []);
});

Deno.test("elided in the middle: fits, and keeps both ends, as much as there is room for", () => {
  assertEquals(elideMiddle("short", 100, 10), "short");
  const name = "sft late 1/3 layers interpolate rl alpha=0.75";
  for (const width of [40, 80, 150]) {
    const elided = elideMiddle(name, width, 10);
    const [start, end, ...more] = elided.split("…");
    assert(name.startsWith(start) && name.endsWith(end) && more.length === 0, elided);
    assert(textWidth(elided, 10) <= width && textWidth(elided, 10) > width - 25, elided);
  }
  assertEquals(elideMiddle("abc", 1, 10), "…");
});
