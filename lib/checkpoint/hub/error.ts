/**
 * What can go wrong between here and the hub, and what to tell the user about it.
 *
 * @module
 */
import type { HubReference } from "./reference.ts";
import type { HubSettings } from "./settings.ts";

/**
 * unreachable: no answer (name look-up, connection, TLS). stalled: nothing arrived for too long.
 * interrupted: the answer broke off. status: an HTTP error. range: an answer that starts at another
 * byte than was asked for. protocol: an answer that is not the hub's. mismatch: a file that is not
 * what the hub announced. files: a repository without the files of a checkpoint. disk: no space.
 */
export type HubErrorKind =
  | "unreachable"
  | "stalled"
  | "interrupted"
  | "status"
  | "range"
  | "protocol"
  | "mismatch"
  | "files"
  | "disk";

export interface HubErrorOptions extends ErrorOptions {
  status?: number;
  /** The hub's own code of the error, e.g. "GatedRepo". */
  code?: string;
}

/** A failed exchange with the hub. */
export class HubError extends Error {
  override readonly name = "HubError";
  readonly kind: HubErrorKind;
  readonly status: number | undefined;
  readonly code: string | undefined;

  constructor(kind: HubErrorKind, message: string, options: HubErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.status = options.status;
    this.code = options.code;
  }

  /** Whether the same request may succeed a moment later. */
  get transient(): boolean {
    if (this.kind === "status") {
      return this.status === 408 || this.status === 429 || (this.status ?? 0) >= 500;
    }
    return ["unreachable", "stalled", "interrupted", "range"].includes(this.kind);
  }

  /** Whether a complete older snapshot may stand in: the hub gave no usable answer. */
  get allowsCache(): boolean {
    return this.transient || this.kind === "protocol" ||
      (this.kind === "status" && this.code !== "RevisionNotFound");
  }
}

/** Whether an error says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === "ENOSPC";
}

function tokenAdvice(token: string | null): string {
  return token === null
    ? "no token is set: set HF_TOKEN, or log in with `hf auth login`"
    : "the token that is set (HF_TOKEN or the token file) has no access: use another one";
}

function explainStatus(error: HubError, { repo, revision }: HubReference, settings: HubSettings) {
  const { endpoint, token } = settings;
  if (error.code === "RevisionNotFound") {
    return `${endpoint}/${repo} has no branch, tag or commit ${JSON.stringify(revision)}`;
  }
  if (error.status === 403 || error.code === "GatedRepo") {
    return `access to ${endpoint}/${repo} was refused (${error.message}); accept its conditions ` +
      `on that page if it has any; ${tokenAdvice(token)}`;
  }
  if (error.status === 401) {
    return `${endpoint}/${repo} does not exist, or is private or gated (${error.message}); if it ` +
      `does exist: ${tokenAdvice(token)}`;
  }
  if (error.code === "RepoNotFound" || (error.status === 404 && error.code === undefined)) {
    return `${endpoint} has no model ${repo} (${error.message})` +
      (token === null ? "; if it is private, set HF_TOKEN, or log in with `hf auth login`" : "");
  }
  return error.message;
}

/** Says in one line why a model could not be fetched, and what to do where that is known. */
export function explainHubFailure(
  error: unknown,
  reference: HubReference,
  settings: HubSettings,
): string {
  if (isDiskFull(error)) {
    return `the disk that holds ${settings.cacheDir} is full; free some space, or set HF_HOME to ` +
      "a folder on a larger disk; what has arrived is kept";
  }
  if (error instanceof HubError && error.kind === "status" && !error.transient) {
    return explainStatus(error, reference, settings);
  }
  return (error as Error).message;
}
