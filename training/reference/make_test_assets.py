"""Makes what the tests of lib/model run on: two small random checkpoints and some images.

random-qwen, a Qwen2.5-VL, has everything the trained tiny one has not: other head counts, a window
of three visual tokens, other full-attention blocks, a head of its own, a vocabulary larger than the
tokenizer's, shards, and the nested config with rope_parameters and the newer tensor names.
random-qwen2-vl is a Qwen2-VL in the layout of published files: a flat config and the older names.
Everything is drawn from one seed, so a second run writes the same bytes.

    python3 training/reference/make_test_assets.py --tokenizer lib/model/testdata/random-qwen/tokenizer.json
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

TESTDATA = Path(__file__).resolve().parents[2] / "lib" / "model" / "testdata"

HIDDEN, HEADS, KV_HEADS, MLP, LAYERS, VOCAB = 96, 6, 2, 128, 4, 520
VISION, VISION_HEADS, VISION_MLP, DEPTH = 48, 3, 80, 4
HEAD_DIM = HIDDEN // HEADS
QWEN2_DEPTH, QWEN2_MLP_RATIO = 3, 2

CHAT_TEMPLATE = (
    "{% set images = namespace(count=0) %}"
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}"
    "{% set images.count = images.count + 1 %}"
    "{% if add_vision_id %}Picture {{ images.count }}: {% endif %}"
    "<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


TEXT_CONFIG = {
    "vocab_size": VOCAB,
    "hidden_size": HIDDEN,
    "intermediate_size": MLP,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KV_HEADS,
    "hidden_act": "silu",
    "max_position_embeddings": 2048,
    "max_window_layers": LAYERS,
    "rms_norm_eps": 1e-5,
    "sliding_window": None,
    "use_sliding_window": False,
    "tie_word_embeddings": False,
}


def to_bf16(values):
    """f32 -> the bit patterns of the nearest bf16 values, ties to even."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, bits in tensors.items():
        end = offset + bits.nbytes
        header[name] = {"dtype": "BF16", "shape": list(bits.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(b.tobytes() for b in tensors.values()))


class Drawing:
    """Tensors by name, drawn one after the other."""

    def __init__(self, seed):
        self.rng = np.random.RandomState(seed)
        self.tensors = {}

    def weight(self, name, *shape, gain=1.0):
        fan_in = int(np.prod(shape[1:]))
        self.tensors[name] = to_bf16(self.rng.standard_normal(shape) * gain / np.sqrt(fan_in))

    def bias(self, name, size):
        self.tensors[name] = to_bf16(self.rng.standard_normal(size) * 0.1)

    def norm(self, name, size):
        self.tensors[name] = to_bf16(1 + self.rng.standard_normal(size) * 0.1)

    def linear(self, name, out, size, gain=1.0):
        self.weight(f"{name}.weight", out, size, gain=gain)
        self.bias(f"{name}.bias", out)

    def layer_norm(self, name, size):
        self.norm(f"{name}.weight", size)
        self.bias(f"{name}.bias", size)


def text_tensors(draw, text):
    draw.weight(text + "embed_tokens.weight", VOCAB, HIDDEN, gain=np.sqrt(HIDDEN))
    for layer in range(LAYERS):
        at = f"{text}layers.{layer}."
        draw.norm(at + "input_layernorm.weight", HIDDEN)
        draw.norm(at + "post_attention_layernorm.weight", HIDDEN)
        keys = KV_HEADS * HEAD_DIM
        for name, size in ("q_proj", HIDDEN), ("k_proj", keys), ("v_proj", keys):
            draw.linear(f"{at}self_attn.{name}", size, HIDDEN, gain=1.5)
        draw.weight(at + "self_attn.o_proj.weight", HIDDEN, HIDDEN)
        draw.weight(at + "mlp.gate_proj.weight", MLP, HIDDEN)
        draw.weight(at + "mlp.up_proj.weight", MLP, HIDDEN)
        draw.weight(at + "mlp.down_proj.weight", HIDDEN, MLP)
    draw.norm(text + "norm.weight", HIDDEN)
    draw.weight("lm_head.weight", VOCAB, HIDDEN, gain=4.0)


def qwen2_5_vl_tensors(seed):
    draw = Drawing(seed)
    visual = "model.visual."
    text_tensors(draw, "model.language_model.")
    draw.weight(visual + "patch_embed.proj.weight", VISION, 3, 2, 14, 14)
    for block in range(DEPTH):
        at = f"{visual}blocks.{block}."
        draw.norm(at + "norm1.weight", VISION)
        draw.norm(at + "norm2.weight", VISION)
        draw.linear(at + "attn.qkv", 3 * VISION, VISION, gain=1.5)
        draw.linear(at + "attn.proj", VISION, VISION)
        for name in "gate_proj", "up_proj", "down_proj":
            out, size = (VISION, VISION_MLP) if name == "down_proj" else (VISION_MLP, VISION)
            draw.linear(f"{at}mlp.{name}", out, size)
    draw.norm(visual + "merger.ln_q.weight", VISION)
    draw.linear(visual + "merger.mlp.0", 4 * VISION, 4 * VISION)
    draw.linear(visual + "merger.mlp.2", HIDDEN, 4 * VISION)
    return draw.tensors


def qwen2_vl_tensors(seed):
    draw = Drawing(seed)
    text_tensors(draw, "model.")
    draw.weight("visual.patch_embed.proj.weight", VISION, 3, 2, 14, 14)
    for block in range(QWEN2_DEPTH):
        at = f"visual.blocks.{block}."
        draw.layer_norm(at + "norm1", VISION)
        draw.layer_norm(at + "norm2", VISION)
        draw.linear(at + "attn.qkv", 3 * VISION, VISION, gain=1.5)
        draw.linear(at + "attn.proj", VISION, VISION)
        draw.linear(at + "mlp.fc1", QWEN2_MLP_RATIO * VISION, VISION)
        draw.linear(at + "mlp.fc2", VISION, QWEN2_MLP_RATIO * VISION)
    draw.layer_norm("visual.merger.ln_q", VISION)
    draw.linear("visual.merger.mlp.0", 4 * VISION, 4 * VISION)
    draw.linear("visual.merger.mlp.2", HIDDEN, 4 * VISION)
    return draw.tensors


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def qwen2_5_vl_config(ids):
    return {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl",
        "dtype": "bfloat16",
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "tie_word_embeddings": False,
        "text_config": {
            "model_type": "qwen2_5_vl_text",
            **TEXT_CONFIG,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1000000.0,
                "mrope_section": [2, 3, 3],
            },
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
        },
        "vision_config": {
            "model_type": "qwen2_5_vl",
            "depth": DEPTH,
            "hidden_act": "silu",
            "hidden_size": VISION,
            "intermediate_size": VISION_MLP,
            "num_heads": VISION_HEADS,
            "in_channels": 3,
            "out_hidden_size": HIDDEN,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "tokens_per_second": 2,
            "window_size": 84,
            "fullatt_block_indexes": [1, 3],
        },
    }


def qwen2_vl_config(ids):
    return {
        "architectures": ["Qwen2VLForConditionalGeneration"],
        "model_type": "qwen2_vl",
        "torch_dtype": "bfloat16",
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        **TEXT_CONFIG,
        "rope_theta": 1000000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
        "vision_config": {
            "depth": QWEN2_DEPTH,
            "embed_dim": VISION,
            "mlp_ratio": QWEN2_MLP_RATIO,
            "num_heads": VISION_HEADS,
            "in_chans": 3,
            "hidden_size": HIDDEN,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "spatial_patch_size": 14,
            "temporal_patch_size": 2,
        },
    }


def write_shards(folder, tensors, shards):
    weight_map, total = {}, 0
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        mine = dict(list(tensors.items())[shard::shards])
        write_safetensors(folder / file, mine)
        weight_map.update(dict.fromkeys(mine, file))
        total += sum(bits.nbytes for bits in mine.values())
    write_json(folder / "model.safetensors.index.json", {
        "metadata": {"total_size": total},
        "weight_map": dict(sorted(weight_map.items())),
    })


def make_checkpoint(folder, tokenizer_file, config_of, processor, tensors, shards=1):
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = json.loads(tokenizer_file.read_text())
    ids = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    if shards == 1:
        write_safetensors(folder / "model.safetensors", tensors)
    else:
        write_shards(folder, tensors, shards)
    write_json(folder / "config.json", config_of(ids))
    write_json(folder / "generation_config.json", {
        "do_sample": False,
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": [ids["<|im_end|>"], ids["<|endoftext|>"]],
        "pad_token_id": ids["<|endoftext|>"],
    })
    write_json(folder / "preprocessor_config.json", {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": processor,
        "min_pixels": 3136,
        "max_pixels": 50176,
        "patch_size": 14,
        "temporal_patch_size": 2,
        "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    })
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "processor_class": processor,
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": 2048,
        "chat_template": CHAT_TEMPLATE,
    })
    write_json(folder / "tokenizer.json", tokenizer)


def shapes(size, background, items):
    image = Image.new("RGB", size, background)
    draw = ImageDraw.Draw(image)
    for kind, colour, (x, y), r in items:
        if kind == "circle":
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        elif kind == "square":
            draw.rectangle((x - r, y - r, x + r, y + r), fill=colour)
        else:
            draw.polygon(((x, y - r), (x - r, y + r), (x + r, y + r)), fill=colour)
    return image


def waves(width, height, phase):
    """A picture with fine and coarse detail, so that a resize has something to get wrong."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    channels = [
        127.5 + 127.5 * np.sin(x / (3 + c) + y / (11 - 2 * c) + phase + c) * np.cos((x - y) / (17 + 5 * c))
        for c in range(3)
    ]
    image = np.stack(channels, -1)
    image[height // 3: height // 2, width // 4: width // 2] = (250, 5, 5)
    return Image.fromarray(np.clip(np.rint(image), 0, 255).astype(np.uint8))


def make_images(folder):
    folder.mkdir(parents=True, exist_ok=True)
    red, green, blue, yellow = (220, 40, 40), (40, 160, 60), (50, 80, 220), (235, 200, 40)
    pale, grey = (245, 245, 245), (225, 232, 240)
    scenes = {
        "square_112x112.png": shapes((112, 112), pale, [
            ("circle", red, (14, 42), 9), ("square", blue, (70, 70), 9), ("triangle", green, (98, 14), 11),
        ]),
        "other_112x112.png": shapes((112, 112), grey, [
            ("square", yellow, (42, 14), 7), ("circle", blue, (98, 98), 11),
        ]),
        "wide_140x84.png": shapes((140, 84), pale, [
            ("triangle", red, (14, 70), 9), ("circle", green, (126, 14), 9), ("square", red, (70, 42), 7),
        ]),
        "tall_112x196.png": shapes((112, 196), grey, [
            ("circle", blue, (42, 180), 11), ("square", green, (98, 98), 9), ("triangle", yellow, (14, 14), 9),
        ]),
    }
    for name, scene in scenes.items():
        scene.save(folder / name, optimize=True)
    waves(150, 100, 0.3).save(folder / "waves_150x100.png", optimize=True)
    waves(40, 31, 1.1).save(folder / "small_40x31.png", optimize=True)
    # Below the 28 pixels of a visual token.
    for width, height in (20, 13), (9, 120), (1, 1), (27, 28):
        waves(width, height, 0.5).save(folder / f"below_{width}x{height}.png", optimize=True)
    palette = waves(400, 250, 2.0).quantize(48, dither=Image.Dither.NONE)
    palette.save(folder / "palette_400x250.png", optimize=True)
    waves(150, 100, 0.7).save(folder / "photo_150x100.jpg", quality=88, subsampling="4:2:0")
    waves(84, 56, 0.2).convert("L").save(folder / "gray_84x56.png", optimize=True)
    alpha = waves(56, 84, 0.9).convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize((56, 84)))
    alpha.save(folder / "alpha_56x84.png", optimize=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side: turn right by 90 degrees to show
    turned = shapes((84, 112), pale, [("triangle", red, (20, 30), 15)])
    turned.save(folder / "turned_84x112.jpg", quality=95, subsampling=0, exif=exif)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json to reuse")
    parser.add_argument("--out", type=Path, default=TESTDATA)
    args = parser.parse_args()
    make_checkpoint(
        args.out / "random-qwen", args.tokenizer, qwen2_5_vl_config, "Qwen2_5_VLProcessor", qwen2_5_vl_tensors(7), 3
    )
    make_checkpoint(
        args.out / "random-qwen2-vl", args.tokenizer, qwen2_vl_config, "Qwen2VLProcessor", qwen2_vl_tensors(8)
    )
    make_images(args.out / "images")


if __name__ == "__main__":
    main()
