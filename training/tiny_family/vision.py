"""The vision tower: 8 x 8 patches of 14 pixels, windows of 4 x 4 patches, 16 visual tokens.

Patches come in the processor's order: cell by cell (a cell is a merge group of 2 x 2 patches), so
visual token i is cell i of the scene. Inside the tower the cells are ordered window by window.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig
from .layers import GatedMLP, RMSNorm, rotate
from .spec import GRID

WINDOW_CELLS = 2
"""Cells along a window's side."""


def _window_order() -> Tensor:
    """Cells 0..15 in window order."""
    cells = torch.arange(GRID * GRID).view(GRID // WINDOW_CELLS, WINDOW_CELLS, -1, WINDOW_CELLS)
    return cells.permute(0, 2, 1, 3).reshape(-1)


class VisionAttention(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.qkv = nn.Linear(c.vision_hidden, 3 * c.vision_hidden)
        self.proj = nn.Linear(c.vision_hidden, c.vision_hidden)
        self.heads = c.vision_heads

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, windows: int) -> Tensor:
        """x [B, 64, D], patches of a window beside each other; attention within each window."""
        batch, patches, size = x.shape
        qkv = self.qkv(x).view(batch, patches, 3, self.heads, size // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        q, k, v = (
            t.reshape(batch, self.heads, windows, patches // windows, -1).transpose(1, 2).flatten(0, 1)
            for t in (q, k, v)
        )
        out = F.scaled_dot_product_attention(q, k, v)  # [B * windows, heads, patches / windows, d]
        return self.proj(out.transpose(1, 2).reshape(batch, patches, size))


class VisionBlock(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.norm1 = RMSNorm(c.vision_hidden)
        self.norm2 = RMSNorm(c.vision_hidden)
        self.attn = VisionAttention(c)
        self.mlp = GatedMLP(c.vision_hidden, c.vision_intermediate, bias=True)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, windows: int) -> Tensor:
        x = x + self.attn(self.norm1(x), cos, sin, windows)
        return x + self.mlp(self.norm2(x))


class PatchEmbedding(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        kernel = (2, c.patch, c.patch)
        self.proj = nn.Conv3d(3, c.vision_hidden, kernel, kernel, bias=False)

    def forward(self, patches: Tensor) -> Tensor:
        """patches [B, 64, 3 * 14 * 14]; both frames of a still image are the same, so the kernel's
        two halves act as their sum."""
        kernel = self.proj.weight.sum(2).flatten(1)
        return F.linear(patches, kernel)


class PatchMerger(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.merged = c.vision_hidden * c.merge**2
        self.ln_q = RMSNorm(c.vision_hidden)
        self.mlp = nn.Sequential(
            nn.Linear(self.merged, self.merged), nn.GELU(), nn.Linear(self.merged, c.hidden)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.mlp(self.ln_q(x).reshape(x.shape[0], -1, self.merged))


class VisionTower(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.patch_embed = PatchEmbedding(c)
        self.blocks = nn.ModuleList(VisionBlock(c) for _ in range(c.vision_depth))
        self.merger = PatchMerger(c)
        self.full = set(c.full_attention_blocks)
        self.windows = (GRID // WINDOW_CELLS) ** 2
        order = _window_order()
        self.register_buffer("order", order, persistent=False)
        self.register_buffer("restore", order.argsort(), persistent=False)
        cos, sin = self._rotary(c, order)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    @staticmethod
    def _rotary(c: ModelConfig, order: Tensor) -> tuple[Tensor, Tensor]:
        """cos and sin [64, head_dim] of every patch's row and column, in window order."""
        half = c.vision_hidden // c.vision_heads // 2
        frequency = 10000.0 ** -(torch.arange(0, half, 2).float() / half)
        cell, inner = order.repeat_interleave(c.merge**2), torch.arange(c.merge**2).repeat(len(order))
        row = cell // GRID * c.merge + inner // c.merge
        column = cell % GRID * c.merge + inner % c.merge
        angles = torch.cat([row[:, None] * frequency, column[:, None] * frequency], -1).repeat(1, 2)
        return angles.cos(), angles.sin()

    def forward(self, patches: Tensor) -> Tensor:
        """patches [B, 64, 588] -> visual tokens [B, 16, hidden]"""
        batch = patches.shape[0]
        cells = patches.view(batch, len(self.order), -1)[:, self.order]
        x = self.patch_embed(cells.view(batch, patches.shape[1], -1))
        cos, sin = self.cos.to(x.dtype), self.sin.to(x.dtype)
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin, 1 if i in self.full else self.windows)
        return self.merger(x)[:, self.restore]
