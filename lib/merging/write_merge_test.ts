import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { Checkpoint, findTensors } from "../checkpoint/mod.ts";
import type { ProgressEvent } from "../progress.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { planMerge } from "./merge_plan.ts";
import { PAPER_SPLICES } from "./paper_splices.ts";
import { writeSmallModel } from "./testdata/small_models.ts";
import { layerOf, sameAs, writeWith } from "./testdata/write_with.ts";
import { writeMerge } from "./write_merge.ts";

const SOURCES = {
  rl: { ref: "org/rl", revision: "abc" },
  sft: { ref: "./sft", revision: null },
};

Deno.test("the six splices: every tensor has the bytes of its donor", async () => {
  for (const [i, { name, expression }] of PAPER_SPLICES.entries()) {
    // One file, or several; donors in other files than the first model.
    const options = { rl: { shards: 3 }, ...(i % 2 === 0 ? { maxShardBytes: 500 } : {}) };
    await writeWith(expression, (merged) => {
      const donors = name.split(":").map((model) => model === "IN" ? "sft" : "rl");
      const [early, middle, late] = donors as ("sft" | "rl")[];
      const inRl = new Set(sameAs(merged, merged.folders.rl));
      const inSft = new Set(sameAs(merged, merged.folders.sft));
      const all = [...findTensors(merged.folders.sft).keys()];
      assertEquals([...findTensors(merged.output).keys()].sort(), all.sort());
      for (const tensor of all) {
        const layer = layerOf(tensor);
        const donor = layer < 0 ? early : [early, early, middle, middle, late, late][layer];
        assertEquals([inSft.has(tensor), inRl.has(tensor)], [donor === "sft", donor === "rl"]);
      }
      assertEquals(merged.written.computed, 0);
      assertEquals(merged.written.copied, {
        [early]: 4 + 10 * donors.filter((donor) => donor === early).length,
        [early === "sft" ? "rl" : "sft"]: 10 * donors.filter((donor) => donor !== early).length,
      });
    }, options);
  }
});

Deno.test("layer cuts move the parts of a splice", () =>
  writeWith("sft early 1/3 layers + rl late 2/3 layers", (merged) => {
    const layers = new Set(sameAs(merged, merged.folders.rl).map(layerOf));
    assertEquals([...layers].sort(), [4, 5]);
  }, { cuts: [4, 5] }));

Deno.test("everything but the weights is the first model's, and merge.json accounts for each", () =>
  writeWith("rl early 1/3 layers + sft late 2/3 layers", ({ output, written, folders }) => {
    const files = [...Deno.readDirSync(output)].map(({ name }) => name).sort();
    assertEquals(files, written.files);
    assertEquals(files.filter((file) => !file.endsWith(".safetensors")), [
      "chat_template.jinja",
      "config.json",
      "generation_config.json",
      "merge.json",
      "model.safetensors.index.json",
      "tokenizer.json",
    ]);
    for (const file of ["config.json", "generation_config.json", "tokenizer.json"]) {
      assertEquals(
        Deno.readTextFileSync(join(output, file)),
        Deno.readTextFileSync(join(folders.rl, file)),
      );
    }
    const account = JSON.parse(Deno.readTextFileSync(join(output, "merge.json")));
    assertEquals(account.expression, "rl early 1/3 layers + sft late 2/3 layers");
    assertEquals(account.models, SOURCES);
    assertEquals(Object.keys(account.models), ["rl", "sft"]);
    assertEquals(account.layers.length, 6);
    const tensors = findTensors(output);
    assertEquals(Object.keys(account.tensors).sort(), [...tensors.keys()].sort());
    for (const [name, { from, file }] of Object.entries<Record<string, string>>(account.tensors)) {
      assertEquals(from, layerOf(name) < 2 ? "rl" : "sft");
      assertEquals(join(output, file), tensors.get(name)!.file);
    }
  }, { maxShardBytes: 700, sources: SOURCES }));

Deno.test("shards keep to the size asked for, unless one tensor is larger", () =>
  writeWith("sft early 1/3 layers + rl late 2/3 layers", ({ output }) => {
    const byFile = Map.groupBy(findTensors(output).values(), ({ file }) => file);
    assert(byFile.size > 3);
    for (const tensors of byFile.values()) {
      const size = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
      assert(size <= 100 || tensors.length === 1, `${size} bytes in ${tensors.length} tensors`);
    }
  }, { maxShardBytes: 100 }));

Deno.test("a tensor that only one model has stays the first's, or is left out, and is named", () =>
  writeWith("sft layers 0-5 replaced by rl", ({ written, output, folders, bytes }) => {
    const bias = "model.layers.3.self_attn.q_proj.bias";
    assertEquals(written.kept, [bias]);
    assertEquals(bytes(output, bias), bytes(folders.sft, bias));
    const account = JSON.parse(Deno.readTextFileSync(join(output, "merge.json")));
    assertEquals(account.tensors[bias], { from: "sft", not_in: "rl", file: "model.safetensors" });
    assertEquals(account.left_out, { rl: ["model.layers.2.extra.weight"] });
    assert(!findTensors(output).has("model.layers.2.extra.weight"));
  }, {
    rl: {
      change: (tensors) => {
        delete tensors["model.layers.3.self_attn.q_proj.bias"];
        tensors["model.layers.2.extra.weight"] = { dtype: "BF16", shape: [1], values: [0] };
      },
    },
  }));

Deno.test("names of two generations merge; the first model's are kept", () =>
  writeWith("sft early 1/3 layers + rl late 2/3 layers", ({ output, folders, bytes }) => {
    const [old, name] = [
      "model.layers.5.mlp.up_proj.weight",
      "model.language_model.layers.5.mlp.up_proj.weight",
    ];
    assertEquals(
      [...findTensors(output).keys()].sort(),
      [...findTensors(folders.sft).keys()].sort(),
    );
    assertEquals(bytes(output, name), bytes(folders.rl, old));
  }, {
    sft: {
      change: (tensors) => {
        for (const [name, tensor] of Object.entries(tensors)) {
          delete tensors[name];
          const newer = name.startsWith("visual.")
            ? `model.${name}`
            : name.replace("model.", "model.language_model.");
          tensors[newer] = tensor;
        }
      },
    },
  }));

const READ_WITH_PYTHON = `
import json, struct, sys, glob, os
sums = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.safetensors"))):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    assert size % 8 == 0
    header = json.loads(data[8:8 + size])
    assert header.pop("__metadata__") == {"format": "pt"}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        width = {"BF16": 2, "F32": 4}[entry["dtype"]]
        assert begin % width == 0, name
        raw = data[8 + size + begin:8 + size + end]
        if entry["dtype"] == "F32":
            values = struct.unpack("<%df" % (len(raw) // 4), raw)
        else:
            words = struct.unpack("<%dH" % (len(raw) // 2), raw)
            values = [struct.unpack("<f", struct.pack("<I", word << 16))[0] for word in words]
        sums[name] = sum(values)
index = json.load(open(os.path.join(sys.argv[1], "model.safetensors.index.json")))
assert set(index["weight_map"]) == set(sums)
print(json.dumps(sums))
`;

Deno.test("Python reads the written files, tensors of mixed types aligned", () =>
  writeWith("sft early 1/3 layers + rl late 2/3 layers", async ({ output }) => {
    const { stdout, stderr, success } = await new Deno.Command("python3", {
      args: ["-c", READ_WITH_PYTHON, output],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const sums: Record<string, number> = JSON.parse(new TextDecoder().decode(stdout));
    using result = Checkpoint.open(output);
    assertEquals(Object.keys(sums).length, result.tensors.size);
    for (const [name, sum] of Object.entries(sums)) {
      assertEquals(
        Array.from(result.read(name)).reduce((total, value) => total + value, 0),
        sum,
        name,
      );
    }
  }, {
    maxShardBytes: 900,
    rl: {
      change: (tensors) => {
        tensors["model.layers.4.input_layernorm.weight"].dtype = "F32";
      },
    },
    sft: {
      // In the last file, an odd number of 2-byte elements before a 4-byte one.
      change: (tensors) => {
        tensors["model.norm.weight"] = { dtype: "BF16", shape: [3], values: [1, 2, 3] };
        tensors["lm_head.weight"] = { dtype: "F32", shape: [2], values: [0.5, 0.25] };
      },
    },
  }));

Deno.test("progress counts every byte to the end", async () => {
  const events: ProgressEvent[] = [];
  await writeWith("sft layers 0-1 ablate noise=0.5", ({ written }) => {
    assertEquals(events.at(-1)!.done, written.byteLength);
    for (const [i, { done, total, unit }] of events.entries()) {
      assertEquals([total, unit], [written.byteLength, "bytes"]);
      assert(done > (events[i - 1]?.done ?? 0));
    }
  }, { onProgress: (event) => events.push(event) });
});

Deno.test("a failure says why and leaves nothing behind", async () => {
  const splice = "sft early 1/3 layers + rl late 2/3 layers";
  const fails = (options: Parameters<typeof writeWith>[2], message: string, text = splice) =>
    assertRejects(() => writeWith(text, () => {}, options), Error, message);
  await fails({ rl: { numLayers: 7 } }, "decoder layers");
  await fails({ maxShardBytes: 0 }, "shards of 0 bytes");
  await fails({ output: "/dev/null/merged" }, "Cannot write /dev/null/merged");
  await fails({ output: "/dev/null" }, "there is a file of that name");
  await fails({ signal: AbortSignal.abort(new Error("stopped")) }, "stopped");
  // Half-way: the abort comes with the first progress, the damage with a donor cut short.
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error("stopped half-way"));
  await fails({ signal: controller.signal, onProgress }, "stopped half-way");
  await withTempFolder(async (folder) => {
    using sft = Checkpoint.open(writeSmallModel(join(folder, "sft")));
    const rlFolder = writeSmallModel(join(folder, "rl"), { seed: 2 });
    using rl = Checkpoint.open(rlFolder);
    Deno.truncateSync(join(rlFolder, "model.safetensors"), 3000);
    const output = join(folder, "new", "deep", "merged");
    await assertRejects(
      () =>
        writeMerge(planMerge(splice, { numLayers: 6 }), new Map([["sft", sft], ["rl", rl]]), {
          output,
        }),
      Error,
      "it has changed since it was opened",
    );
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["rl", "sft"]);
  });
});

Deno.test("tensors that hold no floats are copied, and not computed with", () =>
  withTempFolder(async (folder) => {
    const open = (name: string, seed: number) => {
      const path = writeSmallModel(join(folder, name), {
        seed,
        change: (tensors) => {
          tensors["model.layers.1.mlp.up_proj.weight"].dtype = "F32";
        },
      });
      const file = join(path, "model.safetensors");
      const bytes = Deno.readFileSync(file);
      bytes[new TextDecoder("latin1").decode(bytes).indexOf('"F32"') + 1] = "I".charCodeAt(0);
      Deno.writeFileSync(file, bytes);
      return Checkpoint.open(path);
    };
    using sft = open("sft", 1);
    using rl = open("rl", 2);
    const write = (expression: string) =>
      writeMerge(planMerge(expression, { numLayers: 6 }), new Map([["sft", sft], ["rl", rl]]), {
        output: join(folder, "merged"),
      });
    for (const change of ["interpolate rl alpha=0.5", "ablate noise=0.5"]) {
      await assertRejects(
        () => write(`sft layers 0-2 ${change}`),
        Error,
        "holds it as I32, and only floating point tensors",
      );
    }
    await write("sft layers 0-2 replaced by rl");
  }));
