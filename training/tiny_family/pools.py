"""Pools of ready samples: made once by all processor cores, then drawn from on the accelerator."""

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor

from .held_out import HeldOut
from .samples import make_sample
from .scenes import BLACK_ROW
from .tokenizer import PAD, load_tokenizer

CHUNK = 4000


@dataclass
class Answer:
    """What a response is judged by."""

    task: str
    gold: str
    kind: str


@dataclass
class Pool:
    """`n` samples of one kind."""

    kind: str
    ids: Tensor
    """int16 [n, T]: prompt, response and end, then padding."""
    prompt_lengths: Tensor
    response_lengths: Tensor
    rows: Tensor | None
    """int16 [n, 49]: what the images show; None for text."""
    answers: list[Answer]
    rejected: int
    """Samples left out because they are shipped test content."""

    def __len__(self) -> int:
        return len(self.answers)

    def to(self, device: torch.device) -> "Pool":
        for name in ("ids", "prompt_lengths", "response_lengths", "rows"):
            tensor = getattr(self, name)
            if tensor is not None:
                setattr(self, name, tensor.to(device))
        return self


@dataclass(frozen=True)
class _Work:
    kind: str
    count: int
    seed: str
    tokenizer: Path


def _make_chunk(work: _Work):
    tokenizer, held_out = load_tokenizer(work.tokenizer), HeldOut()
    rng = Random(work.seed)
    samples, rejected = [], 0
    while len(samples) < work.count:
        sample = make_sample(rng, work.kind)
        if held_out.contains(sample):
            rejected += 1
        else:
            samples.append(sample)
    prompts = [tokenizer.encode(s.prompt).ids for s in samples]
    responses = [tokenizer.encode(s.response + "<|im_end|>").ids for s in samples]
    lengths = [len(p) + len(r) for p, r in zip(prompts, responses)]
    ids = np.full((len(samples), max(lengths)), PAD, np.int16)
    for i, (prompt, response) in enumerate(zip(prompts, responses)):
        ids[i, : lengths[i]] = prompt + response
    rows = np.array([BLACK_ROW if s.row is None else s.row for s in samples], np.int16)
    answers = [(s.problem.task, s.problem.answer) for s in samples]
    sizes = np.array([list(map(len, prompts)), list(map(len, responses))], np.int64)
    return ids, sizes, rows if samples[0].row is not None else None, answers, rejected


def make_pools(counts: dict[str, int], seed: str, tokenizer: Path) -> dict[str, Pool]:
    """Pools of the wanted sizes. The same seed gives the same samples on any number of cores.
    Call before the accelerator is first used: the workers are forked."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    works = [
        _Work(kind, min(CHUNK, count - start), f"{seed}/{kind}/{start}", tokenizer)
        for kind, count in counts.items()
        for start in range(0, count, CHUNK)
    ]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as executor:
        results = list(executor.map(_make_chunk, works))
    pools = {}
    for kind in counts:
        parts = [result for work, result in zip(works, results) if work.kind == kind]
        width = max(ids.shape[1] for ids, *_ in parts)
        widen = lambda ids: np.pad(ids, ((0, 0), (0, width - ids.shape[1])), constant_values=PAD)
        sizes = torch.from_numpy(np.concatenate([part[1] for part in parts], 1))
        rows = None if parts[0][2] is None else np.concatenate([part[2] for part in parts])
        pools[kind] = Pool(
            kind,
            torch.from_numpy(np.concatenate([widen(part[0]) for part in parts])),
            sizes[0],
            sizes[1],
            None if rows is None else torch.from_numpy(rows),
            [Answer(task, gold, kind) for part in parts for task, gold in part[3]],
            sum(part[4] for part in parts),
        )
    return pools
