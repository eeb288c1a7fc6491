/**
 * The findings: a line each.
 *
 * @module
 */
export { ATTENTION as attention } from "./attention/finding.ts";
export { DIVERSITY as diversity } from "./diversity/finding.ts";
export { ENERGY as energy } from "./energy/finding.ts";
export { MONOTONICITY as monotonicity } from "./abilities/finding.ts";
export { NECESSITY as necessity } from "./necessity/finding.ts";
export { REASONING as reasoning } from "./reasoning/finding.ts";
export { TRANSFERABILITY as transferability } from "./splices/finding.ts";
export { VISION as vision } from "./vision/finding.ts";
