import { assertEquals } from "@std/assert";
import pl from "nodejs-polars";
import { frameTable } from "../figures/mod.ts";
import { shareColumns } from "./share_columns.ts";

Deno.test("share columns: as many decimals as a sample makes, layer -1 named, long names left out", () => {
  const rows = [
    { model: "sft late 1/3 layers replaced by rl", label: "a", layer: -1, n: 100, value: 0.18025 },
    { model: "b", label: "b", layer: 3, n: 50, value: null },
  ];
  const lines = (n: number) => {
    const frame = pl.DataFrame(rows.map((row) => ({ ...row, n: row.n * n, thirds: "IN, IN, RL" })));
    return String(frameTable(frame, { columns: shareColumns(frame) })).split("\n");
  };
  assertEquals(lines(1), [
    "label        layer    n  value",
    "-----  -----------  ---  -----",
    "a      whole model  100   0.18",
    "b                3   50      –",
  ]);
  assertEquals(lines(10)[2], "a      whole model  1000  0.180");
});
