"""IN: supervised fine-tuning on chains of thought, stopped while there is still much to learn."""

from dataclasses import dataclass
from pathlib import Path

import torch

from .checkpoint import save_checkpoint
from .log import Log
from .session import Validation, flatten, open_session, supervised_loss
from .step import TrainingStep

MIXTURES: dict[str, dict[str, int]] = {
    "tiny": {
        "in_maths": 128, "in_word": 80, "in_align": 128, "in_vision": 64, "in_described": 48, "direct": 64,
    },
    "tiny-b": {
        "in_maths": 96, "in_word": 144, "in_align": 96, "in_vision": 32, "in_described": 80, "direct": 64,
    },
}
"""Samples a step, by recipe: the second has more text and fewer images."""
POOL = 40_000
GOALS = ("in_align", "in_maths", "in_word")
"""Kinds whose validation accuracy decides when to stop."""


@dataclass(frozen=True)
class InstructOptions:
    start: Path
    out: Path
    log: Path
    recipe: str = "tiny"
    rate: float = 2e-4
    warmup: int = 20
    seed: str = "in"
    goal: float = 0.45
    """A kind that is right this often on validation is left out of the loss from then on."""
    most_steps: int = 600
    validate_every: int = 5
    pool_scale: float = 1.0
    batch_scale: float = 1.0


def instruct(o: InstructOptions) -> None:
    log = Log(o.log, stage="in", recipe=o.recipe)
    scaled = {k: max(1, int(n * o.batch_scale)) for k, n in MIXTURES[o.recipe].items()}
    pools = dict.fromkeys(scaled, max(64, int(POOL * o.pool_scale)))
    tokenizer = o.start / "tokenizer.json"
    session = open_session(pools, list(GOALS), f"{o.recipe}/{o.seed}", tokenizer, o.start)
    log.write(event="pools", rejected={k: p.rejected for k, p in session.pools.items()}, sizes=pools)
    mixture = session.mixture(scaled)
    kinds = [kind for kind, n in mixture.counts.items() for _ in range(n)]

    def loss(*inputs: torch.Tensor) -> torch.Tensor:
        *tensors, weights = inputs
        with session.autocast():
            return supervised_loss(session.model, *tensors, mixture.response_width, weights)

    update = TrainingStep(session.model, loss, decay=0.01)
    validation = Validation(session, size=512, new_tokens=88)
    reached: set[str] = set()
    for step in range(o.most_steps):
        weights = torch.tensor([0.0 if k in reached else 1.0 for k in kinds], device=session.device)
        inputs = [*flatten(mixture.draw(session.generator)), weights]
        value = update(inputs, o.rate * min(1.0, (step + 1) / o.warmup))
        if step % o.validate_every == o.validate_every - 1:
            accuracy = validation()
            reached |= {kind for kind in GOALS if accuracy[kind] >= o.goal}
            log.write(step=step + 1, loss=round(value.item(), 4), accuracy=accuracy, reached=sorted(reached))
            if len(reached) == len(GOALS):
                break
    save_checkpoint(session.model, o.out, tokenizer)
