import { assertEquals, assertThrows } from "@std/assert";
import { renderPng } from "./render_png.ts";
import { serializeSvg, svgNode } from "./svg_document.ts";

Deno.test("serializer: XML with namespace, escapes, and rounded geometry", () => {
  const d = "M1.23456,-0.001L1e-7,2.5";
  const root = svgNode(
    "svg",
    { width: 10, height: 10, "aria-label": 'a<b & "c"\u0001' },
    svgNode("path", { d, transform: "translate(0.30000000000000004,1e2)" }),
    svgNode("text", { id: "v1.23456" }, "x < y & z"),
  );
  const svg = serializeSvg(root);
  assertEquals(svg.split("\n").slice(2), [
    '  <path transform="translate(0.3,100)" d="M1.23,0L0,2.5"/>',
    '  <text id="v1.23456">x &lt; y &amp; z</text>',
    "</svg>",
    "",
  ]);
  assertEquals(svg.includes('aria-label="a&lt;b &amp; &quot;c&quot;\ufffd"'), true);
  assertEquals(renderPng(svg, 1).length > 0, true);
  // The reader that accepts it is strict.
  assertThrows(() => renderPng(svg.replace("&lt;b", "<b"), 1));
  assertThrows(() => renderPng(svg.replace("&amp; z", "& z"), 1));
  assertThrows(() => renderPng(svg.replace(/ xmlns="[^"]*"/, ""), 1));
});
