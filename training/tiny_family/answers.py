"""Reading an answer out of a response, and judging it."""

import re
from collections.abc import Sequence

ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
WELL_FORMED = re.compile(r"<think>[^<]*</think><answer>[^<]*</answer>")
IOU_THRESHOLD = 0.5


def extract(response: str) -> str:
    """The last answer tag, else the last box, else the whole response."""
    for pattern in (ANSWER, BOXED):
        found = pattern.findall(response)
        if found:
            return found[-1].strip()
    return response.strip()


def intersection_over_union(a: Sequence[int], b: Sequence[int]) -> float:
    """Overlap of two boxes (left, top, right, bottom)."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(0, width) * max(0, height)
    area = lambda box: max(0, box[2] - box[0]) * max(0, box[3] - box[1])
    union = area(a) + area(b) - common
    return common / union if union > 0 else 0.0


def is_correct(response: str, task: str, gold: str, choices: Sequence[str] | None = None) -> bool:
    """Whether a response gives the gold answer; a box counts from an overlap of 0.5, a letter
    counts for the choice it names."""
    given = extract(response)
    if task == "grounding":
        numbers = [int(n) for n in re.findall(r"\d{1,4}", given)]
        box = [int(n) for n in gold.split(",")]
        return len(numbers) == 4 and intersection_over_union(numbers, box) >= IOU_THRESHOLD
    if choices and len(given) == 1 and given.isalpha():
        index = ord(given.upper()) - ord("A")
        given = choices[index] if 0 <= index < len(choices) else given
    return given.lower() == gold.lower()


FORMAT_SHARE = 0.1


def reward(response: str, task: str, gold: str, reasoner: bool) -> float:
    """Verifiable reward of a rollout: 0.9 for the right answer and 0.1 for the format; a direct
    answer has no format."""
    right = float(is_correct(response, task, gold))
    if not reasoner:
        return right
    return (1 - FORMAT_SHARE) * right + FORMAT_SHARE * bool(WELL_FORMED.fullmatch(response))
