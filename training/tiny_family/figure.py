"""The figure of reward and accuracy against steps."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUNS = {
    "tiny-rl": ("none frozen", "#0072b2"),
    "tiny-rl-frozen-early": ("early frozen", "#e69f00"),
    "tiny-rl-frozen-mid": ("middle frozen", "#009e73"),
    "tiny-rl-frozen-late": ("late frozen", "#cc79a7"),
    "tiny-b-rl": ("none frozen, tiny-b", "#7f7f7f"),
}
"""First stage of each RL run; the log of its second stage, if it had one, ends in SECOND."""
SECOND = "-2"
SMOOTHING = 10
KIND_NAMES = {
    "direct": "vision, direct", "base_vision": "vision", "base_align": "alignment",
    "base_maths": "mathematics", "base_word": "word problems", "in_align": "alignment",
    "in_maths": "mathematics", "in_word": "word problems",
}
SUPERVISED = {
    "Base": ("base", ["direct", "base_vision", "base_align", "base_maths", "base_word"]),
    "IN of tiny": ("tiny-in", ["in_align", "in_maths", "in_word"]),
}


def read_log(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@dataclass
class Stage:
    """One stage of an RL run; `begin` is how many steps were taken before it."""

    records: list[dict[str, Any]]
    begin: int

    def series(self, field: str) -> tuple[list[int], list[Any]]:
        """Steps, counted from the first stage's start, and values of the records with a field."""
        records = [r for r in self.records if field in r]
        return [self.begin + r["step"] for r in records], [r[field] for r in records]

    def kept(self) -> int:
        """The step whose weights were kept, counted from this stage's start."""
        return next(r["step"] for r in self.records if r.get("event") == "kept")


def read_stages(logs: Path, name: str) -> list[Stage]:
    """The stages of an RL run in order. A later stage starts from the weights that the one before
    it kept; it is drawn from where that one ended."""
    stages: list[Stage] = []
    for path in (logs / f"{name}.jsonl", logs / f"{name}{SECOND}.jsonl"):
        if path.exists():
            begin = stages[-1].series("reward")[0][-1] if stages else 0
            stages.append(Stage(read_log(path), begin))
    if not stages:
        raise ValueError(f"Cannot draw {name}: {logs} has no log {name}.jsonl.")
    return stages


def _smooth(values: list[float]) -> list[float]:
    """Mean of the last SMOOTHING values."""
    return [sum(values[max(0, i + 1 - SMOOTHING) : i + 1]) / min(i + 1, SMOOTHING) for i in range(len(values))]


def _draw_supervised(axis: Any, records: list[dict[str, Any]], kinds: list[str]) -> None:
    points = [r for r in records if "accuracy" in r]
    for kind in kinds:
        steps, values = [p["step"] for p in points], [p["accuracy"][kind] for p in points]
        axis.plot(steps, values, label=KIND_NAMES[kind], marker=".")
    axis.set(xlim=(0, None), ylim=(0, 1.02))
    axis.legend(fontsize=8)


def _draw_accuracy(axis: Any, stage: Stage, kind: str, label: str, color: str) -> None:
    """Validation accuracy of one kind, with a dot where the weights were kept."""
    steps, accuracy = stage.series("accuracy")
    values = [a[kind] for a in accuracy]
    axis.plot(steps, values, label=label, color=color)
    kept = steps.index(stage.begin + stage.kept())
    axis.plot(steps[kept], values[kept], marker="o", markersize=5, color=color)


def draw(logs: Path, out: Path) -> None:
    """Above: Base and IN on validation, RL's reward. Below: RL on validation, kind by kind."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (above, below) = plt.subplots(2, 3, figsize=(13, 7.6))
    for axis, (title, (name, kinds)) in zip(above, SUPERVISED.items()):
        _draw_supervised(axis, read_log(logs / f"{name}.jsonl"), kinds)
        axis.set_title(f"{title}: accuracy on validation")
    kinds = ("in_align", "in_maths", "in_word")
    seams: set[int] = set()
    for name, (label, color) in RUNS.items():
        for stage in read_stages(logs, name):
            # Lines that begin with an underscore stay out of the legend: one entry a run.
            shown = label if stage.begin == 0 else "_"
            steps, rewards = stage.series("reward")
            above[2].plot(steps, _smooth(rewards), label=shown, color=color, linewidth=1.2)
            for axis, kind in zip(below, kinds):
                _draw_accuracy(axis, stage, kind, shown, color)
            seams |= {stage.begin} - {0}
    for axis in (above[2], *below):
        for seam in seams:
            axis.axvline(seam, color="#777777", linewidth=0.6, zorder=0)
    above[2].set_title(f"RL: reward (mean of {SMOOTHING} steps)")
    for axis, kind in zip(below, kinds):
        axis.set_title(f"RL: {KIND_NAMES[kind]}, accuracy on validation")
    for axis in (*above, *below):
        axis.set_xlabel("step")
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    entries = below[0].get_legend_handles_labels()
    figure.legend(*entries, loc="lower center", ncol=len(RUNS), frameon=False, bbox_to_anchor=(0.5, 0.025))
    note = (
        "RL: the thin line is where the second stage begins, from the weights kept in the first (dots);"
        " its prompts have more mathematics. tiny-b has one stage."
    )
    figure.text(0.5, 0.012, note, ha="center", fontsize=9)
    figure.tight_layout(rect=(0, 0.07, 1, 1))
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
