/**
 * Where the hub and its cache are, from the environment variables of Python's huggingface_hub, so
 * that both find the same files.
 *
 * @module
 */
import { join, resolve } from "node:path";

export type HubEnvironment = Readonly<Record<string, string | undefined>>;

export interface HubSettings {
  /** Absolute path of the cache, the folder that holds models--org--name. */
  cacheDir: string;
  /** URL of the hub, without a slash at the end. */
  endpoint: string;
  /** Access token, if one is set. */
  token: string | null;
  /** Why the network may not be used, or null if it may. */
  offline: string | null;
}

/** What a caller may set instead of the environment. */
export interface HubSettingsOptions {
  /** Folder of the cache. Default: HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub. */
  cacheDir?: string;
  /** URL of the hub. Default: HF_ENDPOINT, else https://huggingface.co. */
  endpoint?: string;
  /** Use the cache only. Default: HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is 1, ON, YES or TRUE. */
  offline?: boolean;
  /** Environment variables. Default: those of the process. */
  env?: HubEnvironment;
}

function isTrue(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes((value ?? "").toUpperCase());
}

/** Replaces a leading `~` and `$NAME`, `${NAME}`; unknown names stay as they are. */
function expandPath(path: string, env: HubEnvironment): string {
  return resolve(
    path
      .replace(/^~(?=$|[/\\])/, () => env.HOME || env.USERPROFILE || "~")
      .replace(/\$(?:(\w+)|\{([^}]*)\})/g, (all, plain, braced) => env[plain ?? braced] ?? all),
  );
}

function hubHome(env: HubEnvironment): string {
  return expandPath(
    env.HF_HOME || join(env.XDG_CACHE_HOME || join("~", ".cache"), "huggingface"),
    env,
  );
}

function readTokenFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return "";
    throw new Error(`Cannot read the hub token ${path}: ${(cause as Error).message}`, { cause });
  }
}

function findToken(env: HubEnvironment): string | null {
  if (isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return null;
  const token = env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN ||
    readTokenFile(expandPath(env.HF_TOKEN_PATH || join(hubHome(env), "token"), env));
  return token.replace(/[\r\n]/g, "").trim() || null;
}

function checkEndpoint(endpoint: string): string {
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    throw new Error(
      `Cannot use ${JSON.stringify(endpoint)} as the hub (HF_ENDPOINT or the endpoint option): ` +
        "expected a URL that starts with https:// or http://",
    );
  }
  return endpoint.replace(/\/+$/, "");
}

function offlineReason({ offline }: HubSettingsOptions, env: HubEnvironment): string | null {
  if (offline !== undefined) return offline ? "offline use was asked for" : null;
  const name = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].find((name) => env[name]);
  return name !== undefined && isTrue(env[name]) ? `${name} is ${env[name]}` : null;
}

/**
 * Reads the settings. The options win over the environment.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readHubSettings({ env: { HF_HOME: "/data/hf" } }).cacheDir, "/data/hf/hub");
 * ```
 *
 * @throws {Error} if the endpoint is not a URL, or the token file cannot be read.
 */
export function readHubSettings(options: HubSettingsOptions = {}): HubSettings {
  const env = options.env ?? Deno.env.toObject();
  const cacheDir = options.cacheDir || env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE ||
    join(hubHome(env), "hub");
  return {
    cacheDir: expandPath(cacheDir, env),
    endpoint: checkEndpoint(options.endpoint || env.HF_ENDPOINT || "https://huggingface.co"),
    token: findToken(env),
    offline: offlineReason(options, env),
  };
}
