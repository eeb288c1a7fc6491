"""Writes numpy_samples.json: samples drawn by numpy's legacy generator. Needs numpy.

    python3 make_numpy_samples.py > numpy_samples.json
"""
import json

import numpy as np

CASES = [(500, 100, 123), (1319, 100, 123), (1000, 100, 123), (460, 100, 123), (540, 100, 123)]
CASES += [
    (n, k, seed)
    for n in (2, 3, 7, 8, 9, 255, 256, 257, 1023, 1025)
    for k in (1, n // 2 or 1, n - 1)
    for seed in (0, 1, 42)
]
CASES += [(5, 0, 7), (1, 1, 0), (5, 5, 3), (5, 9, 3), (0, 4, 3)]
CASES += [(100, 10, 2**31), (100, 10, 2**32 - 1), (70001, 12, 2024), (1048577, 5, 9)]


def sample(n, k, seed):
    if k >= n:
        return list(range(n))
    return sorted(np.random.RandomState(seed).choice(np.arange(n), size=k, replace=False).tolist())


rows = [dict(n=n, k=k, seed=seed, indices=sample(n, k, seed)) for n, k, seed in CASES]
lines = ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in rows)
print('{"numpy":"%s","samples":[\n  %s\n]}' % (np.__version__, lines))
