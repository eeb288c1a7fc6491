"""Sizes of the model, and the configuration file that Hugging Face reads."""

from dataclasses import dataclass
from typing import Any

from .tokenizer import END, IMAGE, PAD, TOKEN_ID, VOCABULARY


@dataclass(frozen=True)
class ModelConfig:
    vocabulary: int = VOCABULARY
    hidden: int = 128
    layers: int = 12
    heads: int = 4
    kv_heads: int = 2
    intermediate: int = 256
    rope_theta: float = 10000.0
    rope_sections: tuple[int, int, int] = (4, 6, 6)
    vision_hidden: int = 64
    vision_depth: int = 6
    vision_heads: int = 4
    vision_intermediate: int = 128
    full_attention_blocks: tuple[int, ...] = (2, 5)
    patch: int = 14
    merge: int = 2
    window: int = 56

    @property
    def head_dim(self) -> int:
        return self.hidden // self.heads

    def thirds(self) -> dict[str, range]:
        """Layers of the early, middle and late block."""
        first, second = self.layers // 3, 2 * (self.layers // 3)
        return {
            "early": range(first), "mid": range(first, second), "late": range(second, self.layers),
        }


def config_json(c: ModelConfig = ModelConfig()) -> dict[str, Any]:
    """config.json in the flat layout of the published Qwen2.5-VL checkpoints."""
    return {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl",
        "vocab_size": c.vocabulary,
        "hidden_size": c.hidden,
        "intermediate_size": c.intermediate,
        "num_hidden_layers": c.layers,
        "num_attention_heads": c.heads,
        "num_key_value_heads": c.kv_heads,
        "hidden_act": "silu",
        "max_position_embeddings": 4096,
        "max_window_layers": c.layers,
        "rms_norm_eps": 1e-6,
        "rope_theta": c.rope_theta,
        "rope_scaling": {"type": "mrope", "mrope_section": list(c.rope_sections)},
        "sliding_window": 4096,
        "use_sliding_window": False,
        "tie_word_embeddings": True,
        "use_cache": True,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "torch_dtype": "bfloat16",
        "bos_token_id": PAD,
        "eos_token_id": END,
        "pad_token_id": PAD,
        "image_token_id": IMAGE,
        "video_token_id": TOKEN_ID["<|video_pad|>"],
        "vision_start_token_id": TOKEN_ID["<|vision_start|>"],
        "vision_end_token_id": TOKEN_ID["<|vision_end|>"],
        "vision_token_id": TOKEN_ID["<|vision_pad|>"],
        "vision_config": {
            "model_type": "qwen2_5_vl",
            "depth": c.vision_depth,
            "hidden_act": "silu",
            "hidden_size": c.vision_hidden,
            "intermediate_size": c.vision_intermediate,
            "num_heads": c.vision_heads,
            "in_chans": 3,
            "in_channels": 3,
            "out_hidden_size": c.hidden,
            "patch_size": c.patch,
            "spatial_merge_size": c.merge,
            "spatial_patch_size": c.patch,
            "window_size": c.window,
            "fullatt_block_indexes": list(c.full_attention_blocks),
            "tokens_per_second": 2,
            "temporal_patch_size": 2,
        },
    }
