import { assert, assertEquals, assertThrows } from "@std/assert";
import { isAbsolute, join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { builtInRecipes, readRecipe } from "./recipe.ts";

Deno.test("every built-in recipe can be read and is named as its file", () => {
  const names = builtInRecipes();
  assert(
    ["tiny", "OpenMMReasoner", "Revisual-R1", "MMR1", "Frankenstein-3B"].every((name) =>
      names.includes(name)
    ),
  );
  for (const name of names) assertEquals(readRecipe(name).name, name);
});

Deno.test("the embedded recipes' folders are there", () => {
  const { models, variants } = readRecipe("tiny");
  for (const folder of [...Object.values(models), ...Object.values(variants)]) {
    assert(isAbsolute(folder) && Deno.statSync(join(folder, "config.json")).isFile, folder);
  }
});

Deno.test("folders are relative to the recipe's file, hub ids stay as they are", () =>
  withTempFolder((folder) => {
    const path = join(folder, "mine.json");
    const models = { base: "./base", sft: "org/name@v1", rl: "/absolute" };
    Deno.writeTextFileSync(path, JSON.stringify({ name: "mine", models }));
    assertEquals(readRecipe(path).models, {
      base: join(folder, "base"),
      sft: "org/name@v1",
      rl: "/absolute",
    });
    assertEquals(readRecipe(path).kinds, { base: "base" });
  }));

Deno.test("what is no recipe is an error that says what is wrong", () =>
  withTempFolder((folder) => {
    assertThrows(() => readRecipe("nope"), Error, 'Unknown recipe "nope"; there are');
    const path = join(folder, "r.json");
    assertThrows(() => readRecipe(path), Error, `Cannot read the recipe ${path}: there is no such`);
    Deno.writeTextFileSync(path, "{");
    const { message } = assertThrows(() => readRecipe(path), Error);
    assert(message.startsWith(`Cannot read the recipe ${path}: it is not JSON (`), message);
    const cases: [unknown, string][] = [
      [{ name: "a/b", models: { base: "a", sft: "b", rl: "c" } }, "name: must be letters"],
      [{ name: "..", models: { base: "a", sft: "b", rl: "c" } }, "name: must be letters"],
      [{ name: "a", data: "hub,,x", models: { base: "a", sft: "b", rl: "c" } }, "Cannot find ques"],
      [{ name: "a", models: { base: "a", sft: "b" } }, "models.rl is missing"],
      [
        { name: "a", models: { base: "a", sfft: "b", rl: "c" } },
        'models.sft is missing; models: unknown key "sfft"; did you mean "sft"?',
      ],
      [
        { name: "a", models: { base: "a", sft: "b", rl: "c" }, varients: {} },
        'unknown key "varients"; did you mean "variants"?',
      ],
      [[], "top level: "],
      [{ name: "a", models: { base: "a", sft: "b", rl: "" } }, "models.rl"],
      [{ name: "a", models: { base: "a", sft: "b", rl: "c" }, modles: 1 }, "modles"],
      [{ name: "a", models: { base: "a", sft: "b", rl: "c" }, kinds: { in: "base" } }, "kinds.in"],
      [{ name: "a", models: { base: "a", sft: "b", rl: "c" }, kinds: { rl: "x" } }, "kinds.rl"],
      ...["base", "sft", "rl", "in", "Final"].map((name): [unknown, string] => [
        { name: "a", models: { base: "a", sft: "b", rl: "c" }, variants: { x: "d", [name]: "e" } },
        `Cannot read the recipe ${path}: variants.${name}: means the model `,
      ]),
    ];
    for (const [content, reason] of cases) {
      Deno.writeTextFileSync(path, JSON.stringify(content));
      assertThrows(() => readRecipe(path), Error, reason);
    }
    const text = '{"name": "a",\n"description": "ü",\n"name": "b"}';
    Deno.writeTextFileSync(path, text);
    assertThrows(() => readRecipe(path), Error, `${path}: the key "name" stands twice`);
    Deno.writeFileSync(path, Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    assertThrows(() => readRecipe(path), Error, `${path}: it is not UTF-8 text: line 2, byte 0xfc`);
  }));
