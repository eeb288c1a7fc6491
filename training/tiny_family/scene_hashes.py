"""Hashes of scenes as the training side draws them, for the generator's test to compare with."""

import hashlib
import json
from pathlib import Path
from random import Random

import numpy as np
import torch

from .pixels import Renderer
from .samples import IMAGE_KINDS, make_sample
from .scenes import render

SCENES = 96


def write_scene_hashes(path: Path) -> None:
    """Draws random scenes of every kind with both renderers and writes key and SHA-256 of the RGB
    bytes, one scene a line."""
    rng = Random("scene hashes")
    kinds = [kind for kind in IMAGE_KINDS if not kind.endswith("described")]
    scenes = [make_sample(rng, kinds[i % len(kinds)]).problem.scene for i in range(SCENES)]
    rows = torch.tensor([scene.row() for scene in scenes])
    batched = Renderer(torch.device("cpu")).images(rows).numpy()
    lines = []
    for scene, image in zip(scenes, batched):
        if not np.array_equal(image, render(scene)):
            raise AssertionError(f"The two renderers differ on {scene.key()}.")
        lines.append(json.dumps({"key": scene.key(), "sha256": hashlib.sha256(image.tobytes()).hexdigest()}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
