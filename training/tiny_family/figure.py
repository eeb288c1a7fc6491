"""The figure of reward and accuracy against steps."""

import json
from pathlib import Path
from typing import Any

RUNS = {
    "tiny-rl": ("RL", "#1f77b4"),
    "tiny-rl-frozen-early": ("RL, early frozen", "#ff7f0e"),
    "tiny-rl-frozen-mid": ("RL, middle frozen", "#2ca02c"),
    "tiny-rl-frozen-late": ("RL, late frozen", "#9467bd"),
    "tiny-b-rl": ("RL, tiny-b", "#7f7f7f"),
}
SMOOTHING = 10


def read_log(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _smooth(values: list[float]) -> list[float]:
    """Mean of the last SMOOTHING values."""
    return [sum(values[max(0, i + 1 - SMOOTHING) : i + 1]) / min(i + 1, SMOOTHING) for i in range(len(values))]


def draw(logs: Path, out: Path) -> None:
    """Left to right: Base on validation, IN on validation, RL's reward, RL on validation."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 5, figsize=(20, 3.8), constrained_layout=True)
    accuracy = lambda name: [r for r in read_log(logs / f"{name}.jsonl") if "accuracy" in r]
    plans = [
        (axes[0], "Base", "base", ["direct", "base_vision", "base_align", "base_maths", "base_word"]),
        (axes[1], "IN", "tiny-in", ["in_align", "in_maths", "in_word"]),
    ]
    for axis, title, name, kinds in plans:
        for kind in kinds:
            points = accuracy(name)
            axis.plot([p["step"] for p in points], [p["accuracy"][kind] for p in points], label=kind, marker=".")
        axis.set(title=f"{title}: validation accuracy", xlabel="step", ylim=(0, 1.02))
    for name, (label, color) in RUNS.items():
        rewards = [r for r in read_log(logs / f"{name}.jsonl") if "reward" in r]
        axes[2].plot([r["step"] for r in rewards], _smooth([r["reward"] for r in rewards]), label=label, color=color)
        points = accuracy(name)
        for axis, kind in ((axes[3], "in_align"), (axes[4], "in_maths")):
            axis.plot([p["step"] for p in points], [p["accuracy"][kind] for p in points], label=label, color=color)
    axes[2].set(title=f"RL: reward (mean of {SMOOTHING} steps)", xlabel="step")
    axes[3].set(title="RL: alignment, validation", xlabel="step")
    axes[4].set(title="RL: mathematics, validation", xlabel="step")
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.legend(fontsize=7)
    figure.savefig(out, dpi=110, metadata={"Software": None})


COLUMNS = [
    ("counting", lambda r: r["vision"]["counting"]),
    ("ocr", lambda r: r["vision"]["ocr"]),
    ("grounding", lambda r: r["vision"]["grounding"]),
    ("recognition", lambda r: r["vision"]["recognition"]),
    ("perception A", lambda r: r["perception"]["A"]),
    ("B", lambda r: r["perception"]["B"]),
    ("M_vis", lambda r: r["perception"]["M_vis"]),
    ("alignment A", lambda r: r["alignment"]["A"]),
    ("B", lambda r: r["alignment"]["B"]),
    ("M_v2r", lambda r: r["alignment"]["M_v2r"]),
    ("M_rea", lambda r: r["reasoning"]["M_rea"]),
    ("GSM8K-shaped", lambda r: r["gsm8k"]),
]


def table(evaluation: Path) -> str:
    """The measured numbers as a Markdown table."""
    order = ["tiny/base", "tiny/in", "tiny/rl", *(f"tiny/rl-frozen-{t}" for t in ("early", "mid", "late")), "tiny-b/in", "tiny-b/rl"]
    results = {f"{r['recipe']}/{r['checkpoint']}": r for r in read_log(evaluation)}
    lines = ["| checkpoint | " + " | ".join(name for name, _ in COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name in order:
        lines.append(f"| {name} | " + " | ".join(f"{get(results[name]):.3f}" for _, get in COLUMNS) + " |")
    return "\n".join(lines)


BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def write_table(readme: Path, evaluation: Path) -> None:
    """Puts the table between the two marks of a README."""
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"Cannot write the table into {readme}: it lacks {BEGIN} and {END}.")
    before, rest = text.split(BEGIN)
    readme.write_text(f"{before}{BEGIN}\n{table(evaluation)}\n{END}{rest.split(END)[1]}", encoding="utf-8")
