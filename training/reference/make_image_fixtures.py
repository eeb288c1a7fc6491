"""Makes small image files of every kind that data sets hold, and what Pillow reads out of them.

What is expected is `ImageOps.exif_transpose(Image.open(...)).convert("RGB")`, transformers' load_image.
CMYK files come with and without Adobe's marker, coded as CMYK and as YCCK. Needs numpy and Pillow.

    python3 training/reference/make_image_fixtures.py
"""

import argparse
import base64
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FOLDER = Path(__file__).resolve().parents[2] / "lib" / "model" / "testdata" / "images" / "decode"
WIDTH, HEIGHT = 26, 18


def ramps(channels, phase=0.0):
    """Smooth, with every channel's whole range and no two channels alike."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    waves = [127.5 + 127.5 * np.sin(x / (4 + c) + y / (7 - c) + phase + 1.7 * c) for c in range(channels)]
    return np.rint(np.stack(waves, -1)).astype(np.uint8)


def jpeg(mode, channels, **options):
    out = io.BytesIO()
    Image.fromarray(ramps(channels), mode).save(out, "JPEG", **options)
    return out.getvalue()


def segments(data):
    """-> (marker, segment with marker and length) up to the scan, then the rest"""
    parts, at = [(0xD8, data[:2])], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
        parts.append((data[at + 1], data[at:end]))
        at = end
    return [*parts, (0xDA, data[at:])]


ADOBE = 0xEE


def without(data, *markers):
    return b"".join(part for marker, part in segments(data) if marker not in markers)


def with_adobe(data, transform):
    marker = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform])
    plain = without(data, ADOBE)
    return plain[:2] + marker + plain[2:]


def png16(kind, values):
    """A PNG of 16 bits a sample: kind 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, kind, 0, 0, 0)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation):
    made = Image.Exif()
    made[0x0112] = orientation
    return made


def files():
    for quality in 30, 75, 100:
        yield f"cmyk_q{quality}.jpg", jpeg("CMYK", 4, quality=quality)
    cmyk = jpeg("CMYK", 4, quality=90, subsampling=0)
    yield "cmyk_no_adobe.jpg", without(cmyk, ADOBE)
    yield "cmyk_progressive.jpg", jpeg("CMYK", 4, quality=80, progressive=True)
    yield "ycck.jpg", with_adobe(cmyk, 2)
    yield "ycck_420.jpg", with_adobe(jpeg("CMYK", 4, quality=85, subsampling=2), 2)
    yield "cmyk_turned.jpg", jpeg("CMYK", 4, quality=95, exif=exif(8))
    rgb = jpeg("RGB", 3, quality=90, subsampling=0)
    yield "rgb_coded.jpg", with_adobe(without(rgb, 0xE0), 0)
    yield "grey.jpg", saved(Image.fromarray(ramps(1)[..., 0]), "JPEG", quality=80)
    wide = np.arange(WIDTH * HEIGHT * 4, dtype=np.uint32).reshape(HEIGHT, WIDTH, 4) * 9377 % 65536
    yield "grey16.png", png16(0, wide[..., 0])
    yield "grey16_dark.png", png16(0, wide[..., 0] % 300)
    yield "rgb16.png", png16(2, wide[..., :3])
    yield "grey_alpha16.png", png16(4, wide[..., :2])
    yield "rgb_alpha16.png", png16(6, wide)
    colours = Image.fromarray(ramps(3, 0.4))
    palette = colours.quantize(7)
    yield "palette.png", saved(palette, "PNG", bits=4)
    yield "palette_transparent.png", saved(palette, "PNG", transparency=bytes([0, 90, 255, 30, 255, 255, 1]))
    yield "grey_transparent.png", saved(Image.fromarray(ramps(1)[..., 0]), "PNG", transparency=200)
    yield "rgb_transparent.png", saved(colours, "PNG", transparency=tuple(ramps(3, 0.4)[3, 4].tolist()))
    yield "grey_alpha.png", saved(Image.fromarray(ramps(2), "LA"), "PNG")
    yield "rgb_alpha.png", saved(Image.fromarray(ramps(4), "RGBA"), "PNG")
    yield "one_bit.png", saved(Image.fromarray(ramps(1)[..., 0]).convert("1"), "PNG")
    for orientation in 2, 5, 7:
        yield f"turned_{orientation}.png", saved(colours, "PNG", exif=exif(orientation))
    yield "turned_3.jpg", saved(colours, "JPEG", quality=95, exif=exif(3))
    yield "turned_6.webp", saved(colours, "WEBP", lossless=True, exif=exif(6))
    yield "alpha.webp", saved(Image.fromarray(ramps(4), "RGBA"), "WEBP", lossless=True, exact=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--read-only", action="store_true", help="read the files that there are again")
    args = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = []
    names = sorted(path.name for path in FOLDER.glob("*.*") if path.suffix != ".json")
    for name, data in ((name, None) for name in names) if args.read_only else files():
        if data is not None:
            (FOLDER / name).write_bytes(data)
        image = Image.open(FOLDER / name)
        mode = image.mode
        image = ImageOps.exif_transpose(image).convert("RGB")
        rows.append({
            "file": name, "mode": mode, "width": image.width, "height": image.height,
            "rgb": base64.b64encode(image.tobytes()).decode(),
        })
    rows.sort(key=lambda row: row["file"])
    (FOLDER / "expected.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
