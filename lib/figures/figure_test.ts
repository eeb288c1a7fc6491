import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { drawChart } from "./draw.ts";
import { Figure } from "./figure.ts";
import { renderPng } from "./render_png.ts";
import { countDark, decodePng } from "./testdata/decode_png.ts";
import { sampleChart } from "./testdata/sample_chart.ts";
import { textBoxes } from "./testdata/svg_geometry.ts";

const figure = drawChart(sampleChart());
const other = drawChart(sampleChart({ title: "Another title" }));

Deno.test("png: the same bytes twice, of the size asked for", async () => {
  assertEquals(figure.png(), figure.png(2));
  assertEquals(figure.png(1), drawChart(sampleChart()).png(1));
  for (const scale of [1, 2]) {
    const { width, height } = await decodePng(figure.png(scale));
    assertEquals([width, height], [figure.width * scale, figure.height * scale]);
  }
});

Deno.test("png: every text of the figure is really drawn", async () => {
  const boxes = textBoxes(figure);
  const area = ({ left, right, top, bottom }: typeof boxes[number]) => ({
    x: Math.round(left),
    y: Math.round(top),
    width: Math.round(right - left),
    height: Math.round(bottom - top),
  });
  const drawn = await decodePng(figure.png(1));
  // The same figure with its texts gone, as when no font is found.
  const blank = await decodePng(
    renderPng(figure.svg.replace(/<text([^>]*)>[^<]*/g, "<text$1>"), 1),
  );
  for (const box of boxes) {
    const ink = countDark(drawn, area(box)) - countDark(blank, area(box));
    // Thin strokes are grey more than black at this size: an "l" may have three dark pixels.
    assert(ink >= 3 * box.text.replaceAll(" ", "").length, `${box.text}: ${ink} dark pixels`);
  }
});

Deno.test("png: bad scales and broken SVG are refused", () => {
  for (const scale of [0, -1, NaN, 9, Infinity]) {
    assertThrows(() => figure.png(scale), RangeError, `scale ${scale}`);
  }
  assertThrows(
    () => renderPng("<svg xmlns='http://www.w3.org/2000/svg'><g></svg>", 1),
    Error,
    "SVG",
  );
});

Deno.test("save: writes both files whole and leaves nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const paths = await figure.save(join(folder, "new", "rank.png"));
    assertEquals(paths, ["svg", "png"].map((end) => join(folder, "new", `rank.${end}`)));
    assertEquals(await Deno.readTextFile(paths[0]), figure.svg);
    assertEquals(await Deno.readFile(paths[1]), figure.png());
    await other.save(join(folder, "new", "rank"));
    assertEquals(await Deno.readTextFile(paths[0]), other.svg);
    const names = [...Deno.readDirSync(join(folder, "new"))].map(({ name }) => name).sort();
    assertEquals(names, ["rank.png", "rank.svg"]);
    await assertRejects(() => figure.save(join(paths[0], "below")), Error, paths[0]);
    assertEquals(await Deno.readTextFile(paths[0]), other.svg);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a notebook gets the PNG and the alt text; outside a kernel nothing happens", async () => {
  const display = Symbol.for("Jupyter.display");
  const bundle = (figure as unknown as Record<symbol, () => Record<string, string>>)[display]();
  assertEquals(Object.keys(bundle), ["image/png", "text/plain"]);
  assertEquals(Uint8Array.fromBase64(bundle["image/png"]), figure.png());
  assertEquals(bundle["text/plain"], figure.alt);
  assertEquals(figure.displayMetadata(), {
    "image/png": { width: figure.width, height: figure.height },
  });
  assertEquals(await figure.show(), undefined);
});

Deno.test("notes are added below and to the alt text; the figure itself stays as it is", () => {
  const before = figure.svg;
  const noted = figure.withNotes(["Repetition penalty 1.2."]);
  assertEquals(figure.svg, before);
  assertEquals(figure.withNotes([]), figure);
  assert(noted.height > figure.height && noted.svg.includes(">Repetition penalty 1.2.</text>"));
  assertEquals(noted.alt, `${figure.alt} Repetition penalty 1.2.`);
  const content = { svg: "<svg/>", title: "A", description: "B.", width: 1, height: 1 };
  assertThrows(() => new Figure(content).withNotes(["C."]), Error, "not drawn here");
});

Deno.test("alt text is title and description", () => {
  const content = { svg: "<svg/>", title: "A", description: "It rises.", width: 1, height: 1 };
  assertEquals(new Figure(content).alt, "A. It rises.");
});
