"""Arithmetic: about digits and shapes in an image, and in text alone."""

from random import Random

from .problems import Problem, chain
from .scenes import Sprite, compose
from .spec import DIGITS, GLYPH_COLORS, LIMITS, QUESTIONS, SHAPES, WORDS
from .vision_problems import draw_shape

OPERAND: int = LIMITS["operand"]
VALUE: int = LIMITS["value"]
FEWEST_DIGITS, MOST_DIGITS = LIMITS["digits"]


def _digit_scene(rng: Random, most: int):
    count = rng.randint(FEWEST_DIGITS, most)
    scene = compose(rng, [Sprite(rng.choice(DIGITS), rng.choice(GLYPH_COLORS)) for _ in range(count)])
    return scene, [int(sprite.kind) for sprite in scene.sprites()]


def image_sum(rng: Random, most: int = MOST_DIGITS) -> Problem:
    scene, digits = _digit_scene(rng, most)
    value, steps = chain(digits[0], [("+", n) for n in digits[1:]])
    listed = ", ".join(map(str, digits))
    return Problem(
        "sum", QUESTIONS["sum"], str(value), f"The numbers are {listed}. {steps}",
        f"sum {' '.join(map(str, digits))}", f"The image shows the numbers {listed}.", scene,
    )


def image_range(rng: Random, most: int = MOST_DIGITS) -> Problem:
    scene, digits = _digit_scene(rng, most)
    value, steps = chain(max(digits), [("-", min(digits))])
    listed = ", ".join(map(str, digits))
    return Problem(
        "range", QUESTIONS["range"], str(value), f"The numbers are {listed}. {steps}",
        f"range {' '.join(map(str, digits))}", f"The image shows the numbers {listed}.", scene,
    )


def image_difference(rng: Random, most: int = LIMITS["shapesOfAKind"]) -> Problem:
    more, less = rng.sample(SHAPES, 2)
    many = rng.randint(1, most)
    few = rng.randint(0, many)
    sprites = [draw_shape(rng, more) for _ in range(many)] + [draw_shape(rng, less) for _ in range(few)]
    value, steps = chain(many, [("-", few)])
    return Problem(
        "difference",
        QUESTIONS["difference"].format(more=more, less=less),
        str(value),
        f"There are {many} {more} and {few} {less}. {steps}",
        f"difference {more} {many} {less} {few}",
        f"The image shows {many} {more} shapes and {few} {less} shapes.",
        compose(rng, sprites),
    )


IMAGE_MATHS = [image_sum, image_difference, image_range]


def _draw_chain(rng: Random, level: int) -> tuple[int, list[tuple[str, int]]]:
    start = value = rng.randint(1, OPERAND)
    steps = []
    for _ in range(level):
        n = rng.randint(1, OPERAND)
        op = "+" if value < n or (value + n <= VALUE and rng.random() < 0.5) else "-"
        value += n if op == "+" else -n
        steps.append((op, n))
    return start, steps


def _write(start: int | str, steps: list[tuple[str, int]]) -> str:
    return " ".join([str(start), *(f"{op} {n}" for op, n in steps)])


def prealgebra(rng: Random, level: int) -> Problem:
    start, steps = _draw_chain(rng, level)
    value, thought = chain(start, steps)
    text = _write(start, steps)
    question = QUESTIONS["prealgebra"].format(expression=text)
    return Problem("prealgebra", question, str(value), thought, f"prealgebra {text}", level=level)


def algebra(rng: Random, level: int) -> Problem:
    start, steps = _draw_chain(rng, level)
    right, _ = chain(start, steps)
    _, thought = chain(right, [("-" if op == "+" else "+", n) for op, n in reversed(steps)])
    text = f"{_write('x', steps)} = {right}"
    question = QUESTIONS["algebra"].format(expression=text)
    return Problem("algebra", question, str(start), thought, f"algebra {text}", level=level)


def number_theory(rng: Random, level: int) -> Problem:
    largest = min(OPERAND, VALUE // 6)
    start = rng.randint(1, largest)
    steps = [("+", rng.randint(1, largest)) for _ in range(level)]
    value, thought = chain(start, steps)
    text = _write(start, steps)
    question = QUESTIONS["numberTheory"].format(expression=text)
    return Problem("number theory", question, str(value % 10), thought, f"number theory {text}", level=level)


def word_problem(rng: Random, level: int) -> Problem:
    person, friend = rng.sample(WORDS["people"], 2)
    names = {**person, "friend": friend["name"], "things": rng.choice(WORDS["things"])}
    start = value = rng.randint(2, OPERAND)
    story, steps, symbols = [WORDS["start"].format(n=start, **names)], [], [str(start)]
    for _ in range(level):
        double = 0 < value <= OPERAND and rng.random() < 0.2
        n = value if double else rng.randint(1, OPERAND)
        grows = double or value < n or (value + n <= VALUE and rng.random() < 0.5)
        op = "+" if grows else "-"
        template = WORDS["twice"] if double else rng.choice(WORDS["more" if grows else "less"])
        story.append(template.format(n=n, **names))
        steps.append((op, n))
        symbols.append("* 2" if double else f"{op} {n}")
        value += n if grows else -n
    story.append(WORDS["question"].format(**names))
    return Problem(
        "word problem", " ".join(story), str(value), chain(start, steps)[1],
        f"word problem {' '.join(symbols)}", level=level,
    )


SUBJECTS = [prealgebra, algebra, number_theory]
