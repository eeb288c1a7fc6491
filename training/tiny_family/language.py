"""The language model: decoder layers with grouped-query attention and multimodal rotary positions."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig
from .layers import GatedMLP, RMSNorm, rotate

Cache = tuple[Tensor, Tensor]
"""Keys and values [B, kv_heads, S, head_dim]."""


class Attention(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = c.heads, c.kv_heads, c.head_dim
        self.q_proj = nn.Linear(c.hidden, c.heads * c.head_dim)
        self.k_proj = nn.Linear(c.hidden, c.kv_heads * c.head_dim)
        self.v_proj = nn.Linear(c.hidden, c.kv_heads * c.head_dim)
        self.o_proj = nn.Linear(c.heads * c.head_dim, c.hidden, bias=False)

    def project(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, length, _ = x.shape
        q = self.q_proj(x).view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Cache]:
        """Causal attention over the whole of x [B, T, D]; also its keys and values."""
        q, k, v = self.project(x, cos, sin)
        groups = self.heads // self.kv_heads
        wide_k, wide_v = (
            t[:, :, None].expand(-1, -1, groups, -1, -1).reshape(q.shape) for t in (k, v)
        )
        out = F.scaled_dot_product_attention(q, wide_k, wide_v, is_causal=True)
        return self.o_proj(out.transpose(1, 2).reshape(x.shape[0], x.shape[1], -1)), (k, v)

    def step(
        self, x: Tensor, cos: Tensor, sin: Tensor, cache: Cache, slot: Tensor, hidden: Tensor
    ) -> Tensor:
        """One new token for every row: x [B, 1, D] is written at `slot` of the cache in place;
        `hidden` [B, S] is added to the scores (minus infinity where a slot is not to be seen)."""
        q, k, v = self.project(x, cos, sin)
        keys, values = cache
        keys.index_copy_(2, slot, k.to(keys.dtype))
        values.index_copy_(2, slot, v.to(values.dtype))
        grouped = q.reshape(x.shape[0], self.kv_heads, -1, self.head_dim)
        scores = grouped @ keys.transpose(-1, -2) * self.head_dim**-0.5
        weights = (scores.float() + hidden[:, None, None]).softmax(-1).to(values.dtype)
        return self.o_proj((weights @ values).reshape(x.shape[0], 1, -1))


class DecoderLayer(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(c.hidden)
        self.post_attention_layernorm = RMSNorm(c.hidden)
        self.self_attn = Attention(c)
        self.mlp = GatedMLP(c.hidden, c.intermediate, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mixed, (k, v) = self.self_attn(self.input_layernorm(x), cos, sin)
        x = x + mixed
        return x + self.mlp(self.post_attention_layernorm(x)), k, v

    def step(
        self, x: Tensor, cos: Tensor, sin: Tensor, cache: Cache, slot: Tensor, hidden: Tensor
    ) -> Tensor:
        x = x + self.self_attn.step(self.input_layernorm(x), cos, sin, cache, slot, hidden)
        return x + self.mlp(self.post_attention_layernorm(x))


class LanguageModel(nn.Module):
    def __init__(self, c: ModelConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocabulary, c.hidden)
        self.layers = nn.ModuleList(DecoderLayer(c) for _ in range(c.layers))
        self.norm = RMSNorm(c.hidden)
