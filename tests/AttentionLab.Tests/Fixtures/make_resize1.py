"""Makes resize1.json: what Pillow's resize makes of a picture that a formula draws, and torchvision's Resize and CenterCrop by its rules.

    python3 make_resize1.py        (Pillow 9.4)

Red, green and blue of row y, column x are (7x² + 13y + 29c + x·y) mod 256, c being 0, 1 and 2.
"""
import base64
import hashlib
import json
import os

from PIL import Image

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def picture(height, width):
    values = bytes((7 * x * x + 13 * y + 29 * c + x * y) % 256 for y in range(height) for x in range(width) for c in range(3))
    return Image.frombytes("RGB", (width, height), values)


FILTERS = {"Bilinear": Image.BILINEAR, "Bicubic": Image.BICUBIC}
SIZES = [((13, 29), (7, 11)), ((13, 29), (30, 20)), ((13, 29), (13, 50)), ((13, 29), (5, 29)), ((1, 9), (4, 3)), ((31, 17), (16, 16))]
resized = [
    {
        "from": size,
        "to": to,
        "interpolation": name,
        "rgb": base64.b64encode(picture(*size).resize((to[1], to[0]), method).tobytes()).decode(),
    }
    for size, to in SIZES
    for name, method in FILTERS.items()
]

# transforms.Resize(256): the longer side is int(256 · longer / shorter); transforms.CenterCrop(224): from round((side − 224) / 2).
image_net = []
for height, width in [(300, 421), (500, 375), (257, 256), (100, 640)]:
    shorter, longer = min(height, width), max(height, width)
    other = int(256 * longer / shorter)
    to = (256, other) if height < width else (other, 256)
    whole = picture(height, width).resize((to[1], to[0]), Image.BILINEAR)
    top, left = int(round((to[0] - 224) / 2.0)), int(round((to[1] - 224) / 2.0))
    middle = whole.crop((left, top, left + 224, top + 224))
    image_net.append({"from": (height, width), "sha256": hashlib.sha256(middle.tobytes()).hexdigest()})

with open("resize1.json", "w", encoding="utf-8") as file:
    json.dump({"resized": resized, "imageNet": image_net}, file)
    file.write("\n")
