"""Command line of the training: `python3 -m tiny_family STAGE [options]`, one stage a call."""

import argparse
import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any


def add_options(parser: argparse.ArgumentParser, options: type) -> None:
    """One flag for each field of an options dataclass."""
    for field in fields(options):
        flag = f"--{field.name.replace('_', '-')}"
        required = field.default is MISSING
        kind: Any = field.type if isinstance(field.type, type) else str
        default = None if required else field.default
        parser.add_argument(flag, type=kind, required=required, default=default)


def main() -> None:
    from .disjoint import RUNS
    from .instruct import InstructOptions, instruct
    from .pretrain import PretrainOptions, pretrain
    from .reinforce import FROZEN_CHOICES, ReinforceOptions, reinforce

    stages = {
        "base": (PretrainOptions, pretrain),
        "in": (InstructOptions, instruct),
        "rl": (ReinforceOptions, reinforce),
    }
    parser = argparse.ArgumentParser(prog="tiny_family", description=__doc__)
    commands = parser.add_subparsers(dest="stage", required=True)
    for name, (options, run) in stages.items():
        command = commands.add_parser(name, help=(run.__doc__ or "").strip() or None)
        add_options(command, options)
    tokenizer = commands.add_parser("tokenizer", help="learn the tokenizer")
    tokenizer.add_argument("--out", type=Path, required=True)
    evaluation = commands.add_parser("evaluate", help="greedy accuracy on the shipped test sets")
    evaluation.add_argument("checkpoints", type=Path, nargs="+")
    evaluation.add_argument("--out", type=Path, required=True)
    agreement = commands.add_parser("agreement", help="compare greedy answers with transformers")
    agreement.add_argument("checkpoints", type=Path, nargs="+")
    agreement.add_argument("--out", type=Path, required=True)
    hashes = commands.add_parser("scene-hashes", help="write the fixture of the renderer's test")
    hashes.add_argument("--out", type=Path, required=True)
    disjoint = commands.add_parser("disjoint", help="check the pools of the measured run by content")
    disjoint.add_argument("--logs", type=Path, required=True)
    disjoint.add_argument("--limit", type=int, default=10**9, help="samples of each kind at most")
    disjoint.add_argument("--seeds", nargs="+", choices=RUNS, help="of these pools only")
    report = commands.add_parser("report", help="draw the figure and write the table")
    report.add_argument("--readme", type=Path, required=True)
    report.add_argument("--logs", type=Path, required=True)
    report.add_argument("--out", type=Path, required=True)
    arguments = vars(parser.parse_args())
    stage = arguments.pop("stage")
    if stage == "tokenizer":
        from .tokenizer import train_tokenizer

        train_tokenizer(arguments["out"])
    elif stage == "scene-hashes":
        from .scene_hashes import write_scene_hashes

        write_scene_hashes(arguments["out"])
    elif stage == "disjoint":
        from .disjoint import check_logs

        check_logs(arguments["logs"], arguments["limit"], arguments["seeds"])
    elif stage == "report":
        from .figure import draw, write_table

        draw(arguments["logs"], arguments["out"])
        write_table(arguments["readme"], arguments["logs"] / "evaluation.jsonl")
    elif stage == "agreement":
        from .agreement import check

        check(arguments["checkpoints"], arguments["out"])
    elif stage == "evaluate":
        from .evaluate import evaluate

        lines = []
        for folder in arguments["checkpoints"]:
            lines.append(json.dumps(evaluate(folder, "base" if folder.name == "base" else "reasoner")))
            print(lines[-1], flush=True)
        arguments["out"].write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        if arguments.get("freeze", "none") not in FROZEN_CHOICES:
            parser.error(f"--freeze {arguments['freeze']}: expected one of {', '.join(FROZEN_CHOICES)}")
        options, run = stages[stage]
        run(options(**arguments))


if __name__ == "__main__":
    main()
