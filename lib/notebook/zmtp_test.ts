import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  encodeGreeting,
  encodeMessage,
  encodeReady,
  ZmtpError,
  type ZmtpEvent,
  ZmtpReader,
} from "./zmtp.ts";

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(" ");
}

/** A reader of bytes that come in pieces; what is left after these is one more. */
function readerOf(
  bytes: Uint8Array,
  { sizes = [], ...limits }: { sizes?: number[] } & ConstructorParameters<typeof ZmtpReader>[1] =
    {},
): ZmtpReader {
  const stream = new ReadableStream({
    type: "bytes",
    start(controller) {
      let at = 0;
      for (const size of [...sizes, bytes.length]) {
        const piece = Uint8Array.from(bytes.subarray(at, at + size));
        if (piece.length > 0) controller.enqueue(piece);
        at += size;
      }
      controller.close();
    },
  });
  return new ZmtpReader(stream, limits);
}

async function eventsOf(reader: ZmtpReader): Promise<ZmtpEvent[]> {
  const events: ZmtpEvent[] = [];
  for (let event = await reader.next(); event; event = await reader.next()) events.push(event);
  return events;
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

Deno.test("messages survive any division into pieces", async () => {
  const frame = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 600 }));
  const message = fc.array(frame, { minLength: 1, maxLength: 5 });
  const messages = fc.array(message, { minLength: 1, maxLength: 4 });
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
  await fc.assert(fc.asyncProperty(messages, sizes, async (messages, sizes) => {
    const parts = messages.map(encodeMessage);
    const bytes = new Uint8Array(parts.flatMap((part) => [...part]));
    const events = await eventsOf(readerOf(bytes, { sizes }));
    assertEquals(
      events.map((e) => e.kind === "message" ? e.frames.map(hex) : e.kind),
      messages.map((frames) => frames.map(hex)),
    );
  }));
});

Deno.test("commands between messages come with name and body", async () => {
  const ready = encodeReady({ Identity: "" });
  const message = encodeMessage([Uint8Array.of(9)]);
  const bytes = Uint8Array.of(...ready, ...message, ...ready);
  const events = await eventsOf(readerOf(bytes, { sizes: [3, 1] }));
  const kinds = events.map((e) => e.kind === "command" ? e.name : hex(e.frames[0]));
  assertEquals(kinds, ["READY", "09", "READY"]);
});

Deno.test("any bytes give events or a ZmtpError", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    try {
      await eventsOf(readerOf(bytes, { frameBytes: 1000 }));
    } catch (error) {
      assert(error instanceof ZmtpError, String(error));
    }
  }));
});

async function refuses(reader: ZmtpReader, message: string): Promise<void> {
  await assertRejects(() => eventsOf(reader), ZmtpError, message);
}

Deno.test("a frame beyond the limit is refused at its header", async () => {
  const header = Uint8Array.of(2, 0x7f, 255, 255, 255, 255, 255, 255, 255);
  await refuses(readerOf(header), "9223372036854775807 bytes");
  await refuses(readerOf(Uint8Array.of(0, 17), { frameBytes: 16 }), "17 bytes");
});

Deno.test("a message beyond the limits is refused", async () => {
  const frames = encodeMessage(Array.from({ length: 9 }, () => new Uint8Array(10)));
  const [event] = await eventsOf(readerOf(frames, { frames: 9, messageBytes: 90 }));
  assertEquals(event.kind, "message");
  await refuses(readerOf(frames, { frames: 8 }), "more than 8 frames");
  await refuses(readerOf(frames, { messageBytes: 89 }), "more than 89 bytes");
});

Deno.test("malformed frames are refused", async () => {
  const cases: [number[], string][] = [
    [[0x08, 0], "reserved flags 0x8"],
    [[0x05, 1, 1], "MORE"],
    [[0x04, 0], "no complete name"],
    [[0x04, 2, 5, 65], "no complete name"],
  ];
  for (const [bytes, message] of cases) await refuses(readerOf(Uint8Array.from(bytes)), message);
});

Deno.test("a greeting of another protocol, version or mechanism is refused", async () => {
  const refuses = (bytes: Uint8Array, message: string) =>
    assertRejects(() => readerOf(bytes).greeting(), ZmtpError, message);
  await readerOf(encodeGreeting()).greeting();
  const http = new TextEncoder().encode("HTTP/1.1 400 Bad Request".padEnd(64));
  await refuses(http, "does not speak ZMTP");
  const old = encodeGreeting();
  old[10] = 1;
  await refuses(old, "version 1");
  const curve = encodeGreeting();
  curve.set(new TextEncoder().encode("CURVE"), 12);
  await refuses(curve, '"CURVE"');
});
