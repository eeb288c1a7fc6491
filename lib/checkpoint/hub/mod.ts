/**
 * Models and data sets of the Hugging Face hub, in the cache that Python's huggingface_hub uses too.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseHubReference } from "./mod.ts";
 *
 * assertEquals(parseHubReference("org/name@v1"), { repo: "org/name", revision: "v1" });
 * ```
 *
 * @module
 */
export { cachedCommit, fileSize, hubModelCache, missingFiles, snapshotFolder } from "./cache.ts";
export { findHubDatasetFile, type HubDatasetFile, type HubDatasetOptions } from "./dataset.ts";
export { parseHubReference } from "./reference.ts";
export { type HubSettingsOptions, readHubSettings } from "./settings.ts";
