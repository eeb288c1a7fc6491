"""Hugging Face transformers on the GPU, for lib/bench/gpu.ts: writes a random checkpoint of 7B shape
(`make FOLDER LAYERS`), or times it and gives its logits (`run FOLDER WORK`). Prints one JSON object.
"""

import json
import os
import sys
import time

import torch
from safetensors.torch import save_file

HIDDEN, INTER, KEYS, VOCAB, VISION = 3584, 18944, 512, 152064, 1280
CONFIG = {
    "architectures": ["Qwen2_5_VLForConditionalGeneration"],
    "model_type": "qwen2_5_vl", "hidden_size": HIDDEN, "intermediate_size": INTER,
    "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": VOCAB,
    "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "max_position_embeddings": 128000,
    "tie_word_embeddings": False, "hidden_act": "silu", "use_sliding_window": False,
    "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
    "vision_start_token_id": 151652, "vision_end_token_id": 151653, "image_token_id": 151655,
    "video_token_id": 151656, "eos_token_id": 151645, "bos_token_id": 151643,
    "torch_dtype": "bfloat16",
    "vision_config": {
        "depth": 32, "hidden_act": "silu", "hidden_size": VISION, "intermediate_size": 3420,
        "num_heads": 16, "in_chans": 3, "out_hidden_size": HIDDEN, "patch_size": 14,
        "spatial_merge_size": 2, "spatial_patch_size": 14, "window_size": 112,
        "fullatt_block_indexes": [7, 15, 23, 31], "tokens_per_second": 2,
        "temporal_patch_size": 2, "model_type": "qwen2_5_vl",
    },
}


def make(folder, layers):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/config.json", "w") as file:
        json.dump({**CONFIG, "num_hidden_layers": layers}, file)
    random = torch.Generator(device="cuda").manual_seed(0)
    noise = lambda *shape: (torch.randn(*shape, generator=random, device="cuda") * 0.02).bfloat16().cpu()
    one = lambda size: torch.ones(size, dtype=torch.bfloat16)
    index = {}

    def put(name, tensors):
        save_file(tensors, f"{folder}/{name}.safetensors")
        index.update({key: f"{name}.safetensors" for key in tensors})

    def linear(name, out, width):
        return {f"{name}.weight": noise(out, width), f"{name}.bias": noise(out)}

    put("ends", {"model.embed_tokens.weight": noise(VOCAB, HIDDEN), "model.norm.weight": one(HIDDEN),
                 "lm_head.weight": noise(VOCAB, HIDDEN)})
    vision = {"visual.patch_embed.proj.weight": noise(VISION, 3, 2, 14, 14),
              "visual.merger.ln_q.weight": one(VISION),
              **linear("visual.merger.mlp.0", 5120, 5120), **linear("visual.merger.mlp.2", HIDDEN, 5120)}
    for block in range(32):
        at = f"visual.blocks.{block}"
        vision |= {f"{at}.norm1.weight": one(VISION), f"{at}.norm2.weight": one(VISION),
                   **linear(f"{at}.attn.qkv", 3 * VISION, VISION), **linear(f"{at}.attn.proj", VISION, VISION),
                   **linear(f"{at}.mlp.gate_proj", 3420, VISION), **linear(f"{at}.mlp.up_proj", 3420, VISION),
                   **linear(f"{at}.mlp.down_proj", VISION, 3420)}
    put("vision", vision)
    for layer in range(layers):
        at = f"model.layers.{layer}"
        put(f"layer{layer}", {
            f"{at}.input_layernorm.weight": one(HIDDEN), f"{at}.post_attention_layernorm.weight": one(HIDDEN),
            **linear(f"{at}.self_attn.q_proj", HIDDEN, HIDDEN), **linear(f"{at}.self_attn.k_proj", KEYS, HIDDEN),
            **linear(f"{at}.self_attn.v_proj", KEYS, HIDDEN),
            f"{at}.self_attn.o_proj.weight": noise(HIDDEN, HIDDEN),
            f"{at}.mlp.gate_proj.weight": noise(INTER, HIDDEN), f"{at}.mlp.up_proj.weight": noise(INTER, HIDDEN),
            f"{at}.mlp.down_proj.weight": noise(HIDDEN, INTER)})
    with open(f"{folder}/model.safetensors.index.json", "w") as file:
        json.dump({"metadata": {}, "weight_map": index}, file)
    return {"gpu": torch.cuda.get_device_name(), "torch": torch.__version__}


def run(folder, work):
    import transformers
    model = transformers.Qwen2_5_VLForConditionalGeneration.from_pretrained(
        folder, dtype=torch.bfloat16, device_map="cuda", attn_implementation="sdpa").eval()
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0
    side = work["grid"]
    prompt = torch.tensor([work["ids"]], device="cuda")
    pixels = torch.randn(side * side, 1176, device="cuda", dtype=torch.bfloat16)
    grid = torch.tensor([[1, side, side]], device="cuda")

    class Clock(transformers.StoppingCriteria):
        """Never stops; notes when each token is there."""
        def __init__(self):
            self.times = []

        def __call__(self, ids, scores, **_):
            torch.cuda.synchronize()
            self.times.append(time.perf_counter())
            return torch.zeros(len(ids), dtype=torch.bool, device=ids.device)

        def step(self):
            """Median seconds of a step of the second half."""
            later = self.times[len(self.times) // 2:]
            steps = sorted(b - a for a, b in zip(later, later[1:]))
            return steps[len(steps) // 2]

    def generate(ids, rows, new, image, clock=None):
        more = dict(pixel_values=pixels.repeat(rows, 1), image_grid_thw=grid.repeat(rows, 1),
                    mm_token_type_ids=(ids == CONFIG["image_token_id"]).long().repeat(rows, 1)) if image else {}
        torch.cuda.synchronize()
        begin = time.perf_counter()
        model.generate(input_ids=ids.repeat(rows, 1), attention_mask=torch.ones_like(ids).repeat(rows, 1),
                       max_new_tokens=new, do_sample=False,
                       stopping_criteria=transformers.StoppingCriteriaList([clock] if clock else []), **more)
        torch.cuda.synchronize()
        return time.perf_counter() - begin

    text = torch.tensor([work["text"]], device="cuda")
    generate(prompt, 1, 4, True)
    generate(text, 1, 4, False)
    result = {"torch": torch.__version__, "transformers": transformers.__version__, "imageFirst": {},
              "imageStep": {}, "text": {}}
    for rows in work["rows"]:
        generate(prompt, rows, 2, True)
        result["imageFirst"][rows] = generate(prompt, rows, 1, True)
        clock = Clock()
        generate(prompt, rows, work["imageTokens"], True, clock)
        result["imageStep"][rows] = clock.step()
    # The original's way: one configuration at a time.
    result["imageAlone"] = [generate(prompt, 1, work["imageTokens"], True) for _ in range(work["alone"]["image"])]
    result["textAlone"] = [generate(text, 1, work["textTokens"], False) for _ in range(work["alone"]["text"])]
    for rows in work["textRows"]:
        result["text"][rows] = generate(text, rows, work["textTokens"], False)
    with torch.no_grad():
        encode = lambda: (model.model.visual(pixels.repeat(4, 1), grid_thw=grid.repeat(4, 1)), torch.cuda.synchronize())
        encode()
        begin = time.perf_counter()
        encode()
        result["encoder"] = 4 / (time.perf_counter() - begin)
    probe = torch.tensor(work["probe"], device="cuda")
    with torch.no_grad():
        narrow = model(input_ids=probe).logits[:, -1].float()
        answer = lambda: model.generate(input_ids=probe, attention_mask=torch.ones_like(probe),
                                        max_new_tokens=work["probeTokens"], do_sample=False)[:, probe.shape[1]:]
        narrow_tokens = answer()
        torch.backends.cuda.matmul.allow_tf32 = False
        model.float()
        wide = model(input_ids=probe).logits[:, -1]
        result["probe"] = {"tokens": answer().tolist(), "narrowTokens": narrow_tokens.tolist(),
                           "narrowError": ((narrow - wide).norm() / wide.norm()).item()}
        wide.cpu().numpy().tofile(work["logits"])
    return result


arguments = sys.argv[2:]
if sys.argv[1] == "make":
    print(json.dumps(make(arguments[0], int(arguments[1]))))
else:
    print(json.dumps(run(arguments[0], json.loads(arguments[1]))))
