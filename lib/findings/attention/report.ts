/**
 * What the attention shift found: mass by model, layer and target, and RL - IN.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { basesSchema, basisTexts, withBasis } from "../../basis.ts";
import { frameOf } from "../../frame.ts";
import { SPANS } from "./answer_spans.ts";
import { type AttentionRecord, MODEL_ROLES, secondWriter, TEXTS } from "./records.ts";
import { meanEstimate } from "../../statistics/mod.ts";
import { TARGETS } from "./prompt_parts.ts";

const number = z.number().nullable();
const common = {
  text: z.enum(TEXTS),
  span: z.enum(SPANS),
  target: z.enum(TARGETS),
  layer: z.int(),
  n: z.int(),
  low: number,
  high: number,
};
const placeSchema = z.strictObject({ model: z.enum(MODEL_ROLES), ...common, mass: number });
const shiftSchema = z.strictObject({ ...common, diff: number });
const headSchema = z.strictObject({
  text: z.enum(TEXTS),
  layer: z.int(),
  head: z.int(),
  diff: number,
});

const outcomeSchema = z.strictObject({
  text: z.enum(TEXTS),
  /** Which of its tokens; older reports have all generated ones only. */
  span: z.enum(["generated", "think"]).default("generated"),
  ids: z.array(z.string()),
  /** RL - IN from the span's tokens to visual tokens, [layers][samples]. */
  shift: z.array(z.array(number)),
});

/** What the attention shift found. */
export const attentionReportSchema = z.object({
  /** What it rests on: the questions. */
  basis: basesSchema,
  models: z.record(z.string(), z.string()),
  /** Whose text the fixed one is, and whose the second; older reports have one. */
  fixed_text: z.enum(MODEL_ROLES),
  second_text: z.enum(MODEL_ROLES).optional(),
  num_layers: z.int(),
  num_heads: z.int(),
  /** Mean over heads and samples, with the interval over samples. */
  places: z.array(placeSchema),
  /** RL - IN over the same samples. */
  shifts: z.array(shiftSchema),
  /** RL - IN of each head, from all generated tokens to visual tokens. */
  heads: z.array(headSchema),
  /** Every question's shift, for statistics over questions; older reports have none. */
  outcomes: z.array(outcomeSchema).optional(),
});

/** What the attention shift found. */
export type AttentionReport = z.infer<typeof attentionReportSchema>;

/** Options of {@linkcode reportAttention}. */
export interface ReportAttentionOptions extends Pick<AttentionReport, "basis"> {
  /** Role -> name of the model. */
  models: Readonly<Record<string, string>>;
  fixedText: AttentionReport["fixed_text"];
}

type Column = (number | null)[];

/** Mass of one layer and target, averaged over heads. */
function layerMass(
  mass: readonly number[],
  heads: number,
  { layer, target }: { layer: number; target: number },
): number {
  let sum = 0;
  for (let head = 0; head < heads; head++) {
    sum += mass[(layer * heads + head) * TARGETS.length + target];
  }
  return sum / heads;
}

function subtract(a: Column, b: Column): Column {
  return a.map((value, i) => {
    const other = b[i];
    return value === null || other === null ? null : value - other;
  });
}

/** All combinations of text, span, target and layer, in the order of the frames. */
function combinations(layers: number) {
  return TEXTS.flatMap((text) =>
    SPANS.flatMap((span) =>
      TARGETS.flatMap((target, index) =>
        Array.from({ length: layers }, (_, layer) => ({ text, span, target, index, layer }))
      )
    )
  );
}

/** Digits that a mean of masses stored with eight carries. */
const SHIFT_DIGITS = 8;

/** The columns of `shifts` to visual tokens, by text, from all tokens and from those that think. */
function visualShifts(
  shifts: readonly Column[],
  places: ReturnType<typeof combinations>,
  ids: readonly string[],
): NonNullable<AttentionReport["outcomes"]> {
  return TEXTS.flatMap((text) =>
    (["generated", "think"] as const).map((span) => ({
      text,
      span,
      ids: [...ids],
      shift: shifts.filter((_, i) => {
        const place = places[i];
        return place.text === text && place.span === span && place.target === "visual";
      }).map((column) =>
        column.map((value) => value === null ? null : Number(value.toPrecision(SHIFT_DIGITS)))
      ),
    }))
  ).filter(({ shift }) => shift.some((column) => column.some((value) => value !== null)));
}

function headShifts(
  record: (model: string, text: string, id: string) => AttentionRecord | undefined,
  { ids, layers, heads }: { ids: readonly string[]; layers: number; heads: number },
): AttentionReport["heads"] {
  return TEXTS.flatMap((text) => {
    const pairs = ids.flatMap((id) => {
      const [rl, sft] = [record("RL", text, id)?.generated, record("IN", text, id)?.generated];
      return rl && sft ? [{ rl, sft }] : [];
    });
    if (text === "second" && pairs.length === 0) return [];
    return Array.from({ length: layers * heads }, (_, place) => {
      const at = place * TARGETS.length + TARGETS.indexOf("visual");
      const sum = pairs.reduce((total, { rl, sft }) => total + rl[at] - sft[at], 0);
      return {
        text,
        layer: Math.floor(place / heads),
        head: place % heads,
        diff: pairs.length === 0 ? null : sum / pairs.length,
      };
    });
  });
}

/**
 * Sums up the attention shift.
 *
 * @throws {Error} if there are no records, or models differ in layers or heads.
 */
export function reportAttention(
  records: readonly AttentionRecord[],
  { models, fixedText, basis }: ReportAttentionOptions,
): AttentionReport {
  if (records.length === 0) throw new Error("Cannot sum up attention: there are no records");
  const [{ layers, heads }] = records;
  const other = records.find((record) => record.layers !== layers || record.heads !== heads);
  if (other) {
    throw new Error(
      `Cannot compare attention: ${records[0].model} has ${layers} layers of ${heads} heads, ` +
        `${other.model} ${other.layers} of ${other.heads}`,
    );
  }
  const ids = [...new Set(records.map(({ id }) => id))];
  const byKey = new Map(records.map((record) => [
    `${record.model} ${record.text} ${record.id}`,
    record,
  ]));
  const record = (model: string, text: string, id: string) => byKey.get(`${model} ${text} ${id}`);
  const places = combinations(layers);
  const columns = new Map(MODEL_ROLES.map((model) => [
    model,
    places.map(({ text, span, index, layer }): Column =>
      ids.map((id) => {
        const mass = record(model, text, id)?.[span];
        return mass ? layerMass(mass, heads, { layer, target: index }) : null;
      })
    ),
  ]));
  const [sft, rl] = [columns.get("IN")!, columns.get("RL")!];
  const shifts = rl.map((column, i) => subtract(column, sft[i]));
  const all = [...[...columns.values()].flat(), ...shifts].map(meanEstimate);
  const estimates = (block: number) =>
    places.map(({ index: _, ...place }, i) => {
      const { n, mean, low, high } = all[block * places.length + i];
      return { place, n, mean, low, high };
    }).filter(({ place, n }) => place.text !== "second" || n > 0);
  return {
    basis,
    models: { ...models },
    fixed_text: fixedText,
    second_text: secondWriter(fixedText),
    num_layers: layers,
    num_heads: heads,
    places: MODEL_ROLES.flatMap((model, block) =>
      estimates(block).map(({ place, n, mean, low, high }) => ({
        model,
        ...place,
        n,
        mass: mean,
        low,
        high,
      }))
    ),
    shifts: estimates(MODEL_ROLES.length).map(({ place, n, mean, low, high }) => ({
      ...place,
      n,
      diff: mean,
      low,
      high,
    })),
    heads: headShifts(record, { ids, layers, heads }),
    outcomes: visualShifts(shifts, places, ids),
  };
}

/** Mass by layer: model, text, span, target, layer, n, mass, low, high. */
export function attentionFrame({ places, basis }: AttentionReport): pl.DataFrame {
  return withBasis(
    frameOf(places, {
      model: "string",
      text: "string",
      span: "string",
      target: "string",
      layer: "int",
      n: "int",
      mass: "float",
      low: "float",
      high: "float",
    }),
    basisTexts(basis).join("; "),
  );
}

/** RL - IN by layer: text, span, target, layer, n, diff, low, high. */
export function attentionShiftFrame({ shifts, basis }: AttentionReport): pl.DataFrame {
  return withBasis(
    frameOf(shifts, {
      text: "string",
      span: "string",
      target: "string",
      layer: "int",
      n: "int",
      diff: "float",
      low: "float",
      high: "float",
    }),
    basisTexts(basis).join("; "),
  );
}

/** RL - IN of each head, from generated to visual tokens: text, layer, head, diff. */
export function attentionHeadFrame({ heads, basis }: AttentionReport): pl.DataFrame {
  return withBasis(
    frameOf(heads, { text: "string", layer: "int", head: "int", diff: "float" }),
    basisTexts(basis).join("; "),
  );
}
