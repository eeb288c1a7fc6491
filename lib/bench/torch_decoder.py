"""Qwen2.5-VL's decoder in plain eager PyTorch with a K/V cache, timed: what lib/bench/model.ts lays
its own numbers beside. Weights are random. Reads one JSON object from the command line, prints one.

    python3 lib/bench/torch_decoder.py '{"hidden": 128, "inter": 256, "layers": 12, "heads": 4,
        "kv": 2, "vocab": 512, "rows": 8, "prompt": 128, "steps": 32, "threads": 2, "repeats": 3}'
"""

import json
import sys
import time

import torch
import torch.nn.functional as F


class Decoder:
    """Weights as plain tensors; a fused attention kernel is used where torch has one."""

    def __init__(self, hidden, inter, layers, heads, kv, vocab):
        self.heads, self.kv, self.size = heads, kv, hidden // heads
        make = lambda *shape: torch.randn(*shape) * 0.02
        keys = kv * self.size
        self.embedding = make(vocab, hidden)
        self.norm = torch.ones(hidden)
        self.layers = [
            {
                "norm1": torch.ones(hidden), "norm2": torch.ones(hidden),
                "q": (make(hidden, hidden), make(hidden)), "k": (make(keys, hidden), make(keys)),
                "v": (make(keys, hidden), make(keys)), "o": make(hidden, hidden),
                "gate": make(inter, hidden), "up": make(inter, hidden), "down": make(hidden, inter),
            }
            for _ in range(layers)
        ]
        self.frequencies = 1.0 / 1e6 ** (torch.arange(0, self.size, 2).float() / self.size)

    def rms(self, x, weight):
        return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))

    def rotate(self, x, cos, sin):
        a, b = x.chunk(2, -1)
        return x * cos + torch.cat([-b, a], -1) * sin

    def attend(self, q, k, v, mask):
        repeat = self.heads // self.kv
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        if hasattr(F, "scaled_dot_product_attention"):
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        scores = q @ k.transpose(-1, -2) / self.size**0.5
        return (scores if mask is None else scores + mask).softmax(-1) @ v

    def forward(self, ids, cache, start, skip=-1):
        """ids [B, T] at positions start..start+T -> logits of the last position [B, vocab]"""
        rows, count = ids.shape
        x = self.embedding[ids]
        angles = torch.arange(start, start + count).float()[:, None] * self.frequencies
        cos, sin = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
        mask = torch.full((count, start + count), -1e30).triu(start + 1) if count > 1 else None
        split = lambda t, n: t.view(rows, count, n, self.size).transpose(1, 2)
        for index, layer in enumerate(self.layers):
            if index == skip:
                continue
            h = self.rms(x, layer["norm1"])
            q = self.rotate(split(F.linear(h, *layer["q"]), self.heads), cos, sin)
            k = self.rotate(split(F.linear(h, *layer["k"]), self.kv), cos, sin)
            keys, values = cache[index]
            keys[:, :, start : start + count] = k
            values[:, :, start : start + count] = split(F.linear(h, *layer["v"]), self.kv)
            out = self.attend(q, keys[:, :, : start + count], values[:, :, : start + count], mask)
            x = x + F.linear(out.transpose(1, 2).reshape(rows, count, -1), layer["o"])
            h = self.rms(x, layer["norm2"])
            x = x + F.linear(F.silu(F.linear(h, layer["gate"])) * F.linear(h, layer["up"]), layer["down"])
        return F.linear(self.rms(x[:, -1], self.norm), self.embedding)

    def generate(self, ids, steps, skip=-1):
        """-> seconds of the prompt, seconds of the steps after the first token"""
        rows, count = ids.shape
        empty = lambda: torch.zeros(rows, self.kv, count + steps, self.size)
        cache = [(empty(), empty()) for _ in self.layers]
        begin = time.perf_counter()
        token = self.forward(ids, cache, 0, skip).argmax(-1)
        middle = time.perf_counter()
        for step in range(steps - 1):
            token = self.forward(token[:, None], cache, count + step, skip).argmax(-1)
        return middle - begin, time.perf_counter() - middle


@torch.no_grad()
def main():
    given = json.loads(sys.argv[1])
    torch.set_num_threads(given["threads"])
    torch.manual_seed(0)
    model = Decoder(*(given[key] for key in ("hidden", "inter", "layers", "heads", "kv", "vocab")))
    ids = torch.randint(0, given["vocab"], (given["rows"], given["prompt"]))
    model.generate(ids, min(3, given["steps"]))
    runs = [model.generate(ids, given["steps"], given.get("skip", -1)) for _ in range(given["repeats"])]
    best = lambda index: min(run[index] for run in runs)
    print(json.dumps({"prefill": best(0), "decode": best(1), "torch": torch.__version__}))


main()
