"""What training must leave out: every shipped scene and every shipped problem."""

import json
from pathlib import Path

from .samples import Sample
from .spec import DATASET

HELD_OUT_PATH = DATASET / "tiny/held_out.jsonl"


class HeldOut:
    """The shipped scenes and expressions, by content."""

    def __init__(self, path: Path = HELD_OUT_PATH) -> None:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        self.scenes = {r["scene"] for r in records if r["scene"] is not None}
        self.expressions = {r["expression"] for r in records if r["expression"] is not None}

    def contains(self, sample: Sample) -> bool:
        """Whether a sample shows a shipped scene or, in words, asks a shipped problem."""
        problem = sample.problem
        if problem.scene is not None and problem.scene.key() in self.scenes:
            return True
        in_words = problem.scene is None or sample.kind.endswith("described")
        return in_words and problem.expression in self.expressions
