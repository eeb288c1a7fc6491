"""Qwen2.5-VL at toy size: parameter names and arithmetic of Hugging Face's
Qwen2_5_VLForConditionalGeneration, for images of one size."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .config import ModelConfig
from .language import Cache, LanguageModel
from .prompts import IMAGE_TOKENS
from .spec import GRID
from .tokenizer import IMAGE
from .vision import VisionTower


@dataclass
class Batch:
    """Rows of tokens, padded on the right; rows with an image come first."""

    ids: Tensor
    """[B, T]"""
    patches: Tensor | None
    """[images, 64, 588] for the first rows, or None if no row has an image."""
    repeats: int = 1
    """Rows that share each image, beside each other."""


class TinyVLM(nn.Module):
    def __init__(self, config: ModelConfig = ModelConfig()) -> None:
        super().__init__()
        self.config = config
        self.visual = VisionTower(config)
        self.model = LanguageModel(config)
        dim = config.head_dim
        frequency = config.rope_theta ** -(torch.arange(0, dim, 2).float() / dim)
        self.register_buffer("frequency", frequency, persistent=False)

    def initialise(self, generator: torch.Generator) -> None:
        """Normal weights of 1/sqrt(inputs), halved where they write into the residual stream."""
        writes = ("down_proj.weight", "o_proj.weight", "attn.proj.weight")
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif "embed_tokens" in name:
                nn.init.normal_(parameter, std=0.02, generator=generator)
            elif parameter.dim() >= 2:
                std = 1 / math.sqrt(parameter[0].numel())
                std *= 0.5 if name.endswith(writes) else 1.0
                nn.init.normal_(parameter, std=std, generator=generator)

    def compile_blocks(self) -> None:
        """Compiles each block in place; blocks of one kind share their compiled code."""
        torch._dynamo.config.cache_size_limit = 64
        for block in [*self.model.layers, *self.visual.blocks]:
            block.compile(dynamic=False)

    def positions(self, ids: Tensor) -> Tensor:
        """Temporal, row and column position of every token: [3, B, T]. An image takes GRID
        positions in every direction, as its 4 x 4 tokens lie; text goes on after it."""
        index = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        inside = ids == IMAGE
        first = torch.where(inside.any(1), inside.int().argmax(1), ids.shape[1])[:, None]
        text = torch.where(index >= first + IMAGE_TOKENS, index - IMAGE_TOKENS + GRID, index)
        offset = index - first
        row = first + torch.div(offset, GRID, rounding_mode="floor")
        column = first + offset % GRID
        return torch.stack([torch.where(inside, p, text) for p in (first, row, column)])

    def rotary(self, positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """cos and sin [B, 1, T, head_dim] of positions [3, B, T], section by section."""
        angles = positions[..., None].float() * self.frequency
        angles = torch.cat([angles, angles], -1)
        sections = angles.split(list(self.config.rope_sections) * 2, -1)
        mixed = torch.cat([part[i % 3] for i, part in enumerate(sections)], -1)[:, None]
        return mixed.cos().to(dtype), mixed.sin().to(dtype)

    def embed(self, batch: Batch) -> Tensor:
        """Token embeddings with the visual tokens in place: [B, T, D]"""
        x = self.model.embed_tokens(batch.ids)
        if batch.patches is None:
            return x
        visual = self.visual(batch.patches)
        x = x.to(visual.dtype)
        visual = visual[:, None].expand(-1, batch.repeats, -1, -1).flatten(0, 1)
        images = visual.shape[0]
        first = (batch.ids[:images] == IMAGE).int().argmax(1)
        rows = torch.arange(images, device=x.device) * batch.ids.shape[1]
        at = (rows + first)[:, None] + torch.arange(IMAGE_TOKENS, device=x.device)
        flat = x.flatten(0, 1).index_copy(0, at.flatten(), visual.flatten(0, 1))
        return flat.view_as(x)

    def hidden(self, batch: Batch, keep: Callable[[int, Cache], None] | None = None) -> Tensor:
        """Final hidden states [B, T, D]; `keep` is given each layer's keys and values."""
        x = self.embed(batch)
        cos, sin = self.rotary(self.positions(batch.ids), x.dtype)
        for i, layer in enumerate(self.model.layers):
            x, k, v = layer(x, cos, sin)
            if keep is not None:
                keep(i, (k, v))
        return self.model.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of every token, in f32: the head is the embedding."""
        weight = self.model.embed_tokens.weight
        return (hidden @ weight.t().to(hidden.dtype)).float()


def response_logits(model: TinyVLM, batch: Batch, prompt_lengths: Tensor, length: int) -> Tensor:
    """Logits that predict the first `length` tokens after each prompt: [B, length, V]"""
    hidden = model.hidden(batch)
    at = prompt_lengths[:, None] - 1 + torch.arange(length, device=hidden.device)
    at = at.clamp(max=hidden.shape[1] - 1)
    picked = hidden.gather(1, at[..., None].expand(-1, -1, hidden.shape[-1]))
    return model.logits(picked)
