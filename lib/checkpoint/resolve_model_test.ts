import { join, resolve } from "node:path";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { resolveModel } from "./resolve_model.ts";
import {
  COMMIT,
  type FakeHub,
  NEEDED_FILES,
  REPO,
  sampleFiles,
  SHARD_BYTES,
  SHARDS,
} from "./hub/testdata/fake_server.ts";
import { singleFiles, withHub } from "./hub/testdata/test_tools.ts";

const NEWER = "f".repeat(40);

function answerAll(hub: FakeHub, status: number, headers: Record<string, string>) {
  hub.intercept = () => new Response(null, { status, headers });
}

/** An address at which nobody listens. */
function deadEndpoint(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}`;
}

Deno.test("an existing folder is taken as it is, without the network", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const resolved = await resolveModel(folder, { endpoint: deadEndpoint(), env: {} });
    assertEquals(resolved, { folder, ref: folder, revision: null, warning: null });
    const file = join(folder, "model.safetensors");
    Deno.writeTextFileSync(file, "");
    await assertRejects(() => resolveModel(file), Error, `${file}: it is a file; pass the folder`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is neither a folder nor a name on the hub is a missing folder", async () => {
  for (const ref of ["nowhere", "./org/name", "/no/such/folder", "a/b/c", "org/name/", ""]) {
    const error = await assertRejects(() => resolveModel(ref, { env: {} }));
    assertStringIncludes(error.message, `missing folder ${resolve(ref)}`);
  }
});

Deno.test("a commit that is complete in the cache needs no network", () =>
  withHub(async ({ options }) => {
    const { folder } = await resolveModel(REPO, options);
    const pinned = await resolveModel(`${REPO}@${COMMIT}`, {
      ...options,
      endpoint: deadEndpoint(),
    });
    assertEquals({ ...pinned }, {
      folder,
      ref: `${REPO}@${COMMIT}`,
      revision: COMMIT,
      warning: null,
    });
  }));

Deno.test("a branch with a slash, a tag and a commit are resolved", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    hub.revisions = { "refs/pr/1": COMMIT, v1: NEWER };
    hub.commits[NEWER] = singleFiles();
    assertEquals((await resolveModel(`${REPO}@refs/pr/1`, options)).revision, COMMIT);
    assertEquals((await resolveModel(`${REPO}@v1`, options)).revision, NEWER);
    const refs = join(cacheDir, "models--org--tiny-vlm", "refs");
    assertEquals(Deno.readTextFileSync(join(refs, "refs", "pr", "1")), COMMIT);
    assertEquals(Deno.readTextFileSync(join(refs, "v1")), NEWER);
    const requests = hub.requests.length;
    hub.commits["e".repeat(40)] = singleFiles();
    await resolveModel(`${REPO}@${"e".repeat(40)}`, options);
    assert(hub.requests.slice(requests).every((request) => !request.includes("/revision/")));
  }));

Deno.test("offline, the cache is used, and what it lacks is named", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    const offline = { ...options, env: { ...options.env, HF_HUB_OFFLINE: "1" } };
    const nothing = await assertRejects(() => resolveModel(REPO, offline));
    assertEquals(
      nothing.message,
      `Cannot find model ${REPO}: there is no folder ${resolve(REPO)}; the cache knows no ` +
        `commit for main in ${
          join(cacheDir, "models--org--tiny-vlm")
        }; the hub was not asked, because ` +
        "HF_HUB_OFFLINE is 1. Run the same command online, or fetch the model with " +
        `\`hf download ${REPO}\`, or pass the path of a folder that holds it`,
    );
    assertEquals(hub.requests, []);

    const online = await resolveModel(REPO, options);
    const requests = hub.requests.length;
    assertEquals(await resolveModel(REPO, offline), online);
    assertEquals(await resolveModel(REPO, { ...options, offline: true }), online);
    assertEquals(hub.requests.length, requests);

    Deno.removeSync(Deno.realPathSync(join(online.folder, SHARDS[1])));
    const partial = await assertRejects(() => resolveModel(`${REPO}@main`, offline));
    assertStringIncludes(partial.message, `the cache lacks ${SHARDS[1]} in ${online.folder}`);
    Deno.writeTextFileSync(join(online.folder, "model.safetensors.index.json"), "{");
    const damaged = await assertRejects(() => resolveModel(REPO, offline));
    assertMatch(
      damaged.message,
      /in the cache, .*index is damaged .*model\.safetensors\.index\.json: it is not JSON/,
    );
  }));

Deno.test("without an answer of the hub a complete snapshot is used, with a warning", () =>
  withHub(async ({ hub, options }) => {
    const online = await resolveModel(REPO, options);
    const endpoint = deadEndpoint();
    const { warning, ...unreachable } = await resolveModel(REPO, {
      ...options,
      endpoint,
      // Would be noticed: with a cache there is no waiting.
      retryDelaysMs: [60_000],
    });
    assertEquals({ ...unreachable, warning: null }, online);
    assertStringIncludes(warning ?? "", `using commit ${COMMIT} from the cache`);
    assertStringIncludes(warning ?? "", `${new URL(endpoint).host} cannot be reached`);

    // A newer commit that breaks off must not hide the older one, which is complete.
    hub.revisions.main = NEWER;
    hub.commits[NEWER] = { ...sampleFiles(), ...singleFiles() };
    delete hub.commits[NEWER]["model.safetensors.index.json"];
    hub.fault = { kind: "cut", bytes: 50_000 };
    const update = await resolveModel(REPO, options);
    assertEquals(update.revision, COMMIT);
    assertStringIncludes(update.warning ?? "", "broke off its answer");
    assertEquals((await resolveModel(REPO, options)).revision, NEWER);

    answerAll(hub, 401, { "X-Error-Code": "RepoNotFound" });
    assertStringIncludes((await resolveModel(REPO, options)).warning ?? "", "answered 401");
  }));

Deno.test("without an answer and without a cache, the error says so", () =>
  withHub(async ({ options }) => {
    const refused = await assertRejects(() =>
      resolveModel(REPO, { ...options, endpoint: deadEndpoint() })
    );
    assertMatch(refused.message, /127\.0\.0\.1:\d+ cannot be reached \(.*refused.*\)\. Run the/);
  }));

Deno.test("a server error that passes is not noticed, one that stays is named", () =>
  withHub(async ({ hub, options }) => {
    const asked = new Set<string>();
    hub.intercept = (_, { pathname, search }) => {
      if (asked.has(pathname + search)) return undefined;
      asked.add(pathname + search);
      return new Response(null, { status: 500 });
    };
    await resolveModel(REPO, { ...options, retryDelaysMs: [1] });
    assertEquals(asked.size, 1 + 4 + NEEDED_FILES.length);
    answerAll(hub, 503, {});
    const error = await assertRejects(() => resolveModel(`${REPO}@v2`, options));
    assertMatch(error.message, /127\.0\.0\.1:\d+ answered 503\. Run the same command again/);
  }));

Deno.test("a missing or closed repository, and a missing revision, are told apart", () =>
  withHub(async ({ hub, options }) => {
    const message = async (ref: string, env: Record<string, string> = {}) => {
      const all = { ...options, env: { ...options.env, ...env }, retryDelaysMs: [10_000] };
      return (await assertRejects(() => resolveModel(ref, all))).message;
    };
    assertStringIncludes(
      await message(`${REPO}@v9`),
      `${hub.endpoint}/${REPO} has no branch, tag or commit "v9"`,
    );
    const unknown = "d".repeat(40);
    assertStringIncludes(
      await message(`${REPO}@${unknown}`),
      `has no branch, tag or commit "${unknown}"`,
    );
    assertStringIncludes(await message("org/other"), `${hub.endpoint} has no model org/other`);
    answerAll(hub, 401, {
      "X-Error-Code": "RepoNotFound",
      "X-Error-Message": "Repository not found",
    });
    const closed = await message(REPO);
    assertStringIncludes(closed, "does not exist, or is private or gated");
    assertStringIncludes(closed, "no token is set: set HF_TOKEN, or log in with `hf auth login`");
    const refused = await message(REPO, { HF_TOKEN: "hf_secret" });
    assertStringIncludes(refused, "the token that is set (HF_TOKEN or the token file) has no");
    assert(!refused.includes("hf_secret"));
    hub.intercept = (_, { pathname }) =>
      pathname.includes("/resolve/")
        ? Response.json({ error: "Access to model org/tiny-vlm is restricted" }, {
          status: 403,
          headers: { "X-Error-Code": "GatedRepo" },
        })
        : undefined;
    assertMatch(
      await message(REPO),
      /access to \S+ was refused \(.*Access to model org\/tiny-vlm is restricted\); accept its/,
    );
    hub.intercept = () => new Response("<html>Please log in to the café's network</html>");
    assertStringIncludes(await message(REPO), "did not answer as a model hub does");
  }));

Deno.test("the token goes to the hub alone", () =>
  withHub(async ({ hub, options }) => {
    const tokens: (string | null)[] = [];
    hub.intercept = (request) => {
      tokens.push(request.headers.get("Authorization"));
      return undefined;
    };
    await resolveModel(REPO, { ...options, env: { ...options.env, HF_TOKEN: "api_old" } });
    assertEquals([...new Set(tokens)], ["Bearer api_old"]);
    assertEquals(hub.leakedTokens, []);
    // A page link to another server must not take the token along.
    await using stranger = Object.assign(
      Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
        hub.leakedTokens.push(...[request.headers.get("Authorization") ?? []].flat());
        return Response.json([]);
      }),
    );
    hub.intercept = (_, { pathname }) =>
      pathname.includes("/tree/")
        ? Response.json([], {
          headers: { Link: `<http://127.0.0.1:${stranger.addr.port}/>; rel="next"` },
        })
        : undefined;
    const env = { ...options.env, HF_TOKEN: "hf_x" };
    await assertRejects(() => resolveModel(REPO, { ...options, env }), Error, "no safetensors");
    assertEquals(hub.leakedTokens, []);
  }));

Deno.test("files of a cache that cannot be written are still used", {
  ignore: Deno.build.os === "windows",
}, () =>
  withHub(async ({ hub, cacheDir, options }) => {
    await resolveModel(REPO, options);
    hub.revisions.stable = COMMIT;
    // A file where a folder is needed stops any user, also one whom permissions do not stop.
    const refs = join(cacheDir, "models--org--tiny-vlm", "refs");
    Deno.removeSync(refs, { recursive: true });
    Deno.writeTextFileSync(refs, "");
    const { revision, warning } = await resolveModel(`${REPO}@stable`, options);
    assertEquals(revision, COMMIT);
    assertStringIncludes(warning ?? "", `could not note in`);
    assert(hub.bytesServed < 3 * SHARD_BYTES);
  }));
