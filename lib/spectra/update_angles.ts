/**
 * Whether RL goes on in the directions of IN's update: principal angles, layer by layer.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { groupByLayer } from "./analysis.ts";
import { mean } from "../statistics/mod.ts";
import type { DiversityLayer, DiversityReport, SpaceAngles } from "./diversity_report.ts";
import { ANGLE_SIZES } from "./principal_angles.ts";
import { weightsFrame } from "./report.ts";

/** Directions that updates write (left singular vectors), and those that they read. */
const SIDES = [["outputs", "left"], ["inputs", "right"]] as const;

/**
 * Angles of both updates' leading directions, by size and side: means over the matrices that both
 * updates change, null where there are none.
 */
export function updateAngles(layers: readonly Pick<DiversityLayer, "angles">[]) {
  return ANGLE_SIZES.flatMap((size) => {
    const own = layers.flatMap(({ angles }) =>
      angles?.filter((entry) => entry.size === size) ?? []
    );
    const meanOf = (value: (entry: SpaceAngles) => number) =>
      own.length > 0 ? mean(own.map(value)) : null;
    return SIDES.map(([side, key]) => ({
      /** Directions compared, fewer where fewer carry an update: 1, 8 or 64. */
      size,
      side,
      n_params: own.length,
      k_mean: meanOf(({ k }) => k),
      /** Mean squared cosine of the principal angles, 0 to 1. */
      overlap_mean: meanOf((entry) => entry[key].overlap),
      /** The overlap that random directions have. */
      chance_mean: meanOf((entry) => entry[key].chance),
      /** In degrees. */
      smallest_angle_mean: meanOf((entry) => entry[key].smallest_angle),
      largest_angle_mean: meanOf((entry) => entry[key].largest_angle),
    }));
  });
}

/**
 * {@linkcode updateAngles} of each layer index, ascending: layer_idx, section, region, size, side,
 * n_params, k_mean, overlap_mean, chance_mean, smallest_angle_mean, largest_angle_mean.
 */
export function updateAnglesFrame({ layers }: DiversityReport): pl.DataFrame {
  const rows = groupByLayer(layers).flatMap(([layer_idx, entries]) => {
    const { section, region } = entries[0];
    return updateAngles(entries).map((angles) => ({ layer_idx, section, region, ...angles }));
  });
  return weightsFrame(rows, {
    layer_idx: "int",
    section: "string",
    region: "string",
    size: "int",
    side: "string",
    n_params: "int",
    k_mean: "float",
    overlap_mean: "float",
    chance_mean: "float",
    smallest_angle_mean: "float",
    largest_angle_mean: "float",
  });
}
