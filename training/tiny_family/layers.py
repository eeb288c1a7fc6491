"""Parts that both towers share."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-6


class RMSNorm(nn.Module):
    """Root mean square norm, computed in f32."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        y = x.float()
        y = y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + EPSILON)
        return (self.weight * y).to(x.dtype)


class GatedMLP(nn.Module):
    """down(silu(gate(x)) * up(x))"""

    def __init__(self, size: int, intermediate: int, bias: bool) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(size, intermediate, bias=bias)
        self.up_proj = nn.Linear(size, intermediate, bias=bias)
        self.down_proj = nn.Linear(intermediate, size, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding of [..., head_dim], halves paired."""
    first, second = x.chunk(2, -1)
    return (x * cos + torch.cat([-second, first], -1) * sin).to(x.dtype)
