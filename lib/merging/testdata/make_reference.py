"""Reference numbers for the tests of lib/merging: python3 make_reference.py > reference.json

Rounding to BF16 is done here by comparing a double with the two BF16 numbers around it, exactly,
as fractions; F16 and F32 are numpy's casts of doubles.
"""

import json
from fractions import Fraction

import numpy as np


def bf16_value(bits: int) -> float:
    return float(np.array([bits << 16], dtype=np.uint32).view(np.float32)[0])


def nearest_bf16(value: float) -> int:
    """Bits of the BF16 number nearest to a finite value, ties to even; overflow is infinity."""
    sign = 0x8000 if np.signbit(value) else 0
    exact = abs(Fraction(float(value)))
    low, high = 0, 0x7F80
    while high - low > 1:
        middle = (low + high) // 2
        if Fraction(bf16_value(middle)) <= exact:
            low = middle
        else:
            high = middle
    # Beyond the largest number the next one would be 2^128.
    above = Fraction(2) ** 128 if high == 0x7F80 else Fraction(bf16_value(high))
    down, up = exact - Fraction(bf16_value(low)), above - exact
    nearest = low if down < up or (down == up and low % 2 == 0) else high
    return sign | nearest


def rounding() -> dict:
    random = np.random.default_rng(1)
    values = [0.0, -0.0, 1.0, -2.5, 3.3895313892515355e38, 3.4e38, 1e39, 1e-40, 1e-45, -1e-50]
    for bits in [0x3F80, 0x3F81, 0x4000, 0x0001, 0x0080, 0x7F7E, 0xC123]:
        here, after = bf16_value(bits), bf16_value(bits + 1)
        tie = (here + after) / 2
        values += [here, tie, np.nextafter(tie, np.inf), np.nextafter(tie, -np.inf)]
    values += list(random.normal(size=200) * 10.0 ** random.integers(-12, 12, size=200))
    values = np.array(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        return {
            "values": [value.hex() for value in values.tolist()],
            "bf16": [nearest_bf16(value) for value in values],
            "f16": values.astype(np.float16).view(np.uint16).tolist(),
            "f32": values.astype(np.float32).view(np.uint32).tolist(),
        }


def blends() -> list:
    random = np.random.default_rng(2)
    cases = []
    for alpha in [0.01, 0.3, 0.5, 0.9]:
        bits = [[nearest_bf16(x) for x in random.normal(size=48)] for _ in range(2)]
        a, b = (np.array([bf16_value(x) for x in row]) for row in bits)
        mixed = (1 - alpha) * a + alpha * b
        a32, b32 = (random.normal(size=48).astype(np.float32) for _ in range(2))
        mixed32 = (1 - alpha) * a32.astype(np.float64) + alpha * b32.astype(np.float64)
        cases.append({
            "alpha": alpha,
            "a": a.tolist(),
            "b": b.tolist(),
            "bf16": [nearest_bf16(x) for x in mixed],
            "a32": a32.astype(np.float64).tolist(),
            "b32": b32.astype(np.float64).tolist(),
            "f32": mixed32.astype(np.float32).view(np.uint32).tolist(),
        })
    return cases


print(json.dumps({"rounding": rounding(), "blends": blends()}))
