/**
 * How long notebooks take, roughly: what their findings ask of a machine, over what it does in a
 * second.
 *
 * @module
 */
import { findingOf, FINDINGS, type RunSize, type Workload } from "../findings/mod.ts";

/** What a notebook's time depends on. */
export interface RunTimeOptions extends Omit<RunSize, "layers"> {
  device: string;
  cores: number;
}

/**
 * f32 operations a second of one core in batches of 32 rows: a 3584 x 18944 product of 32 rows took
 * 13 ms on 2 cores of a 2024 server processor with AVX-512. Older cores do a half or a third of it.
 */
const OPERATIONS_PER_CORE = 1.6e11;
/**
 * The same of a large GPU through WebGPU, in f16: 116 rows of a 7B model on an H100 generate 1,075
 * tokens a second, and prompts take 1,235 tokens a second.
 */
const OPERATIONS_WEBGPU = 1.6e13;
/** Bytes of bf16 weights whose singular values one core finds in a second. */
const SPECTRA_BYTES_PER_CORE = 8e6;
/** Bytes read and compared a second, all cores. */
const ENERGY_BYTES = 1e9;

/** Layers of the language model, by the parameters of Qwen2.5-VL's two sizes. */
const layersOf = (parameters: number) => parameters < 5e9 ? 36 : 28;

/** What a notebook's finding asks of a machine; undefined if it has none, as the controls. */
export function workloadOf(notebook: string): Workload | undefined {
  const key = findingOf(notebook);
  return key && FINDINGS[key].workload;
}

/** Whether a notebook asks the recipe's models anything: the controls have models of their own. */
export function runsModel(notebook: string): boolean {
  const { models } = workloadOf(notebook) ?? { models: notebook.startsWith("09") ? 0 : 1 };
  return models > 0;
}

/**
 * Seconds that a notebook takes, within a factor of about three.
 *
 * @param notebook Its name or number; one that has no finding takes none.
 */
export function runSeconds(
  notebook: string,
  { device, cores, ...size }: RunTimeOptions,
): number {
  const { parameters } = size;
  const operations = device === "webgpu" ? OPERATIONS_WEBGPU : OPERATIONS_PER_CORE * cores;
  return workloadOf(notebook)?.seconds({ ...size, layers: layersOf(parameters) }, {
    tokens: operations / (2 * parameters),
    readBytes: ENERGY_BYTES,
    spectraBytes: SPECTRA_BYTES_PER_CORE * cores,
  }) ?? 0;
}
