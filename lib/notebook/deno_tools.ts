/**
 * Deno's own formatter, linter and type checker, run as processes and read as data.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A message of a tool about a place in a file. */
export interface ToolMessage {
  /** The file, as an absolute path; undefined if the tool named none. */
  path?: string;
  line: number;
  /** The name of the rule, if the linter says it. */
  rule?: string;
  message: string;
}

interface LintReport {
  diagnostics: {
    filename: string;
    range: { start: { line: number } };
    message: string;
    code: string;
    hint?: string;
  }[];
  errors: { file_path: string; message: string }[];
}

/** The text of a notebook as `deno fmt` would have it. Cells that do not parse stay as they are. */
export async function formatNotebook(text: string, options: { cwd: string }): Promise<string> {
  const { success, stdout, stderr } = await deno(["fmt", "--ext", "ipynb", "-"], {
    cwd: options.cwd,
    stdin: text,
  });
  if (!success) throw new Error(`Cannot format a notebook: deno fmt says: ${stderr}`);
  return stdout;
}

/** What `deno lint` says of some files; files that do not parse have one message each. */
export async function lintFiles(paths: string[], options: { cwd: string }): Promise<ToolMessage[]> {
  // The blocks around cells are ours: declarations in them stand at the top of a cell.
  const args = ["lint", "--json", "--rules-exclude=no-inner-declarations", ...paths];
  const { stdout, stderr } = await deno(args, options);
  let report: LintReport;
  try {
    report = JSON.parse(stdout);
  } catch {
    throw new Error(`Cannot lint ${paths.length} files: deno lint says: ${stderr}`);
  }
  return [
    ...report.diagnostics.map(({ filename, range, message, code, hint }) => ({
      path: fileURLToPath(filename),
      line: range.start.line,
      rule: code,
      message: `${message} (${code})` + (hint === undefined ? "" : `: ${hint}`),
    })),
    ...report.errors.map(({ file_path: path, message }) => {
      const [, line] = message.match(/:(\d+):\d+\s*$/) ?? ["", "1"];
      return { path, line: Number(line), message: message.split("\n")[0] };
    }),
  ];
}

/** What `deno check` says of some files and all that they import. */
export async function typeCheckFiles(
  paths: string[],
  options: { cwd: string },
): Promise<ToolMessage[]> {
  const { success, stderr } = await deno(["check", ...paths], options);
  if (success) return [];
  const found = /^(?:TS\d+ \[ERROR\]|error): [\s\S]*?\n\s+at (file:\S+?):(\d+):\d+$/gm;
  const messages = Array.from(stderr.matchAll(found), ([text, url, line]) => (
    { path: fileURLToPath(url), line: Number(line), message: withoutExcerpt(text) }
  ));
  if (messages.length > 0) return messages;
  return [{ line: 1, message: `deno check failed: ${stderr.trim()}` }];
}

/**
 * The message of Deno's own parser for TypeScript that does not parse, with line and column;
 * undefined if it does parse. Deno's kernel does not say it.
 */
export async function explainSyntax(source: string): Promise<string | undefined> {
  const { success, stderr } = await deno(["fmt", "--ext", "ts", "-"], { stdin: source });
  if (success) return undefined;
  const message = stderr.replace(/^error: /, "");
  return message.replace(/at file:\/\/\S*?:(\d+):(\d+)/g, "at line $1, column $2").trim();
}

/** Without the quoted source line, its underline and the place: they are those of the module. */
function withoutExcerpt(text: string): string {
  const lines = text.split("\n").slice(0, -1);
  if (/^\s*[~^]+$/.test(lines.at(-1) ?? "")) lines.splice(-2);
  return lines.join("\n");
}

async function deno(
  args: string[],
  options: { cwd?: string; stdin?: string },
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: options.cwd,
    env: { NO_COLOR: "1" },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    // A process that ends before it has read all is judged by its status.
    await writer.write(new TextEncoder().encode(options.stdin)).catch(() => {});
    await writer.close().catch(() => {});
  }
  const { success, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  const errors = decoder.decode(stderr).replace(/\n\s*Stack backtrace:[\s\S]*$/, "\n");
  return { success, stdout: decoder.decode(stdout), stderr: errors };
}
