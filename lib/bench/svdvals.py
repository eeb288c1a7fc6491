"""Singular values of an f32 matrix in a file, as JSON on standard output.

svdvals.py time THREADS ROWS COLUMNS FILE: {"seconds"} that torch.linalg.svdvals takes.
svdvals.py values THREADS ROWS COLUMNS FILE: {"values", "f32"}, by LAPACK in f64 and by torch."""
import json
import sys
import time

import numpy as np
import torch

mode, threads, rows, columns, file = sys.argv[1:]
torch.set_num_threads(int(threads))
matrix = np.fromfile(file, np.float32).reshape(int(rows), int(columns))
tensor = torch.from_numpy(matrix)
torch.linalg.svdvals(torch.ones(64, 64))
started = time.perf_counter()
f32 = torch.linalg.svdvals(tensor)
seconds = time.perf_counter() - started
if mode == "time":
    print(json.dumps({"seconds": seconds}))
else:
    values = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
    print(json.dumps({"values": values.tolist(), "f32": f32.tolist()}))
