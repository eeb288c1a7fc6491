/**
 * The generator of the embedded dataset: scenes, questions about them, and the files they make.
 *
 * @module
 */
export {
  type DatasetFile,
  type DatasetOptions,
  generateDataset,
  HELD_OUT_PATH,
} from "./dataset.ts";
export { encodePng, type IndexedImage } from "./png.ts";
export { createRandom, type Random } from "./random.ts";
export {
  boundingBox,
  type Box,
  composeScene,
  type Placement,
  renderScene,
  type Scene,
  sceneKey,
  toRgb,
} from "./scene.ts";
export { type GlyphSprite, type ShapeSprite, type Sprite, spriteName } from "./sprite.ts";
export { type GeneratedPair, makeVisionPair } from "./vision_pairs.ts";
