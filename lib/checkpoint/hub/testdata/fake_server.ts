/**
 * A model hub on the loopback interface, for tests: model info, paged tree listing, files with
 * ranges, and large files by way of a redirect to a second origin, as on the real hub.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** A file of the fake repository. */
export interface FakeFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** Kept by sha256 and served by the second origin. */
  lfs: boolean;
}

/** Files of a commit, by name. */
export type FakeFiles = Record<string, FakeFile>;

export const REPO = "org/tiny-vlm";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const SHARD_BYTES = 300_000;
export const SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

/** A small file. */
export function textFile(text: string): FakeFile {
  return { bytes: new TextEncoder().encode(text), lfs: false };
}

/** A large file with bytes that follow from `seed`. */
export function lfsFile(size: number, seed: number): FakeFile {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return { bytes, lfs: true };
}

/** Names of the files of {@linkcode sampleFiles} that a checkpoint needs. */
export const NEEDED_FILES = [
  "chat_template.jinja",
  "config.json",
  "generation_config.json",
  "merges.txt",
  ...SHARDS,
  "model.safetensors.index.json",
  "preprocessor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "vocab.json",
];

/** A sharded checkpoint, and files beside it that nobody needs. */
export function sampleFiles(): FakeFiles {
  const weightMap = { "a.weight": SHARDS[0], "b.weight": SHARDS[1] };
  return {
    ".gitattributes": textFile("*.safetensors filter=lfs\n"),
    "README.md": textFile("# A model\n"),
    "chat_template.jinja": textFile("{{ messages }}"),
    "config.json": textFile('{"model_type": "tiny"}'),
    "figures/plot.json": textFile("{}"),
    "generation_config.json": textFile("{}"),
    "merges.txt": textFile("a b\n"),
    [SHARDS[0]]: lfsFile(SHARD_BYTES, 1),
    [SHARDS[1]]: lfsFile(SHARD_BYTES, 2),
    "model.safetensors.index.json": textFile(JSON.stringify({ weight_map: weightMap })),
    "model.gguf": lfsFile(1000, 3),
    "onnx/model.onnx": lfsFile(1000, 4),
    "original/consolidated.safetensors": lfsFile(1000, 5),
    "preprocessor_config.json": textFile('{"do_resize": true}'),
    "pytorch_model.bin": lfsFile(1000, 6),
    "pytorch_model.bin.index.json": textFile("{}"),
    "tokenizer.json": lfsFile(5000, 7),
    "tokenizer_config.json": textFile('{"padding": true}'),
    "vocab.json": textFile('{"a": 0}'),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function gitSha1(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function listEntry([path, { bytes, lfs }]: [string, FakeFile]) {
  const entry = { type: "file", path, size: bytes.length, oid: gitSha1(bytes) };
  if (!lfs) return entry;
  return { ...entry, lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } };
}

function hubError(status: number, code: string, error: string): Response {
  return Response.json({ error }, { status, headers: { "X-Error-Code": code } });
}

/** A running fake hub. It has one model with a history; others may be added. */
export class FakeHub implements AsyncDisposable {
  /** All requests to both origins: method, path, and range if any. */
  readonly requests: string[] = [];
  /** Authorization headers that the second origin was sent. */
  readonly leakedTokens: string[] = [];
  /** Bytes of file contents that were sent. */
  bytesServed = 0;
  /** Commits by branch or tag. */
  revisions: Record<string, string> = { main: COMMIT };
  /** Files by commit. */
  commits: Record<string, FakeFiles> = { [COMMIT]: sampleFiles() };
  /** Further repositories, "org/name" or "datasets/org/name", and their only commit. */
  readonly #added = new Map<string, string>();
  /** Answers in place of the hub if it returns something. */
  intercept: (request: Request, url: URL) => Response | undefined = () => undefined;
  /** The next LFS content is broken off, or stands still, after `bytes`; used once. */
  fault: { kind: "cut" | "stall"; bytes: number } | null = null;
  /** Ignores Range headers of file contents. */
  ignoresRange = false;

  readonly #pageSize = 5;
  readonly #hub = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => this.#answer(request),
  );
  readonly #storage = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => this.#answerStorage(request),
  );

  get endpoint(): string {
    return `http://127.0.0.1:${this.#hub.addr.port}`;
  }

  async [Symbol.asyncDispose]() {
    await Promise.all([this.#hub.shutdown(), this.#storage.shutdown()]);
  }

  /** Adds a repository, "org/name" or "datasets/org/name", with one commit. */
  add(repo: string, files: FakeFiles) {
    const commit = gitSha1(new TextEncoder().encode(repo));
    this.#added.set(repo, commit);
    this.commits[commit] = files;
  }

  /** The commit of a repository's revision; null if there is no such repository. */
  #commitOf(repo: string, revision: string): string | null {
    if (repo === REPO) return this.revisions[revision] ?? revision;
    const commit = this.#added.get(repo);
    if (commit === undefined) return null;
    return revision === "main" ? commit : revision;
  }

  #log(request: Request, url: URL) {
    const range = request.headers.get("Range");
    this.requests.push(`${request.method} ${url.pathname}${range ? ` ${range}` : ""}`);
  }

  #answer(request: Request): Response {
    const url = new URL(request.url);
    this.#log(request, url);
    const special = this.intercept(request, url);
    if (special) return special;
    const match =
      /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(url.pathname) ??
        /^\/(datasets\/)?([^/]+\/[^/]+)\/(resolve)\/([^/]+)\/(.+)$/.exec(url.pathname);
    const [, kind = "models", id = "", what, encoded = "", path = ""] = match ?? [];
    const revision = decodeURIComponent(encoded);
    const commit = this.#commitOf(kind.startsWith("models") ? id : `datasets/${id}`, revision);
    if (commit === null) return hubError(404, "RepoNotFound", "Repository not found");
    const files = this.commits[commit];
    if (!files) return hubError(404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    if (what === "revision") return Response.json({ _id: "1", id, modelId: id, sha: commit });
    if (what === "tree") return this.#listing(files, url);
    return this.#file(request, { files, commit, path: decodeURIComponent(path) });
  }

  #listing(files: FakeFiles, url: URL): Response {
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const entries = Object.entries(files).map(listEntry);
    const headers = new Headers();
    if (from + this.#pageSize < entries.length) {
      url.searchParams.set("cursor", String(from + this.#pageSize));
      headers.set("Link", `<${url}>; rel="next"`);
    }
    return Response.json(entries.slice(from, from + this.#pageSize), { headers });
  }

  #file(
    request: Request,
    { files, commit, path }: { files: FakeFiles; commit: string; path: string },
  ): Response {
    const file = files[path];
    if (!file) return hubError(404, "EntryNotFound", "Entry not found");
    const etag = file.lfs ? sha256(file.bytes) : gitSha1(file.bytes);
    const headers = new Headers({ "X-Repo-Commit": commit, ETag: `"${etag}"` });
    if (!file.lfs) return this.#content(request, file.bytes, headers);
    headers.set("X-Linked-ETag", `"${etag}"`);
    headers.set("X-Linked-Size", String(file.bytes.length));
    const { port } = this.#storage.addr;
    headers.set("Location", `http://localhost:${port}/${commit}/${encodeURIComponent(path)}`);
    return new Response(null, { status: 302, headers });
  }

  #answerStorage(request: Request): Response {
    const url = new URL(request.url);
    this.#log(request, url);
    const authorization = request.headers.get("Authorization");
    if (authorization !== null) this.leakedTokens.push(authorization);
    const [, commit, path] = url.pathname.split("/");
    return this.#content(request, this.commits[commit][decodeURIComponent(path)].bytes);
  }

  #content(request: Request, bytes: Uint8Array<ArrayBuffer>, headers = new Headers()): Response {
    const range = this.ignoresRange
      ? null
      : /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("Range") ?? "");
    const start = Number(range?.[1] ?? 0);
    const end = Math.min(range?.[2] ? Number(range[2]) + 1 : bytes.length, bytes.length);
    headers.set("Content-Length", String(end - start));
    if (range) headers.set("Content-Range", `bytes ${start}-${end - 1}/${bytes.length}`);
    const init = { status: range ? 206 : 200, headers };
    if (request.method === "HEAD") return new Response(null, init);
    return new Response(this.#body(bytes.subarray(start, end)), init);
  }

  #body(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
    const fault = bytes.length > 10_000 ? this.fault : null;
    if (fault) this.fault = null;
    let sent = 0;
    return new ReadableStream({
      pull: async (controller) => {
        const limit = Math.min(bytes.length, fault?.bytes ?? Infinity);
        const count = Math.min(limit - sent, 16_384);
        if (count > 0) {
          controller.enqueue(bytes.subarray(sent, sent + count));
          this.bytesServed += count;
          sent += count;
        } else if (!fault) controller.close();
        else if (fault.kind === "cut") {
          // Let what was sent leave the socket's buffer first.
          await new Promise((resolve) => setTimeout(resolve, 20));
          controller.close();
        } else await new Promise((resolve) => setTimeout(resolve, 400));
      },
    });
  }
}
