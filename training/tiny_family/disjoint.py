"""Checks, by content, that no training pool holds a shipped test scene or problem."""

import json
from pathlib import Path
from random import Random

from .held_out import HeldOut
from .samples import make_sample

THIRDS = ("early", "mid", "late")


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


RUNS = {
    "base": ["base"],
    "tiny/in": ["tiny-in"],
    "tiny-b/in": ["tiny-b-in"],
    "tiny/rl": ["tiny-rl", *(f"tiny-rl-frozen-{third}" for third in THIRDS)],
    "tiny/rl-2": ["tiny-rl-2", *(f"tiny-rl-frozen-{third}-2" for third in THIRDS)],
    "tiny-b/rl": ["tiny-b-rl"],
}
"""Logs of the measured run by the seed of their pools: frozen runs share those of the run without
freezing."""


def read_pools(path: Path) -> dict[str, dict[str, int]]:
    """How many samples of each kind a run's log says were made and rejected."""
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    pools = next((r for r in records if r.get("event") == "pools"), None)
    if pools is None:
        raise SystemExit(f"Cannot check the pools of {path}: it has no line with event \"pools\".")
    return {"sizes": pools["sizes"], "rejected": pools["rejected"]}


def check_logs(folder: Path, limit: int, seeds: list[str] | None = None) -> None:
    """Checks the pools that the measured logs name, at most `limit` samples of each kind; all of
    them, or those of `seeds`."""
    from .pools import CHUNK

    for seed in seeds or RUNS:
        names = RUNS[seed]
        pools = read_pools(folder / f"{names[0]}.jsonl")
        for name in names[1:]:
            if read_pools(folder / f"{name}.jsonl") != pools:
                raise SystemExit(f"{name}: other pools than {names[0]}, which has the same seed.")
        sizes = {kind: min(n, limit) for kind, n in pools["sizes"].items()}
        report = check_chunks(sizes, seed, CHUNK)
        print(json.dumps({"pools": seed, "runs": names, "report": report}), flush=True)
        for kind, counts in report.items():
            if counts["leaked"]:
                raise SystemExit(f"{seed}: {counts['leaked']} held-out items in {kind}.")
            if sizes[kind] == pools["sizes"][kind] and counts["rejected"] != pools["rejected"][kind]:
                raise SystemExit(f"{seed}: {kind} is not the pool that was trained on (rejected differ).")
