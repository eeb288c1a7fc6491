/** The part of @huggingface/transformers that is used. Its own types bring Node's globals, which contradict Deno's. */

export class PreTrainedTokenizer {
  constructor(tokenizerJson: unknown, tokenizerConfig: unknown);
  encode(text: string, options: { add_special_tokens: boolean }): number[];
  decode(
    ids: number[],
    options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
  ): string;
  apply_chat_template(
    messages: readonly unknown[],
    options: { chat_template: string; tokenize: false; add_generation_prompt: boolean },
  ): string;
}
