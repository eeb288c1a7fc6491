"""Writes lanczos.json: pictures resized by Pillow's LANCZOS, as base64 of their RGB bytes.

    python3 make_lanczos.py > lanczos.json
"""
import base64
import json

import numpy as np
import PIL
from PIL import Image

SIZES = [((20, 13), (43, 28)), ((40, 31), (17, 13)), ((64, 9), (20, 28)), ((37, 29), (36, 29)), ((5, 5), (28, 28))]


def pattern(width, height):
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return ((x * 7 + y * 13 + c * 50 + x * y % 31 * 5) % 256 // (1 + (x > width // 2) * 254) * 1).astype(np.uint8)


rows = []
for size, to in SIZES:
    resized = Image.fromarray(pattern(*size)).resize(to, Image.LANCZOS)
    data = base64.b64encode(resized.tobytes()).decode()
    rows.append(json.dumps({"from": size, "to": to, "rgb": data}))
print('{"pillow":"%s","pictures":[\n  %s\n]}' % (PIL.__version__, ",\n  ".join(rows)))
