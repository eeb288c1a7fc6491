import { assertEquals, assertRejects } from "@std/assert";
import { sleep } from "../signals.ts";
import { settlesWithin, within } from "./deadline.ts";

const never = new Promise<never>(() => {});
const late = () => new Error("late");

Deno.test("within gives the result, the error, or the error of being late", async () => {
  assertEquals(await within(sleep(1).then(() => 5), 1000, late), 5);
  await assertRejects(() => within(Promise.reject(new TypeError("x")), 1000, late), TypeError, "x");
  await assertRejects(() => within(never, 5, late), Error, "late");
  await assertRejects(() => within(never, -1, late), Error, "late");
});

Deno.test("within has no limit without one, or beyond what a timer can hold", async () => {
  // A timer of 2^31 ms would fire at once.
  for (const ms of [undefined, Infinity, 2 ** 31]) {
    assertEquals(await within(sleep(20).then(() => 5), ms, late), 5);
  }
});

Deno.test("settlesWithin tells settled from pending", async () => {
  assertEquals(await settlesWithin(Promise.resolve(), 1000), true);
  assertEquals(await settlesWithin(Promise.reject(new Error("x")), 1000), true);
  assertEquals(await settlesWithin(never, 5), false);
});
