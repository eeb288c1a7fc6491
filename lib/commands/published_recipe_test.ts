import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { WEIGHTS_BASIS } from "../basis.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { type Ledger, ledgerSchema } from "../findings/mod.ts";
import { readRecipe } from "../study/recipe.ts";
import { readRunRecord } from "../report/run_record.ts";
import { publishedHub } from "../study/testdata/published_hub.ts";
import { runOutside } from "../testing/command.ts";
import { withTempFolder } from "../testing/temp_folder.ts";

/** Pairs in the original's layout. */
const PAIRS = fileURLToPath(new URL("../../dataset/vision_functionality", import.meta.url));
const RECIPE = "Frankenstein-3B";
/** All notebooks take a minute of processor time; those that read every published layout, less. */
const SOME = Deno.env.get("CI") ? [] : ["--only", "03,04,08"];

const PERCEPTION = "MathVista general_vqa as published, n = 4, graded by sound rules";
const REASONING = "MATH-500 as published, n = 4, graded by sound rules";
const ABILITIES = `${PERCEPTION}; ${REASONING}`;
/** What figures say that they rest on, by the beginning of their names. */
const FIRST: Readonly<Record<string, string>> = {
  ability_transitions: PERCEPTION,
  abilities: ABILITIES,
  splice: ABILITIES,
  necessity: ABILITIES,
  attention: "MathVista math-targeted-vqa as published, n = 4, not graded",
  reasoning: `${REASONING}; GSM8K as published, n = 4, graded by sound rules`,
  // Notebook 10 looks at the embedded questions, whatever the recipe's data.
  steering: "embedded recognition pairs, n = 20, not graded",
  patching: "embedded GSM8K, n = 24, not graded",
  heads: "embedded GSM8K, n = 8, not graded",
  knockout: "embedded counting and OCR pairs, n = 16 each, not graded",
};

/** On how many answers the two gradings differ is not this test's affair. */
function withoutCounts(text: string): string {
  return text.replaceAll(/graded by sound rules \([^)]*\)/g, "graded by sound rules");
}

/** Checks the notes of the figures that a study has. */
function checkNotes(study: string, expected: Readonly<Record<string, string>>): string[] {
  const names = [...Deno.readDirSync(join(study, "figures"))].map(({ name }) => name)
    .filter((name) => name.endsWith(".svg")).map((name) => basename(name, ".svg"))
    // Of models of their own, whatever the recipe.
    .filter((name) => !name.startsWith("control_"));
  for (const name of names) {
    const svg = Deno.readTextFileSync(join(study, "figures", `${name}.svg`));
    const note = withoutCounts(/<desc>(.*?)<\/desc>/s.exec(svg)?.[1] ?? "");
    const found = Object.entries(expected).find(([start]) => name.startsWith(start));
    const wanted = found?.[1] ?? WEIGHTS_BASIS;
    assert(note.endsWith(`Data: ${wanted}.`), `${name}: ${note}`);
  }
  return names;
}

function readLedger(study: string): Ledger {
  const text = Deno.readTextFileSync(join(study, "tables", "claims.json"));
  return ledgerSchema.parse(JSON.parse(withoutCounts(text)));
}

/** Reasons of statements by id. */
function reasonsOf({ claims }: Ledger): Record<string, string> {
  const statements = claims.flatMap(({ statements }) => statements);
  return Object.fromEntries(statements.map(({ id, reason }) => [id, reason]));
}

Deno.test("a published recipe is asked the published benchmarks, and every figure says so", () =>
  withTempFolder(async (folder) => {
    await using hub = publishedHub(RECIPE);
    const cache = join(folder, "cache");
    // What weights of these names take of a disk is not to decide whether the test can start.
    const { models, variants } = readRecipe(RECIPE);
    for (const reference of Object.values({ ...models, ...variants })) {
      const place = { cacheDir: cache, endpoint: hub.endpoint, env: { HOME: folder } };
      await resolveModel(reference, place);
    }
    const reproduce = async (...args: string[]) => {
      const flags = ["--recipe", RECIPE, "--sample-size", "4", "--results", folder, ...args];
      const { code, stdout, stderr } = await runOutside("reproduce", flags, {
        env: {
          ...{ NO_COLOR: "1", HF_HOME: folder, HF_HUB_CACHE: cache, HF_ENDPOINT: hub.endpoint },
          ...{ HF_HUB_OFFLINE: "0", OPENAI_API_KEY: "", ANTHROPIC_API_KEY: "" },
        },
      });
      assertEquals([code, stderr], [0, ""]);
      return withoutCounts(stdout);
    };
    const study = join(folder, RECIPE);

    const stdout = await reproduce(...SOME);
    const first = await readRunRecord(study);
    assertEquals(first.data, "hub");
    const left = first.notebooks.filter(({ status, reason }) => status !== "done" && reason);
    // The published pairs of images are not on the hub.
    assertEquals(left.map(({ name, reason }) => [name.slice(0, 2), reason?.split(":")[0]]), [
      ["03", "No counting pairs in hub"],
    ]);
    const names = checkNotes(study, FIRST);
    assert(names.includes("necessity") && names.includes("reasoning_localization"));
    assert(!names.includes("vision_localization"));
    // Without a describer alignment is not run, and says why; nobody is asked for a key.
    const necessity = JSON.parse(Deno.readTextFileSync(join(study, "tables", "necessity.json")));
    assertEquals(Object.keys(necessity.not_run), ["alignment"]);
    assertStringIncludes(necessity.not_run.alignment, "4 of its 4 questions of hub have none");
    const before = readLedger(study);
    assertStringIncludes(reasonsOf(before)["3.ocr"], "No counting pairs in hub: put counting/data");
    assertEquals(before.claims[6].basis, [PERCEPTION, REASONING]);
    assertStringIncludes(stdout, `7: ${ABILITIES}\n`);
    // Published values stand beside these, since the questions are of the same benchmark.
    const executed = Deno.readTextFileSync(join(study, "notebooks", "08_necessity.ipynb"));
    assertStringIncludes(executed, "IN M_vis 34.0 (model card of AIcell/Frankenstein-IN, n not");
    assert(!executed.includes("IN M_v2r 21.0"));

    // A model of the recipe describes, and a folder has the pairs.
    await reproduce("--only", "01,03", "--describer", "base", "--data", `hub,${PAIRS}`);
    const described = "MathVista math_vqa as published, n = 4, described by " +
      `${models.base}, graded by sound rules`;
    const pairs = (task: string) =>
      `${task} pairs of ${PAIRS}, n = 4, graded by comparison of answers`;
    checkNotes(study, {
      ...FIRST,
      ability_transitions: `${PERCEPTION}; ${described}`,
      abilities: `${PERCEPTION}; ${described}; ${REASONING}`,
      vision: ["counting", "OCR", "grounding", "recognition"].map(pairs).join("; "),
    });
    const after = readLedger(study);
    assertEquals(after.claims[0].basis, [PERCEPTION, described, REASONING]);
    assertStringIncludes(reasonsOf(after)["3.ocr"], "too few to decide");
    const page = withoutCounts(
      Deno.readTextFileSync(join(study, "report.html")).replaceAll("&#39;", "'"),
    );
    for (const text of [PERCEPTION, described, pairs("OCR")]) assertStringIncludes(page, text);
  }));
