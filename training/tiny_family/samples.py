"""Training samples: a problem, the prompt that asks it and the response to learn.

A kind names the style of prompt and what is asked:

- direct: the vision question alone, a short answer
- caption: everything in the image
- base_*: the step-by-step prefix, the steps and `\\boxed{}`; only easy problems
- in_*: the reasoner's system prompt, `<think>` and `<answer>`; problems of every length
- *_described: a black image and the description in words
"""

from dataclasses import dataclass
from random import Random

from .maths_problems import FEWEST_DIGITS, IMAGE_MATHS, SUBJECTS, image_difference, word_problem
from .problems import Problem, offer_choices
from .prompts import PREFIX, SYSTEM_DEFAULT, SYSTEM_REASONER, chat, described
from .scenes import BLACK_ROW
from .vision_problems import FUNCTIONAL, GENERAL, caption, grounding

IMAGE_KINDS = (
    "direct", "caption", "base_vision", "base_align", "base_described",
    "in_vision", "in_align", "in_described",
)
TEXT_KINDS = ("base_maths", "base_word", "in_maths", "in_word")
KINDS = IMAGE_KINDS + TEXT_KINDS

_CHOICE_TASKS = {"counting", "sum", "difference", "range"}
_EASY_DIGITS = FEWEST_DIGITS + 1
_EASY_SHAPES = 4


@dataclass(slots=True)
class Sample:
    kind: str
    problem: Problem
    prompt: str
    response: str
    row: list[int] | None
    """What the image shows, for the batched renderer."""


def _image_maths(rng: Random, easy: bool) -> Problem:
    make = rng.choice(IMAGE_MATHS)
    if not easy:
        return make(rng)
    return make(rng, _EASY_SHAPES if make is image_difference else _EASY_DIGITS)


def _problem(rng: Random, kind: str) -> Problem:
    style, _, topic = kind.partition("_")
    easy = style == "base"
    match topic:
        case "vision":
            return rng.choice([*GENERAL, grounding])(rng)
        case "align" | "described":
            return _image_maths(rng, easy)
        case "maths":
            return rng.choice(SUBJECTS)(rng, rng.randint(1, 2 if easy else 5))
        case "word":
            return word_problem(rng, rng.randint(1, 2 if easy else 4))
    raise ValueError(f"Cannot make a problem of kind {kind!r}: expected one of {KINDS}.")


def make_sample(rng: Random, kind: str) -> Sample:
    """One random sample of a kind."""
    if kind in ("direct", "caption"):
        problem = (rng.choice(FUNCTIONAL) if kind == "direct" else caption)(rng)
        # The published prompts of the counting task begin with a literal <image>.
        literal = "<image>" if problem.task == "counting" and rng.random() < 0.5 else ""
        prompt = chat(SYSTEM_DEFAULT, literal + problem.question, True)
        return Sample(kind, problem, prompt, problem.answer, problem.scene.row())
    problem = _problem(rng, kind)
    if problem.task in _CHOICE_TASKS and rng.random() < 1 / 3:
        problem = offer_choices(rng, problem)
    black = kind.endswith("described")
    asked = described(problem.description, problem.question) if black else problem.question
    row = BLACK_ROW if black else problem.scene.row() if problem.scene else None
    if kind.startswith("base"):
        prompt = chat(SYSTEM_DEFAULT, PREFIX + asked, row is not None)
        response = f"{problem.thought} \\boxed{{{problem.answer}}}"
    else:
        prompt = chat(SYSTEM_REASONER, PREFIX + asked, row is not None)
        response = f"<think>{problem.thought}</think><answer>{problem.answer}</answer>"
    return Sample(kind, problem, prompt, response, row)
