"""Writes singular_values.bin and singular_values.json: f32 matrices, one after the other, and their
singular values from LAPACK in f64 (numpy.linalg.svd). Run: python3 make_fixtures.py"""
import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(20260212)


def random(rows, columns):
    return rng.standard_normal((rows, columns))


def with_values(rows, columns, values):
    """A random matrix with given singular values."""
    u, _ = np.linalg.qr(random(rows, len(values)))
    v, _ = np.linalg.qr(random(columns, len(values)))
    return (u * values) @ v.T


def bf16_update(rows, columns):
    """Difference of two weight matrices in bf16: exact in f32, many zeros."""
    def round_bf16(a):
        bits = a.astype(np.float32).view(np.uint32)
        return ((bits + 0x8000) & 0xFFFF0000).astype(np.uint32).view(np.float32)

    weight = round_bf16(0.02 * random(rows, columns))
    return round_bf16(weight + 2e-5 * random(rows, columns)) - weight


cases = {
    "one element": random(1, 1),
    "one row": random(1, 300),
    "one column": random(7, 1),
    "2 x 2": random(2, 2),
    "3 x 5": random(3, 5),
    "17 x 4": random(17, 4),
    "random wide": random(65, 130),
    "random tall": random(130, 67),
    "random square": random(100, 100),
    "uneven columns": random(90, 120) * 10.0 ** rng.uniform(-6, 0, 120),
    "graded over seven decades": with_values(150, 160, 10.0 ** -np.linspace(0, 7, 150)),
    "clustered": with_values(140, 140, np.repeat([1, 0.5, 2e-5], [3, 67, 70]) + 1e-9 * np.arange(140)),
    "repeated": with_values(161, 140, np.repeat([3.0, 2.0, 1.0], [1, 100, 39])),
    "low rank": with_values(150, 170, np.geomspace(1, 1e-3, 10)),
    "zero rows and columns": np.pad(random(60, 80), ((0, 40), (5, 0))),
    "update of bf16 weights": bf16_update(120, 170),
    "large": random(300, 290),
}

folder = Path(__file__).parent
index = []
with open(folder / "singular_values.bin", "wb") as file:
    for name, matrix in cases.items():
        matrix = matrix.astype("<f4")
        values = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
        index.append({"name": name, "shape": matrix.shape, "values": values.tolist()})
        file.write(matrix.tobytes())
(folder / "singular_values.json").write_text(json.dumps(index) + "\n")
