/**
 * Abilities of models against those of IN and RL: what the figures of splices and of frozen models
 * have in common.
 *
 * @module
 */
import type pl from "nodejs-polars";
import {
  dotLegend,
  drawChart,
  excludesZero,
  extentOf,
  type Figure,
  linearScale,
  sentence,
  swatchLegend,
} from "../../figures/mod.ts";
import { decimalText } from "../../number_format.ts";
import {
  ABILITY_TITLES,
  type AbilityComparisonOptions,
  abilityHeading,
  type AbilityPoints,
  BLOCK_HEADINGS,
  blocksLegend,
  missingNotes,
  nameList,
  readAbilities,
  readDifferences,
} from "./ability_rows.ts";
import { gainNotes, gainOf } from "./gains.ts";
import { dotPanel, OTHER_STYLE, SPAN_FILL } from "./model_dots.ts";

/** What a comparison says and shows. */
export interface ComparisonSpec {
  /** The figure, as an error names it. */
  readonly figure: string;
  readonly title: string;
  /** What the models are; the number of samples follows. */
  readonly subtitle: string;
  /** The model that the others' differences are from. */
  readonly reference: "IN" | "RL";
  /** What the legend says of a model's layers. */
  readonly blockWords: (model: string, frozen: boolean) => string;
  /** Whether the share of RL's gain that a model keeps is shown. */
  readonly gains: boolean;
  readonly options: AbilityComparisonOptions;
}

/** Draws the comparison. */
export function abilityComparison(frame: pl.DataFrame, spec: ComparisonSpec): Figure {
  const { figure, reference, options } = spec;
  const { models, abilities, size } = readAbilities(frame, { figure, measure: "value" });
  const difference = readDifferences(options.differences, figure);
  const compared = options.differences !== undefined;
  const panels = abilities.map((own) => {
    const lines = own.points.filter(({ label }) => label === "IN" || label === "RL");
    const differs = (label: string) => difference({ label, reference, ability: own.ability });
    const others = compared ? own.points.filter(({ label }) => label !== reference) : [];
    const unpaired = others.filter(({ label }) => differs(label) === undefined);
    const uncertain = others.filter(({ label }) => {
      const found = differs(label);
      return found === undefined || !excludesZero(found);
    });
    const dots = own.points.map((point) => ({ ...point, hollow: uncertain.includes(point) }));
    return { own, lines, dots, unpaired, gain: gainOf(own, difference) };
  });
  const { color } = OTHER_STYLE;
  return drawChart({
    frame,
    title: spec.title,
    subtitle: sentence(spec.subtitle, size),
    legend: [
      ...blocksLegend(models, spec.blockWords),
      swatchLegend("between IN and RL", [SPAN_FILL]),
      dotLegend(options.interval ?? "95 % exact interval", { color }),
      ...(compared
        ? [dotLegend(`difference from ${reference} includes 0`, { color, hollow: true })]
        : []),
    ],
    rows: models,
    blockHeadings: BLOCK_HEADINGS,
    panels: panels.map(({ own, lines, dots, gain }) => ({
      ...abilityHeading(own),
      ...dotPanel(dots, lines),
      x: { ...percentScale(own), label: "Share of samples (%)", grid: true },
      columns: [
        {
          heading: "%",
          cells: new Map(own.points.map(({ label, value }) => [label, decimalText(value, 1)])),
        },
        ...(spec.gains ? [{ heading: "gain kept", cells: gain.kept }] : []),
      ],
    })),
    notes: [
      ...missingNotes(abilities),
      ...panels.filter(({ unpaired }) => unpaired.length > 0).map(({ own, unpaired }) =>
        `${ABILITY_TITLES[own.ability]}: no difference from ${reference} of ` +
        `${nameList(unpaired.map(({ label }) => label))}; drawn hollow.`
      ),
      ...(spec.gains ? panels.flatMap(({ own, gain }) => gainNotes(own, gain)) : []),
    ],
    description: panels.map(({ own: { ability, points }, gain }) => {
      if (points.length === 0) return `${ABILITY_TITLES[ability]}: no values to draw.`;
      const parts = points.map(({ label, value }) => {
        const kept = spec.gains && !gain.uncertain ? gain.kept.get(label) : undefined;
        const words = kept === undefined ? "" : ` (keeps ${kept} of RL's gain)`;
        return `${label} ${decimalText(value, 1)} %${words}`;
      });
      return `${ABILITY_TITLES[ability]}: ${parts.join(", ")}.`;
    }).join(" "),
    options,
  });
}

/** An axis around the values, at least 10 % long; shares are from 0 to 100 %. */
function percentScale({ points }: AbilityPoints) {
  const values = extentOf(points);
  const from = values.reduce((a, b) => Math.min(a, b), 90);
  const scale = linearScale([...values, from, from + 10], { zero: false, ticks: 5 });
  return { ...scale, ticks: scale.ticks.filter((tick) => tick >= 0 && tick <= 100) };
}
