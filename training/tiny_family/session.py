"""What every stage sets up: device, model, pools, validation."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from .answers import is_correct
from .batches import Drawn, Mixture
from .checkpoint import load_weights
from .generate import Generator, Shape
from .model import Batch, TinyVLM, response_logits
from .pixels import Renderer
from .pools import Pool, make_pools
from .tokenizer import END, load_tokenizer


@dataclass
class Session:
    """A model on a device with its data."""

    model: TinyVLM
    pools: dict[str, Pool]
    validation: dict[str, Pool]
    renderer: Renderer
    device: torch.device
    tokenizer_path: Path
    generator: torch.Generator

    @property
    def fast(self) -> bool:
        return self.device.type == "cuda"

    @property
    def dtype(self) -> torch.dtype:
        """Of activations; the parameters are f32."""
        return torch.bfloat16 if self.fast else torch.float32

    def mixture(self, counts: dict[str, int]) -> Mixture:
        return Mixture(self.pools, counts, self.renderer, self.dtype)

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.fast, cache_enabled=False)


def open_session(
    pool_sizes: dict[str, int],
    validation_kinds: list[str],
    seed: str,
    tokenizer: Path,
    start: Path | None,
    validation_size: int = 512,
) -> Session:
    """Makes the pools, then the model: from checkpoint `start`, or new from the seed."""
    pools = make_pools(pool_sizes, f"train/{seed}", tokenizer)
    validation = make_pools(dict.fromkeys(validation_kinds, validation_size), "validation", tokenizer)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_float32_matmul_precision("high")
    number = int.from_bytes(seed.encode(), "big") % 2**31
    torch.manual_seed(number)
    model = TinyVLM()
    if start is None:
        model.initialise(torch.Generator().manual_seed(number))
    else:
        load_weights(model, start)
    model.to(device)
    for pool in [*pools.values(), *validation.values()]:
        pool.to(device)
    if device.type == "cuda":
        model.compile_blocks()
    generator = torch.Generator(device).manual_seed(number)
    return Session(model, pools, validation, Renderer(device), device, tokenizer, generator)


def flatten(drawn: Drawn) -> list[Tensor]:
    """The tensors of drawn samples with images, in the order that supervised_loss takes them."""
    if drawn.batch.patches is None:
        raise ValueError("Cannot train on a mixture in which no kind has an image.")
    return [drawn.batch.ids, drawn.batch.patches, drawn.prompt_lengths, drawn.response_lengths]


def supervised_loss(
    model: TinyVLM,
    ids: Tensor,
    patches: Tensor,
    prompt_lengths: Tensor,
    response_lengths: Tensor,
    width: int,
    weights: Tensor | None = None,
) -> Tensor:
    """Mean cross entropy of the response tokens, at most `width` a row; `weights` [B] scales each
    row's tokens."""
    logits = response_logits(model, Batch(ids, patches), prompt_lengths, width)
    steps = torch.arange(width, device=logits.device)
    at = (prompt_lengths[:, None] + steps).clamp(max=ids.shape[1] - 1)
    targets = ids.gather(1, at)
    counted = (steps < response_lengths[:, None]).float()
    if weights is not None:
        counted = counted * weights[:, None]
    losses = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (losses.view_as(counted) * counted).sum() / counted.sum().clamp(min=1)


class Validation:
    """Greedy accuracy on samples that are neither trained on nor shipped."""

    def __init__(self, session: Session, size: int, new_tokens: int) -> None:
        counts = dict.fromkeys(session.validation, size if session.fast else 4)
        self.mixture = Mixture(session.validation, counts, session.renderer, session.dtype)
        self.tokenizer = load_tokenizer(session.tokenizer_path)
        shape = Shape(sum(counts.values()), 1, self.mixture.prompt_width, new_tokens)
        self.generate = Generator(session.model, shape, 0.0, session.dtype, session.fast)

    def __call__(self) -> dict[str, float]:
        """Accuracy by kind, and by kind and task."""
        drawn = self.mixture.take(0)
        tokens = self.generate(drawn.batch, drawn.prompt_lengths)
        scores: dict[str, list[bool]] = {}
        for text, answer in zip(decode(self.tokenizer, tokens), drawn.answers):
            right = is_correct(text, answer.task, answer.gold)
            scores.setdefault(answer.kind, []).append(right)
            scores.setdefault(f"{answer.kind}/{answer.task}", []).append(right)
        return {name: round(sum(v) / len(v), 3) for name, v in sorted(scores.items())}


def decode(tokenizer, tokens: Tensor) -> list[str]:
    """Texts of generated rows, up to where each ended."""
    rows = tokens.tolist()
    return tokenizer.decode_batch([row[: row.index(END)] if END in row else row for row in rows])
