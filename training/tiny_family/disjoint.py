"""Checks, by content, that no training pool holds a shipped test scene or problem."""

import json
from pathlib import Path
from random import Random

from .held_out import HeldOut
from .samples import make_sample


def check_chunks(kinds: dict[str, int], seed: str, chunk: int) -> dict[str, dict[str, int]]:
    """Draws the samples of the pools again, as pools.py does, and counts: how many were drawn, how
    many rejected, and how many of those kept show a held-out scene or ask a held-out problem."""
    held_out = HeldOut()
    report = {}
    for kind, count in kinds.items():
        kept = rejected = leaked = 0
        for start in range(0, count, chunk):
            rng, have = Random(f"train/{seed}/{kind}/{start}"), 0
            while have < min(chunk, count - start):
                sample = make_sample(rng, kind)
                if held_out.contains(sample):
                    rejected += 1
                    continue
                have += 1
                # Not through HeldOut.contains: content is compared here once more, on its own.
                problem = sample.problem
                shown = problem.scene.key() if problem.scene else None
                worded = problem.expression if problem.scene is None or kind.endswith("described") else None
                leaked += shown in held_out.scenes or worded in held_out.expressions
            kept += have
        report[kind] = {"kept": kept, "rejected": rejected, "leaked": leaked}
    return report


def check_logs(folder: Path, limit: int) -> None:
    """Checks the pools that the measured logs name, at most `limit` samples of each kind."""
    from .pools import CHUNK

    seeds = {"base": "base", "tiny-in": "tiny/in", "tiny-b-in": "tiny-b/in", "tiny-rl": "tiny/rl", "tiny-b-rl": "tiny-b/rl"}
    for name, seed in seeds.items():
        lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        pools = next(r for r in map(json.loads, lines) if r.get("event") == "pools")
        sizes = {kind: min(n, limit) for kind, n in pools["sizes"].items()}
        report = check_chunks(sizes, seed, CHUNK)
        print(json.dumps({"pools": name, "report": report}), flush=True)
        for kind, counts in report.items():
            if counts["leaked"]:
                raise SystemExit(f"{name}: {counts['leaked']} held-out items in {kind}.")
            if sizes[kind] == pools["sizes"][kind] and counts["rejected"] != pools["rejected"][kind]:
                raise SystemExit(f"{name}: {kind} is not the pool that was trained on (rejected differ).")
