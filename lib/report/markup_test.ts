import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { escapeHtml, Markup, markup } from "./markup.ts";

Deno.test("what is put in is text, markup stays markup, nothing is nothing", () => {
  assertEquals(
    String(markup`<p class="${`a"b`}">${"<b>"}${[1, markup`<i>${"&"}</i>`, null]}${undefined}</p>`),
    `<p class="a&quot;b">&lt;b&gt;1<i>&amp;</i></p>`,
  );
  assertEquals(String(markup`${new Markup("<hr>")}`), "<hr>");
  assertEquals(escapeHtml("a\u0000\ud800b\u001b"), "a\ufffd\ufffdb\ufffd");
});

/** Undoes the five escapes, as any HTML parser does. */
function unescape(html: string): string {
  return html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

Deno.test("any text comes back as it was, and makes no element", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const page = String(markup`<body><p title="${text}">${text}</p></body>`);
    const { document } = parseHTML(`<!DOCTYPE html><html>${page}</html>`);
    const paragraph = document.querySelector("p")!;
    const seen = unescape(escapeHtml(text));
    assertEquals(paragraph.children.length, 0);
    assertEquals(paragraph.textContent, seen);
    assertEquals(paragraph.getAttribute("title"), seen);
  }));
});
