"""Questions about what an image shows."""

from collections.abc import Callable
from random import Random

from .problems import Problem
from .scenes import Placement, Scene, Sprite, bounding_box, compose
from .spec import COLORS, DIGITS, GLYPH_COLORS, GRID, LETTERS, LIMITS, QUESTIONS, SHAPES, SIZES


def draw_shape(rng: Random, shape: str | None = None, color: str | None = None) -> Sprite:
    return Sprite(shape or rng.choice(SHAPES), color or rng.choice(COLORS), rng.choice(SIZES))


def counting(rng: Random) -> Problem:
    n = rng.randint(1, LIMITS["items"])
    scene = compose(rng, [draw_shape(rng) for _ in range(n)])
    return Problem("counting", QUESTIONS["counting"], str(n), f"I count {n} items.", scene=scene)


def ocr(rng: Random) -> Problem:
    word = "".join(rng.choice(LETTERS) for _ in range(rng.randint(2, GRID)))
    color = rng.choice(GLYPH_COLORS)
    start = rng.randrange(GRID) * GRID + rng.randint(0, GRID - len(word))
    cells = list(range(start, start + len(word)))
    scene = compose(rng, [Sprite(letter, color) for letter in word], cells)
    return Problem("ocr", QUESTIONS["ocr"], word, f"The text is {word}.", scene=scene)


def _around(rng: Random) -> tuple[Scene, Placement]:
    """One to four objects of different names, and the one asked about."""
    sprites: list[Sprite] = []
    for _ in range(rng.randint(1, 4)):
        sprite = draw_shape(rng)
        while any(sprite.object_name == other.object_name for other in sprites):
            sprite = draw_shape(rng)
        sprites.append(sprite)
    scene = compose(rng, sprites)
    return scene, next(p for p in scene.placements if p.sprite is sprites[0])


def grounding(rng: Random) -> Problem:
    scene, target = _around(rng)
    name = target.sprite.object_name
    answer = ",".join(map(str, bounding_box(target)))
    question = QUESTIONS["grounding"].format(object=name)
    return Problem("grounding", question, answer, f"The {name} is at {answer}.", scene=scene)


def position(rng: Random) -> Problem:
    scene, target = _around(rng)
    name = target.sprite.object_name
    row, column = target.cell // GRID + 1, target.cell % GRID + 1
    axis = rng.choice(["row", "column"])
    return Problem(
        "position",
        QUESTIONS[axis].format(object=name),
        str(row if axis == "row" else column),
        f"The {name} is in row {row}, column {column}.",
        scene=scene,
    )


def _wanted(rng: Random) -> tuple[str, str | None, str]:
    """A shape to look for, its colour or None for any, and how the question names it."""
    shape, color = rng.choice(SHAPES), rng.choice(COLORS)
    return (shape, None, shape) if rng.random() < 0.5 else (shape, color, f"{color} {shape}")


def recognition(rng: Random) -> Problem:
    shape, color, name = _wanted(rng)
    matches: Callable[[Sprite], bool] = lambda s: s.kind == shape and color in (None, s.color)
    present = rng.random() < 0.5
    sprites = [draw_shape(rng) for _ in range(rng.randint(1, 6))]
    if present and not any(map(matches, sprites)):
        sprites[0] = draw_shape(rng, shape, color)
    if not present:
        for i, sprite in enumerate(sprites):
            while matches(sprite):
                sprite = draw_shape(rng)
            sprites[i] = sprite
    question = QUESTIONS["recognition"].format(object=name)
    thought = f"There is {'a' if present else 'no'} {name}."
    answer = "Yes" if present else "No"
    return Problem("recognition", question, answer, thought, scene=compose(rng, sprites))


def caption(rng: Random) -> Problem:
    """A list of everything in the image; one in four images shows digits. Pre-training only."""
    count = rng.randint(1, 8)
    if rng.random() < 0.25:
        sprites = [Sprite(rng.choice(DIGITS), rng.choice(GLYPH_COLORS)) for _ in range(count)]
    else:
        sprites = [draw_shape(rng) for _ in range(count)]
    scene = compose(rng, sprites)
    names = ", ".join(sprite.object_name for sprite in scene.sprites())
    return Problem("caption", "List the objects in the image.", names, "", scene=scene)


FUNCTIONAL = [counting, ocr, grounding, recognition]
"""The four tasks of vision localization."""
GENERAL = [counting, ocr, recognition, position]
"""The tasks of the general-vqa benchmark."""
