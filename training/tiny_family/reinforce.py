"""RL: GRPO with a verifiable reward, optionally with a third of the decoder layers frozen."""

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from .answers import reward
from .batches import Drawn
from .checkpoint import save_checkpoint
from .generate import Generator, Shape
from .log import Log
from .model import Batch, TinyVLM, response_logits
from .pools import Answer
from .session import Validation, decode, open_session
from .step import TrainingStep
from .tokenizer import END, PAD, load_tokenizer

PROMPTS = {
    "in_align": 20, "in_vision": 8, "in_described": 6, "direct": 8, "in_maths": 14, "in_word": 8,
}
"""Prompts a step. Every kind stays in: one that is left out is soon forgotten."""
POOL = 30_000
VALIDATED = ["in_align", "in_maths", "in_word", "direct"]
FROZEN_CHOICES = ("none", "early", "mid", "late")


@dataclass(frozen=True)
class ReinforceOptions:
    start: Path
    out: Path
    log: Path
    freeze: str = "none"
    recipe: str = "tiny"
    steps: int = 220
    samples: int = 16
    """Responses to each prompt: the group whose mean is the baseline."""
    rate: float = 1e-4
    warmup: int = 10
    seed: str = "rl"
    new_tokens: int = 88
    validate_every: int = 20
    seconds: float = 1e9
    """Stops early, between two steps, once this much time has passed since the first step."""
    more_maths: int = 0
    """Further maths prompts a step, and half as many further word problems."""
    last_rate: float = 0.1
    """The learning rate falls in a straight line to this share of its peak."""
    pool_scale: float = 1.0
    prompt_scale: float = 1.0


def freeze_third(model: TinyVLM, third: str) -> int:
    """Takes the decoder layers of a third out of training; how many parameters that stops."""
    layers = model.config.thirds().get(third, range(0))
    stopped = 0
    for name, parameter in model.named_parameters():
        match = re.match(r"model\.layers\.(\d+)\.", name)
        parameter.requires_grad = not (match and int(match[1]) in layers)
        stopped += 0 if parameter.requires_grad else parameter.numel()
    return stopped


class Best:
    """The weights that were best on validation so far: a policy can lose at step 220 what it knew
    at step 200."""

    def __init__(self, model: TinyVLM) -> None:
        self.model, self.step, self.score = model, 0, float("-inf")
        self.weights: dict[str, Tensor] = {}

    def offer(self, step: int, score: float) -> None:
        """Keeps the model's present weights if their score is the best."""
        if score > self.score:
            self.step, self.score = step, score
            self.weights = {name: t.clone() for name, t in self.model.state_dict().items()}

    def restore(self) -> None:
        self.model.load_state_dict(self.weights)


def advantages(rewards: Tensor) -> Tensor:
    """Rewards [prompts, samples] less their group's mean, over its standard deviation."""
    centred = rewards - rewards.mean(1, keepdim=True)
    return centred / (rewards.std(1, keepdim=True) + 1e-4)


def join(drawn: Drawn, tokens: Tensor, samples: int, width: int) -> tuple[Batch, Tensor, Tensor]:
    """Prompts and their responses as rows without a gap, prompt lengths, and which response tokens
    were chosen by the model (those up to the first END)."""
    length = tokens.shape[1]
    prompt_lengths = drawn.prompt_lengths.repeat_interleave(samples)
    at = torch.arange(width + length, device=tokens.device)[None] - prompt_lengths[:, None]
    prompts = torch.nn.functional.pad(drawn.batch.ids, (0, width + length), value=PAD)
    prompts = prompts[:, : width + length].repeat_interleave(samples, 0)
    responses = tokens.gather(1, at.clamp(0, length - 1))
    ids = torch.where(at < 0, prompts, torch.where(at < length, responses, PAD))
    chosen = ((tokens == END).cumsum(1) - (tokens == END).long()) == 0
    return Batch(ids, drawn.batch.patches, samples), prompt_lengths, chosen.float()


def policy_loss(model: TinyVLM, batch: Batch, lengths: Tensor, tokens: Tensor, weights: Tensor) -> Tensor:
    """Sum of -log probability times weight over response tokens [B, N]. The responses are the
    current policy's own and are used once, so the probability ratio is 1."""
    logits = response_logits(model, batch, lengths, tokens.shape[1])
    losses = cross_entropy(logits.flatten(0, 1), tokens.flatten(), reduction="none")
    return (losses.view_as(weights) * weights).sum()


def judge(texts: list[str], answers: list[Answer], samples: int) -> Tensor:
    """Rewards [prompts, samples]."""
    values = [
        reward(text, answers[i // samples].task, answers[i // samples].gold, answers[i // samples].kind != "direct")
        for i, text in enumerate(texts)
    ]
    return torch.tensor(values).view(-1, samples)


def mean_by_kind(rewards: Tensor, answers: list[Answer]) -> dict[str, float]:
    kinds: dict[str, list[float]] = {}
    for value, answer in zip(rewards.mean(1).tolist(), answers):
        kinds.setdefault(answer.kind, []).append(value)
    return {kind: round(sum(v) / len(v), 3) for kind, v in kinds.items()}


def reinforce(o: ReinforceOptions) -> None:
    log = Log(o.log, stage="rl", recipe=o.recipe, freeze=o.freeze)
    prompts = PROMPTS | {
        "in_maths": PROMPTS["in_maths"] + o.more_maths, "in_word": PROMPTS["in_word"] + o.more_maths // 2,
    }
    scaled = {k: max(1, int(n * o.prompt_scale)) for k, n in prompts.items()}
    pools = dict.fromkeys(scaled, max(64, int(POOL * o.pool_scale)))
    tokenizer_path = o.start / "tokenizer.json"
    # Frozen runs see the same prompts in the same order as the run without freezing.
    session = open_session(pools, VALIDATED, f"{o.recipe}/{o.seed}", tokenizer_path, o.start)
    log.write(event="pools", rejected={k: p.rejected for k, p in session.pools.items()}, sizes=pools)
    model, tokenizer = session.model, load_tokenizer(tokenizer_path)
    log.write(event="frozen", parameters=freeze_third(model, o.freeze))
    mixture = session.mixture(scaled)
    width = mixture.prompt_width
    shape = Shape(sum(scaled.values()), o.samples, width, o.new_tokens)
    generate = Generator(model, shape, 1.0, session.dtype, session.fast)

    def loss(ids: Tensor, patches: Tensor, lengths: Tensor, tokens: Tensor, weights: Tensor) -> Tensor:
        with session.autocast():
            return policy_loss(model, Batch(ids, patches, o.samples), lengths, tokens, weights)

    update = TrainingStep(model, loss, decay=0.0)
    validation = Validation(session, size=256, new_tokens=o.new_tokens)
    best = Best(model)
    accuracy = validation()
    best.offer(0, sum(accuracy[kind] for kind in VALIDATED) / len(VALIDATED))
    log.write(step=0, accuracy=accuracy)
    begun = log.elapsed()
    for step in range(o.steps):
        drawn = mixture.draw(session.generator, answers=True)
        tokens = generate(drawn.batch, drawn.prompt_lengths)
        rewards = judge(decode(tokenizer, tokens), drawn.answers, o.samples)
        advantage = advantages(rewards).view(-1, 1).to(session.device)
        batch, lengths, chosen = join(drawn, tokens, o.samples, width)
        weights = advantage * chosen / chosen.sum()
        decay = 1 - (1 - o.last_rate) * step / o.steps
        rate = o.rate * min(1.0, (step + 1) / o.warmup) * decay
        update([batch.ids, batch.patches, lengths, tokens, weights], rate)
        log.write(
            step=step + 1,
            reward=round(rewards.mean().item(), 4),
            by_kind=mean_by_kind(rewards, drawn.answers),
            tokens=round(chosen.sum(1).mean().item(), 1),
        )
        stop = step == o.steps - 1 or log.elapsed() - begun > o.seconds
        if stop or step % o.validate_every == o.validate_every - 1:
            accuracy = validation()
            best.offer(step + 1, sum(accuracy[kind] for kind in VALIDATED) / len(VALIDATED))
            log.write(step=step + 1, accuracy=accuracy)
        if stop:
            break
    best.restore()
    log.write(event="kept", step=best.step, mean_accuracy=round(best.score, 4))
    save_checkpoint(model, o.out, tokenizer_path)
