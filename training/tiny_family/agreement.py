"""Whether Hugging Face transformers gives the same greedy answers as this training code's model."""

import json
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from .evaluate import Evaluator, Item, Prompter, maths_items, vision_items, visual_items, word_items
from .tokenizer import END

EACH = 16
NEW_TOKENS = 96


def agreement_items(kind: str) -> dict[str, list[Item]]:
    """64 items: 16 of vision, image mathematics, mathematics and word problems each."""
    prompter = Prompter(kind)
    vision = [item for task in ("counting", "ocr", "grounding", "recognition") for item in vision_items(task)[:4]]
    return {
        "vision": vision,
        "alignment": visual_items(prompter, "math-targeted-vqa", "image")[:EACH],
        "maths": maths_items(prompter)[:EACH],
        "word": word_items(prompter)[:EACH],
    }


def _transformers_answers(model: Any, processor: Any, items: list[Item]) -> list[str]:
    # The processor puts one <|image_pad|> for each visual token in by itself.
    runs = [item.prompt.replace("<|image_pad|>" * 16, "<|image_pad|>") for item in items]
    images = None if items[0].image is None else [Image.fromarray(item.image) for item in items]
    inputs = processor(text=runs, images=images, padding=True, padding_side="left", return_tensors="pt")
    inputs = inputs.to(model.device)
    out = model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)
    new = out[:, inputs["input_ids"].shape[1] :].tolist()
    cut = [row[: row.index(END)] if END in row else row for row in new]
    return processor.tokenizer.batch_decode(cut, skip_special_tokens=True)


def compare(folder: Path, kind: str) -> dict[str, Any]:
    """Answers of both on the shipped images and questions, f32 on the same bf16 weights."""
    import transformers
    from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

    ours = Evaluator(folder)
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )
    model.to(ours.device).eval()
    processor = AutoProcessor.from_pretrained(folder)
    same, differing = 0, []
    for items in agreement_items(kind).values():
        pairs = zip(_transformers_answers(model, processor, items), ours.respond(items, NEW_TOKENS))
        for item, (theirs, own) in zip(items, pairs):
            same += theirs == own
            if theirs != own:
                differing.append({"prompt": item.prompt[-200:], "transformers": theirs, "training": own})
    return {
        "checkpoint": f"{folder.parent.parent.name}/{folder.name}",
        "items": EACH * 4,
        "same": same,
        "differing": differing,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "device": ours.device.type,
    }


def check(folders: list[Path], out: Path) -> None:
    """Compares each checkpoint and writes one JSON line for each."""
    lines = []
    for folder in folders:
        lines.append(json.dumps(compare(folder, "base" if folder.name == "base" else "reasoner")))
        print(lines[-1], flush=True)
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
