/**
 * Jupyter's messages on the wire: a delimiter, a signature, four JSON parts, and binary buffers.
 * Source: "Messaging in Jupyter", protocol version 5.3, section "The Wire Protocol".
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The version of the messaging protocol spoken here. */
const PROTOCOL_VERSION = "5.3";

const DELIMITER = "<IDS|MSG>";

/** A JSON object. */
export type JsonObject = Record<string, unknown>;

/** The header that identifies one message. */
export interface JupyterHeader {
  msg_id: string;
  /** What it is, for example `execute_request`. */
  msg_type: string;
  session: string;
  username: string;
  /** When it was made, ISO 8601. */
  date: string;
  version: string;
}

/** One Jupyter message, without the routing prefix. */
export interface JupyterMessage {
  header: JupyterHeader;
  /** The header of the request that it answers, or an empty object. */
  parentHeader: Partial<JupyterHeader>;
  metadata: JsonObject;
  /** Its form depends on `header.msg_type`. */
  content: JsonObject;
  buffers: Uint8Array[];
}

/** The frames received are no Jupyter message, or are not signed with the session's key. */
export class JupyterMessageError extends Error {
  override name = "JupyterMessageError";
}

/** A new request message with a fresh id. */
export function newRequest(
  type: string,
  content: JsonObject,
  options: { session: string },
): JupyterMessage {
  return {
    header: {
      msg_id: crypto.randomUUID(),
      msg_type: type,
      session: options.session,
      username: "notebook",
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    },
    parentHeader: {},
    metadata: {},
    content,
    buffers: [],
  };
}

/**
 * The HMAC-SHA256 of the four JSON parts, as lower-case hex; the empty string for an empty key,
 * with which messages are not signed.
 */
export function signMessage(parts: readonly Uint8Array[], key: string): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** The frames of a message, signed with `key`. */
export function encodeJupyterMessage(message: JupyterMessage, key: string): Uint8Array[] {
  const encoder = new TextEncoder();
  const parts = [message.header, message.parentHeader, message.metadata, message.content]
    .map((part) => encoder.encode(JSON.stringify(part)));
  const signature = encoder.encode(signMessage(parts, key));
  return [encoder.encode(DELIMITER), signature, ...parts, ...message.buffers];
}

/**
 * Reads the frames of a message: routing prefix, delimiter, signature, four JSON parts, buffers.
 *
 * @throws {JupyterMessageError} If the delimiter or a part is missing, a part is no JSON object,
 * the header lacks its id or type, or the signature does not match the key.
 */
export function decodeJupyterMessage(frames: readonly Uint8Array[], key: string): JupyterMessage {
  const decoder = new TextDecoder();
  const start = frames.findIndex((frame) => decoder.decode(frame) === DELIMITER);
  if (start < 0) {
    throw new JupyterMessageError(`Cannot read a message: no delimiter ${DELIMITER} in its frames`);
  }
  const [signature, ...rest] = frames.slice(start + 1);
  if (signature === undefined || rest.length < 4) {
    throw new JupyterMessageError(
      `Cannot read a message: ${rest.length} frames after the signature, expected at least 4`,
    );
  }
  const parts = rest.slice(0, 4);
  const expected = new TextEncoder().encode(signMessage(parts, key));
  if (expected.length !== signature.length || !timingSafeEqual(expected, signature)) {
    throw new JupyterMessageError("Cannot trust a message: its signature does not match the key");
  }
  const header = jsonPart(parts[0], "header");
  if (typeof header.msg_id !== "string" || typeof header.msg_type !== "string") {
    throw new JupyterMessageError("Cannot read a message: its header has no msg_id or msg_type");
  }
  return {
    header: header as unknown as JupyterHeader,
    parentHeader: jsonPart(parts[1], "parent header") as Partial<JupyterHeader>,
    metadata: jsonPart(parts[2], "metadata"),
    content: jsonPart(parts[3], "content"),
    buffers: rest.slice(4),
  };
}

function jsonPart(bytes: Uint8Array, name: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new JupyterMessageError(`Cannot read a message: its ${name} is no JSON: ${reason}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new JupyterMessageError(`Cannot read a message: its ${name} is no JSON object`);
  }
  return value as JsonObject;
}
