import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { answer, FakeApi } from "../serving/testdata/fake_api.ts";
import { runOutside } from "../testing/command.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { parseFlags } from "./command_line.ts";
import { namedModels, TRANSFERABILITY_FLAGS } from "./transferability_flags.ts";

const KEY = "sk-test-0123456789";

const command = (env: Record<string, string>, ...args: string[]) =>
  runOutside("transferability", args, {
    env: { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", ...env },
  });

const flagsOf = (...args: string[]) => parseFlags(args, TRANSFERABILITY_FLAGS);

Deno.test("lists of models, kinds and cuts are taken as the original takes them", () => {
  const { models, layer_cuts } = flagsOf(
    ...["--models", "sft", "rl early 1/3 layers + sft late 2/3 layers", "gpt-4o"],
    ...["--layer_cuts", "8", "20", "--use_gpt_grader"],
  );
  assertEquals(models, ["sft", "rl early 1/3 layers + sft late 2/3 layers", "gpt-4o"]);
  assertEquals(layer_cuts, [8, 20]);
  assertEquals(flagsOf().use_gpt_grader, false);
});

Deno.test("names mean the recipe's models, or those that are given", () => {
  const tiny = namedModels(flagsOf());
  assertEquals(Object.keys(tiny.named).slice(-3), ["base", "sft", "rl"]);
  assertEquals([tiny.kinds.base, tiny.kinds.sft], ["base", "reasoner"]);
  const given = namedModels(
    flagsOf(
      ...["--rl_model", "org/rl", "--models", "rl", "./a b=c"],
      ...["--kinds", "rl=base", "./a b=c=revisual"],
    ),
  );
  assertEquals(given, { named: { rl: "org/rl" }, kinds: { rl: "base", "./a b=c": "revisual" } });
  const mixed = namedModels(flagsOf("--recipe", "MMR1", "--sft_model", "org/mine"));
  assertEquals(mixed.named, {
    base: "Qwen/Qwen2.5-VL-7B-Instruct",
    sft: "org/mine",
    rl: "MMR1/MMR1-7B-RL",
  });
  assertEquals(mixed.kinds, { base: "base", rl: "reasoner" });
  assertThrows(() => namedModels(flagsOf("--kinds", "rl")), Error, "NAME=KIND");
});

Deno.test("a kind of a model that is not there is refused", () => {
  const kinds = (...args: string[]) => namedModels(flagsOf(...args)).kinds;
  const refused: [string[], string][] = [
    [["--kinds", "stf=base"], '"stf"; did you mean "sft"?'],
    [["--recipe", "tiny", "--kinds", "rl=base", "rl-frozen-erly=base"], '"rl-frozen-early"?'],
    [["--rl_model", "org/rl", "--models", "rl", "--kinds", "base=base"], '"base"; there are rl'],
    [["--models", "./mine", "--kinds", "./mime=base"], 'did you mean "./mine"?'],
  ];
  for (const [args, reason] of refused) {
    const why = "--kinds names no model that is given: ";
    const { message } = assertThrows(() => kinds(...args), Error, reason);
    assert(message.startsWith(why), message);
  }
  // As it is written, as it is read, and each part of a merge.
  const splice = "in early 1/3 layers + org/x late 2/3 layers";
  const names = ["COLDSTART", splice, "openai:org/y", "./mine"];
  const read = ["sft", "sft early 1/3 layers + org/x late 2/3 layers", "org/x", "org/y"];
  const stated = [...names, ...read, "org/judge", "rl-frozen-mid"].map((name) => `${name}=base`);
  const all = kinds("--models", ...names, "--describer", "org/judge", "--kinds", ...stated);
  for (const item of stated) assertEquals(all[item.slice(0, -"=base".length)], "base", item);
  const described = ["--use_gpt_descriptions", "--openai_model", "org/z"];
  assertEquals(kinds(...described, "--kinds", "org/z=base")["org/z"], "base");
});

Deno.test("merges are shown before they run, abilities after, and a run goes on", () =>
  withTempFolder(async (folder) => {
    const run = (...models: string[]) =>
      command(
        {},
        ...["--output_dir", folder, "--run_name", "mine", "--sample_size", "1"],
        ...["--max_new_tokens", "8", "--layer_cuts", "3", "7", "--models", ...models],
      );
    const { code, stdout, stderr } = await run(
      "sft",
      "sft early 1/3 layers + final late 2/3 layers",
    );
    assertEquals([code, stderr], [0, ""]);
    const parts = [
      "sft early 1/3 layers + rl late 2/3 layers\n",
      "0-2     early   take       sft",
      "layers    AAA   BBBB   BBBBB",
      "model                      asked as  perception (M_vis)",
      "IN                         reasoner  ",
      "IN early 1/3, RL late 2/3  reasoner  ",
      "graded by sound rules",
      `Wrote ${join(folder, "mine")}`,
    ];
    for (const part of parts) assertStringIncludes(stdout, part);
    assert(stdout.indexOf(parts[2]) < stdout.indexOf(parts[3]));
    const config = JSON.parse(Deno.readTextFileSync(join(folder, "mine", "config.json")));
    assertEquals([config.sample_size, config.layer_cuts, config.use_gpt_grader], [
      1,
      [3, 7],
      false,
    ]);
    const again = await run("sft early 1/3 layers + rl late 2/3 layers", "sft");
    assertEquals(again.code, 0);
    const log = Deno.readTextFileSync(join(folder, "mine", "logs", "experiment.log"));
    assertEquals(log.match(/^Model: /gm)?.length, 2);
    const other = await run("sft", "--layer_cuts", "4", "8", "--overwrite");
    assertEquals(other.code, 0);
  }));

Deno.test("served models answer, describe and judge, now or later; the key is nowhere", () =>
  withTempFolder(async (folder) => {
    await using api = new FakeApi((call) => {
      if (call.text.startsWith("Describe")) return answer(call, "A picture in words.");
      if (call.text.startsWith("Please solve")) return answer(call, "<answer>12</answer>");
      return answer(call, "correct");
    });
    const env = { OPENAI_API_KEY: KEY };
    const shared = [
      ...["--output_dir", folder, "--sample_size", "2", "--models", "openai:org/served"],
      ...["--openai_base_url", `${api.origin}/v1`, "--data", "embedded"],
    ];
    const first = await command(env, ...shared, "--use_gpt_descriptions");
    assertEquals([first.code, first.stderr], [0, ""]);
    assertStringIncludes(first.stdout, "graded by sound rules");
    const asked = api.calls.length;
    assertEquals(asked, 2 + 10);
    const run = join(folder, "transferability_v1");
    const path = join(run, "results/org_served/alignment_math_vqa/B_black_desc_prompt.jsonl");
    const read = () =>
      Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(read().map(({ description, correct_gpt }) => [description, correct_gpt]), [
      ["gpt-4o-mini", null],
      ["gpt-4o-mini", null],
    ]);
    const url = ["--openai_base_url", `${api.origin}/v1`];
    const regrade = ["--output_dir", folder, "--regrade", "transferability_v1"];
    const judged = await command(env, ...regrade, ...url);
    assertEquals([judged.code, judged.stderr], [0, ""]);
    assertStringIncludes(judged.stdout, "Judged 10 answers");
    for (const { correct_gpt, correct_primary, gpt_grade, graded_by } of read()) {
      assertEquals([correct_gpt, correct_primary, graded_by], [true, true, "gpt-4o-mini"]);
      assertEquals(gpt_grade, "correct");
    }
    const before = api.calls.length;
    const again = await command(env, ...shared, "--use_gpt_descriptions", "--use_gpt_grader");
    assertEquals([again.code, api.calls.length], [0, before]);
    assertStringIncludes(again.stdout, "graded by gpt-4o-mini");
    for await (const text of filesOf(folder)) assert(!text.includes(KEY));
    for (const { stdout, stderr } of [first, judged, again]) {
      assert(!stdout.includes(KEY) && !stderr.includes(KEY));
    }
  }));

async function* filesOf(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesOf(path);
    else yield await Deno.readTextFile(path);
  }
}

Deno.test("what cannot be run is one line, before anything is written", () =>
  withTempFolder(async (folder) => {
    const output = join(folder, "out");
    const cases: [string[], string][] = [
      [["--models", "rll"], 'Unknown model "rll"'],
      [["--models", "sft early 1/3 layers + rl late 1/3 layers"], "the shares add to 2/3"],
      [["--models", "base", "--sft_model", "x"], "--base_model"],
      [["--experiment_type", "v3"], '"v3"'],
      [["--use_gpt_grader"], "OPENAI_API_KEY is not set"],
      [["--use_gpt_grader", "--no_gpt_grader"], "not both"],
      [["--models", "openai:x"], "OPENAI_API_KEY is not set"],
      [["--describer", "gpt-4o"], "OPENAI_API_KEY is not set"],
      [["--describer", "rll"], 'Unknown model "rll"'],
      [["--layer_cuts", "8", "3"], "0 < C1 < C2 < 12"],
      [["--data", folder], "it has none of mathvista/testmini.jsonl"],
      [["--regrade", "none"], "no run none"],
      [["--temperature", "warm"], '"warm"'],
    ];
    for (const [args, reason] of cases) {
      const { code, stderr } = await command({}, "--output_dir", output, ...args);
      assertEquals([code > 0, stderr.trimEnd().split("\n")[0].startsWith("error: ")], [true, true]);
      assertStringIncludes(stderr, reason);
    }
    assert(![...Deno.readDirSync(folder)].some(({ name }) => name === "out"));
  }));
