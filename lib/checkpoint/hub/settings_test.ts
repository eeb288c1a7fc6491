import { join } from "node:path";
import { assertEquals, assertThrows } from "@std/assert";
import { type HubEnvironment, readHubSettings } from "./settings.ts";

const HOME = "/home/user";

// Expected values: huggingface_hub 2.0.0, HF_HUB_CACHE of its constants with the same environment.
Deno.test("the cache folder is the one that Python's library uses", () => {
  const cases: [HubEnvironment, string][] = [
    [{}, `${HOME}/.cache/huggingface/hub`],
    [{ XDG_CACHE_HOME: "/xdg" }, "/xdg/huggingface/hub"],
    [{ HF_HOME: "/data/hf", XDG_CACHE_HOME: "/xdg" }, "/data/hf/hub"],
    [{ HF_HOME: "~/hf" }, `${HOME}/hf/hub`],
    [{ HF_HOME: "$SCRATCH/hf", SCRATCH: "/scratch" }, "/scratch/hf/hub"],
    [{ HF_HOME: "/a", HUGGINGFACE_HUB_CACHE: "/b" }, "/b"],
    [{ HF_HOME: "/a", HUGGINGFACE_HUB_CACHE: "/b", HF_HUB_CACHE: "${X}/c", X: "/x" }, "/x/c"],
    [{ HF_HUB_CACHE: "/c/$UNKNOWN" }, "/c/$UNKNOWN"],
  ];
  for (const [env, expected] of cases) {
    assertEquals(readHubSettings({ env: { HOME, ...env } }).cacheDir, expected);
  }
  assertEquals(readHubSettings({ cacheDir: "/d", env: { HF_HUB_CACHE: "/c" } }).cacheDir, "/d");
});

Deno.test("the token is that of the environment, else of the token file", async () => {
  const home = await Deno.makeTempDir();
  try {
    const token = (env: HubEnvironment) => readHubSettings({ env }).token;
    assertEquals(token({ HF_HOME: home }), null);
    Deno.writeTextFileSync(join(home, "token"), "hf_file\n");
    assertEquals(token({ HF_HOME: home }), "hf_file");
    assertEquals(token({ HF_HOME: home, HF_TOKEN: " hf_env\r\n" }), "hf_env");
    assertEquals(token({ HF_HOME: home, HUGGING_FACE_HUB_TOKEN: "hf_old" }), "hf_old");
    assertEquals(token({ HF_TOKEN_PATH: join(home, "token") }), "hf_file");
    assertEquals(token({ HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }), null);
    assertThrows(() => token({ HF_TOKEN_PATH: home }), Error, `Cannot read the hub token ${home}`);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("offline is switched on as in Python's library", () => {
  const offline = (env: HubEnvironment, option?: boolean) =>
    readHubSettings({ env: { HOME, ...env }, offline: option }).offline;
  assertEquals(offline({}), null);
  assertEquals(offline({ HF_HUB_OFFLINE: "0" }), null);
  assertEquals(offline({ HF_HUB_OFFLINE: "yes" }), "HF_HUB_OFFLINE is yes");
  assertEquals(offline({ TRANSFORMERS_OFFLINE: "1" }), "TRANSFORMERS_OFFLINE is 1");
  assertEquals(offline({ HF_HUB_OFFLINE: "0", TRANSFORMERS_OFFLINE: "1" }), null);
  assertEquals(offline({ HF_HUB_OFFLINE: "1" }, false), null);
  assertEquals(offline({}, true), "offline use was asked for");
});

Deno.test("the endpoint is a URL without a slash at its end", () => {
  const endpoint = (HF_ENDPOINT?: string) =>
    readHubSettings({ env: { HOME, HF_ENDPOINT } }).endpoint;
  assertEquals(endpoint(), "https://huggingface.co");
  assertEquals(endpoint("https://mirror.example/hub//"), "https://mirror.example/hub");
  for (const bad of ["mirror.example", "ftp://mirror.example", "https//x"]) {
    assertThrows(() => endpoint(bad), Error, `Cannot use ${JSON.stringify(bad)} as the hub`);
  }
});
