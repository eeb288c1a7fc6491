"""Makes testdata/triple: a small sharded bf16 triple and what two references find in it.

original_*.json: the original's arithmetic (weights as fp16, fp16 subtraction, torch f32 norms and
singular values) in the original's layout. reference.json: exact differences, numpy norms and LAPACK
singular values and scipy's principal angles, all in f64. Needs numpy, scipy and torch. Usage: python3 make_triple.py (in this folder).
"""

import json
import struct
from pathlib import Path

import numpy as np
import torch
from scipy.linalg import subspace_angles

HERE = Path(__file__).parent / "triple"
VISION_DEPTH, LLM_LAYERS, TOPK = 2, 3, 8


def to_bf16_bits(values: np.ndarray) -> np.ndarray:
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16_bits(bits: np.ndarray) -> np.ndarray:
    return (bits.astype(np.uint32) << 16).view(np.float32)


def shapes() -> dict[str, tuple[int, ...]]:
    found = {
        "model.embed_tokens.weight": (20, 24),
        "lm_head.weight": (20, 24),
        "model.norm.weight": (24,),
        "visual.patch_embed.proj.weight": (16, 3, 2, 2, 2),
        "visual.merger.ln_q.weight": (16,),
        "visual.merger.mlp.0.weight": (64, 64),
        "visual.merger.mlp.2.weight": (24, 64),
    }
    for i in range(VISION_DEPTH):
        found[f"visual.blocks.{i}.norm1.weight"] = (16,)
        found[f"visual.blocks.{i}.attn.qkv.weight"] = (48, 16)
        found[f"visual.blocks.{i}.attn.qkv.bias"] = (48,)
        found[f"visual.blocks.{i}.mlp.down_proj.weight"] = (16, 40)
    for i in range(LLM_LAYERS):
        found[f"model.layers.{i}.input_layernorm.weight"] = (24,)
        found[f"model.layers.{i}.self_attn.q_proj.weight"] = (24, 24)
        found[f"model.layers.{i}.self_attn.q_proj.bias"] = (24,)
        found[f"model.layers.{i}.self_attn.k_proj.weight"] = (8, 24)
        found[f"model.layers.{i}.mlp.down_proj.weight"] = (24, 72)
    return found


def write_checkpoint(folder: Path, tensors: dict[str, np.ndarray], shards: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names, weight_map = sorted(tensors), {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        header, data = {"__metadata__": {"format": "pt"}}, b""
        for name in names[shard::shards]:
            block = tensors[name].tobytes()
            header[name] = {
                "dtype": "BF16",
                "shape": list(tensors[name].shape),
                "data_offsets": [len(data), len(data) + len(block)],
            }
            data += block
            weight_map[name] = file
        text = json.dumps(header).encode()
        (folder / file).write_bytes(struct.pack("<Q", len(text)) + text + data)
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    config = {
        "model_type": "qwen2_5_vl",
        "num_hidden_layers": LLM_LAYERS,
        "vision_config": {"depth": VISION_DEPTH},
    }
    (folder / "config.json").write_text(json.dumps(config))


def place(name: str) -> tuple[int, str] | None:
    parts = name.split(".")
    if name.startswith("visual.blocks."):
        return int(parts[2]) - VISION_DEPTH, "Vision Encoder"
    if "merger" in name:
        return 0, "Projector"
    if name.startswith("model.layers."):
        return int(parts[2]) + 1, "LLM Backbone"
    return None


def component(name: str) -> str:
    if any(part in name for part in ("q_proj", "k_proj", "v_proj", "o_proj", "attn", "qkv")):
        return "Attention"
    return "MLP" if "mlp" in name else "Other"


def metrics(values: np.ndarray, fro: float, topk: int) -> dict:
    positive = values[values > 1e-12]
    share = positive / positive.sum() if len(positive) else positive
    return {
        "spectral_norm": float(values[0]),
        "nuclear_norm": float(values.sum()),
        "fro_norm": fro,
        "stable_rank": float(fro**2 / (values[0] ** 2 + 1e-12)),
        "effective_rank": float(np.exp(-(share * np.log(share)).sum())) if len(positive) else 0.0,
        "condition_number": float(values[0] / (values[-1] + 1e-12)),
        "log_volume": float(np.log(values[:topk] + 1e-12).sum()),
        "singular_values": [float(v) for v in values[:topk]],
    }


def angles(first: np.ndarray, second: np.ndarray) -> list[dict]:
    """Principal angles of the spaces of the leading 1, 8 and 64 singular vectors, fewer if fewer
    carry an update (effective rank)."""
    (u1, s1, v1), (u2, s2, v2) = (np.linalg.svd(a, full_matrices=False) for a in (first, second))
    ranks = [metrics(s, 0.0, 1)["effective_rank"] for s in (s1, s2)]
    found = []
    for size in (1, 8, 64):
        k = min(size, round(min(ranks)))
        if k == 0:
            continue
        sides = {"left": (u1[:, :k], u2[:, :k]), "right": (v1[:k].T, v2[:k].T)}
        entry = {"size": size, "k": k}
        for side, spaces in sides.items():
            radians = subspace_angles(*spaces)
            entry[side] = {
                "overlap": float((np.cos(radians) ** 2).mean()),
                "chance": k / len(spaces[0]),
                "smallest_angle": float(np.degrees(radians.min())),
                "largest_angle": float(np.degrees(radians.max())),
            }
        found.append(entry)
    return found


def main() -> None:
    rng = np.random.default_rng(20260212)
    base, sft, rl = {}, {}, {}
    for name, shape in shapes().items():
        base[name] = to_bf16_bits(rng.normal(0, 0.05, shape))
        sft[name] = to_bf16_bits(from_bf16_bits(base[name]) + rng.normal(0, 4e-3, shape))
        rank_one = rng.normal(0, 1, shape[0])[:, None] * rng.normal(0, 1, int(np.prod(shape[1:])))
        step = rng.normal(0, 3e-4, shape) + 2e-3 * rank_one.reshape(shape)
        rl[name] = to_bf16_bits(from_bf16_bits(sft[name]) + step)
    # An update of nothing at all.
    rl["model.layers.1.self_attn.k_proj.weight"] = sft["model.layers.1.self_attn.k_proj.weight"]
    for folder, tensors, shards in (("base", base, 3), ("in", sft, 2), ("rl", rl, 4)):
        write_checkpoint(HERE / folder, tensors, shards)

    reference, energy, diversity = {}, [], []
    for name in shapes():
        spot = place(name)
        if spot is None or "weight" not in name or "norm" in name:
            continue
        b, s, r = (from_bf16_bits(t[name]).astype(np.float64) for t in (base, sft, rl))
        # A step of bf16: 8 significant bits.
        step = np.ldexp(1.0, np.frexp(s)[1] - 8)
        entry = {
            "in_norm": float(np.linalg.norm(s)),
            "elements": s.size,
            "unchanged": [int((s == b).sum()), int((r == s).sum())],
            "inner_product": float(np.vdot(s - b, r - s)),
            "rounding_norm": float(np.sqrt((step**2 / 12).sum())),
        }
        for phase, delta in (("sft", s - b), ("rl", r - s)):
            flat = delta.reshape(delta.shape[0], -1)
            entry[phase] = {"fro_norm": float(np.linalg.norm(delta))}
            if delta.ndim >= 2:
                entry[phase]["singular_values"] = np.linalg.svd(flat, compute_uv=False).tolist()
        if s.ndim >= 2:
            entry["angles"] = angles((s - b).reshape(len(s), -1), (r - s).reshape(len(s), -1))
        reference[name] = entry
        b16, s16, r16 = (t.astype(np.float16) for t in (b, s, r))
        common = {
            "param_name": name,
            "layer_idx": spot[0],
            "section": spot[1],
            "component": component(name),
        }
        norm16 = float(torch.norm(torch.from_numpy(s16.astype(np.float32)))) + 1e-8
        spectra, norms = {}, {}
        for phase, delta in (("sft", s16 - b16), ("rl", r16 - s16)):
            tensor = torch.from_numpy(delta.astype(np.float32))
            fro = float(torch.norm(tensor))
            norms[phase] = {"fro_norm": fro, "relative_norm": fro / norm16}
            if tensor.dim() >= 2:
                values = torch.linalg.svdvals(tensor.flatten(1)).numpy()
                spectra[phase] = metrics(values, fro, TOPK)
        energy.append({**common, **norms})
        if spectra:
            third, llm = LLM_LAYERS // 3, spot[0] - 1
            region = "early" if llm < third else "middle" if llm < 2 * third else "late"
            region = region if spot[1] == "LLM Backbone" else None
            diversity.append({**common, "region": region, **spectra})

    def summary(entries: list[dict], keys: dict[str, str], extra: tuple[str, ...]) -> list[dict]:
        rows = []
        for index in sorted({e["layer_idx"] for e in entries}):
            mine = [e for e in entries if e["layer_idx"] == index]
            row = {k: mine[0][k] for k in ("layer_idx", "section", *extra)}
            row["n_params"] = len(mine)
            for phase in ("sft", "rl"):
                row[phase] = {
                    f"{key}_{how}": (np.mean if how == "mean" else np.sum)(
                        [e[phase][key] for e in mine]
                    ).item()
                    for key, hows in keys.items()
                    for how in hows.split()
                }
            rows.append(row)
        return rows

    names = {"base_model": "base", "sft_model": "in", "rl_model": "rl"}
    energy_keys = {"fro_norm": "mean sum", "relative_norm": "mean"}
    diversity_keys = dict.fromkeys(
        ("spectral_norm", "stable_rank", "effective_rank", "log_volume"), "mean"
    )
    more = {"weight_filter": None, "topk": TOPK, "num_llm_layers": LLM_LAYERS}
    files = {
        "reference.json": reference,
        "original_energy.json": {
            "metadata": names,
            "layers": energy,
            "summary": summary(energy, energy_keys, ()),
        },
        "original_diversity.json": {
            "metadata": {**names, **more},
            "layers": diversity,
            "summary": summary(diversity, diversity_keys, ("region",)),
        },
    }
    for name, content in files.items():
        (HERE / name).write_text(json.dumps(content))


if __name__ == "__main__":
    main()
