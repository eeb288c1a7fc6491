"""Makes the reference tokens of decoding by the rules of generation_config.json.

Greedy tokens of Hugging Face transformers 5 for both architectures, under penalties on repetition and
other rules, with and without image, with layers left out and visual tokens swapped. Runs without an
intervention come from the library's `generate`; those with one from the loop of reference_runner.py
and the library's processor of the penalty, after the two were seen to agree.

    python3 training/reference/make_generation_fixtures.py
"""

import inspect
import json

import torch
import transformers
from transformers import DynamicCache, RepetitionPenaltyLogitsProcessor

from make_model_fixtures import CASES, COUNT, OTHER, WIDE
from reference_runner import STEPS, TESTDATA, Runner, SwapCache, layer_kv, resample_tokens

MODELS = {"tiny": "dataset/tiny/checkpoints/in", "random": "lib/model/testdata/random-qwen"}
PENALTIES = [1.0, 1.05, 1.5]


def library_tokens(run, prepared, rules, stop_tokens=None, steps=STEPS):
    """-> answer with its end token, smallest lead of the first over the second token"""
    ids, pixels, grids = prepared
    more = {}
    if pixels is not None:
        more.update(pixel_values=pixels, image_grid_thw=grids)
        if "mm_token_type_ids" in inspect.signature(run.model.forward).parameters:
            more["mm_token_type_ids"] = (ids == run.config.image_token_id).int()
    run.model.generation_config.eos_token_id = stop_tokens
    out = run.model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=steps, do_sample=False,
        return_dict_in_generate=True, output_scores=True, **rules, **more,
    )
    leads = [scores[0].topk(2).values for scores in out.scores]
    lead = min(float(two[0] - two[1]) for two in leads)
    return out.sequences[0, ids.shape[1]:].tolist(), lead


def penalty_runs(run):
    for penalty in PENALTIES:
        rules = {"repetition_penalty": penalty}
        process = [RepetitionPenaltyLogitsProcessor(penalty)] if penalty != 1 else []
        for name, system, parts in CASES:
            prepared = run.prepare(system, parts)
            tokens, lead = library_tokens(run, prepared, rules)
            own = run.generate(*prepared, processors=process)[1][0].tolist()
            assert own == tokens, (name, penalty, own, tokens)
            yield {"case": name, "generation": rules, "tokens": tokens, "lead": lead}
        yield from intervened_runs(run, rules, process)


def intervened_runs(run, rules, process):
    target = run.prepare(*CASES[0][1:])

    def skip(module, args, kwargs, output):
        given = args[0] if args else kwargs["hidden_states"]
        return (given, *output[1:]) if isinstance(output, tuple) else given

    for layer in range(len(run.layers)):
        hook = run.layers[layer].register_forward_hook(skip, with_kwargs=True)
        _, tokens, lead, _ = run.generate(*target, processors=process)
        hook.remove()
        yield {"case": "square", "generation": rules, "ablate": layer, "tokens": tokens[0].tolist(), "lead": lead}
    columns = (target[0][0] == run.config.image_token_id).nonzero()[:, 0]
    for image in OTHER, WIDE:
        source = run.prepare(None, [{"image": image}, {"text": COUNT}])
        cache = DynamicCache()
        run.forward(*source, cache)
        visual = (source[0][0] == run.config.image_token_id).nonzero()[:, 0]
        states = [
            [resample_tokens(s[:, :, visual], len(columns)) for s in layer_kv(cache, layer)]
            for layer in range(len(run.layers))
        ]
        for first in range(len(run.layers)):
            _, tokens, lead, _ = run.generate(*target, cache=SwapCache(first, columns, states), processors=process)
            yield {
                "case": "square", "generation": rules, "swap": {"from": first, "image": image, "text": COUNT},
                "tokens": tokens[0].tolist(), "lead": lead,
            }


def rule_runs(run):
    """Each rule where it changes the answer, and several together."""
    for name, system, parts in (CASES[0], CASES[4]):
        prepared = run.prepare(system, parts)
        length = prepared[0].shape[1]
        free, _ = library_tokens(run, prepared, {})
        stops = [free[3], free[6]]
        rules = [
            {"no_repeat_ngram_size": 1}, {"no_repeat_ngram_size": 2}, {"no_repeat_ngram_size": 4},
            {"suppress_tokens": free[:2]}, {"begin_suppress_tokens": [free[0]]},
            {"bad_words_ids": [[free[1]], free[2:4]]}, {"bad_words_ids": [free[1:4], free[0:2]]},
            {"repetition_penalty": 0.8},
            {"repetition_penalty": 1.2, "no_repeat_ngram_size": 3, "suppress_tokens": [free[0]]},
        ]
        stopped = [
            {}, {"min_new_tokens": 9}, {"min_length": length + 12}, {"bad_words_ids": [[free[3]], free[5:7]]},
            {"forced_eos_token_id": stops}, {"repetition_penalty": 1.05, "min_new_tokens": 5},
        ]
        for one in rules:
            tokens, lead = library_tokens(run, prepared, one)
            yield {"case": name, "generation": one, "tokens": tokens, "lead": lead}
        for one in stopped:
            steps = 3 if "forced_eos_token_id" in one else STEPS
            tokens, lead = library_tokens(run, prepared, one, stops, steps)
            yield {
                "case": name, "generation": one, "stop_tokens": stops, "max_new_tokens": steps,
                "tokens": tokens, "lead": lead,
            }


def main():
    torch.set_num_threads(4)
    for name, folder in MODELS.items():
        run = Runner(name, folder, folder)
        run.model.generation_config.max_new_tokens = None
        runs = [*penalty_runs(run), *rule_runs(run)]
        meta = {"transformers": transformers.__version__, "steps": STEPS, "runs": runs}
        path = TESTDATA / "reference" / f"{name}_generation.json"
        text = json.dumps(meta, indent=1)
        path.write_text(text + "\n")
        different = {tuple(entry["tokens"]) for entry in runs}
        print(name, len(runs), "runs,", len(different), "answers, smallest lead", min(r["lead"] for r in runs))


if __name__ == "__main__":
    main()
