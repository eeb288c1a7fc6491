"""Makes the reference numbers of lib/model/edits' tests: edits as PyTorch hooks in transformers.

Each edit is written as the library's own JSON, put into one row by hooks on the modules of
Qwen2_5_VLForConditionalGeneration (f32, eager attention), and run over the prompt and 16 greedy tokens.
Needs torch, torchvision, transformers 5, pillow.

    python3 training/reference/make_edit_fixtures.py --name tiny --model dataset/tiny/checkpoints/in
    python3 training/reference/make_edit_fixtures.py --name random --model lib/model/testdata/random-qwen
"""

import argparse
import json

import torch
from safetensors.numpy import save_file
from transformers import DynamicCache

from make_model_fixtures import CASES
from reference_runner import TESTDATA, Runner

MASKED = -1e30


def ramp(width, size):
    return [round(size * ((7 * i) % 13 - 6) / 6, 4) for i in range(width)]


def edits_of(config, layers):
    """One list of edits a row; early, middle and late layers."""
    text = config.text_config if hasattr(config, "text_config") else config
    hidden, heads = text.hidden_size, text.num_attention_heads
    width = heads * (hidden // heads)
    middle, last = layers // 2, layers - 1
    vector = ramp(hidden, 0.5)
    rows = []
    for site in "residual", "attention", "mlp", "layer":
        rows.append([{"kind": "addVector", "site": site, "layers": [1, last], "tokens": "all", "vector": vector}])
    rows += [
        [{"kind": "addVector", "site": "heads", "layers": [middle], "tokens": "question", "vector": ramp(width, 0.3)}],
        [{"kind": "addVector", "site": "residual", "layers": [0], "tokens": "generated", "vector": vector}],
        [{"kind": "addVector", "site": "residual", "layers": [middle], "tokens": "image", "vector": vector}],
        [{"kind": "scale", "site": "mlp", "layers": [middle], "factor": 0}],
        [{"kind": "scale", "site": "attention", "layers": [0, middle], "tokens": "prompt", "factor": 1.5}],
        [{"kind": "scale", "site": "keysValues", "layers": [middle, last], "factor": 0.5}],
        [{"kind": "scale", "site": "keysValues", "layers": [1], "tokens": "image", "factor": 0.7}],
        [{"kind": "patch", "site": "residual", "layers": [middle], "tokens": [3, 20],
          "values": {"data": ramp(hidden, 0.5) + ramp(hidden, -0.8), "dims": [2, hidden]}}],
        [{"kind": "patch", "site": "mlp", "layers": [last], "tokens": "question",
          "values": {"data": vector, "dims": [1, hidden]}}],
        [{"kind": "ablateHeads", "layers": [middle], "heads": [0, heads - 1]}],
        [{"kind": "ablateHeads", "layers": [1, last], "heads": [1], "tokens": "generated", "mean": ramp(width, 0.2)}],
        [{"kind": "knockoutAttention", "layers": list(range(middle, layers)), "from": "question", "to": "image"}],
        [{"kind": "knockoutAttention", "layers": [1], "heads": [0, 2], "from": "generated", "to": "question"}],
        [{"kind": "knockoutAttention", "layers": list(range(layers)), "from": "all", "to": [1, 2]}],
        [{"kind": "zeroLayer", "layers": [1, last]},
         {"kind": "addVector", "site": "residual", "layers": [1], "vector": vector},
         {"kind": "scale", "site": "heads", "layers": [middle], "tokens": "question", "factor": 0.2}],
    ]
    return rows


class ScaledCache(DynamicCache):
    """Keys and values of chosen tokens times a factor, as they come."""

    def __init__(self, edits, place):
        super().__init__()
        self.edits, self.place = edits, place

    def update(self, keys, values, layer, *args, **kwargs):
        for edit in self.edits:
            if edit["kind"] == "scale" and edit["site"] == "keysValues" and layer in edit["layers"]:
                rows = self.place.rows(edit.get("tokens", "all"), keys.shape[2])
                keys, values = keys.clone(), values.clone()
                keys[:, :, rows] *= edit["factor"]
                values[:, :, rows] *= edit["factor"]
        return super().update(keys, values, layer, *args, **kwargs)


class Place:
    """Which tokens the current call computes."""

    def __init__(self, ids, image_token):
        self.prompt = ids.shape[1]
        self.image = set((ids[0] == image_token).nonzero()[:, 0].tolist())
        self.start = self.next = 0

    def begin(self, module, args, kwargs):
        given = kwargs.get("inputs_embeds")
        given = kwargs.get("input_ids") if given is None else given
        self.start, self.next = self.next, self.next + given.shape[1]

    def has(self, choice, token):
        if isinstance(choice, list):
            return token in choice
        return {
            "all": True,
            "prompt": token < self.prompt,
            "generated": token >= self.prompt,
            "image": token in self.image,
            "question": max(self.image) < token < self.prompt,
        }[choice]

    def rows(self, choice, count):
        return [i for i in range(count) if self.has(choice, self.start + i)]


def changed(edit, place, values):
    """values [1, T, width] after an edit."""
    rows = place.rows(edit.get("tokens", "all"), values.shape[1])
    values = values.clone()
    if edit["kind"] == "addVector":
        values[:, rows] += torch.tensor(edit["vector"])
    elif edit["kind"] == "scale":
        values[:, rows] *= edit["factor"]
    elif edit["kind"] == "patch":
        new = torch.tensor(edit["values"]["data"]).reshape(edit["values"]["dims"])
        if len(new) == 1:
            new = new.expand(len(rows), -1)
        if rows:
            values[:, rows] = new
    elif edit["kind"] == "ablateHeads":
        size = edit["size"]
        mean = torch.tensor(edit.get("mean", [0.0] * values.shape[2]))
        for head in edit["heads"]:
            at = slice(head * size, (head + 1) * size)
            values[:, rows, at] = mean[at]
    return values


def hooks(run, edits, place):
    handles = [run.model.model.language_model.register_forward_pre_hook(place.begin, with_kwargs=True)]
    text = run.config.text_config if hasattr(run.config, "text_config") else run.config

    def on_input(edit):
        def hook(module, args, kwargs):
            if args:
                return (changed(edit, place, args[0]), *args[1:]), kwargs
            return args, {**kwargs, "hidden_states": changed(edit, place, kwargs["hidden_states"])}
        return hook

    def on_output(edit):
        def hook(module, args, output):
            if isinstance(output, tuple):
                return (changed(edit, place, output[0]), *output[1:])
            return changed(edit, place, output)
        return hook

    def cut(edit):
        def hook(module, args, kwargs):
            queries = kwargs["hidden_states"].shape[1]
            keys = place.start + queries
            mask = torch.zeros(1, text.num_attention_heads, queries, keys)
            for q in range(queries):
                token = place.start + q
                mask[:, :, q, token + 1:] = MASKED
                if not place.has(edit["from"], token):
                    continue
                for key in range(token + 1):
                    if place.has(edit["to"], key):
                        mask[:, edit.get("heads", list(range(text.num_attention_heads))), q, key] = MASKED
            return args, {**kwargs, "attention_mask": mask}
        return hook

    def skip(module, args, kwargs, output):
        given = args[0] if args else kwargs["hidden_states"]
        return (given, *output[1:]) if isinstance(output, tuple) else given

    # A layer that is left out passes on what the edits of its input made of it.
    for edit in sorted(edits, key=lambda edit: edit["kind"] == "zeroLayer"):
        for number in edit["layers"]:
            layer = run.layers[number]
            if edit["kind"] == "zeroLayer":
                handles.append(layer.register_forward_hook(skip, with_kwargs=True))
            elif edit["kind"] == "knockoutAttention":
                handles.append(layer.self_attn.register_forward_pre_hook(cut(edit), with_kwargs=True))
            elif edit["kind"] == "ablateHeads":
                sized = {**edit, "size": text.hidden_size // text.num_attention_heads}
                handles.append(layer.self_attn.o_proj.register_forward_pre_hook(on_input(sized), with_kwargs=True))
            elif edit["site"] == "residual":
                handles.append(layer.register_forward_pre_hook(on_input(edit), with_kwargs=True))
            elif edit["site"] == "heads":
                handles.append(layer.self_attn.o_proj.register_forward_pre_hook(on_input(edit), with_kwargs=True))
            elif edit["site"] != "keysValues":
                module = {"attention": layer.self_attn, "mlp": layer.mlp, "layer": layer}[edit["site"]]
                handles.append(module.register_forward_hook(on_output(edit)))
    return handles


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", required=True, help="name of the fixture files: tiny or random")
    parser.add_argument("--model", required=True, help="checkpoint, relative to the repository, where this runs")
    args = parser.parse_args()
    torch.set_num_threads(4)
    run = Runner(args.name, args.model, args.model)
    ids, pixels, grids = run.prepare(*CASES[0][1:])
    rows = edits_of(run.config, len(run.layers))
    logits, tokens, margins = [], [], []
    for edits in rows:
        place = Place(ids, run.config.image_token_id)
        handles = hooks(run, edits, place)
        out = run.generate(ids, pixels, grids, cache=ScaledCache(edits, place))
        for handle in handles:
            handle.remove()
        logits.append(out[0][0, -1])
        tokens.append(out[1][0])
        margins.append(round(out[2], 5))
        print([edit["kind"] for edit in edits], margins[-1], flush=True)
    plain = run.generate(ids, pixels, grids)[0][0, -1]
    for edits, row in zip(rows, logits):
        generated = all(edit.get("tokens", edit.get("from")) == "generated" for edit in edits)
        assert generated or (row - plain).abs().max() > 1e-3, edits
    run.keep("logits", torch.stack(logits))
    run.keep("tokens", torch.stack(tokens))
    folder = TESTDATA / "reference"
    save_file(run.arrays, folder / f"edits_{args.name}.safetensors")
    meta = {"model": args.model, "case": "square", "margins": margins, "rows": rows}
    (folder / f"edits_{args.name}.json").write_text(json.dumps(meta) + "\n")


if __name__ == "__main__":
    main()
