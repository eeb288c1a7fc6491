/**
 * A study's folder with made-up results, some of them hostile, for tests of the report.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FINDING_KEYS, FINDINGS } from "../../findings/mod.ts";
import { madeFindings } from "../../findings/testdata/made_findings.ts";
import type { RunRecord } from "../run_record.ts";

const FIGURES = fileURLToPath(new URL("../../findings/testdata/", import.meta.url));

/** Text that would do harm on a page that does not escape it. */
export const HOSTILE = `"><img src="http://127.0.0.1:9/x.png" onerror="window.hacked=1">` +
  `<script>window.hacked=1</script>'&amp;<b>`;

/** A figure that would fetch and run, and whose ids are those of another figure. */
const HOSTILE_SVG = `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="700" height="90" viewBox="0 0 700 90" onload="hacked=1">
<title>Hostile &lt;script&gt; "quoted"</title><desc>It's &amp; that</desc>
<script>window.hacked = 1; parent.hacked = 1;</script>
<defs><clipPath id="clip"><rect width="700" height="90"/></clipPath></defs>
<image href="http://127.0.0.1:9/inside.png" width="5" height="5"/>
<rect width="700" height="90" fill="#eee" clip-path="url(#clip)"/></svg>
`;

/** What run.json of the made-up study says. */
export function madeRun(notebooks: readonly string[]): RunRecord {
  const model = (name: string) => ({
    reference: name,
    revision: "0123456789abcdef0123456789abcdef01234567",
    files: { "model-00001-of-00002.safetensors": `sha256:${"ab".repeat(32)}` },
  });
  return {
    recipe: "made-up",
    description: `Made up ${HOSTILE}`,
    models: { base: model("org/base"), sft: model("org/in"), rl: model(HOSTILE) },
    suite: { version: "0.0.0", git_commit: null },
    runtime: { deno: "2.0.0", v8: "1", typescript: "6" },
    packages: { zod: "4.0.0" },
    platform: { os: "linux", arch: "x86_64", cores: 2, memory_bytes: 16e9 },
    device: "cpu",
    device_check: null,
    data: "embedded",
    shards: [{
      shard: "1/1",
      host: HOSTILE,
      device: "cpu",
      started: "2026-01-02T03:04:05.678Z",
      finished: null,
    }],
    started: "2026-01-02T03:04:05.678Z",
    finished: "2026-01-02T03:14:05.678Z",
    notebooks: notebooks.map((name) => ({
      name,
      status: "done",
      seconds: 61.25,
      finished: "2026-01-02T03:05:05.000Z",
      reason: null,
      parameters: { recipe: "/secret/path", sample_seed: 123, note: HOSTILE },
    })),
  };
}

const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "02_attention": ["attention_tiny"],
  "05_energy": ["energy_tiny", "hostile", "never_written"],
};

function notebook(title: string, figures: readonly string[]) {
  const cell = (id: string, source: string) => ({
    cell_type: "code",
    id,
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  });
  return {
    cells: [
      { cell_type: "markdown", id: "title", metadata: {}, source: `# ${title}\n\nText.` },
      ...figures.map((name, i) => cell(`c${i}`, `await study.show(\n  "${name}",\n  drawn,\n);`)),
    ],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/**
 * Writes tables, figures and executed notebooks, but not run.json, into a folder.
 *
 * @returns What run.json would say.
 */
export function writeMadeStudy(folder: string): RunRecord {
  const findings = madeFindings({ effect: 1, samples: 30 });
  findings.energy!.metadata.base_model = HOSTILE;
  findings.necessity!.models[0].label = `IN`;
  findings.transferability!.basis.reasoning.grader = HOSTILE;
  for (const part of ["tables", "figures", "notebooks"]) Deno.mkdirSync(join(folder, part));
  for (const key of FINDING_KEYS) {
    const path = join(folder, "tables", FINDINGS[key].table);
    Deno.writeTextFileSync(path, JSON.stringify(findings[key]));
  }
  for (const name of ["attention_tiny", "energy_tiny", "vision_step_tiny"]) {
    Deno.copyFileSync(join(FIGURES, `${name}.svg`), join(folder, "figures", `${name}.svg`));
  }
  Deno.writeTextFileSync(join(folder, "figures", "hostile.svg"), HOSTILE_SVG);
  const names = ["02_attention", "04_reasoning", "05_energy", "07_transfer", "09_own"];
  for (const name of names) {
    const title = name === "05_energy" ? HOSTILE : `Notebook ${name}`;
    Deno.writeTextFileSync(
      join(folder, "notebooks", `${name}.ipynb`),
      JSON.stringify(notebook(title, SHOWN[name] ?? [])),
    );
  }
  return madeRun(names);
}
