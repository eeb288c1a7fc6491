import { assertEquals } from "@std/assert";
import { frameOf } from "./frame.ts";

Deno.test("values after many nulls are kept", () => {
  const rows = Array.from({ length: 150 }, (_, i) => ({
    id: i,
    value: i < 140 ? null : i / 2,
    region: i < 140 ? null : "late",
  }));
  const frame = frameOf(rows, { id: "int", value: "float", region: "string" });
  assertEquals(frame.toRecords(), rows);
});

Deno.test("no rows give a frame with the columns", () => {
  const frame = frameOf([], { a: "int", b: "string" });
  assertEquals([frame.height, frame.columns], [0, ["a", "b"]]);
});
