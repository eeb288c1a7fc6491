"""What a scene may contain and how questions are worded, read from the generator's spec.json."""

import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DATASET = REPOSITORY / "dataset"

_DATA: dict[str, Any] = json.loads(
    (REPOSITORY / "dataset/generator/spec.json").read_text(encoding="utf-8")
)

SCENE: dict[str, Any] = _DATA["scene"]
QUESTIONS: dict[str, str] = _DATA["questions"]
WORDS: dict[str, Any] = _DATA["words"]
LIMITS: dict[str, Any] = _DATA["limits"]

CELL: int = SCENE["cell"]
GRID: int = SCENE["grid"]
CELLS: int = GRID * GRID
SIDE: int = CELL * GRID
JITTER: int = SCENE["jitter"]
SHAPES: list[str] = SCENE["shapes"]
COLORS: list[str] = list(SCENE["colors"])
SIZES: list[int] = SCENE["sizes"]
GLYPH_COLORS: list[str] = SCENE["glyphColors"]
DIGITS: list[str] = [glyph for glyph in SCENE["font"] if glyph.isdigit()]
LETTERS: list[str] = [glyph for glyph in SCENE["font"] if glyph.isalpha()]
BACKGROUNDS: list[list[int]] = SCENE["backgrounds"]
PALETTE: list[list[int]] = BACKGROUNDS + list(SCENE["colors"].values())
