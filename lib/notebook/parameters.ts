/**
 * Parameters of notebooks, by the convention of papermill: a code cell tagged `parameters` declares
 * the defaults, a cell tagged `injected-parameters` after it assigns the values of one run.
 *
 * @module
 */
import { listText } from "../list_text.ts";
import type { CodeCell, Notebook, NotebookCell } from "./nbformat.ts";
import { NotebookError } from "./notebook_error.ts";

const PARAMETERS = "parameters";
const INJECTED = "injected-parameters";

/** Any value that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | {
  [key: string]: JsonValue;
};
/** Values of parameters by name. */
export type NotebookParameters = Record<string, JsonValue>;

/** A parameter that a notebook declares. */
export interface DeclaredParameter {
  name: string;
  /** Whether it can be given a value: it is declared with `let` or `var`. */
  assignable: boolean;
}

/**
 * The parameters of a notebook: the variables that its cell tagged `parameters` declares, one
 * statement a line (`let name = default;`), in order. Empty if it has no such cell.
 *
 * @example
 * ```ts
 * const notebook = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 } as const;
 * if (declaredParameters({ ...notebook, cells: [] }).length !== 0) throw new Error();
 * ```
 */
export function declaredParameters(notebook: Notebook): DeclaredParameter[] {
  const cell = notebook.cells.find(isParametersCell);
  if (cell === undefined) return [];
  const declarations = cell.source.matchAll(
    /^[ \t]*(let|var|const)[ \t]+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gmu,
  );
  return Array.from(declarations, ([, kind, name]) => ({ name, assignable: kind !== "const" }));
}

/**
 * The notebook with the values of a run: a cell `name = value;` for each, right after the cell
 * tagged `parameters`. Cells injected earlier are left out. Without values no cell is injected and
 * the defaults hold. The notebook given is not changed.
 *
 * @throws {NotebookError} If a name is not declared (the message lists those that are) or is
 * declared with `const`, or a value is not JSON.
 *
 * @example
 * ```ts
 * const file = JSON.stringify({
 *   cells: [{
 *     cell_type: "code", execution_count: null, id: "p", outputs: [],
 *     metadata: { tags: ["parameters"] }, source: "let layers = 4;",
 *   }],
 *   metadata: {}, nbformat: 4, nbformat_minor: 5,
 * });
 * const { parseNotebook } = await import(import.meta.resolve("./nbformat.ts"));
 * const run = injectParameters(parseNotebook(file, "a.ipynb"), { layers: 8 }, { name: "a.ipynb" });
 * if (run.cells[1].source !== "layers = 8;\nvoid 0;") throw new Error(run.cells[1].source);
 * ```
 */
export function injectParameters(
  notebook: Notebook,
  values: NotebookParameters,
  options: { name: string },
): Notebook {
  const cells = notebook.cells.filter((cell) => !hasTag(cell, INJECTED));
  const names = Object.keys(values);
  if (names.length === 0) return { ...notebook, cells };
  checkNames(names, declaredParameters(notebook), options.name);
  const lines = names.map((name) => `${name} = ${toSource(values[name], name, options.name)};`);
  const injected: CodeCell = {
    cell_type: "code",
    id: INJECTED,
    metadata: { tags: [INJECTED] },
    source: [...lines, "void 0;"].join("\n"),
    execution_count: null,
    outputs: [],
  };
  const at = cells.findIndex(isParametersCell) + 1;
  return { ...notebook, cells: [...cells.slice(0, at), injected, ...cells.slice(at)] };
}

function checkNames(names: string[], declared: DeclaredParameter[], notebook: string): void {
  const fail = (reason: string) => new NotebookError(notebook, reason);
  const known = declared.filter((p) => p.assignable).map((p) => p.name);
  for (const name of names) {
    const parameter = declared.find((p) => p.name === name);
    if (parameter === undefined) {
      throw fail(
        known.length === 0
          ? `cannot set the parameter "${name}": the notebook has no parameters (declare them as ` +
            `\`let name = default;\` in a cell tagged "${PARAMETERS}")`
          : `cannot set the parameter "${name}": the notebook's parameters are ${listText(known)}`,
      );
    }
    if (!parameter.assignable) {
      throw fail(`cannot set the parameter "${name}": it is declared with const, use let`);
    }
  }
}

function toSource(value: JsonValue, name: string, notebook: string): string {
  const wrong = findNonJson(value, []);
  if (wrong !== undefined) {
    const reason = `cannot set the parameter "${name}": its value is not JSON (${wrong})`;
    throw new NotebookError(notebook, reason);
  }
  const json = JSON.stringify(value);
  // In source, unlike in JSON, a key "__proto__" would set the prototype.
  return json.includes('"__proto__"') ? `JSON.parse(${JSON.stringify(json)})` : json;
}

/** Says what in a value JSON cannot hold; undefined if it can hold all. */
function findNonJson(value: unknown, parents: unknown[]): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `it holds ${value}`;
  if (typeof value !== "object") return `it holds a ${typeof value}`;
  if (parents.includes(value)) return "it holds itself";
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    return `it holds a ${value.constructor?.name ?? "class instance"}`;
  }
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const wrong = findNonJson(item, [...parents, value]);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function isParametersCell(cell: NotebookCell): cell is CodeCell {
  return cell.cell_type === "code" && hasTag(cell, PARAMETERS);
}

function hasTag(cell: NotebookCell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false;
}
