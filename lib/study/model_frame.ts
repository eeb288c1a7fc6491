/**
 * The models of a recipe as a table.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { Checkpoint } from "../checkpoint/mod.ts";
import { frameOf } from "../frame.ts";
import { ROLE_LABELS } from "../merging/mod.ts";
import { qwenConfigOf } from "../model/mod.ts";
import { modelSize } from "./model_run.ts";
import type { ResolvedTriple } from "./resolve_triple.ts";

/** role, model, parameters (millions), layers, hidden_size, heads, vision_blocks of each model. */
export function modelFrame({ folders, modelNames }: ResolvedTriple): pl.DataFrame {
  const rows = (["base", "sft", "rl"] as const).map((role) => {
    using checkpoint = Checkpoint.open(folders[role]);
    const { text, vision } = qwenConfigOf(checkpoint);
    return {
      role: ROLE_LABELS[role],
      model: modelNames[role],
      parameters: modelSize(folders[role]).parameters / 1e6,
      layers: text.numLayers,
      hidden_size: text.hiddenSize,
      heads: text.numHeads,
      vision_blocks: vision.depth,
    };
  });
  return frameOf(rows, {
    role: "string",
    model: "string",
    parameters: "float",
    layers: "int",
    hidden_size: "int",
    heads: "int",
    vision_blocks: "int",
  });
}
