"""Checkpoint folders as Hugging Face reads them."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .config import config_json
from .model import TinyVLM
from .processor_files import chat_template, generation_config, preprocessor_config, tokenizer_config


def save_checkpoint(model: TinyVLM, folder: Path, tokenizer: Path) -> None:
    """Writes the weights in bf16 and every file that a tokenizer or processor is read from."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.detach().to("cpu", torch.bfloat16).contiguous()
        for name, tensor in sorted(model.state_dict().items())
    }
    path = folder / "model.safetensors"
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)
    write_processor_files(folder, tokenizer)


def write_processor_files(folder: Path, tokenizer: Path) -> None:
    """Writes everything but the weights."""
    if tokenizer.resolve() != (folder / "tokenizer.json").resolve():
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
    files = {
        "config.json": config_json(),
        "generation_config.json": generation_config(),
        "tokenizer_config.json": tokenizer_config(),
        "preprocessor_config.json": preprocessor_config(),
        "chat_template.json": {"chat_template": chat_template()},
    }
    for name, content in files.items():
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (folder / name).write_text(f"{text}\n", encoding="utf-8")


def load_weights(model: TinyVLM, folder: Path) -> None:
    """Loads a checkpoint's weights into f32 parameters; every tensor must agree by name and shape."""
    tensors = load_file(folder / "model.safetensors")
    model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, strict=True)
