/**
 * The three abilities that the paper measures.
 *
 * @module
 */

/** The abilities, in the paper's order. */
export const ABILITIES = ["perception", "alignment", "reasoning"] as const;
/** One of the abilities. */
export type Ability = typeof ABILITIES[number];

/** The paper's name of an ability's measure. */
export const ABILITY_METRICS = {
  perception: "M_vis",
  alignment: "M_v2r",
  reasoning: "M_rea",
} as const;
