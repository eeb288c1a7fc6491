/**
 * What the notebooks of a run are told.
 *
 * @module
 */
import { declaredParameters, type JsonValue, type Notebook } from "../notebook/mod.ts";

/** What a user may set for all notebooks of a run; each takes what it declares. */
export interface SuiteParameters {
  /** Samples of each task, dataset or ability: the parameter `sample_size` or `num_samples`. */
  sampleSize?: number;
  /** Where models run: the parameter `device`. */
  device?: string;
  /** In which arithmetic: the parameter `precision`. */
  precision?: string;
  /** The grading of answers that counts: the parameter `grading`. */
  grading?: string;
  /** Where the questions are from: the parameter `data`. */
  data?: string;
  /** Who describes images: the parameter `describer`. */
  describer?: string;
  /** In place of the checkpoints' own: the parameter `repetition_penalty`. */
  repetitionPenalty?: number;
}

/** Names that notebooks give to one setting. */
const NAMES: Readonly<Record<keyof SuiteParameters, readonly string[]>> = {
  sampleSize: ["sample_size", "num_samples"],
  device: ["device"],
  precision: ["precision"],
  grading: ["grading"],
  data: ["data"],
  describer: ["describer"],
  repetitionPenalty: ["repetition_penalty"],
};

/** The settings that a notebook declares, by its own names for them. */
export function settingsFor(
  notebook: Notebook,
  settings: SuiteParameters,
): Record<string, JsonValue> {
  const declared = new Set(declaredParameters(notebook).map(({ name }) => name));
  const chosen: Record<string, JsonValue> = {};
  for (const [setting, names] of Object.entries(NAMES)) {
    const value = settings[setting as keyof SuiteParameters];
    const name = names.find((known) => declared.has(known));
    if (value !== undefined && name !== undefined) chosen[name] = value;
  }
  return chosen;
}

/**
 * A notebook's parameters with their defaults, as far as these are plain values.
 *
 * @example
 * ```ts
 * const source = 'let recipe = "tiny";\nlet sample_size = 50; // of each task';
 * const cell = {
 *   cell_type: "code" as const, id: "p", metadata: { tags: ["parameters"] }, source,
 *   execution_count: null, outputs: [],
 * };
 * const notebook = { cells: [cell], metadata: {}, nbformat: 4 as const, nbformat_minor: 5 as const };
 * console.log(parameterDefaults(notebook)); // { recipe: "tiny", sample_size: 50 }
 * ```
 */
export function parameterDefaults(notebook: Notebook): Record<string, JsonValue> {
  const cell = notebook.cells.find((cell) => cell.metadata.tags?.includes("parameters"));
  const defaults: Record<string, JsonValue> = {};
  for (const [, name, text] of cell?.source.matchAll(/^\s*let\s+(\w+)\s*=\s*(.+?);/gm) ?? []) {
    try {
      defaults[name] = JSON.parse(text);
    } catch {
      // An expression: what it gives is the notebook's own affair.
    }
  }
  return defaults;
}
