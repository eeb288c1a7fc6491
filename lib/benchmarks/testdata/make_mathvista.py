"""Writes mathvista.parquet: three rows in the columns of AI4Math/MathVista's testmini.

Needs pyarrow. Images are 28 x 28 pixels of one colour, which the test knows.
"""
import struct
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(colour, side=28):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = (b"\0" + bytes(colour) * side) * side
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


def metadata(category, context, task):
    return {
        "category": category,
        "context": context,
        "grade": "daily life",
        "img_height": 28,
        "img_width": 28,
        "language": "english",
        "skills": ["numeric commonsense"],
        "source": "made",
        "split": "testmini",
        "task": task,
    }


image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
table = pa.table({
    "pid": ["1", "2", "3"],
    "question": ["Which is larger?", "How many are there?", "How long is the side?"],
    "image": ["images/1.jpg", "images/2.jpg", "images/3.jpg"],
    "decoded_image": pa.array(
        [{"bytes": png(c), "path": None} for c in [(200, 10, 0), (0, 150, 20), (30, 0, 255)]],
        type=image,
    ),
    "choices": pa.array([["left", "right"], None, None], type=pa.list_(pa.string())),
    "unit": pa.array([None, None, "cm"], type=pa.string()),
    "precision": pa.array([None, 1.0, 1.0]),
    "answer": ["right", "7", "3"],
    "question_type": ["multi_choice", "free_form", "free_form"],
    "answer_type": ["text", "integer", "integer"],
    "metadata": [
        metadata("general-vqa", "natural image", "visual question answering"),
        metadata("math-targeted-vqa", "synthetic scene", "math word problem"),
        metadata("math-targeted-vqa", "geometry diagram", "geometry problem solving"),
    ],
    "query": ["Hint: ...", "Hint: ...", "Hint: ..."],
})
pq.write_table(table, Path(__file__).with_name("mathvista.parquet"))
