"""Writes ablations.json: zero and mean ablation of every layer in plain PyTorch (float64), from the
checkpoints' own weights, without any library of models. Needs torch alone; text only.

    python3 lib/model/testdata/make_ablations.py > lib/model/testdata/ablations.json
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F

ROOT = Path(__file__).parents[3]
MODELS = {
    "tiny": ROOT / "dataset/tiny/checkpoints/base",
    "random": ROOT / "lib/model/testdata/random-qwen",
}
TYPES = {"BF16": torch.bfloat16, "F32": torch.float32, "F16": torch.float16}


def tensors_of(folder):
    for path in sorted(folder.glob("*.safetensors")):
        raw = path.read_bytes()
        size = int.from_bytes(raw[:8], "little")
        for name, entry in json.loads(raw[8 : 8 + size]).items():
            if name != "__metadata__":
                begin, end = (8 + size + offset for offset in entry["data_offsets"])
                flat = torch.frombuffer(bytearray(raw[begin:end]), dtype=TYPES[entry["dtype"]])
                short = name.replace("model.language_model.", "model.").replace("language_model.model.", "model.")
                yield short, flat.reshape(entry["shape"]).double()


class Decoder:
    def __init__(self, folder):
        config = json.loads((folder / "config.json").read_text())
        self.config = {**config, **config.get("text_config", {})}
        self.weights = dict(tensors_of(folder))
        self.heads, self.kv = (self.config[f"num_{name}_heads"] for name in ("attention", "key_value"))
        self.size = self.config["hidden_size"] // self.heads
        self.layers = self.config["num_hidden_layers"]
        ropes = self.config.get("rope_parameters") or {}
        theta = ropes.get("rope_theta") or self.config["rope_theta"]
        self.frequencies = theta ** (-torch.arange(0, self.size, 2).double() / self.size)

    def norm(self, x, name):
        return self.weights[name] * x / (x.pow(2).mean(-1, keepdim=True) + self.config["rms_norm_eps"]).sqrt()

    def linear(self, x, name):
        return F.linear(x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))

    def rotated(self, x):
        angles = torch.outer(torch.arange(x.shape[1]).double(), self.frequencies)
        cos, sin = (torch.cat([part, part], -1) for part in (angles.cos(), angles.sin()))
        a, b = x.chunk(2, -1)
        return x * cos + torch.cat([-b, a], -1) * sin

    def layer(self, x, number):
        at = f"model.layers.{number}"
        h = self.norm(x, f"{at}.input_layernorm.weight")
        q, k, v = (self.linear(h, f"{at}.self_attn.{name}_proj") for name in "qkv")
        q, k, v = (y.view(len(x), -1, self.size).transpose(0, 1) for y in (q, k, v))
        k, v = (y.repeat_interleave(self.heads // self.kv, 0) for y in (self.rotated(k), v))
        scores = self.rotated(q) @ k.transpose(1, 2) / self.size**0.5
        hidden = torch.ones(len(x), len(x)).triu(1).bool()
        mixed = scores.masked_fill(hidden, -torch.inf).softmax(-1) @ v
        x = x + self.linear(mixed.transpose(0, 1).reshape(len(x), -1), f"{at}.self_attn.o_proj")
        h = self.norm(x, f"{at}.post_attention_layernorm.weight")
        inner = F.silu(self.linear(h, f"{at}.mlp.gate_proj")) * self.linear(h, f"{at}.mlp.up_proj")
        return x + self.linear(inner, f"{at}.mlp.down_proj")

    def streams(self, ids, ablated=None, mean=0):
        """The stream before each layer and after the last; an ablated layer adds `mean`."""
        result = [self.weights["model.embed_tokens.weight"][ids]]
        for number in range(self.layers):
            x = result[-1]
            result.append(x + mean if number == ablated else self.layer(x, number))
        return result

    def logits(self, *args):
        x = self.norm(self.streams(*args)[-1], "model.norm.weight")
        return F.linear(x, self.weights.get("lm_head.weight", self.weights["model.embed_tokens.weight"]))


def case(folder):
    model = Decoder(folder)
    prompts = [[(7 * i + 11 * j) % 450 + 3 for i in range(9 + 4 * j)] for j in range(3)]
    answer = [(31 * i) % 450 + 5 for i in range(6)]
    streams = [model.streams(torch.tensor(ids)) for ids in prompts]
    means = [
        torch.cat([one[number + 1] - one[number] for one in streams]).mean(0)
        for number in range(model.layers)
    ]
    ids, first = torch.tensor(prompts[0] + answer), len(prompts[0]) - 1
    own = model.logits(ids)[first:].log_softmax(-1)

    def ablation(number, mean):
        logits = model.logits(ids, number, mean)[first:]
        kl = F.kl_div(logits.log_softmax(-1), own, reduction="sum", log_target=True) / len(own)
        return {"kl": float(kl), "logits": [round(value, 6) for value in logits[-1, ::16].tolist()]}

    return {
        "prompts": prompts,
        "answer": answer,
        "means": [[round(value, 7) for value in mean.tolist()] for mean in means],
        "zero": [ablation(number, 0) for number in range(model.layers)],
        "mean": [ablation(number, mean) for number, mean in enumerate(means)],
    }


with torch.no_grad():
    cases = {name: case(folder) for name, folder in MODELS.items()}
print(json.dumps({"torch": torch.__version__, **cases}, separators=(",", ":")))
