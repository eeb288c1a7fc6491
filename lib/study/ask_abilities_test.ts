import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { type AbilityReport, abilityReportSchema } from "../findings/abilities/report.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { openStudy } from "./study.ts";
import { filesIn } from "../findings/abilities/testdata/made_models.ts";

const OPTIONS = { sampleSize: 1, maxNewTokens: 20 };

/** Records by path, without the time that they took. */
function recordsIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filesIn(folder, "records")).filter(([path]) => path.endsWith(".jsonl"))
      .map(([path, text]) => [path, text.replace(/"inference_time":[\d.]+/g, "")]),
  );
}

const scoresOf = ({ scores }: AbilityReport, model: string) =>
  scores.filter((score) => score.model.endsWith(model));

Deno.test("three findings share the answers of IN and RL, in whatever order they come", () =>
  withTempFolder(async (folder) => {
    const study = openStudy({ results: join(folder, "a") });
    const monotonicity = await study.find("monotonicity", OPTIONS);
    const transferability = await study.find("transferability", OPTIONS);
    const necessity = await study.find("necessity", OPTIONS);
    const labels = (report: AbilityReport) => report.models.map(({ label }) => label).join(" ");
    assertEquals(labels(monotonicity), "Base IN RL");
    assertEquals(
      labels(transferability),
      "IN RL IN:RL:RL RL:IN:IN IN:IN:RL RL:RL:IN IN:RL:IN RL:IN:RL RL:IN:IN, rest IN " +
        "IN:RL:RL, rest RL IN:IN:IN, rest RL",
    );
    assertEquals(labels(necessity), "IN RL frozen early frozen mid frozen late");
    assertEquals(monotonicity.models.map(({ kind }) => kind), ["base", "reasoner", "reasoner"]);
    for (const report of [transferability, necessity]) {
      assertEquals(scoresOf(report, "tiny/checkpoints/rl"), scoresOf(monotonicity, "/rl"));
    }
    for (const name of ["monotonicity", "transferability", "necessity"]) {
      const text = Deno.readTextFileSync(join(study.folder, "tables", `${name}.json`));
      abilityReportSchema.parse(JSON.parse(text));
    }
    const records = recordsIn(study.folder);
    assertEquals(Object.keys(records).filter((path) => path.includes("/results/")).length, 15 * 5);

    const other = openStudy({ results: join(folder, "b") });
    assertEquals(await other.find("necessity", OPTIONS), necessity);
    assertEquals(await other.find("transferability", OPTIONS), transferability);
    assertEquals(await other.find("monotonicity", OPTIONS), monotonicity);
    assertEquals(recordsIn(other.folder), records);
  }));

Deno.test("answers of batches that were lost in part come out the same", () =>
  withTempFolder(async (folder) => {
    const study = openStudy({ results: folder });
    const options = { ...OPTIONS, sampleSize: 2 };
    const whole = await study.find("transferability", options);
    const records = recordsIn(study.folder);
    const paths = Object.keys(records).filter((path) => path.includes("/results/"));
    for (const [i, path] of paths.entries()) {
      // A line less, a torn line, nothing: in one of four files.
      if (i % 4 !== 0) continue;
      const file = join(study.folder, path);
      const lines = Deno.readTextFileSync(file).split(/(?<=\n)/);
      Deno.truncateSync(file, [lines[0].length, lines[0].length + 9, 0][i / 4 % 3]);
    }
    assertEquals(await study.find("transferability", options), whole);
    assertEquals(recordsIn(study.folder), records);
  }));

Deno.test("an abort leaves whole records, and the next run ends as if there had been none", () =>
  withTempFolder(async (folder) => {
    const [whole, stopped] = ["whole", "stopped"].map((name) =>
      openStudy({ results: join(folder, name) })
    );
    await whole.find("monotonicity", OPTIONS);
    const controller = new AbortController();
    const abort = () => controller.abort(new Error("stopped"));
    const { signal } = controller;
    const running = assertRejects(
      () => stopped.find("monotonicity", { ...OPTIONS, signal }),
      Error,
      "stopped",
    );
    const timer = setInterval(() => {
      const there = (() => {
        try {
          return Object.values(recordsIn(stopped.folder)).some((text) =>
            text.includes("input_type")
          );
        } catch {
          return false;
        }
      })();
      if (there) abort();
    }, 1);
    await running;
    clearInterval(timer);
    await stopped.find("monotonicity", OPTIONS);
    assertEquals(recordsIn(stopped.folder), recordsIn(whole.folder));
  }));

Deno.test("cuts make other splices, kept beside the first", () =>
  withTempFolder(async (folder) => {
    const study = openStudy({ results: folder });
    const options = { ...OPTIONS, sampleSize: 2 };
    const thirds = await study.find("transferability", options);
    const moved = await study.find("transferability", { ...options, layerCuts: [1, 11] });
    assertNotEquals(moved.scores, thirds.scores);
    assertEquals(scoresOf(moved, "/in"), scoresOf(thirds, "/in"));
    assertEquals(await study.find("transferability", options), thirds);
  }));

Deno.test("of a recipe without frozen models there are IN and RL alone", () =>
  withTempFolder(async (folder) => {
    const report = await openStudy({ recipe: "tiny-b", results: folder }).find(
      "necessity",
      OPTIONS,
    );
    assertEquals(report.models.map(({ label }) => label), ["IN", "RL"]);
  }));
