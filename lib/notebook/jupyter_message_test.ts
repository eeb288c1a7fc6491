import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeJupyterMessage,
  encodeJupyterMessage,
  JupyterMessageError,
  newRequest,
  signMessage,
} from "./jupyter_message.ts";

const KEY = "secret-key";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("the signature is that of Python's hmac module", () => {
  // hmac.new(b"secret-key", digestmod=hashlib.sha256), updated with each part
  const parts = ['{"msg_id":"1"}', "{}", "{}", '{"code":"1+1"}'].map(bytes);
  const expected = "f29edc2ae347e99e996cf426a9068abd72bbac08f131d7b7d863f0430600434a";
  assertEquals(signMessage(parts, KEY), expected);
  assertEquals(signMessage(parts, ""), "");
});

Deno.test("the frames are delimiter, signature, four JSON parts and buffers", () => {
  const message = { ...newRequest("execute_request", { code: "ü" }, { session: "s" }) };
  message.buffers = [Uint8Array.of(1, 2)];
  const frames = encodeJupyterMessage(message, KEY);
  const texts = frames.map((frame) => new TextDecoder().decode(frame));
  assertEquals(texts[0], "<IDS|MSG>");
  assertEquals(texts[1], signMessage(frames.slice(2, 6), KEY));
  assertEquals(JSON.parse(texts[2]), message.header);
  assertEquals(texts.slice(3, 6), ["{}", "{}", '{"code":"ü"}']);
  assertEquals(frames[6], Uint8Array.of(1, 2));
});

Deno.test("any content comes back, behind any routing prefix", () => {
  fc.assert(fc.property(
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 2 }),
    fc.string(),
    (content, prefix, key) => {
      const message = newRequest("t", JSON.parse(JSON.stringify(content)), { session: "s" });
      const read = decodeJupyterMessage([...prefix, ...encodeJupyterMessage(message, key)], key);
      assertEquals(read, message);
    },
  ));
});

Deno.test("a message that was changed or signed with another key is refused", () => {
  const frames = encodeJupyterMessage(newRequest("t", { a: 1 }, { session: "s" }), KEY);
  for (let i = 1; i < frames.length; i++) {
    const changed = frames.map((frame, j) => i === j ? bytes('{"x":1}') : frame);
    assertThrows(() => decodeJupyterMessage(changed, KEY), JupyterMessageError, "signature");
  }
  assertThrows(() => decodeJupyterMessage(frames, "other"), JupyterMessageError, "signature");
});

Deno.test("malformed messages are refused, whatever the bytes", () => {
  const signed = (parts: string[]) => {
    const frames = parts.map(bytes);
    return [bytes("<IDS|MSG>"), bytes(signMessage(frames, KEY)), ...frames];
  };
  const header = '{"msg_id":"1","msg_type":"t"}';
  const cases: [Uint8Array[], string][] = [
    [[], "no delimiter"],
    [[bytes("<IDS|MSG>")], "0 frames"],
    [signed([header, "{}", "{}"]), "3 frames"],
    [signed(["{", "{}", "{}", "{}"]), "its header is no JSON"],
    [signed([header, "{}", "{}", "[]"]), "its content is no JSON object"],
    [signed(["{}", "{}", "{}", "{}"]), "no msg_id"],
  ];
  for (const [frames, message] of cases) {
    assertThrows(() => decodeJupyterMessage(frames, KEY), JupyterMessageError, message);
  }
});
