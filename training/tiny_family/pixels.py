"""Scenes to patches on the accelerator, thousands at a time."""

import numpy as np
import torch
from torch import Tensor

from .scenes import BLACK, ROW_LENGTH, SPRITES, mask
from .spec import BACKGROUNDS, CELL, CELLS, COLORS, GRID, JITTER, PALETTE, SIDE

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
PATCH = CELL // 2


class Renderer:
    """Draws rows (Scene.row) as palette indices and as normalised patches."""

    def __init__(self, device: torch.device) -> None:
        padded = np.zeros((len(SPRITES) + 1, CELL + 2 * JITTER, CELL + 2 * JITTER), np.uint8)
        for number, sprite in enumerate(SPRITES, start=1):
            color = len(BACKGROUNDS) + COLORS.index(sprite.color)
            inner = padded[number, JITTER : JITTER + CELL, JITTER : JITTER + CELL]
            # One byte a pixel: the palette index moved up by 1, with 0 for what is not covered.
            inner[mask(sprite)] = color + 1
        self.table = torch.from_numpy(padded).to(device)
        # The palette has one more entry for this renderer: black, the background of a black image.
        colors = torch.tensor([*PALETTE, [0, 0, 0]], device=device)
        self.background = torch.arange(len(BACKGROUNDS) + 1, device=device)
        self.background[BLACK] = len(PALETTE)
        self.rgb = colors.to(torch.uint8)
        mean, std = (torch.tensor(v, device=device) for v in (MEAN, STD))
        self.normalised = (colors.float() / 255 - mean) / std
        self.across = torch.arange(CELL, device=device)

    def cells(self, rows: Tensor) -> Tensor:
        """rows [B, 49] -> palette indices [B, 16, 28, 28], cell by cell. No sprite leaves its cell."""
        if rows.shape[1] != ROW_LENGTH:
            raise ValueError(f"Cannot draw rows of {rows.shape[1]} numbers: expected {ROW_LENGTH}.")
        sprite, dx, dy, background = rows.long().split([CELLS, CELLS, CELLS, 1], 1)
        y = self.across[None, None] - dy[..., None] + JITTER
        x = self.across[None, None] - dx[..., None] + JITTER
        size = self.table.shape[-1]
        flat = (sprite[..., None, None] * size + y[..., :, None]) * size + x[..., None, :]
        covered = self.table.view(-1)[flat].long()
        under = self.background[background][..., None, None]
        return torch.where(covered > 0, covered - 1, under)

    def images(self, rows: Tensor) -> Tensor:
        """RGB bytes [B, 112, 112, 3]"""
        cells = self.cells(rows).view(-1, GRID, GRID, CELL, CELL)
        return self.rgb[cells.permute(0, 1, 3, 2, 4).reshape(-1, SIDE, SIDE)]

    def patches(self, rows: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Normalised patches [B, 64, 588] in the processor's order, one frame of two."""
        cells = self.cells(rows).view(-1, CELLS, 2, PATCH, 2, PATCH)
        patches = cells.permute(0, 1, 2, 4, 3, 5).reshape(-1, CELLS * 4, PATCH * PATCH)
        return self.normalised.to(dtype)[patches].transpose(2, 3).flatten(2)


def patches_of_images(images: Tensor) -> Tensor:
    """RGB bytes [B, 112, 112, 3] -> the same patches, [B, 64, 588] in f32."""
    mean, std = (torch.tensor(v, device=images.device) for v in (MEAN, STD))
    pixels = ((images.float() / 255 - mean) / std).view(-1, GRID, 2, PATCH, GRID, 2, PATCH, 3)
    return pixels.permute(0, 1, 4, 2, 5, 7, 3, 6).reshape(-1, CELLS * 4, 3 * PATCH * PATCH)
