"""Batches of several kinds with a shape that never changes, so that compiled code is reused."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .model import Batch
from .pixels import Renderer
from .pools import Answer, Pool
from .samples import IMAGE_KINDS
from .tokenizer import PAD


@dataclass
class Drawn:
    """Samples drawn from pools, rows with an image first."""

    batch: Batch
    prompt_lengths: Tensor
    response_lengths: Tensor
    answers: list[Answer]


def _round_up(n: int, multiple: int = 8) -> int:
    return -(-n // multiple) * multiple


class Mixture:
    """Draws `counts[kind]` samples of every kind."""

    def __init__(
        self, pools: dict[str, Pool], counts: dict[str, int], renderer: Renderer, dtype: torch.dtype
    ) -> None:
        self.counts = {kind: counts[kind] for kind in sorted(counts, key=_images_first) if counts[kind]}
        self.pools = {kind: pools[kind] for kind in self.counts}
        self.renderer, self.dtype = renderer, dtype
        self.width = _round_up(max(pool.ids.shape[1] for pool in self.pools.values()))
        self.prompt_width = _round_up(max(int(p.prompt_lengths.max()) for p in self.pools.values()))
        longest = max(int(p.response_lengths.max()) for p in self.pools.values())
        self.response_width = _round_up(longest)

    def draw(self, generator: torch.Generator, answers: bool = False) -> Drawn:
        """Random samples, with replacement."""
        return self._take(
            {
                kind: torch.randint(
                    0, len(self.pools[kind]), (n,), device=generator.device, generator=generator
                )
                for kind, n in self.counts.items()
            },
            answers,
        )

    def take(self, start: int) -> Drawn:
        """Samples `start` and on of every kind, in order."""
        device = self.renderer.table.device
        return self._take(
            {kind: torch.arange(start, start + n, device=device) for kind, n in self.counts.items()},
            True,
        )

    def _take(self, picks: dict[str, Tensor], answers: bool) -> Drawn:
        ids, prompts, responses, rows, golds = [], [], [], [], []
        for kind, pick in picks.items():
            pool = self.pools[kind]
            missing = self.width - pool.ids.shape[1]
            ids.append(torch.nn.functional.pad(pool.ids[pick], (0, missing), value=PAD))
            prompts.append(pool.prompt_lengths[pick])
            responses.append(pool.response_lengths[pick])
            if pool.rows is not None:
                rows.append(pool.rows[pick])
            if answers:
                golds += [pool.answers[i] for i in pick.tolist()]
        patches = self.renderer.patches(torch.cat(rows), self.dtype) if rows else None
        batch = Batch(torch.cat(ids).long(), patches)
        return Drawn(batch, torch.cat(prompts), torch.cat(responses), golds)


def _images_first(kind: str) -> tuple[bool, str]:
    return kind not in IMAGE_KINDS, kind
