import { assert, assertEquals, assertThrows } from "@std/assert";
import { DOMParser } from "linkedom";
import pl from "nodejs-polars";
import { formatTable, frameTable } from "./table.ts";

const frame = pl.DataFrame({
  name: ["a", "longer", "c"],
  index: [-1, 10, 200],
  norm: [0.20821, 1.5, null],
});

Deno.test("formatTable: aligned, numbers right with shared decimals, texts left", () => {
  const rows = [
    { name: "a", index: -1, norm: 0.20821, odd: NaN },
    { name: "longer", index: 10, norm: 1.5, odd: 1 },
    { name: null, index: 200, norm: null, odd: Infinity },
  ];
  const columns = ["name", "index", "norm", "odd"].map((key) => ({ key }));
  assertEquals(
    formatTable(rows, columns),
    [
      "name    index   norm  odd",
      "------  -----  -----  ---",
      "a          −1  0.208  NaN",
      "longer     10  1.500    1",
      "–         200      –  inf",
    ].join("\n"),
  );
});

Deno.test("formatTable: own headings, alignment and formats; any value has a text", () => {
  const rows = [{ a: [1, "x"], b: true, c: 3n, d: 5e-9, e: new Date(0), share: 0.5 }];
  const columns = ["a", "b", "c", "d", "e"].map((key) => ({ key }));
  const percent = (value: unknown) => `${Number(value) * 100} %`;
  assertEquals(
    formatTable(rows, [...columns, {
      key: "share",
      label: "of all",
      format: percent,
      align: "left",
    }])
      .split("\n").at(-1),
    '[1,"x"]  true  3  5.000e−9  1970-01-01T00:00:00.000Z  50 %',
  );
  assertEquals(formatTable([], [{ key: "a" }]), "a\n-");
});

Deno.test("formatTable: text out of files cannot break lines or steer a terminal", () => {
  const text = formatTable([{ name: "a\n\u001b[31mb\u0007" }], [{ key: "name" }]);
  assertEquals(text.split("\n").length, 3);
  assertEquals(text.split("\n").at(-1), "a \ufffd[31mb\ufffd");
});

Deno.test("frameTable: text and HTML hold the same cells, escaped, with caption and note", () => {
  const table = frameTable(
    pl.DataFrame({ "<b>": ["x & <y>", "z", "w"], n: [1, 2, 3] }),
    { caption: "Norms <of> & all", limit: 2 },
  );
  const bundle = table[Symbol.for("Jupyter.display") as never] as () => Record<string, string>;
  const { "text/plain": plain, "text/html": html } = bundle.call(table);
  assertEquals(plain, String(table));
  assertEquals(plain.split("\n")[0], "Norms <of> & all");
  assertEquals(plain.split("\n").at(-1), "First 2 of 3 rows; 1 not shown.");
  const document = new DOMParser().parseFromString(`<body>${html}</body>`, "text/html");
  const texts = (tag: string) =>
    [...document.querySelectorAll(tag)].map((cell) => cell.textContent);
  assertEquals(texts("caption"), ["Norms <of> & all"]);
  assertEquals(texts("th"), ["<b>", "n"]);
  assertEquals(texts("td"), ["x & <y>", "1", "z", "2"]);
  assertEquals(texts("p"), ["First 2 of 3 rows; 1 not shown."]);
});

Deno.test("frameTable: all rows need no note; an empty frame says so", () => {
  assertEquals(
    String(frameTable(frame, { columns: ["index", { key: "name", label: "who" }] })),
    "index  who\n-----  ------\n   −1  a\n   10  longer\n  200  c",
  );
  assert(String(frameTable(pl.DataFrame({ a: [] }))).endsWith("No rows."));
  assert(String(frameTable(pl.DataFrame([]))).endsWith("No rows."));
});

Deno.test("frameTable: what does not fit is refused by name", () => {
  assertThrows(
    () => frameTable(frame, { columns: ["norms"] }),
    TypeError,
    "no column norms (it has",
  );
  for (const limit of [0, 1.5, NaN]) {
    assertThrows(() => frameTable(frame, { limit }), RangeError, `${limit} rows`);
  }
  assertThrows(() => frameTable({} as pl.DataFrame), TypeError, "not a Polars frame");
});

Deno.test("what a frame's rows rest on stands below the table, not in it", () => {
  const rows = [{ layer: 0, basis: "GSM8K, n = 4" }, { layer: 1, basis: "MATH-500, n = 4" }];
  const table = frameTable(pl.DataFrame(rows), { limit: 1 });
  assertEquals(String(table).split("\n"), [
    "layer",
    "-----",
    "    0",
    "First 1 of 2 rows; 1 not shown.",
    "Data: GSM8K, n = 4; MATH-500, n = 4.",
  ]);
  assert(table.toHtml().endsWith("<p>Data: GSM8K, n = 4; MATH-500, n = 4.</p></div>"));
});
