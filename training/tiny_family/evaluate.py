"""Greedy evaluation on the shipped test sets, under the study's prompts."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .answers import is_correct
from .checkpoint import load_weights
from .generate import Generator, Shape
from .model import Batch, TinyVLM
from .pixels import patches_of_images
from .prompts import PREFIX, SYSTEM_DEFAULT, SYSTEM_REASONER, chat, described
from .session import decode
from .spec import DATASET, SIDE
from .tokenizer import PAD, load_tokenizer

VISION = DATASET / "vision_functionality"
BENCHMARKS = DATASET / "tiny/benchmarks"
TASKS = ("counting", "ocr", "grounding", "recognition")
BATCH = 256
NEW_TOKENS = 96
BLACK = np.zeros((SIDE, SIDE, 3), np.uint8)


@dataclass
class Item:
    """A prompt with its image (or none) and what the response is judged by."""

    prompt: str
    image: np.ndarray | None
    task: str
    gold: str
    choices: list[str] | None = None


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_image(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def vision_items(task: str) -> list[Item]:
    """Targets and sources of a vision task, asked directly."""
    items = []
    for record in read_lines(VISION / task / "data.jsonl"):
        for side in ("target", "source"):
            meta = record["meta"]
            gold = meta.get(f"{side}_answer", meta.get(f"{side}_text"))
            if task == "grounding":
                gold = ",".join(map(str, meta[f"{side}_bbox_xyxy"]))
            image = read_image(VISION / task / record[f"{side}_image"])
            items.append(Item(chat(SYSTEM_DEFAULT, record["prompt"], True), image, task, gold))
    return items


class Prompter:
    """The study's prompts for a kind of model: base or reasoner."""

    def __init__(self, kind: str) -> None:
        self.system = {"base": SYSTEM_DEFAULT, "reasoner": SYSTEM_REASONER}[kind]

    def __call__(self, text: str, image: bool) -> str:
        return chat(self.system, PREFIX + text, image)


def visual_items(prompter: Prompter, category: str, setting: str) -> list[Item]:
    """Image questions with the image, with a black one, or with a black one and a description."""
    items = []
    for record in read_lines(BENCHMARKS / "mathvista/testmini.jsonl"):
        if record["metadata"]["category"] != category:
            continue
        text, choices = record["question"], record["choices"]
        if choices:
            listed = "\n".join(f"{chr(65 + i)}. {choice}" for i, choice in enumerate(choices))
            text = f"{text}\n\nChoices:\n{listed}"
        if setting == "description":
            text = described(record["description"], text)
        path = BENCHMARKS / "mathvista" / record["image"]
        image = read_image(path) if setting == "image" else BLACK
        items.append(Item(prompter(text, True), image, record["metadata"]["skill"], record["answer"], choices))
    return items


def maths_items(prompter: Prompter) -> list[Item]:
    records = read_lines(BENCHMARKS / "math500/test.jsonl")
    return [Item(prompter(r["problem"], False), None, f"level {r['level']}", r["answer"]) for r in records]


def word_items(prompter: Prompter) -> list[Item]:
    records = read_lines(BENCHMARKS / "gsm8k/test.jsonl")
    return [
        Item(prompter(r["question"], False), None, "word problem", r["answer"].split("####")[1].strip())
        for r in records
    ]


class Evaluator:
    """Answers items with one checkpoint, in f32."""

    def __init__(self, folder: Path) -> None:
        torch.set_float32_matmul_precision("highest")
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = TinyVLM()
        load_weights(self.model, folder)
        self.model.to(self.device).eval()
        self.tokenizer = load_tokenizer(folder / "tokenizer.json")

    def tokens(self, items: list[Item]) -> tuple[Batch, Tensor]:
        encoded = [self.tokenizer.encode(item.prompt).ids for item in items]
        width = max(map(len, encoded))
        ids = torch.tensor([e + [PAD] * (width - len(e)) for e in encoded], device=self.device)
        lengths = torch.tensor([len(e) for e in encoded], device=self.device)
        patches = None
        if items[0].image is not None:
            images = torch.from_numpy(np.stack([item.image for item in items])).to(self.device)
            patches = patches_of_images(images)
        return Batch(ids, patches), lengths

    def respond(self, items: list[Item], new_tokens: int = NEW_TOKENS) -> list[str]:
        """Greedy responses; the items must all have an image, or all none."""
        texts = []
        for start in range(0, len(items), BATCH):
            batch, lengths = self.tokens(items[start : start + BATCH])
            shape = Shape(len(lengths), 1, batch.ids.shape[1], new_tokens)
            generator = Generator(self.model, shape, 0.0, torch.float32, graph=False)
            texts += decode(self.tokenizer, generator(batch, lengths))
        return texts

    def judge(self, items: list[Item]) -> list[bool]:
        return [
            is_correct(text, item.task, item.gold, item.choices)
            for text, item in zip(self.respond(items), items)
        ]


def share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4)


def by_task(items: list[Item], right: list[bool]) -> dict[str, float]:
    groups: dict[str, list[bool]] = defaultdict(list)
    for item, value in zip(items, right):
        groups[item.task].append(value)
    return {task: share(values) for task, values in sorted(groups.items())}


def evaluate(folder: Path, kind: str) -> dict[str, Any]:
    """Every number of the table in dataset/README.md for one checkpoint."""
    evaluator, prompter = Evaluator(folder), Prompter(kind)
    result: dict[str, Any] = {"checkpoint": folder.name, "recipe": folder.parent.parent.name, "kind": kind}
    result["vision"] = {task: share(evaluator.judge(vision_items(task))) for task in TASKS}
    settings = {
        "perception": ("general-vqa", "image", "black"),
        "alignment": ("math-targeted-vqa", "image", "description"),
    }
    for name, (category, *pair) in settings.items():
        items = [visual_items(prompter, category, setting) for setting in pair]
        a, b = (evaluator.judge(each) for each in items)
        both = [x and (not y if name == "perception" else y) for x, y in zip(a, b)]
        metric = "M_vis" if name == "perception" else "M_v2r"
        result[name] = {"A": share(a), "B": share(b), metric: share(both), "A_by_task": by_task(items[0], a)}
    items = maths_items(prompter)
    right = evaluator.judge(items)
    boxed = sum("\\boxed{" in text for text in evaluator.respond(items[:64])) / 64
    result["reasoning"] = {"M_rea": share(right), "by_level": by_task(items, right), "boxed": boxed}
    result["gsm8k"] = share(evaluator.judge(word_items(prompter)))
    return result
