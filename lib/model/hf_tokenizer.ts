/**
 * The tokenizer library, in a module of its own so that it is loaded at first use: it brings a
 * runtime and an image decoder with it.
 *
 * @module
 */
import { type Message, PreTrainedTokenizer } from "@huggingface/transformers";

export { type Message, PreTrainedTokenizer };
