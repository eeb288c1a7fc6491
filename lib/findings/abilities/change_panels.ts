/**
 * Panels of how abilities change from model to model.
 *
 * @module
 */
import type { Ability } from "../../abilities.ts";
import {
  dotMarks,
  excludesZero,
  extentOf,
  FONT_SIZES,
  INK,
  type Interval,
  linearScale,
  type PanelSpec,
  textMarks,
  textWidth,
} from "../../figures/mod.ts";
import { signedText } from "../../number_format.ts";
import { ABILITY_TITLES, type AbilityPoint } from "./ability_rows.ts";

/** From one model to the next. */
export interface Step {
  readonly from: AbilityPoint;
  readonly to: AbilityPoint;
  /** `to` less `from`, in percentage points. */
  readonly change: Interval;
  /** Whether the change is a paired difference. */
  readonly paired: boolean;
}

/** What is no model's has no model's colour. */
export const BLACK = { label: "", color: INK.text, marker: "circle" } as const;

/** A panel an ability: each change, with its interval, between its two models on one scale. */
export function changePanels(
  courses: readonly { readonly ability: Ability; readonly steps: readonly Step[] }[],
  models: readonly string[],
): PanelSpec[] {
  const changes = courses.flatMap(({ steps }) => extentOf(steps.map(({ change }) => change)));
  // Room for a number beside a change that has no interval.
  const scale = linearScale([...changes.map((change) => change * 1.15), 5, -5], {
    zero: true,
    ticks: 4,
  });
  return courses.map(({ ability, steps }) => {
    const placed = steps.map((step) => (
      { ...step, x: (models.indexOf(step.from.label) + models.indexOf(step.to.label)) / 2 }
    ));
    const long = placed.map(({ from, to }) => `${to.label} − ${from.label}`);
    const short = placed.map(({ to }) => `to ${to.label}`);
    return {
      heading: [`${ABILITY_TITLES[ability]}: change`],
      height: 95,
      x: {
        domain: [-0.5, models.length - 0.5],
        ticks: placed.map(({ x }) => x),
        format: (tick, perX) => {
          const fit = long.every((name) => textWidth(name, FONT_SIZES.axis) + 6 <= perX);
          return (fit ? long : short)[placed.findIndex(({ x }) => x === tick)];
        },
      },
      y: { ...scale, label: "Change (points)" },
      zeroLine: true,
      marks: [
        ...dotMarks(
          placed.map(({ x, change }) => (
            { ...change, at: x, style: BLACK, hollow: !excludesZero(change) }
          )),
          { upright: true },
        ),
        textMarks(
          placed.map(({ x, change }) => (
            { x, y: change.value, text: signedText(change.value, 1) }
          )),
          { dx: 8, anchor: "start" },
        ),
      ],
    };
  });
}
