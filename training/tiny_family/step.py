"""One optimizer step, captured as a graph on the accelerator: the model is so small that starting
its kernels one by one would take three times as long as running them."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from .model import TinyVLM

WARM_UPS = 3


class TrainingStep:
    """Gradients of a loss, clipped to norm 1, and an AdamW update.

    `loss` is called with the tensors of `inputs` and must always do the same work on the same
    shapes. On the accelerator the first call runs a few times with learning rate 0 and is then
    captured.
    """

    def __init__(self, model: TinyVLM, loss: Callable[..., Tensor], decay: float) -> None:
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.loss = loss
        device = self.parameters[0].device
        self.captures = device.type == "cuda"
        self.rate = torch.zeros((), device=device)
        self.optimizer = torch.optim.AdamW(
            self.parameters,
            lr=self.rate,
            betas=(0.9, 0.98),
            weight_decay=decay,
            fused=self.captures,
            capturable=self.captures,
        )
        self.graph: torch.cuda.CUDAGraph | None = None
        self.inputs: list[Tensor] = []
        self.value = torch.zeros((), device=device)

    def _run(self) -> None:
        value = self.loss(*self.inputs)
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.value.copy_(value.detach())

    def _capture(self) -> None:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                self._run()
                self.optimizer.zero_grad(set_to_none=True)
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._run()

    def __call__(self, inputs: Sequence[Tensor], rate: float) -> Tensor:
        """Takes a step at the given learning rate; returns the loss before it."""
        if not self.captures:
            self.inputs = list(inputs)
            self.rate.fill_(rate)
            self._run()
            self.optimizer.zero_grad(set_to_none=True)
            return self.value
        if self.graph is None:
            self.inputs = [tensor.clone() for tensor in inputs]
            self._capture()
        for own, given in zip(self.inputs, inputs, strict=True):
            own.copy_(given)
        self.rate.fill_(rate)
        self.graph.replay()
        return self.value
