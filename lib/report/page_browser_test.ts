import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withTempFolder } from "../testing/temp_folder.ts";
import { Browser, findBrowser, type Page } from "./testdata/browser.ts";
import { writeMadeStudy } from "./testdata/made_study.ts";
import { REPORT_FILES, writeReport } from "./write_report.ts";

const BROWSER = findBrowser();
if (BROWSER === null) {
  console.warn(
    "NOT CHECKED: there is no Chromium (set CHROMIUM to its path) to open the report in",
  );
}

interface Measured {
  images: { width: number; height: number; natural: number }[];
  marks: number;
  overflow: number;
  hacked: boolean;
  scripts: number;
  /** Lowest contrast of a text with the page. */
  contrast: number;
  /** What is done to the figures' colours. */
  filter: string;
  /** Whether a figure that is wider than the screen says so. */
  hinted: boolean;
}

/** Runs in the page. */
const MEASURE = `(() => {
  const box = (element) => element.getBoundingClientRect();
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((value) => {
      const c = value / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  const contrasts = [...document.querySelectorAll("p, td, th, a, h2, .verdict, figcaption")]
    .map((element) => luminance(getComputedStyle(element).color))
    .map((ink) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
  return {
    images: [...document.images].map((image) => ({
      width: box(image).width, height: box(image).height, natural: image.naturalWidth,
    })),
    marks: [...document.querySelectorAll("svg.mark")].filter((mark) => box(mark).width > 50).length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    hacked: "hacked" in window,
    scripts: document.scripts.length,
    contrast: Math.min(...contrasts),
    filter: getComputedStyle(document.querySelector("figure img") ?? document.body).filter,
    hinted: getComputedStyle(document.querySelector("figure .scroll") ?? document.body, "::before").content
      .includes("more to the right"),
  };
})()`;

async function measure(
  page: Page,
  { width, scheme, media = "" }: { width: number; scheme: string; media?: string },
): Promise<Measured> {
  await page.send("Emulation.setDeviceMetricsOverride", {
    width,
    height: 900,
    deviceScaleFactor: 1,
    mobile: false,
  });
  await page.send("Emulation.setEmulatedMedia", {
    media,
    features: [{ name: "prefers-color-scheme", value: scheme }],
  });
  return await page.evaluate<Measured>(MEASURE);
}

Deno.test({
  name:
    "in a browser: figures seen, nothing fetched, no complaint, no overflow, readable, on paper too",
  ignore: BROWSER === null,
  fn: () =>
    withTempFolder(async (folder) => {
      await writeReport(folder, writeMadeStudy(folder));
      await using browser = await Browser.start(BROWSER!);
      const page = await browser.page();
      const url = pathToFileURL(join(folder, REPORT_FILES.page)).href;
      await page.open(url);
      for (
        const view of [
          { width: 1280, scheme: "light" },
          { width: 400, scheme: "light" },
          { width: 1280, scheme: "dark" },
          { width: 400, scheme: "dark" },
          { width: 718, scheme: "dark", media: "print" },
        ]
      ) {
        const seen = await measure(page, view);
        const where = JSON.stringify(view);
        assertEquals(seen.images.length, 3, where);
        for (const { width, height, natural } of seen.images) {
          assert(natural > 0 && width > 300 && height > 30, `${where}: ${width} x ${height}`);
        }
        assert(seen.marks > 8, `${where}: ${seen.marks} marks`);
        assertEquals(seen.overflow, 0, where);
        assertEquals([seen.hacked, seen.scripts], [false, 0], where);
        assert(seen.contrast >= 4.5, `${where}: contrast ${seen.contrast}`);
        const isDark = view.scheme === "dark" && view.media === undefined;
        assertEquals(seen.filter.includes("invert"), isDark, where);
        assertEquals(seen.hinted, view.width === 400, where);
      }
      assertEquals(page.complaints, []);
      assertEquals(page.requests.filter((request) => !request.startsWith("data:")), [url]);
    }),
});

Deno.test({
  name: "the check sees a page that complains, fetches and overflows",
  ignore: BROWSER === null,
  fn: () =>
    withTempFolder(async (folder) => {
      const path = join(folder, "bad.html");
      Deno.writeTextFileSync(
        path,
        `<img src="http://127.0.0.1:9/x.png"><p style="width:3000px">x</p>` +
          `<script>console.error("no"); window.hacked = 1;</script>`,
      );
      await using browser = await Browser.start(BROWSER!);
      const page = await browser.page();
      await page.open(pathToFileURL(path).href);
      const seen = await measure(page, { width: 400, scheme: "light" });
      assert(seen.overflow > 2000 && seen.hacked && seen.scripts === 1);
      assertEquals(seen.images[0].natural, 0);
      assert(page.complaints.length >= 1);
      assert(page.requests.includes("http://127.0.0.1:9/x.png"));
    }),
});
