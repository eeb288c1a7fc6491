"""Makes the reference numbers of lib/model's tests with Hugging Face transformers.

Every number comes from Qwen2_5_VLForConditionalGeneration (Qwen2VLForConditionalGeneration) in f32 with eager attention on the CPU,
its weights the checkpoint's bf16 values. For each architecture one file of arrays (safetensors) and
one of what they mean (JSON) are written. Needs torch, torchvision, transformers 5, pillow.

    python3 training/reference/make_model_fixtures.py \\
        --name tiny --model dataset/tiny/checkpoints/in --donor dataset/tiny/checkpoints/rl
    python3 training/reference/make_model_fixtures.py \\
        --name random --model lib/model/testdata/random-qwen
    python3 training/reference/make_model_fixtures.py \\
        --name qwen2_vl --model lib/model/testdata/random-qwen2-vl --brief
"""

import argparse
import inspect
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file
from transformers import DynamicCache

from reference_runner import (
    STEPS, TESTDATA, Runner, SwapCache, layer_kv, load_image, load_model, resample_tokens,
)

SAMPLES = 512

SQUARE, OTHER = "square_112x112.png", "other_112x112.png"
WIDE, TALL, RESIZED = "wide_140x84.png", "tall_112x196.png", "waves_150x100.png"
COUNT = "How many items are there in the image?"
READ = "Read the text in the image. Answer with the exact word only."
YES_NO = "Is there a red circle in the image? Answer Yes or No only."
SUM = "Compute 3 + 4 - 2."

# name, system text or None for the template's default, then the user's turn
CASES = [
    ("square", None, [{"image": SQUARE}, {"text": COUNT}]),
    ("wide", None, [{"image": WIDE}, {"text": COUNT}]),
    ("tall", None, [{"image": TALL}, {"text": READ}]),
    ("resized", None, [{"image": RESIZED}, {"text": COUNT}]),
    ("text", None, [{"text": SUM}]),
    ("two_images", None, [{"image": SQUARE}, {"text": "and"}, {"image": WIDE}, {"text": COUNT}]),
    ("system", "Think first.", [{"image": OTHER}, {"text": YES_NO}]),
]
PROCESSED_IMAGES = [
    SQUARE, WIDE, TALL, RESIZED, "small_40x31.png", "palette_400x250.png", "photo_150x100.jpg",
    "gray_84x56.png", "alpha_56x84.png", "turned_84x112.jpg",
    "below_20x13.png", "below_9x120.png", "below_1x1.png", "below_27x28.png",
]
PROMPTS = [
    (None, [{"text": "Hello, world!"}]),
    ("", [{"text": "x"}]),
    ("You are terse.\n", [{"text": "  two  spaces\n\nand\ttabs \r\n end  "}]),
    (None, [{"text": "naïve café, 12345 + 67.89 = ?  \u4f60\u597d \U0001f600 it's I'LL"}]),
    (None, [{"image": SQUARE}, {"text": COUNT}]),
    (None, [{"text": "Before "}, {"image": WIDE}, {"text": " between "}, {"image": TALL}, {"text": " after"}]),
    (None, [{"text": 'Please solve the problem step by step and put your answer in one "\\boxed{}".\n\n' + SUM}]),
]


def image_fixtures(run):
    rng = np.random.RandomState(5)
    rows = []
    processor = run.images
    mean, std = np.array(processor.image_mean), np.array(processor.image_std)
    for name in PROCESSED_IMAGES:
        pixels, grid = run.pixels(name)
        values = pixels.numpy()
        places = rng.choice(values.size, SAMPLES, replace=False)
        run.keep(f"image.{name}.places", places)
        run.keep(f"image.{name}.values", values.reshape(-1)[places])
        # The 8-bit picture after the resize, read back out of the patches.
        _, h, w = grid[0].tolist()
        merge, patch = processor.merge_size, processor.patch_size
        picture = values.reshape(h // merge, w // merge, merge, merge, 3, 2, patch, patch)[:, :, :, :, :, 0]
        picture = picture.transpose(0, 2, 5, 1, 3, 6, 4).reshape(h * patch, w * patch, 3)
        picture = (picture.astype(np.float64) * std + mean) * 255
        assert np.abs(picture - np.rint(picture)).max() < 1e-2
        file = Path("images") / "processed" / run.name / (Path(name).stem + ".png")
        (TESTDATA / file).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.rint(picture).astype(np.uint8)).save(TESTDATA / file, optimize=True)
        pil = load_image(name).resize((w * patch, h * patch), Image.Resampling.BICUBIC)
        difference = np.abs(np.asarray(pil).astype(int) - np.rint(picture).astype(int))
        rows.append({
            "file": name,
            "grid": grid[0].tolist(),
            "sum": float(values.astype(np.float64).sum()),
            "processed": str(file),
            "pillow_max_difference": int(difference.max()),
            "pillow_mean_difference": float(difference.mean()),
        })
    run.meta["images"] = rows
    run.meta["preprocessor"] = json.loads(processor.to_json_string())


def prompt_fixtures(run):
    rows = []
    for i, (system, parts) in enumerate(PROMPTS):
        ids, _, _ = run.prepare(system, parts)
        run.keep(f"prompt.{i}.ids", ids[0])
        rows.append({"system": system, "parts": parts, "text": run.text(system, parts)})
    run.meta["prompts"] = rows
    samples = ["Hello, world!", "\\boxed{12}", "  a\n\n b", "naïve 你好 😀", "<think>3 + 4 = 7</think>"]
    run.meta["tokenizer"] = [
        {"text": text, "ids": run.tokenizer(text, add_special_tokens=False)["input_ids"]} for text in samples
    ]


@torch.no_grad()
def case_fixtures(run):
    rows = []
    for name, system, parts in CASES:
        ids, pixels, grids = run.prepare(system, parts)
        positions, deltas = run.positions(ids, grids)
        run.keep(f"case.{name}.ids", ids[0])
        run.keep(f"case.{name}.positions", positions[:, 0])
        row = {"name": name, "system": system, "parts": parts, "rope_delta": int(deltas[0])}
        if grids is not None:
            row["grids"] = grids.tolist()
            out = run.model.model.visual(pixels, grid_thw=grids)
            merged = out if torch.is_tensor(out) else out.pooler_output
            run.keep(f"case.{name}.vision", torch.cat(list(merged)) if isinstance(merged, (list, tuple)) else merged)
        full = name == "square" if run.brief else name not in ("resized", "system")
        row["margin"] = run.keep_run(f"case.{name}", run.generate(ids, pixels, grids), prompt_logits=full)
        row["all_logits"] = full
        rows.append(row)
    run.meta["cases"] = rows
    # A second opinion on our own loop: the library's generate.
    ids, pixels, grids = run.prepare(*CASES[0][1:])
    more = {"mm_token_type_ids": (ids == run.config.image_token_id).int()}
    names = inspect.signature(run.model.forward).parameters
    out = run.model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=pixels, image_grid_thw=grids,
        max_new_tokens=STEPS, do_sample=False, **{k: v for k, v in more.items() if k in names},
    )[0, ids.shape[1]:].tolist()
    run.meta["library_generate"] = out
    assert out == run.arrays["case.square.tokens"][0].tolist()[: len(out)], "generate disagrees with the loop"


def window_fixtures(run):
    """The order of visual tokens in attention windows, and where windows start (in patches)."""
    from transformers.vision_utils import get_vision_window_index

    vision = run.config.vision_config
    grids = [[1, 2, 2], [1, 4, 4], [1, 8, 8], [1, 6, 10], [1, 14, 8], [1, 10, 26], [1, 2, 40], [1, 22, 18]]
    for i, grid in enumerate(grids):
        index, starts = get_vision_window_index(
            torch.tensor([grid]), spatial_merge_size=vision.spatial_merge_size, window_size=vision.window_size,
            patch_size=vision.patch_size, kwargs={},
        )
        run.keep(f"window.{i}.index", index)
        run.keep(f"window.{i}.starts", torch.unique_consecutive(torch.as_tensor(starts)))
    run.meta["windows"] = grids


def hidden_fixtures(run):
    ids, pixels, grids = run.prepare(*CASES[1][1:])
    out = run.forward(ids, pixels, grids, DynamicCache(), output_hidden_states=True)
    # The last entry has been through the final norm already.
    run.keep("hidden.wide", torch.stack([h[0, -1] for h in out.hidden_states]))


def batch_fixtures(run):
    """Left-padded rows of different lengths and images in one batch."""
    rows = [CASES[0], CASES[4], CASES[1]]
    prepared = [run.prepare(system, parts) for _, system, parts in rows]
    length = max(ids.shape[1] for ids, _, _ in prepared)
    pad = run.tokenizer.pad_token_id
    ids = torch.cat([torch.nn.functional.pad(i, (length - i.shape[1], 0), value=pad) for i, _, _ in prepared])
    mask = torch.cat([torch.nn.functional.pad(torch.ones_like(i), (length - i.shape[1], 0)) for i, _, _ in prepared])
    pixels = torch.cat([p for _, p, _ in prepared if p is not None])
    grids = torch.cat([g for _, _, g in prepared if g is not None])
    positions, deltas = run.positions(ids, grids, mask)
    run.keep("batch.positions", positions)
    run.keep("batch.mask", mask)
    margin = run.keep_run("batch", run.generate(ids, pixels, grids, mask=mask))
    run.meta["batch"] = {"cases": [row[0] for row in rows], "rope_deltas": deltas.tolist(), "margin": margin}


def ablation_fixtures(run):
    ids, pixels, grids = run.prepare(*CASES[0][1:])

    def skip(module, args, kwargs, output):
        given = args[0] if args else kwargs["hidden_states"]
        return (given, *output[1:]) if isinstance(output, tuple) else given

    margins = []
    logits, tokens = [], []
    for layer in all_layers(run):
        hook = run.layers[layer].register_forward_hook(skip, with_kwargs=True)
        out = run.generate(ids, pixels, grids)
        hook.remove()
        logits.append(out[0][0, -1])
        tokens.append(out[1][0])
        margins.append(out[2])
    run.keep("ablate.logits", torch.stack(logits))
    run.keep("ablate.tokens", torch.stack(tokens))
    run.meta["ablate"] = {"case": "square", "layers": list(all_layers(run)), "margins": margins}


def all_layers(run):
    return range(len(run.layers))


def swap_fixtures(run):
    target = run.prepare(*CASES[0][1:])
    columns = (target[0][0] == run.config.image_token_id).nonzero()[:, 0]
    pairs = []
    for name, image in ("same_size", OTHER), ("other_size", WIDE):
        source = run.prepare(None, [{"image": image}, {"text": COUNT}])
        cache = DynamicCache()
        run.forward(*source, cache)
        visual = (source[0][0] == run.config.image_token_id).nonzero()[:, 0]
        states = [
            [resample_tokens(s[:, :, visual], len(columns)) for s in layer_kv(cache, layer)]
            for layer in all_layers(run)
        ]
        logits, tokens, margins = [], [], []
        for first in all_layers(run):
            out = run.generate(*target, cache=SwapCache(first, columns, states))
            logits.append(out[0][0, -1])
            tokens.append(out[1][0])
            margins.append(out[2])
        run.keep(f"swap.{name}.logits", torch.stack(logits))
        run.keep(f"swap.{name}.tokens", torch.stack(tokens))
        pairs.append({"name": name, "target": "square", "source_image": image, "text": COUNT, "margins": margins})
    run.meta["swap"] = pairs


def attention_fixtures(run):
    """Mass on the visual tokens, from the last prompt position and from every generated token."""
    rows = []
    for name, system, parts in CASES[:2]:
        ids, pixels, grids = run.prepare(system, parts)
        columns = (ids[0] == run.config.image_token_id).nonzero()[:, 0]
        _, tokens, _, seen = run.generate(ids, pixels, grids, attentions=True)
        mass = torch.stack([torch.stack([a[0, :, -1][:, columns].sum(-1) for a in step]) for step in seen])
        run.keep(f"attention.{name}", mass)  # [1 + steps, layers, heads]
        rows.append({"case": name, "queries": "the last prompt position, then each generated token"})
    run.meta["attention"] = rows


@torch.no_grad()
def donor_fixtures(run, folder):
    """Splices of two checkpoints by thirds of the layers, and interpolations."""
    donor = load_model(folder)
    ids, pixels, grids = run.prepare(*CASES[0][1:])
    count = len(run.layers)
    third = count // 3
    region = [0 if i < third else 1 if i < 2 * third else 2 for i in range(count)]
    own, other = list(run.layers), list(donor.model.language_model.layers)
    rows = []

    def record(name, **what):
        rows.append({"name": name, "margin": run.keep_run(f"merge.{name}", run.generate(ids, pixels, grids)), **what})

    for first in "model", "donor":
        for pattern in ((0, 1, 1), (0, 0, 1), (0, 1, 0)):
            layers = [(own if (pattern[region[i]] == 0) == (first == "model") else other)[i] for i in range(count)]
            names = [(first if pattern[r] == 0 else ("donor" if first == "model" else "model")) for r in region]
            base = run.model if first == "model" else donor
            kept, kept_layers = run.model, base.model.language_model.layers
            base.model.language_model.layers = torch.nn.ModuleList(layers)
            run.model = base
            record(f"splice_{first}_{''.join(map(str, pattern))}", rest=first, layers=names)
            run.model, base.model.language_model.layers = kept, kept_layers
    for name, part in ("all", ""), ("mlp", "mlp."):
        chosen = list(range(third, 2 * third))
        saved = [{k: v.clone() for k, v in own[i].state_dict().items()} for i in chosen]
        for i in chosen:
            theirs = other[i].state_dict()
            own[i].load_state_dict({
                k: 0.5 * v + 0.5 * theirs[k] if k.startswith(part) else v for k, v in own[i].state_dict().items()
            })
        record(f"interpolate_{name}", alpha=0.5, layers=chosen, component=name)
        for i, state in zip(chosen, saved):
            own[i].load_state_dict(state)
    run.meta["merge"] = {"case": "square", "runs": rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", required=True, help="name of the fixture files: tiny, random or qwen2_vl")
    parser.add_argument("--model", required=True, help="checkpoint, relative to the repository, where this runs")
    parser.add_argument("--donor", help="second checkpoint of the same architecture, for splices")
    parser.add_argument("--processor", help="folder of tokenizer and image processor, default --model")
    parser.add_argument("--images-only", action="store_true", help="replace the numbers of images, keep the others")
    parser.add_argument("--brief", action="store_true", help="only what depends on layers and vision blocks")
    args = parser.parse_args()
    torch.set_num_threads(4)  # small matrices: more threads only wait
    run = Runner(args.name, args.model, args.processor or args.model, args.donor)
    run.brief = args.brief
    parts = [
        image_fixtures, prompt_fixtures, case_fixtures, window_fixtures, hidden_fixtures, batch_fixtures,
        ablation_fixtures, swap_fixtures, attention_fixtures,
    ]
    if args.brief:
        parts = [part for part in parts if part not in (image_fixtures, prompt_fixtures, window_fixtures)]
    folder = TESTDATA / "reference"
    folder.mkdir(exist_ok=True)
    if args.images_only:
        parts = [image_fixtures]
        run.arrays = {k: v for k, v in load_file(folder / f"{args.name}.safetensors").items() if not k.startswith("image.")}
        run.meta = json.loads((folder / f"{args.name}.json").read_text())
    for part in parts:
        start = time.time()
        part(run)
        print(f"{args.name} {part.__name__}: {time.time() - start:.1f} s", flush=True)
    if args.donor and not args.images_only:
        donor_fixtures(run, args.donor)
    save_file(run.arrays, folder / f"{args.name}.safetensors")
    (folder / f"{args.name}.json").write_text(json.dumps(run.meta, indent=2, ensure_ascii=False, default=str) + "\n")
    for row in run.meta.get("images", []):
        print(row)
    print({row["name"]: (row["margin"], row["rope_delta"]) for row in run.meta["cases"]})
    print(run.meta["library_generate"], [round(m, 4) for m in run.meta["ablate"]["margins"]])


if __name__ == "__main__":
    main()
