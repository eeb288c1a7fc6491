/**
 * The report's parts on what made the results, and on what has not run.
 *
 * @module
 */
import type { RunRecord } from "./run_record.ts";
import { htmlTable } from "./html_table.ts";
import { type Content, fileLink, type Markup, markup, sectionHeading } from "./markup.ts";
import type { ReportContent } from "./report_content.ts";
import { byteText } from "../number_format.ts";

const ROLES: Readonly<Record<string, string>> = { base: "Base", sft: "IN", rl: "RL" };

/** A time stamp for reading, to the second. */
export function timeText(stamp: string): string {
  return stamp.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, "$1 $2 UTC");
}

function modelsTable({ models }: RunRecord): Markup {
  return htmlTable({
    caption: "Checkpoints",
    columns: [{ label: "model" }, { label: "from", kind: "short" }, { label: "files" }],
    rows: Object.entries(models).map(([role, { reference, revision, files }]) => [
      ROLES[role] ?? role,
      markup`<span class="hash">${reference}</span>${
        revision && markup`<br><span class="hash muted">commit ${revision}</span>`
      }`,
      markup`<details><summary>${Object.keys(files).length} files and their hashes</summary>${
        Object.entries(files).map(([file, hash]) =>
          markup`<div class="hash">${file} <span class="muted">${hash}</span></div>`
        )
      }</details>`,
    ]),
  });
}

function notebooksTable({ notebooks }: RunRecord): Markup {
  return htmlTable({
    caption: "Notebooks",
    columns: [
      { label: "notebook" },
      { label: "status" },
      { label: "seconds", kind: "number" },
      { label: "finished", kind: "short" },
      { label: "parameters", kind: "phrase" },
    ],
    rows: notebooks.map(({ name, status, seconds, finished, parameters }) => [
      name,
      status,
      status === "not run" ? null : seconds.toFixed(1),
      finished && timeText(finished),
      Object.entries(parameters).filter(([key]) => key !== "recipe" && key !== "results")
        .map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join(", ") || null,
    ]),
  });
}

function deviceText({ device, device_check: check }: RunRecord): string {
  if (check === null) return device;
  return `${device}: ${check.device}, in ${check.precision}; its logits of the first layer differ ` +
    `from the CPU's by ${check.difference.toExponential(1)} of their norm`;
}

function machineTable(run: RunRecord): Markup {
  const { suite, runtime, platform, packages } = run;
  const rows: [string, Content][] = [
    ["Suite", `${suite.version}, commit ${suite.git_commit ?? "unknown"}`],
    ["Runtime", Object.entries(runtime).map(([name, version]) => `${name} ${version}`).join(", ")],
    ["Packages", Object.entries(packages).map(([name, v]) => `${name} ${v}`).join(", ")],
    [
      "Machine",
      `${platform.os} ${platform.arch}, ${platform.cores} cores, ` +
      `${byteText(platform.memory_bytes)} of memory`,
    ],
    ["Device", deviceText(run)],
    ["Questions", run.data ?? "none"],
    ["Started", timeText(run.started)],
    ["Finished", run.finished ? timeText(run.finished) : "not finished"],
  ];
  return htmlTable({
    caption: "Versions and machine",
    columns: [{ label: "what" }, { label: "value" }],
    rows,
  });
}

/** What made the results. */
export function provenanceSection(run: RunRecord): Markup {
  return markup`<section id="provenance" aria-labelledby="provenance-title">
${sectionHeading("provenance", "Provenance")}
<p>The same values are in ${
    fileLink("run.json")
  }. Notebooks that an earlier run finished on the same
checkpoints are counted as done; their time is that run's.</p>
${modelsTable(run)}
${notebooksTable(run)}
${machineTable(run)}
</section>`;
}

/** What has not run, and why, and what cannot be shown. */
export function notRunSection({ run, ledger: { claims }, unreadable }: ReportContent): Markup {
  const undone = run.notebooks.filter(({ status }) => status !== "done");
  const untested = claims.flatMap(({ statements }) => statements)
    .filter(({ verdict }) => verdict === "not run");
  const byReason = Map.groupBy(untested, ({ reason }) => reason);
  return markup`<section id="not-run" aria-labelledby="not-run-title">
${sectionHeading("not-run", "What was not run")}
${
    undone.length === 0 && untested.length === 0
      ? markup`<p>Nothing: every notebook is done, and every statement was tested.</p>`
      : markup`<ul>
${
        undone.map(({ name, status, reason }) =>
          markup`<li>Notebook <code>${name}</code>: ${status}.${reason && ` ${reason}.`}</li>\n`
        )
      }
${
        [...byReason].map(([reason, own]) =>
          markup`<li>${own.map(({ id }) => id).join(", ")}: ${reason}</li>\n`
        )
      }</ul>`
  }${unreadable.map((why) => markup`<p>${why}.</p>\n`)}
</section>`;
}
