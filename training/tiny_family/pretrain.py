"""Base: pre-training from nothing on captions, vision questions and easy step-by-step problems."""

import math
from dataclasses import dataclass
from pathlib import Path

import torch

from .checkpoint import save_checkpoint
from .log import Log
from .session import Validation, flatten, open_session, supervised_loss
from .step import TrainingStep

DIRECT = {"direct": 512}
OTHERS = {
    "caption": 192, "base_vision": 96, "base_align": 96, "base_described": 32,
    "base_maths": 48, "base_word": 48,
}
"""Samples a step. Without captions, recognition never leaves chance."""
POOLS = {
    "direct": 600_000, "caption": 300_000, "base_vision": 100_000, "base_align": 100_000,
    "base_described": 20_000, "base_maths": 40_000, "base_word": 40_000,
}
VALIDATED = ["direct", "base_vision", "base_align", "base_maths", "base_word"]


@dataclass(frozen=True)
class PretrainOptions:
    out: Path
    tokenizer: Path
    log: Path
    steps: int = 8000
    seconds: float = 1e9
    """The learning rate falls with the share of steps or of this time, whichever is further."""
    rate: float = 1.5e-3
    warmup: int = 300
    seed: str = "base"
    pool_scale: float = 1.0
    batch_scale: float = 1.0
    validate_every: int = 2000


def cosine(progress: float) -> float:
    """Learning rate as a share of its peak, for progress from 0 to 1."""
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def pretrain(o: PretrainOptions) -> None:
    log = Log(o.log, stage="base")
    pools = {kind: max(64, int(n * o.pool_scale)) for kind, n in POOLS.items()}
    session = open_session(pools, VALIDATED, o.seed, o.tokenizer, None)
    log.write(event="pools", rejected={k: p.rejected for k, p in session.pools.items()}, sizes=pools)
    scaled = lambda counts: {k: max(1, int(n * o.batch_scale)) for k, n in counts.items()}
    mixtures = [session.mixture(scaled(counts)) for counts in (DIRECT, OTHERS)]
    tensors = len(flatten(mixtures[0].draw(session.generator)))

    def loss(*inputs: torch.Tensor) -> torch.Tensor:
        halves = zip((inputs[:tensors], inputs[tensors:]), mixtures)
        with session.autocast():
            losses = [supervised_loss(session.model, *half, m.response_width) for half, m in halves]
        return sum(losses) / len(losses)

    update = TrainingStep(session.model, loss, decay=0.01)
    validation = Validation(session, size=256, new_tokens=64)
    begun = log.elapsed()
    for step in range(o.steps):
        progress = max(step / o.steps, (log.elapsed() - begun) / o.seconds)
        last = step == o.steps - 1 or progress >= 1
        inputs = [t for mixture in mixtures for t in flatten(mixture.draw(session.generator))]
        value = update(inputs, o.rate * min(1.0, (step + 1) / o.warmup) * cosine(progress))
        if step in (0, 10, 50) or step % 100 == 99:
            log.write(step=step + 1, loss=round(value.item(), 4))
        if step % o.validate_every == o.validate_every - 1 or last:
            log.write(step=step + 1, accuracy=validation())
        if last:
            break
    save_checkpoint(session.model, o.out, o.tokenizer)
