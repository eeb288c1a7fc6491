/**
 * What requests to served models may say, by the model's name.
 *
 * @module
 */

/** What a request for a model may say. */
export interface RequestRules {
  /** Whether a temperature may be stated. */
  temperature: boolean;
  /** How the limit of an answer's tokens is called in OpenAI's API. */
  tokensField: "max_tokens" | "max_completion_tokens";
  /** Whether the answer is asked for as a stream, so that a cut-off answer has a text. */
  stream: boolean;
}

const COMMON: RequestRules = { temperature: true, tokensField: "max_tokens", stream: true };

/** The first that matches a name without its provider applies; else {@linkcode COMMON}. */
const RULES: readonly { names: RegExp; rules: RequestRules }[] = [
  {
    // OpenAI's reasoning models count their hidden tokens in max_completion_tokens and refuse
    // max_tokens and any temperature but their own; some may be streamed by verified organisations
    // only.
    names: /^(?:o\d|gpt-(?:[5-9]|\d\d))/,
    rules: { temperature: false, tokensField: "max_completion_tokens", stream: false },
  },
  // Claude models up to 4.6 take a temperature; later ones refuse it.
  {
    names: /^claude-(?:[23]\b|instant|(?:opus|sonnet|haiku)-4(?:[-.][0-6])?(?!\d|[-.]\d{1,2}\b))/,
    rules: COMMON,
  },
  { names: /^claude-/, rules: { ...COMMON, temperature: false } },
];

export function requestRules(model: string): RequestRules {
  const name = model.toLowerCase().trim().replace(/^(?:openai|anthropic)\//, "");
  return RULES.find(({ names }) => names.test(name))?.rules ?? COMMON;
}
