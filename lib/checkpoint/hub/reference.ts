/**
 * Names of models on the hub: `org/name` or `org/name@revision`.
 *
 * @module
 */

export interface HubReference {
  /** `org/name`. */
  repo: string;
  /** Branch, tag or commit; "main" where none is given. */
  revision: string;
}

// The hub's own rule for both parts; they become a folder's name, so nothing else may pass.
const REPO_PART = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$/;
// Git's rule for the names of branches and tags; they become a path below refs/.
const REVISION_PART = /^(?!\.)[^\p{Cc} ~^:?*[\\]+(?<!\.lock)$/u;
const COMMIT = /^[0-9a-f]{40}$/;

/** Whether `revision` is a whole commit hash, which never changes what it names. */
export function isCommitHash(revision: string): boolean {
  return COMMIT.test(revision);
}

function isRepo(repo: string): boolean {
  const parts = repo.split("/");
  return parts.length === 2 && parts.every((part) => REPO_PART.test(part)) &&
    !repo.includes("--") && !repo.includes("..") && !repo.endsWith(".git");
}

/**
 * Reads `org/name` or `org/name@revision`.
 *
 * @returns The reference, or null if `ref` does not have that form.
 * @throws {Error} if the form is right but the revision cannot be one of git's.
 */
export function parseHubReference(ref: string): HubReference | null {
  const at = ref.indexOf("@");
  const repo = at < 0 ? ref : ref.slice(0, at);
  if (!isRepo(repo)) return null;
  const revision = at < 0 ? "main" : ref.slice(at + 1);
  const valid = revision.length <= 255 && !revision.includes("..") && !revision.includes("@{") &&
    revision.split("/").every((part) => REVISION_PART.test(part));
  if (!valid) {
    throw new Error(
      `Cannot resolve model ${JSON.stringify(ref)}: ${JSON.stringify(revision)} is not a branch, ` +
        "tag or commit",
    );
  }
  return { repo, revision };
}
