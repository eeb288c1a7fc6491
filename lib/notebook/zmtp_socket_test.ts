import { assertEquals, assertRejects } from "@std/assert";
import { encodeGreeting, encodeMessage, encodeReady, ZmtpError } from "./zmtp.ts";
import { ZmtpSocket } from "./zmtp_socket.ts";

/** Serves one connection with `serve` and calls `use` with the port. */
async function withPeer(
  serve: (connection: Deno.TcpConn) => Promise<void>,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const connection = await listener.accept();
    try {
      await serve(connection);
    } finally {
      connection.close();
    }
  })();
  try {
    await use(listener.addr.port);
    await serving;
  } finally {
    listener.close();
  }
}

async function readExactly(connection: Deno.TcpConn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const n = await connection.read(bytes.subarray(filled));
    if (n === null) throw new Error(`only ${filled} of ${length} bytes`);
    filled += n;
  }
  return bytes;
}

const READY = encodeReady({ "Socket-Type": "ROUTER" });

Deno.test("a socket shakes hands, sends and receives messages", async () => {
  const ours = encodeReady({ "Socket-Type": "DEALER", Identity: "" });
  const message = encodeMessage([Uint8Array.of(1), new Uint8Array(300).fill(7)]);
  await withPeer(async (connection) => {
    assertEquals(await readExactly(connection, 64), encodeGreeting());
    await connection.write(encodeGreeting());
    assertEquals([...await readExactly(connection, ours.length)], [...ours]);
    // READY and a first message may come in one piece.
    await connection.write(Uint8Array.of(...READY, ...message));
    assertEquals([...await readExactly(connection, message.length)], [...message]);
  }, async (port) => {
    const socket = await ZmtpSocket.connect("DEALER", port);
    const received = await socket.receive();
    await socket.send(received!);
    assertEquals(received!.map((frame) => frame.length), [1, 300]);
    assertEquals(await socket.receive(), null);
    socket.close();
  });
});

Deno.test("a SUB socket subscribes to all topics", async () => {
  await withPeer(async (connection) => {
    await readExactly(connection, 64);
    await connection.write(Uint8Array.of(...encodeGreeting(), ...READY));
    await readExactly(connection, encodeReady({ "Socket-Type": "SUB", Identity: "" }).length);
    assertEquals([...await readExactly(connection, 3)], [0, 1, 1]);
  }, async (port) => {
    const socket = await ZmtpSocket.connect("SUB", port);
    assertEquals(await socket.receive(), null);
    socket.close();
  });
});

Deno.test("closing ends a pending receive", async () => {
  await withPeer(async (connection) => {
    await connection.write(Uint8Array.of(...encodeGreeting(), ...READY));
    while (await connection.read(new Uint8Array(1024)) !== null);
  }, async (port) => {
    const socket = await ZmtpSocket.connect("DEALER", port);
    const pending = socket.receive();
    socket.close();
    assertEquals(await pending, null);
  });
});

Deno.test("a peer that speaks something else, refuses or hangs up is an error", async () => {
  const refusal = Uint8Array.of(4, 9, 5, ...new TextEncoder().encode("ERROR"), 2, 78, 79);
  const cases: [Uint8Array, string][] = [
    [new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n".padEnd(64)), "does not speak ZMTP"],
    [Uint8Array.of(...encodeGreeting(), ...refusal), "refused the connection: NO"],
    [encodeGreeting(), "before READY"],
    [encodeGreeting().subarray(0, 30), "during the greeting"],
  ];
  for (const [bytes, message] of cases) {
    await withPeer(async (connection) => {
      await connection.write(bytes);
      await readExactly(connection, 64);
      await connection.closeWrite();
      while (await connection.read(new Uint8Array(1024)).catch(() => null) !== null);
    }, async (port) => {
      await assertRejects(() => ZmtpSocket.connect("DEALER", port), ZmtpError, message);
    });
  }
});
