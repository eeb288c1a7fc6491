/**
 * From a model's name to the API that serves it.
 *
 * @module
 */
import { modelKind } from "../benchmarks/mod.ts";
import { ApiKey, type ReadVariable } from "./api_key.ts";
import { ServedChat } from "./chat.ts";
import { claudeProvider } from "./claude_provider.ts";
import { openaiProvider } from "./openai_provider.ts";
import type { ServedApi } from "./provider.ts";
import { RequestSchedule, type RequestScheduleOptions } from "./request_schedule.ts";

/** How a served model is reached. */
export interface ConnectOptions {
  /**
   * The API that serves it; default by the model's name. "openai" for any model of a server that
   * speaks OpenAI's API.
   */
  api?: ServedApi;
  /** Default the environment's OPENAI_BASE_URL or ANTHROPIC_BASE_URL, else the provider's address. */
  baseUrl?: string;
  /** Variable of the environment that holds the key; default OPENAI_API_KEY or ANTHROPIC_API_KEY. */
  keyVariable?: string;
  /** When requests are sent; a schedule may be shared by models that share limits. */
  schedule?: RequestSchedule | RequestScheduleOptions;
  /** Reads the environment; default `Deno.env`. */
  readVariable?: ReadVariable;
}

/** A served model and its schedule. */
export interface Connection {
  chat: ServedChat;
  schedule: RequestSchedule;
}

const APIS = {
  openai: { url: "https://api.openai.com/v1", provider: openaiProvider },
  anthropic: { url: "https://api.anthropic.com", provider: claudeProvider },
} as const;

/** @throws {Error} if the name is neither OpenAI's nor a Claude model's. */
function apiByName(model: string): ServedApi {
  const kind = modelKind(model);
  if (kind === "gpt") return "openai";
  if (kind === "claude") return "anthropic";
  throw new Error(
    `Cannot ask ${JSON.stringify(model)}: its name is neither of OpenAI's nor a Claude model's; ` +
      'state the API that serves it, e.g. "openai" with a base URL',
  );
}

function checkUrl(text: string, source: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error(
      `Cannot use the base URL ${source}: it does not begin with http:// or https://`,
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    throw new Error(
      `Cannot use the base URL ${source}: it holds a user, a password or a query, which would show ` +
        "in messages; give the key by its variable of the environment",
    );
  }
  return text.replace(/\/+$/, "");
}

/**
 * Prepares to ask a served model; sends nothing yet.
 *
 * @param model Name of the model, with or without "openai/" or "anthropic/".
 * @throws {Error} if the key is not set, the base URL is none, or no API is known for the name.
 */
export function connect(
  model: string,
  { api = apiByName(model), ...options }: ConnectOptions = {},
): Connection {
  const { url, provider } = APIS[api];
  const { readVariable = (name) => Deno.env.get(name), schedule } = options;
  // OPENAI_BASE_URL, ANTHROPIC_API_KEY and the like.
  const variable = (name: string) => `${api.toUpperCase()}_${name}`;
  const given = options.baseUrl ?? (readVariable(variable("BASE_URL"))?.trim() || url);
  const isStated = options.baseUrl !== undefined;
  const baseUrl = checkUrl(given, isStated ? "that was given" : `in ${variable("BASE_URL")}`);
  const key = ApiKey.read(options.keyVariable ?? variable("API_KEY"), readVariable);
  // Routers that serve many providers' models need the prefix; the providers do not know it.
  const own = baseUrl === url ? model.replace(/^(?:openai|anthropic)\//i, "") : model;
  return {
    chat: new ServedChat(provider({ api, model: own, baseUrl, key })),
    schedule: schedule instanceof RequestSchedule ? schedule : new RequestSchedule(schedule),
  };
}
