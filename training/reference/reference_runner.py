"""One Qwen2.5-VL or Qwen2-VL model in Hugging Face transformers, and what the fixtures ask of it."""

import inspect
from pathlib import Path

import numpy as np
import torch
import transformers
from PIL import Image, ImageOps
from transformers import AutoModelForImageTextToText, AutoTokenizer, DynamicCache
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

TESTDATA = Path(__file__).resolve().parents[2] / "lib" / "model" / "testdata"
STEPS = 16


def load_image(name):
    """As transformers' own load_image: EXIF orientation applied, then RGB without blending alpha."""
    return ImageOps.exif_transpose(Image.open(TESTDATA / "images" / name)).convert("RGB")


def load_model(folder):
    """In f32, which holds bf16 values exactly."""
    return AutoModelForImageTextToText.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()


class Runner:
    """One model, its tokenizer and image processor, and the arrays made so far."""

    def __init__(self, name, folder, processor_folder, donor_folder=None):
        self.name = name
        self.model = load_model(folder)
        self.tokenizer = AutoTokenizer.from_pretrained(processor_folder)
        self.images = Qwen2VLImageProcessor.from_pretrained(processor_folder)
        self.config = self.model.config
        self.layers = self.model.model.language_model.layers
        self.arrays = {}
        self.meta = {
            "model": str(folder),
            "processor": str(processor_folder),
            "donor": donor_folder,
            "transformers": transformers.__version__,
            "torch": torch.__version__,
            "image_processor": type(self.images).__name__,
            "steps": STEPS,
            "image_token_id": self.config.image_token_id,
        }

    def keep(self, name, value):
        array = value.detach().cpu().numpy() if torch.is_tensor(value) else np.asarray(value)
        kind = np.float32 if array.dtype.kind == "f" else np.int32
        assert name not in self.arrays, name
        self.arrays[name] = np.ascontiguousarray(array.astype(kind))

    def pixels(self, name):
        out = self.images(images=[load_image(name)], return_tensors="pt")
        return out["pixel_values"].float(), out["image_grid_thw"].long()

    def text(self, system, parts):
        messages = [] if system is None else [{"role": "system", "content": system}]
        messages.append({"role": "user", "content": [
            {"type": "image"} if "image" in part else {"type": "text", "text": part["text"]} for part in parts
        ]})
        return self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)

    def prepare(self, system, parts):
        """-> ids [1, T], pixels [P, 1176] or None, grids [I, 3] or None"""
        images = [self.pixels(part["image"]) for part in parts if "image" in part]
        text = self.text(system, parts)
        merge = self.config.vision_config.spatial_merge_size ** 2
        for _, grid in images:  # what Qwen2_5_VLProcessor does to the text
            text = text.replace("<|image_pad|>", "<|hole|>" * (int(grid.prod()) // merge), 1)
        text = text.replace("<|hole|>", "<|image_pad|>")
        ids = torch.tensor([self.tokenizer(text, add_special_tokens=False)["input_ids"]])
        if not images:
            return ids, None, None
        return ids, torch.cat([p for p, _ in images]), torch.cat([g for _, g in images])

    def positions(self, ids, grids, mask=None):
        """-> position ids [3, B, T], rope deltas [B]"""
        method = self.model.model.get_rope_index
        names = inspect.signature(method).parameters
        mask = torch.ones_like(ids) if mask is None else mask
        arguments = {"input_ids": ids, "image_grid_thw": grids, "attention_mask": mask}
        if "mm_token_type_ids" in names:
            arguments["mm_token_type_ids"] = (ids == self.config.image_token_id).int()
        positions, deltas = method(**{k: v for k, v in arguments.items() if k in names})
        return positions, deltas.reshape(-1)

    @torch.no_grad()
    def forward(self, ids, pixels, grids, cache, mask=None, positions=None, **more):
        if positions is None:
            positions, _ = self.positions(ids, grids, mask)
        arguments = dict(
            input_ids=ids, attention_mask=torch.ones_like(ids) if mask is None else mask, position_ids=positions,
            past_key_values=cache, use_cache=True, **more,
        )
        if pixels is not None:
            arguments.update(pixel_values=pixels, image_grid_thw=grids)
            # Newer versions want to know which tokens are of an image.
            if "mm_token_type_ids" in inspect.signature(self.model.forward).parameters:
                arguments["mm_token_type_ids"] = (ids == self.config.image_token_id).int()
        return self.model(**arguments)

    @torch.no_grad()
    def generate(self, ids, pixels, grids, cache=None, mask=None, steps=STEPS, attentions=False, processors=()):
        """Greedy, after the library's logits processors, not stopped by any token -> prompt logits [B, T, V], tokens [B, steps], smallest
        lead of the first over the second token, attentions of every step"""
        cache = DynamicCache() if cache is None else cache
        mask = torch.ones_like(ids) if mask is None else mask
        _, deltas = self.positions(ids, grids, mask)
        out = self.forward(ids, pixels, grids, cache, mask, output_attentions=attentions)
        prompt_logits, seen, margin, tokens = out.logits, [out.attentions], float("inf"), []
        last, so_far = out.logits[:, -1], ids
        for step in range(steps):
            for process in processors:
                last = process(so_far, last)
            top = last.topk(2).values
            margin = min(margin, float((top[:, 0] - top[:, 1]).min()))
            token = last.argmax(-1)
            tokens.append(token)
            so_far = torch.cat([so_far, token[:, None]], 1)
            # The last token is fed as well when attention is asked for: it is a query like the rest.
            if step == steps - 1 and not attentions:
                break
            mask = torch.cat([mask, torch.ones_like(token)[:, None]], 1)
            place = (mask.sum(1) - 1 + deltas)[None, :, None].expand(3, -1, 1)
            out = self.forward(token[:, None], None, None, cache, mask, place, output_attentions=attentions)
            seen.append(out.attentions)
            last = out.logits[:, -1]
        return prompt_logits, torch.stack(tokens, 1), margin, seen

    def keep_run(self, name, result, prompt_logits=False):
        logits, tokens, margin, _ = result
        self.keep(f"{name}.logits", logits[0] if prompt_logits else logits[:, -1])
        self.keep(f"{name}.tokens", tokens)
        return margin


class SwapCache(DynamicCache):
    """Replaces the visual tokens' keys and values while the prompt runs, from one layer on."""

    def __init__(self, first_layer, columns, source):
        super().__init__()
        self.first_layer, self.columns, self.source, self.done = first_layer, columns, source, set()

    def update(self, key_states, value_states, layer_idx, *args, **kwargs):
        if layer_idx >= self.first_layer and layer_idx not in self.done:
            self.done.add(layer_idx)
            keys, values = self.source[layer_idx]
            key_states, value_states = key_states.clone(), value_states.clone()
            key_states[:, :, self.columns] = keys
            value_states[:, :, self.columns] = values
        return super().update(key_states, value_states, layer_idx, *args, **kwargs)


def layer_kv(cache, layer):
    if hasattr(cache, "layers"):
        return cache.layers[layer].keys, cache.layers[layer].values
    return cache.key_cache[layer], cache.value_cache[layer]


def resample_tokens(states, count):
    """[1, H, N, D] -> [1, H, count, D], linear along the tokens"""
    if states.shape[2] == count:
        return states
    _, heads, tokens, size = states.shape
    flat = states.permute(0, 1, 3, 2).reshape(1, heads * size, tokens)
    flat = torch.nn.functional.interpolate(flat, size=count, mode="linear", align_corners=False)
    return flat.reshape(1, heads, size, count).permute(0, 1, 3, 2)
