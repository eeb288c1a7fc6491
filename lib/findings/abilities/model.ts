/**
 * The models of a transferability run: what each is, where its results are, and which answer in the
 * same batches.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../atomic_write.ts";
import type { ModelKind } from "../../benchmarks/mod.ts";
import type { ModelStanding } from "./model_standing.ts";
import type { ModelIdentity, OwnFolder } from "../../experiments/mod.ts";
import type { MergePlan } from "../../merging/mod.ts";
import type { ModelPlan } from "../../model/mod.ts";
import type { Evaluator } from "../../serving/mod.ts";
import { ABILITY_FILES, foldersIn, modelFolder, readJson } from "./folder.ts";

/** A model to evaluate. */
export interface AbilityModel extends ModelStanding {
  /** In records and paths: a reference, a canonical merge expression, or a served model's name. */
  name: string;
  /** In figures and tables: Base, IN, RL, IN:RL:RL, frozen mid, or the name. */
  label: string;
  kind: ModelKind;
  /** What decides its answers. */
  identity: ModelIdentity;
  /** Null for a model served by others. */
  plan: ModelPlan | null;
  /** Asks a model served by others; null for other models. */
  evaluator: Evaluator | null;
  /** How a merge is made; null for other models. */
  merge: MergePlan | null;
}

/** A model and the folder of its results, relative to the run's. */
export interface PlacedModel extends AbilityModel {
  results: string;
}

/**
 * Gives each model a folder of its own.
 *
 * @param keyed Names the folder by what decides the model's answers, too.
 * @throws {Error} if there is no model, or two would have the same folder.
 */
export function placeModels(
  groups: readonly (readonly AbilityModel[])[],
  { keyed }: { keyed: boolean },
): PlacedModel[][] {
  if (groups.flat().length === 0) throw new Error("Cannot test transferability: no model is named");
  const known = new Map<string, AbilityModel>();
  return groups.map((models) =>
    models.flatMap((model) => {
      const results = modelFolder(model.name, keyed ? model.identity : undefined);
      const other = known.get(results);
      // A model that is named twice is one.
      if (other === model) return [];
      if (other) {
        throw new Error(
          `Cannot evaluate ${other.name} and ${model.name} in one run: both would go to ${results}`,
        );
      }
      known.set(results, model);
      return [{ ...model, results }];
    })
  );
}

/** A model's folder as one that has an identity of its own. */
export function ownFolderOf(
  { results, name, label, kind, identity, merge }: PlacedModel,
): OwnFolder {
  const about = { model: name, label, model_type: kind, merge: merge?.layers ?? null };
  return { folder: results, file: ABILITY_FILES.model, identity, about };
}

/** What a model's file says that was written for it. */
interface StoredModel {
  identity?: ModelIdentity;
  batch_group?: number;
}

/** What the file in a model's folder says. */
export async function readModel(run: string, results: string): Promise<StoredModel> {
  const json = await readJson(join(run, results, ABILITY_FILES.model));
  return typeof json === "object" && json !== null ? json as StoredModel : {};
}

/**
 * The models by who answers in the same batches, now and when the run is continued, whatever models
 * it has by then: so that it ends as if uninterrupted, a model stays in the group that it was in.
 *
 * @param lists New models of one list form a group.
 * @returns The groups, the oldest first.
 */
export async function groupModels(
  run: string,
  lists: readonly (readonly PlacedModel[])[],
): Promise<PlacedModel[][]> {
  const known = new Map<string, number>();
  for (const results of foldersIn(run, ABILITY_FILES.results)) {
    const { batch_group } = await readModel(run, results);
    if (batch_group !== undefined) known.set(results, batch_group);
  }
  const next = Math.max(0, ...known.values()) + 1;
  const groups = new Map<number, PlacedModel[]>();
  for (const [list, models] of lists.entries()) {
    for (const model of models) {
      const group = known.get(model.results) ?? next + list;
      groups.set(group, [...groups.get(group) ?? [], model]);
      if (known.has(model.results)) continue;
      const stored = { ...await readModel(run, model.results), batch_group: group };
      const path = join(run, model.results, ABILITY_FILES.model);
      await writeAtomically(path, JSON.stringify(stored, null, 2) + "\n");
    }
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, models]) => models);
}
