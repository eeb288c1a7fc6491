"""Scenes and the pixels they show: the same as the generator's in TypeScript."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .spec import (
    BACKGROUNDS, CELL, CELLS, COLORS, GLYPH_COLORS, GRID, JITTER, PALETTE, SCENE, SHAPES, SIDE, SIZES,
)


class Sprite(NamedTuple):
    """A shape (with a radius) or a glyph (radius 0)."""

    kind: str
    color: str
    radius: int = 0

    @property
    def name(self) -> str:
        return f"{self.color} {self.kind} {self.radius}" if self.radius else f"{self.color} {self.kind}"

    @property
    def object_name(self) -> str:
        return f"{self.color} {self.kind}"


SPRITES: list[Sprite] = [
    *(Sprite(shape, color, radius) for shape in SHAPES for color in COLORS for radius in SIZES),
    *(Sprite(glyph, color) for glyph in SCENE["font"] for color in GLYPH_COLORS),
]
SPRITE_NUMBER: dict[Sprite, int] = {sprite: i + 1 for i, sprite in enumerate(SPRITES)}
"""Numbers start at 1; 0 is an empty cell."""


class Placement(NamedTuple):
    cell: int
    sprite: Sprite
    dx: int
    dy: int


@dataclass(slots=True)
class Scene:
    """A background and placements in ascending order of cells."""

    background: int
    placements: list[Placement]

    def key(self) -> str:
        """A text that two scenes share exactly if they show the same."""
        parts = [f"{p.cell} {p.sprite.name} {p.dx} {p.dy}" for p in self.placements]
        return "|".join([str(self.background), *parts])

    def row(self) -> list[int]:
        """49 small integers for the batched renderer: sprites, offsets in x, in y, background."""
        sprites, dx, dy = [0] * CELLS, [0] * CELLS, [0] * CELLS
        for p in self.placements:
            sprites[p.cell], dx[p.cell], dy[p.cell] = SPRITE_NUMBER[p.sprite], p.dx, p.dy
        return [*sprites, *dx, *dy, self.background]

    def sprites(self) -> list[Sprite]:
        return [p.sprite for p in self.placements]


ROW_LENGTH = 3 * CELLS + 1
BLACK = len(BACKGROUNDS)
BLACK_ROW: list[int] = [0] * (3 * CELLS) + [BLACK]
"""The row of an image that is black everywhere."""


def compose(rng: Random, sprites: list[Sprite], cells: list[int] | None = None) -> Scene:
    """Sprites in random cells (or the given ones), with random offsets and background."""
    if cells is None:
        cells = rng.sample(range(CELLS), len(sprites))
    placements = [
        Placement(cell, sprite, rng.randint(-JITTER, JITTER), rng.randint(-JITTER, JITTER))
        for cell, sprite in zip(cells, sprites)
    ]
    return Scene(rng.randrange(len(BACKGROUNDS)), sorted(placements))


def parse_key(key: str) -> Scene:
    """The scene that a key describes; the inverse of Scene.key."""
    background, *parts = key.split("|")
    placements = []
    for part in parts:
        cell, color, kind, *rest = part.split(" ")
        radius = int(rest[0]) if len(rest) == 3 else 0
        dx, dy = int(rest[-2]), int(rest[-1])
        placements.append(Placement(int(cell), Sprite(kind, color, radius), dx, dy))
    return Scene(int(background), placements)


@cache
def mask(sprite: Sprite) -> npt.NDArray[np.bool_]:
    """Which pixels of its cell a sprite covers: [28, 28]."""
    y, x = np.mgrid[0:CELL, 0:CELL]
    if not sprite.radius:
        column = (x - SCENE["glyphLeft"]) // SCENE["glyphScale"]
        row = (y - SCENE["glyphTop"]) // SCENE["glyphScale"]
        inside = (column >= 0) & (column <= 4) & (row >= 0) & (row <= 6)
        bits = np.array(SCENE["font"][sprite.kind])[row.clip(0, 6)]
        return inside & ((bits >> (4 - column.clip(0, 4))) & 1 == 1)
    dx, dy, radius = x - CELL // 2, y - CELL // 2, sprite.radius
    if sprite.kind == "circle":
        return dx * dx + dy * dy <= radius * radius
    if sprite.kind == "square":
        return (abs(dx) <= radius) & (abs(dy) <= radius)
    if sprite.kind == "triangle":
        return (abs(dy) <= radius) & (2 * abs(dx) <= dy + radius)
    longer, shorter = np.maximum(abs(dx), abs(dy)), np.minimum(abs(dx), abs(dy))
    return (longer <= radius) & (shorter <= radius // 3)


def origin(p: Placement) -> tuple[int, int]:
    """Left and top of a placement's cell, offset added."""
    return p.cell % GRID * CELL + p.dx, p.cell // GRID * CELL + p.dy


@cache
def _extent(sprite: Sprite) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(mask(sprite))
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def bounding_box(p: Placement) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels; right and bottom are not included."""
    left, top = origin(p)
    x0, y0, x1, y1 = _extent(p.sprite)
    return left + x0, top + y0, left + x1, top + y1


def render(scene: Scene) -> npt.NDArray[np.uint8]:
    """RGB pixels [112, 112, 3], drawn one scene at a time: the reference for the batched renderer."""
    pixels = np.full((SIDE, SIDE), scene.background, np.uint8)
    for p in scene.placements:
        left, top = origin(p)
        ys, xs = np.nonzero(mask(p.sprite))
        pixels[top + ys, left + xs] = len(BACKGROUNDS) + COLORS.index(p.sprite.color)
    return np.array(PALETTE, np.uint8)[pixels]
