"""Batched generation with a cache of fixed size, one captured graph a token on the accelerator.

Prompts are padded on the right. New tokens go to the slots after the widest prompt, so a row's
padding is a hole in its cache that the attention never sees; positions count on without a gap.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from .language import Cache
from .model import Batch, TinyVLM
from .prompts import IMAGE_TOKENS
from .spec import GRID
from .tokenizer import END, IMAGE

_HIDDEN = float("-inf")
_CHECK_EVERY = 8
"""Tokens between looks at whether every row has ended."""


@dataclass(frozen=True)
class Shape:
    """Sizes that a generator is built for."""

    prompts: int
    """Prompts at a time."""
    samples: int
    """Responses to each prompt."""
    width: int
    """Widest prompt."""
    new_tokens: int


class Generator:
    """Generates `samples` responses to each of `prompts` prompts; greedily if the temperature is 0."""

    def __init__(
        self, model: TinyVLM, shape: Shape, temperature: float, dtype: torch.dtype, graph: bool
    ) -> None:
        self.model, self.shape, self.temperature = model, shape, temperature
        self.dtype, self.use_graph = dtype, graph
        c, device = model.config, model.frequency.device
        rows, slots = shape.prompts * shape.samples, shape.width + shape.new_tokens
        size = (rows, c.kv_heads, slots, c.head_dim)
        zeros = lambda: torch.zeros(size, device=device, dtype=dtype)
        self.caches: list[Cache] = [(zeros(), zeros()) for _ in range(c.layers)]
        self.hidden = torch.zeros(rows, slots, device=device)
        self.token = torch.zeros(rows, dtype=torch.long, device=device)
        self.position = torch.zeros(rows, dtype=torch.long, device=device)
        self.slot = torch.zeros(1, dtype=torch.long, device=device)
        self.done = torch.zeros(rows, dtype=torch.bool, device=device)
        self.out = torch.zeros(rows, shape.new_tokens, dtype=torch.long, device=device)
        self.graph: torch.cuda.CUDAGraph | None = None
        self.steps = [layer.step for layer in model.model.layers]
        if graph:
            compiled = torch.compile(type(model.model.layers[0]).step, dynamic=False)
            self.steps = [
                lambda *arguments, layer=layer: compiled(layer, *arguments)
                for layer in model.model.layers
            ]

    def _choose(self, logits: Tensor) -> Tensor:
        logits = logits.clone()
        logits[:, IMAGE] = _HIDDEN
        if self.temperature == 0:
            return logits.argmax(-1)
        # Adding Gumbel noise and taking the largest samples from the softmax.
        noise = -torch.log(-torch.log(torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)))
        return (logits / self.temperature + noise).argmax(-1)

    def _accept(self, logits: Tensor, at: Tensor) -> None:
        """Chooses tokens, END where a row has ended, and writes them down as output `at`."""
        chosen = torch.where(self.done, END, self._choose(logits))
        self.token.copy_(chosen)
        self.out.index_copy_(1, at, chosen[:, None])
        self.done.logical_or_(chosen == END)

    def _step(self) -> None:
        """Feeds the last token of every row and chooses the next."""
        x = self.model.model.embed_tokens(self.token)[:, None].to(self.dtype)
        positions = self.position[None, :, None].expand(3, -1, 1)
        cos, sin = self.model.rotary(positions, self.dtype)
        self.hidden.index_fill_(1, self.slot, 0.0)
        for step, cache in zip(self.steps, self.caches):
            x = step(x, cos, sin, cache, self.slot, self.hidden)
        logits = self.model.logits(self.model.model.norm(x)[:, 0])
        self.slot.add_(1)
        self.position.add_(1)
        self._accept(logits, self.slot - self.shape.width)

    def _capture(self) -> None:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        state = [t.clone() for t in self._state()]
        with torch.cuda.stream(stream):
            for _ in range(3):
                self._step()
                self._restore(state)
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._step()
        self._restore(state)

    def _state(self) -> list[Tensor]:
        return [self.hidden, self.token, self.position, self.slot, self.done, self.out]

    def _restore(self, state: list[Tensor]) -> None:
        for tensor, before in zip(self._state(), state):
            tensor.copy_(before)

    def _prefill(self, batch: Batch, lengths: Tensor) -> None:
        repeat = lambda t: t.repeat_interleave(self.shape.samples, 0)

        def keep(i: int, cache: Cache) -> None:
            for whole, new in zip(self.caches[i], cache):
                whole[:, :, : self.shape.width] = repeat(new)

        hidden = self.model.hidden(batch, keep)
        last = hidden[torch.arange(len(lengths), device=hidden.device), lengths - 1]
        has_image = (batch.ids == IMAGE).any(1)
        after = torch.where(has_image, lengths - IMAGE_TOKENS + GRID, lengths)
        slots = torch.arange(self.hidden.shape[1], device=lengths.device)
        self.hidden.copy_(torch.where(slots < repeat(lengths)[:, None], 0.0, _HIDDEN))
        self.position.copy_(repeat(after))
        self.slot.fill_(self.shape.width)
        self.done.zero_()
        self.out.fill_(END)
        self._accept(repeat(self.model.logits(last)), self.slot - self.shape.width)

    @torch.no_grad()
    def __call__(self, batch: Batch, prompt_lengths: Tensor) -> Tensor:
        """Tokens after each prompt: [prompts * samples, new_tokens], END from where a row ended.
        The responses to one prompt lie beside each other."""
        ids = torch.nn.functional.pad(batch.ids, (0, max(0, self.shape.width - batch.ids.shape[1])))
        ids = ids[:, : self.shape.width]
        # Padding must not look like an image, nor like an answer given away.
        slots = torch.arange(self.shape.width, device=ids.device)
        ids = torch.where(slots < prompt_lengths[:, None], ids, END)
        # No cache of cast weights: a captured step must cast them anew, as training changes them.
        mixed = self.dtype == torch.bfloat16
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=mixed, cache_enabled=False):
            self._prefill(Batch(ids, batch.patches), prompt_lengths)
            if self.use_graph and self.graph is None:
                self._capture()
            for n in range(1, self.shape.new_tokens):
                if n % _CHECK_EVERY == 0 and bool(self.done.all()):
                    break
                if self.graph is not None:
                    self.graph.replay()
                else:
                    self._step()
        return self.out.clone()
