/**
 * Three checkpoints of one recipe, checked against each other: Base -> IN -> RL.
 *
 * @module
 */
import { architectureOf, rankInPlace } from "../checkpoint/architectures/mod.ts";
import {
  Checkpoint,
  type Component,
  defaultsNote,
  isAnalysedWeight,
  isFloatDtype,
  placeTensor,
  type Section,
  type TensorInfo,
} from "../checkpoint/mod.ts";
import { listText } from "../list_text.ts";
import type { SkippedTensor } from "./report.ts";

/** Folders of the three checkpoints. */
export interface TripleFolders {
  base: string;
  sft: string;
  rl: string;
}

/** A parameter of the triple that the weight analyses look at. */
export interface TripleParameter {
  /** Canonical name. */
  name: string;
  layerIdx: number;
  section: Section;
  component: Component;
  /** The same in all three. */
  shape: number[];
  /** Where each checkpoint holds it. */
  base: TensorInfo;
  sft: TensorInfo;
  rl: TensorInfo;
}

/** The parameters of three checkpoints that are to be analysed, in the model's order. */
export interface TripleWeights {
  folders: TripleFolders;
  parameters: TripleParameter[];
  /** Tensors that no analysis looks at, each with the reason, ordered by name. */
  skipped: SkippedTensor[];
  /** What a user should know: weights that are ignored, counts that a config.json leaves out. */
  notes: string[];
}

/** Options of {@linkcode readTriple}. */
export interface ReadTripleOptions {
  /** Keep LLM layers only (the original's --llm). */
  llmOnly?: boolean;
}

/** Fields that place tensors. */
const COUNTS: ReadonlySet<string> = new Set([
  "text_config.num_hidden_layers",
  "vision_config.depth",
]);

function reasonToSkip(
  name: string,
  section: Section | undefined,
  { llmOnly = false }: ReadTripleOptions,
): string | null {
  if (!name.includes("weight")) return "not a weight (bias or buffer)";
  if (!isAnalysedWeight(name)) return "a norm's weight";
  if (section === undefined) return "no layer index (embedding, head, patch embedding)";
  if (llmOnly && section !== "LLM Backbone") return "not in the LLM (--llm)";
  return null;
}

/**
 * Reads what three checkpoints hold and pairs their parameters by canonical name.
 *
 * @param folders Checkpoint folders.
 * @throws {Error} if a checkpoint cannot be opened, if an analysed parameter is missing from one of
 * them (all are named), or if its shapes differ.
 */
export function readTriple(
  folders: TripleFolders,
  options: ReadTripleOptions = {},
): TripleWeights {
  using base = Checkpoint.open(folders.base);
  using sft = Checkpoint.open(folders.sft);
  using rl = Checkpoint.open(folders.rl);
  const notes = [base, sft, rl].flatMap(({ ignored, config }) => [
    ignored,
    defaultsNote(config, (field) => COUNTS.has(field)),
  ]).filter((note) => note !== null);
  return { folders, ...pair(base, sft, rl, options), notes };
}

function pair(base: Checkpoint, sft: Checkpoint, rl: Checkpoint, options: ReadTripleOptions) {
  const visionDepth = base.config.visionDepth;
  for (const other of [sft, rl]) {
    if (other.config.visionDepth !== visionDepth) {
      throw new Error(
        `Cannot compare ${base.folder} with ${other.folder}: their vision encoders have ` +
          `${visionDepth} and ${other.config.visionDepth} blocks (vision_config.depth)`,
      );
    }
  }
  const names = [...new Set([base, sft, rl].flatMap((c) => [...c.tensors.keys()]))].sort();
  const parameters: TripleParameter[] = [];
  const skipped: SkippedTensor[] = [];
  const missing: string[] = [];
  const differing: string[] = [];
  for (const name of names) {
    const place = placeTensor(name, visionDepth);
    const reason = reasonToSkip(name, place?.section, options);
    const infos = [base, sft, rl].map((checkpoint) => checkpoint.tensors.get(name));
    const absent = ["base", "sft", "rl"].filter((_, i) => !infos[i]);
    if (reason !== null || place === null) {
      const where = absent.length > 0 ? `; not in ${absent.join(", ")}` : "";
      skipped.push({ param_name: name, reason: `${reason}${where}` });
      continue;
    }
    const [b, s, r] = infos;
    if (!b || !s || !r) {
      missing.push(`${name} (not in ${absent.join(", ")})`);
      continue;
    }
    const shapes = [b, s, r].map((info) => `[${info.shape.join(", ")}]`);
    if (new Set(shapes).size > 1) {
      differing.push(`${name} (base ${shapes[0]}, sft ${shapes[1]}, rl ${shapes[2]})`);
      continue;
    }
    const notFloat = [b, s, r].find((info) => !isFloatDtype(info.dtype));
    if (notFloat) {
      throw new Error(
        `Cannot analyse ${name}: ${notFloat.file} holds it as ${notFloat.dtype}, not as floats; ` +
          "dequantise the checkpoint first",
      );
    }
    parameters.push({ name, ...place, shape: b.shape, base: b, sft: s, rl: r });
  }
  const problems = [
    missing.length > 0 ? `tensors missing: ${listText(missing)}` : "",
    differing.length > 0 ? `shapes differ: ${listText(differing)}` : "",
  ].filter((problem) => problem !== "");
  if (problems.length > 0) {
    throw new Error(
      `Cannot compare ${base.folder}, ${sft.folder} and ${rl.folder}: ${problems.join("; ")}`,
    );
  }
  if (parameters.length === 0) {
    throw new Error(
      `Cannot compare ${base.folder}, ${sft.folder} and ${rl.folder}: none of their ` +
        `${names.length} tensors is an analysed weight (see the list of skipped tensors' reasons: ` +
        `${listText(skipped.map((s) => `${s.param_name}: ${s.reason}`))})`,
    );
  }
  // Inside a layer as in the model: files hold them in any order.
  const family = architectureOf(base.config.modelType);
  const rank = ({ name }: TripleParameter) => rankInPlace(family, name);
  parameters.sort((a, b) =>
    a.layerIdx - b.layerIdx || rank(a) - rank(b) || (a.name < b.name ? -1 : 1)
  );
  return { parameters, skipped };
}
