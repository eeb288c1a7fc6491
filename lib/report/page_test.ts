import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { parseHTML } from "linkedom";
import { existsSync } from "node:fs";
import { join } from "node:path";
import pl from "nodejs-polars";
import { withTempFolder } from "../testing/temp_folder.ts";
import { type Ledger, ledgerSchema } from "../findings/mod.ts";
import { writeRunRecord } from "./run_record.ts";
import { HOSTILE, writeMadeStudy } from "./testdata/made_study.ts";
import { PAPER } from "./summary_section.ts";
import { REPORT_FILES, writeReport } from "./write_report.ts";

async function madeReport(folder: string) {
  const run = writeMadeStudy(folder);
  await writeReport(folder, run);
  const html = Deno.readTextFileSync(join(folder, REPORT_FILES.page));
  return { run, html, document: parseHTML(html).document as unknown as Document };
}

const texts = (document: Document, selector: string) =>
  [...document.querySelectorAll(selector)].map(({ textContent }) => textContent!.trim());

Deno.test("the page has every claim with its verdict, and the ledger is beside it", () =>
  withTempFolder(async (folder) => {
    const { document } = await madeReport(folder);
    const stored = Deno.readTextFileSync(join(folder, REPORT_FILES.ledger));
    const ledger = ledgerSchema.parse(JSON.parse(stored));
    assertEquals(
      ledger.claims.map(({ verdict }) => verdict),
      [
        "not run",
        "supported",
        "not decided",
        "supported",
        "not run",
        "supported",
        "not run",
      ],
    );
    for (const { claim, title, verdict, statements } of ledger.claims) {
      const section = document.querySelector(`#claim-${claim}`)!;
      assertEquals(section.querySelector("h2")!.textContent.trim(), `Claim ${claim}: ${title}`);
      assert(section.querySelector(".verdict")!.textContent.endsWith(verdict));
      const text = section.textContent.replace(/\s+/g, " ");
      for (const { reason } of statements) assert(text.includes(reason), reason);
    }
  }));

Deno.test("only what run.json counts as done is shown, in the notebooks' order", () =>
  withTempFolder(async (folder) => {
    const { document } = await madeReport(folder);
    // A figure of a notebook that is not done is left out, as is one that is not there.
    assertEquals(texts(document, "figcaption code"), [
      "figures/attention_tiny.svg",
      "figures/energy_tiny.svg",
      "figures/hostile.svg",
    ]);
    assertEquals(texts(document, "figcaption").map((text) => text.split(".")[0]), [
      "Figure 1",
      "Figure 2",
      "Figure 3",
    ]);
    const notRun = document.querySelector("#not-run")!.textContent;
    assert(notRun.includes("1.decline: There is no result of notebook 01"));
    assert(notRun.includes("3.grounding, 3.order.answers, 3.order.logits: There is no result"));
    assert(!document.querySelector("#claim-5 figure, #claim-5 h3"));
  }));

Deno.test("numbers are there as CSV and Parquet too, and every link leads to a file", () =>
  withTempFolder(async (folder) => {
    const { run, document } = await madeReport(folder);
    const links = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href")!)
      .filter((href) => !href.startsWith("#") && href !== PAPER);
    const missing = links.filter((href) => !existsSync(join(folder, decodeURI(href))));
    // The made study has neither of these.
    assertEquals([...new Set(missing.map((href) => href.split("/")[0]))].sort(), ["run.json"]);
    assert(links.includes("tables/energy.csv") && links.includes("tables/energy.parquet"));
    const csv = pl.readCSV(join(folder, "tables", "energy.csv"));
    const parquet = pl.readParquet(join(folder, "tables", "energy.parquet"));
    assertEquals(csv.toRecords(), parquet.toRecords());
    const { summary } = JSON.parse(Deno.readTextFileSync(join(folder, "tables", "energy.json")));
    assertEquals(
      parquet.filter(pl.col("phase").eq(pl.lit("IN"))).getColumn("fro_norm_mean").toArray(),
      summary.map(({ sft }: { sft: { fro_norm_mean: number } }) => sft.fro_norm_mean),
    );
    const claims = pl.readCSV(join(folder, "tables", "claims.csv"));
    const { claims: ledger } = JSON.parse(
      Deno.readTextFileSync(join(folder, REPORT_FILES.ledger)),
    ) as Ledger;
    assertEquals(
      claims.getColumn("verdict").toArray(),
      ledger.flatMap(({ statements }) => statements.map(({ verdict }) => verdict)),
    );
    await writeReport(folder, run, { formats: [] });
    assert(!Deno.readTextFileSync(join(folder, REPORT_FILES.page)).includes("energy.csv"));
  }));

Deno.test("provenance has models, hashes, seeds, versions and times, but no path of this machine", () =>
  withTempFolder(async (folder) => {
    const { document } = await madeReport(folder);
    const text = document.querySelector("#provenance")!.textContent;
    for (
      const part of [
        "org/base",
        `sha256:${"ab".repeat(32)}`,
        "commit 0123456789abcdef",
        "sample_seed = 123",
        "zod 4.0.0",
        "deno 2.0.0",
        "2 cores, 16.0 GB",
        "2026-01-02 03:14:05 UTC",
        "61.3",
      ]
    ) assert(text.includes(part), part);
    assert(!text.includes("/secret/path"));
  }));

Deno.test("everything out of data is text, never markup", () =>
  withTempFolder(async (folder) => {
    const { html, document } = await madeReport(folder);
    assertEquals(document.querySelectorAll("script, [onerror], [onload], b, iframe").length, 0);
    for (const image of document.querySelectorAll("img")) {
      assert(image.getAttribute("src")!.startsWith("data:image/svg+xml;base64,"));
    }
    // It is there, as text: the description, the model's name, a caption, a heading, a parameter.
    const wherever = ["header p", "#provenance .hash", "caption", "h3", "#provenance td"];
    for (const place of wherever) {
      const found = texts(document, place).some((text) =>
        text.includes(HOSTILE) || text.includes(JSON.stringify(HOSTILE))
      );
      assert(found, place);
    }
    const ours = html.replaceAll("http://127.0.0.1:9/x.png", "").replaceAll(PAPER, "");
    assertEquals(/https?:/.exec(ours)?.[0], undefined);
  }));

Deno.test("tables and pictures can be heard: captions, scopes, labels, alternative texts", () =>
  withTempFolder(async (folder) => {
    const { document } = await madeReport(folder);
    assertEquals(document.documentElement.getAttribute("lang"), "en");
    const tables = [...document.querySelectorAll("table")];
    assert(tables.length > 10);
    for (const table of tables) {
      assert(table.querySelector("caption")!.textContent.trim() !== "");
      assert([...table.querySelectorAll("th")].every((th) => th.hasAttribute("scope")));
      assert([...table.querySelectorAll("thead th")].every((th) => th.textContent !== ""));
    }
    assertEquals(
      [...document.querySelectorAll("img")].filter((image) => !image.getAttribute("alt")).length,
      0,
    );
    const hostile = [...document.querySelectorAll("img")].at(-1)!.getAttribute("alt");
    assertEquals(hostile, `Hostile <script> "quoted". It's & that`);
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    assertEquals(ids.length, new Set(ids).size);
    const anchors = [...document.querySelectorAll('a[href^="#"]')];
    assert(anchors.length > 7);
    for (const anchor of anchors) assert(document.querySelector(anchor.getAttribute("href")!));
    // Headings go down by one level at most.
    const levels = [...document.querySelectorAll("h1, h2, h3, h4")]
      .map(({ localName }) => Number(localName[1]));
    assertEquals(levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1), []);
  }));

Deno.test("the report is read from run.json, and what is broken is named", () =>
  withTempFolder(async (folder) => {
    await assertRejects(() => writeReport(folder), Error, join(folder, "run.json"));
    await writeRunRecord(folder, writeMadeStudy(folder));
    await writeReport(folder);
    const before = Deno.readTextFileSync(join(folder, REPORT_FILES.page));
    // A figure that cannot be shown is named on the page, which has all others.
    const odd = ["<svg width='0'", "", "\x1b[31m", "<svg xmlns='x' width='1e9' height='NaN'/>"];
    for (const [i, text] of odd.entries()) {
      Deno.writeTextFileSync(join(folder, "figures", `odd${i}.svg`), text);
    }
    Deno.writeFileSync(join(folder, "figures", "odd4.svg"), new Uint8Array([0x3c, 0xff]));
    Deno.mkdirSync(join(folder, "figures", "odd5.svg"));
    await writeReport(folder);
    const page = Deno.readTextFileSync(join(folder, "report.html"));
    for (let i = 0; i < 6; i++) {
      assertStringIncludes(page, `odd${i}.svg`);
      Deno.removeSync(join(folder, "figures", `odd${i}.svg`));
    }
    await writeReport(folder);
    Deno.writeTextFileSync(join(folder, "tables", "energy.json"), "{}");
    await assertRejects(() => writeReport(folder), Error, "energy.json: metadata is missing");
    assertEquals(Deno.readTextFileSync(join(folder, REPORT_FILES.page)), before);
  }));
