/**
 * Energy of either phase by third and component, as stacked bars.
 *
 * @module
 */
import { tint } from "../../figures/mod.ts";
import { byThird, THIRDS } from "../../thirds.ts";
import { type Phase, PHASE_STYLES, PHASES } from "../series_styles.ts";

/** The components that stand on one another. */
export const COMPONENTS = ["Attention", "MLP", "Other"] as const;

/** A phase's colour, in lighter steps for each further component. */
export function componentColor(phase: Phase, component: number): string {
  const { color } = PHASE_STYLES[phase];
  return [color, tint(color, 0.5), tint(color, 0.8)][component];
}

/** Place among the components; what is no attention and no MLP is another. */
export function componentIndex(name: string): number {
  const place = COMPONENTS.findIndex((known) => known === name);
  return place < 0 ? COMPONENTS.length - 1 : place;
}

/**
 * The bars of the phases that changed anything, from the LLM's parameters: of each third its share of
 * the phase's energy, a box a component in percent, and its middle on the x axis, on which thirds are
 * 1 apart.
 */
export function shareBars(
  rows: readonly {
    readonly phase: string;
    readonly layer_idx: number;
    readonly component: string;
    readonly fro_norm: number | null;
  }[],
  llmLayers: number,
) {
  const energyOf = (part: typeof rows) =>
    part.reduce((sum, { fro_norm }) => sum + (fro_norm ?? 0) ** 2, 0);
  return PHASES.flatMap((phase, p) => {
    const own = rows.filter((row) => row.phase === phase);
    const total = energyOf(own);
    if (total === 0) return [];
    const thirds = byThird(own, ({ layer_idx }) => layer_idx - 1, llmLayers);
    return THIRDS.map((third, i) => {
      const [x1, x2] = [i - 0.4 + 0.41 * p, i - 0.01 + 0.41 * p];
      let top = 0;
      const boxes = COMPONENTS.map((_, c) => {
        const part = thirds[third].filter(({ component }) => componentIndex(component) === c);
        const [y1, y2] = [top, top + 100 * energyOf(part) / total];
        top = y2;
        return { x1, x2, y1, y2, fill: componentColor(phase, c) };
      });
      return { phase, third, share: top / 100, boxes, x: (x1 + x2) / 2 };
    });
  });
}
