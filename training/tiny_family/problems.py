"""What every question has in common."""

from dataclasses import dataclass
from random import Random

from .scenes import Scene


@dataclass(slots=True)
class Problem:
    """A question with its answer and the steps to it."""

    task: str
    question: str
    answer: str
    thought: str
    expression: str = ""
    """Content of a text-only or described problem, apart from its wording."""
    description: str = ""
    scene: Scene | None = None
    level: int = 1


CHOICE_LETTERS = "ABCD"


def offer_choices(rng: Random, problem: Problem) -> Problem:
    """The same question with four numbers to choose from; the answer becomes a letter."""
    right = int(problem.answer)
    near = [n for n in range(max(0, right - 4), right + 5) if n != right]
    choices = [right, *rng.sample(near, 3)]
    rng.shuffle(choices)
    listed = "\n".join(f"{letter}. {n}" for letter, n in zip(CHOICE_LETTERS, choices))
    letter = CHOICE_LETTERS[choices.index(right)]
    problem.question = f"{problem.question}\n\nChoices:\n{listed}"
    problem.thought = f"{problem.thought} {right} is {letter}."
    problem.answer = letter
    return problem


def chain(start: int, steps: list[tuple[str, int]]) -> tuple[int, str]:
    """Works additions and subtractions out: the value and `3+5=8, 8-2=6.`"""
    value, lines = start, []
    for op, n in steps:
        after = value + n if op == "+" else value - n
        lines.append(f"{value}{op}{n}={after}")
        value = after
    return value, f"{', '.join(lines)}."
