/**
 * Statistics: bootstrap, numpy's generator and sampling.
 *
 * @module
 */
export * from "./bootstrap.ts";
export * from "./mersenne_twister.ts";
export * from "./sampling.ts";
