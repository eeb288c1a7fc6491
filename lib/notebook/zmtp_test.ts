import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checkGreeting,
  encodeGreeting,
  encodeMessage,
  encodeReady,
  ZmtpDecoder,
  ZmtpError,
  type ZmtpEvent,
} from "./zmtp.ts";

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(" ");
}

function decodeInPieces(bytes: Uint8Array, sizes: number[]): ZmtpEvent[] {
  const decoder = new ZmtpDecoder();
  const events: ZmtpEvent[] = [];
  let at = 0;
  for (const size of sizes) {
    events.push(...decoder.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...events, ...decoder.push(bytes.subarray(at))];
}

Deno.test("the greeting is that of the ZMTP 3.0 specification", () => {
  const greeting = encodeGreeting();
  assertEquals(greeting.length, 64);
  const start = "ff 00 00 00 00 00 00 00 00 7f 03 00 4e 55 4c 4c";
  assertEquals(hex(greeting.subarray(0, 16)), start);
  assert(greeting.subarray(16).every((b) => b === 0));
});

Deno.test("the READY command is that of the ZMTP 3.0 specification", () => {
  const expected = "04 19 05 52 45 41 44 59 " + // command of 25 bytes, "READY"
    "0b 53 6f 63 6b 65 74 2d 54 79 70 65 " + // "Socket-Type"
    "00 00 00 03 53 55 42"; // "SUB"
  assertEquals(hex(encodeReady({ "Socket-Type": "SUB" })), expected);
});

Deno.test("frames of 255 bytes are short, of 256 bytes long", () => {
  assertEquals(hex(encodeMessage([new Uint8Array(255)]).subarray(0, 2)), "00 ff");
  const long = encodeMessage([new Uint8Array(256), new Uint8Array(1)]);
  assertEquals(hex(long.subarray(0, 9)), "03 00 00 00 00 00 00 01 00");
  assertEquals(hex(long.subarray(265)), "00 01 00");
});

Deno.test("messages survive any division into pieces", () => {
  const frame = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 600 }));
  const message = fc.array(frame, { minLength: 1, maxLength: 5 });
  const messages = fc.array(message, { minLength: 1, maxLength: 4 });
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
  fc.assert(fc.property(messages, sizes, (messages, sizes) => {
    const parts = messages.map(encodeMessage);
    const bytes = new Uint8Array(parts.flatMap((part) => [...part]));
    const events = decodeInPieces(bytes, sizes);
    assertEquals(
      events.map((e) => e.kind === "message" ? e.frames.map(hex) : e.kind),
      messages.map((frames) => frames.map(hex)),
    );
  }));
});

Deno.test("commands between messages come with name and body", () => {
  const ready = encodeReady({ Identity: "" });
  const message = encodeMessage([Uint8Array.of(9)]);
  const events = decodeInPieces(Uint8Array.of(...ready, ...message, ...ready), [3, 1]);
  const kinds = events.map((e) => e.kind === "command" ? e.name : hex(e.frames[0]));
  assertEquals(kinds, ["READY", "09", "READY"]);
});

Deno.test("any bytes give events or a ZmtpError", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
    const decoder = new ZmtpDecoder({ maxFrameBytes: 1000 });
    try {
      for (const chunk of chunks) decoder.push(chunk);
    } catch (error) {
      assert(error instanceof ZmtpError, String(error));
    }
  }));
});

Deno.test("a frame beyond the limit is refused at its header", () => {
  const header = Uint8Array.of(2, 0x7f, 255, 255, 255, 255, 255, 255, 255);
  assertThrows(() => new ZmtpDecoder().push(header), ZmtpError, "9223372036854775807 bytes");
  const short = Uint8Array.of(0, 17);
  assertThrows(() => new ZmtpDecoder({ maxFrameBytes: 16 }).push(short), ZmtpError, "17 bytes");
});

Deno.test("a message beyond the limits is refused", () => {
  const frames = encodeMessage(Array.from({ length: 9 }, () => new Uint8Array(10)));
  new ZmtpDecoder({ maxFrames: 9, maxMessageBytes: 90 }).push(frames);
  const decoders = [new ZmtpDecoder({ maxFrames: 8 }), new ZmtpDecoder({ maxMessageBytes: 89 })];
  for (const decoder of decoders) assertThrows(() => decoder.push(frames), ZmtpError, "more than");
});

Deno.test("malformed frames are refused", () => {
  const cases: [number[], string][] = [
    [[0x08, 0], "reserved flags 0x8"],
    [[0x05, 1, 1], "MORE"],
    [[0x04, 0], "no complete name"],
    [[0x04, 2, 5, 65], "no complete name"],
  ];
  for (const [bytes, message] of cases) {
    assertThrows(() => new ZmtpDecoder().push(Uint8Array.from(bytes)), ZmtpError, message);
  }
});

Deno.test("a greeting of another protocol, version or mechanism is refused", () => {
  const http = new TextEncoder().encode("HTTP/1.1 400 Bad Request".padEnd(64));
  assertThrows(() => checkGreeting(http), ZmtpError, "does not speak ZMTP");
  const old = encodeGreeting();
  old[10] = 1;
  assertThrows(() => checkGreeting(old), ZmtpError, "version 1");
  const curve = encodeGreeting();
  curve.set(new TextEncoder().encode("CURVE"), 12);
  assertThrows(() => checkGreeting(curve), ZmtpError, '"CURVE"');
});

Deno.test("a large frame in many pieces is joined once, not at each piece", () => {
  const bytes = encodeMessage([new Uint8Array(32 * 2 ** 20)]);
  const decoder = new ZmtpDecoder();
  const { set } = Uint8Array.prototype;
  let copied = 0;
  Uint8Array.prototype.set = function (source, offset) {
    copied += source.length;
    set.call(this, source, offset);
  };
  let events: ZmtpEvent[] = [];
  try {
    for (let at = 0; at < bytes.length; at += 65536) {
      events = decoder.push(bytes.subarray(at, at + 65536));
    }
  } finally {
    Uint8Array.prototype.set = set;
  }
  assertEquals(events.length, 1);
  // Joining at each of the 512 pieces would copy 8 GB.
  assert(copied >= bytes.length && copied < 1.1 * bytes.length, `${copied} bytes copied`);
});
