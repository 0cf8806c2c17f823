"""Makes pictures/ (one small file of each kind that PictureFile reads) and rotate1.json (PIL's rotation of pictures of other sides).

    python3 make_pictures1.py

All pictures but the 16-bit ones show four quarters of 4×4 pixels: red and green above, blue and black below.
"""
import hashlib
import json
import os
import struct
import zlib

from PIL import Image, ImageDraw

os.chdir(os.path.dirname(os.path.abspath(__file__)))
quarters = Image.new("RGB", (8, 8))
for (x, y), colour in {(0, 0): (255, 0, 0), (4, 0): (0, 255, 0), (0, 4): (0, 0, 255)}.items():
    ImageDraw.Draw(quarters).rectangle((x, y, x + 3, y + 3), fill=colour)

quarters.quantize(4).save("pictures/palette.png")
quarters.convert("L").save("pictures/grey.png")
quarters.save("pictures/rgb.bmp")
quarters.quantize(4).save("pictures/palette.bmp")
quarters.quantize(4).save("pictures/frames.gif", save_all=True, append_images=[Image.new("P", (8, 8), 1)], duration=100)
large = quarters.resize((64, 64), Image.NEAREST)
large.save("pictures/progressive.jpg", quality=95, progressive=True)
large.convert("L").save("pictures/grey.jpg", quality=95)
large.convert("CMYK").save("pictures/cmyk.jpg", quality=95)
quarters.save("pictures/lossless.webp", lossless=True)


def png(width, height, depth, kind, rows):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b"")


# 16 bits a channel: 0x1234 red, 0x8080 green, 0xFEDC blue; 0xABCD grey; and a file that only declares its pixels.
for name, kind, pixel in (("rgb16", 2, (0x1234, 0x8080, 0xFEDC)), ("grey16", 0, (0xABCD,))):
    row = struct.pack(f">{len(pixel)}H", *pixel) * 2
    open(f"pictures/{name}.png", "wb").write(png(2, 2, 16, kind, [row, row]))
open("pictures/huge.png", "wb").write(png(60000, 50000, 8, 2, [b"\0" * 30]))


def uniform(stream, i):
    x = ((i + 1) * 0x9E3779B9 + stream * 0x85EBCA6B) & 0xFFFFFFFF
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = ((x ^ (x >> shift)) * factor) & 0xFFFFFFFF
    return (x ^ (x >> 16)) / 2**32


# height, width, degrees → SHA-256 of H×W×3 bytes; the picture is stream 9000 + height, H×W×3 values ⌊256u⌋
cases = []
for height, width in ((13, 20), (48, 64), (9, 7), (224, 160)):
    data = bytes(int(256 * uniform(9000 + height, i)) for i in range(height * width * 3))
    for degrees in (15, -15, 7.3, -0.4):
        turned = Image.frombytes("RGB", (width, height), data).rotate(degrees, resample=Image.NEAREST)
        cases.append({"height": height, "width": width, "degrees": degrees, "sha256": hashlib.sha256(turned.tobytes()).hexdigest()})
json.dump(cases, open("rotate1.json", "w"), indent=0)
