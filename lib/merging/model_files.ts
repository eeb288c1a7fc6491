/**
 * The files of a model besides its weights: configuration, tokenizer, image processor.
 *
 * @module
 */
import { join } from "node:path";
import { INDEX_FILE } from "../checkpoint/mod.ts";

/** The accounting that a merge leaves beside its weights. */
export const ACCOUNT_FILE = "merge.json";

/** Configuration, vocabularies, chat templates, sentencepiece models, code of custom models. */
const KEPT = /\.(?:json|jinja|txt|model|py)$|^(?:LICENSE|NOTICE)/i;
const LEFT_OUT = /^(?:trainer_state|training_args|optimizer|scheduler)|\.index\.json$/i;

/**
 * Names of the files beside the weights that a copy of a model needs, sorted. Weights, their index,
 * traces of training, an earlier merge's accounting and the model card are left out.
 *
 * @param folder Folder of a checkpoint; links in it, as in the hub's cache, are followed.
 */
export function modelFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => name)
    .filter((name) =>
      KEPT.test(name) && !LEFT_OUT.test(name) && name !== INDEX_FILE && name !== ACCOUNT_FILE &&
      Deno.statSync(join(folder, name)).isFile
    )
    .sort();
}
