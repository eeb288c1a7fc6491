/**
 * Families of models as data: config fields and tensors.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { architectureOf } from "./mod.ts";
 *
 * const { label, tensors } = architectureOf("qwen2_vl")!;
 * assertEquals([label, tensors.layer.q[0]], ["Qwen2-VL", "self_attn.q_proj.weight"]);
 * ```
 *
 * @module
 */
export type { Architecture, LayerRole } from "./architecture.ts";
export { checkTensors, expectedTensors, rankInPlace } from "./expected_tensors.ts";
export { architectureOf } from "./known.ts";
export { qwen2Text, qwen2Tokens } from "./qwen2.ts";
export { QWEN2_5_VL } from "./qwen2_5_vl.ts";
export { QWEN2_VL } from "./qwen2_vl.ts";
