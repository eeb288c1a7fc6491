/**
 * The image decoder, in a module of its own so that it is loaded at first use: text needs none.
 *
 * @module
 */
import sharp, { type Metadata } from "sharp";

export { type Metadata, sharp };
