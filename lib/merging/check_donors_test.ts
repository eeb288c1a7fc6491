import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { checkDonors, type DonorReport } from "./check_donors.ts";
import { planMerge } from "./merge_plan.ts";
import { type SmallModelOptions, writeSmallModel } from "./testdata/small_models.ts";

const PLAN = planMerge("sft early 1/3 + rl late 2/3", { numLayers: 6 });

function check(first: SmallModelOptions, donor: SmallModelOptions): Promise<DonorReport[]> {
  return withTempFolder((folder) => {
    using sft = Checkpoint.open(writeSmallModel(join(folder, "sft"), first));
    using rl = Checkpoint.open(writeSmallModel(join(folder, "rl"), donor));
    return checkDonors(PLAN, new Map([["sft", sft], ["rl", rl]]));
  });
}

async function refused(donor: SmallModelOptions, ...parts: string[]) {
  let message = "";
  try {
    await check({}, donor);
  } catch (error) {
    message = (error as Error).message;
  }
  for (const part of parts) assert(message.includes(part), `${part} is not in: ${message}`);
}

Deno.test("donors alike but for what is outside of the layers have nothing to report", async () => {
  const [report] = await check({}, {
    seed: 2,
    shards: 3,
    config: { vocab_size: 12 },
    change: (tensors) => {
      tensors["model.embed_tokens.weight"] = { dtype: "BF16", shape: [1], values: [0] };
      delete tensors["visual.merger.ln_q.weight"];
    },
  });
  assertEquals(report, {
    model: "rl",
    shared: 30,
    onlyInFirst: [],
    onlyInDonor: [],
    otherDtype: [],
    otherConfig: [],
  });
});

Deno.test("tensors that one of them lacks, other types and other constants are reported", async () => {
  const [report] = await check({ config: { rms_norm_eps: 1e-6 } }, {
    config: { rms_norm_eps: 1e-5 },
    change: (tensors) => {
      delete tensors["model.layers.1.self_attn.q_proj.bias"];
      tensors["model.layers.2.extra.weight"] = { dtype: "BF16", shape: [1], values: [0] };
      tensors["model.layers.3.input_layernorm.weight"].dtype = "F32";
    },
  });
  assertEquals(report, {
    model: "rl",
    shared: 29,
    onlyInFirst: ["model.layers.1.self_attn.q_proj.bias"],
    onlyInDonor: ["model.layers.2.extra.weight"],
    otherDtype: ["model.layers.3.input_layernorm.weight"],
    otherConfig: ["rms_norm_eps 0.000001 and 0.00001"],
  });
});

Deno.test("constants are compared across layouts, defaults included", async () => {
  const nested = {
    text_config: {
      num_hidden_layers: 6,
      num_attention_heads: 2,
      rope_parameters: { rope_theta: 1e4, rope_type: "default" },
    },
  };
  const donor = { config: { ...nested, num_hidden_layers: undefined } };
  const [same] = await check({ config: { rope_theta: 1e4 } }, donor);
  assertEquals(same.otherConfig, []);
  // The library's default is 1e6.
  const [other] = await check({}, donor);
  assertEquals(other.otherConfig, ["rope_theta 1000000 and 10000"]);
});

Deno.test("donors of other layers, shapes or heads are refused, by name", async () => {
  await refused({ numLayers: 7 }, "rl (", "has 7 decoder layers, the plan 6");
  await refused(
    { config: { num_attention_heads: 3 } },
    "Cannot merge sft with rl",
    "num_attention_heads 2 and 3",
  );
  await refused(
    {
      change: (tensors) => {
        for (const layer of [1, 4]) {
          const values = new Float64Array(12);
          tensors[`model.layers.${layer}.mlp.up_proj.weight`] = {
            dtype: "BF16",
            shape: [2, 6],
            values,
          };
        }
      },
    },
    "2 of 30 layer tensors",
    "model.layers.1.mlp.up_proj.weight is [8, 6] and [2, 6]",
  );
  await refused(
    {
      change: (tensors) => {
        for (const name of Object.keys(tensors)) {
          if (!name.startsWith("model.layers.")) continue;
          tensors[name.replace("model.", "transformer.")] = tensors[name];
          delete tensors[name];
        }
      },
    },
    "Cannot merge rl",
    "no tensor of a decoder layer",
  );
  assertThrows(() => checkDonors(PLAN, new Map()), Error, "no checkpoint was given for sft");
});
