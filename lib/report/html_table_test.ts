import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseHTML } from "linkedom";
import { htmlTable } from "./html_table.ts";
import { intervalMark } from "./html_table.ts";

function table(...args: Parameters<typeof htmlTable>) {
  return parseHTML(`<!DOCTYPE html><html><body>${htmlTable(...args)}</body></html>`).document;
}

Deno.test("numbers of a column share their digits, and nothing is a dash", () => {
  const document = table({
    caption: "Norms",
    columns: [{ label: "layer" }, { label: "norm", kind: "number" }],
    rows: [[1, 0.5], [2, 0.0123], [3, null]],
    notes: [null, "small"],
  });
  const cells = [...document.querySelectorAll("td.number")].map(({ textContent }) => textContent);
  assertEquals(cells, ["0.5000", "0.0123", "–"]);
  const rows = [...document.querySelectorAll("tbody tr")];
  assertEquals(rows.map(({ className }) => className), ["", "", "note", ""]);
  assertEquals(rows[2].querySelector("td")!.getAttribute("colspan"), "2");
  assertEquals(document.querySelectorAll('tbody th[scope="row"]').length, 3);
});

Deno.test("an interval is drawn on its side of the middle", () => {
  const x = (mark: string, name: string) =>
    Number(new RegExp(` ${name}="([\\d.]+)"`).exec(mark)![1]);
  const above = String(intervalMark({ value: 2, low: 1, high: 4 }));
  assertEquals([x(above, "cx"), x(above.split("range")[1], "x2")], [87.5, 115]);
  const below = String(intervalMark({ value: -2, low: -4, high: -1 }));
  assertEquals([x(below, "cx"), x(below.split("range")[1], "x1")], [32.5, 5]);
  assertStringIncludes(String(intervalMark({ value: 0, low: 0, high: 0 })), 'cx="60.0"');
});
