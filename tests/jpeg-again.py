"""Sends CIFAR-10's pictures through JPEG once more, to estimate what the first time cost a network's accuracy.

    python3 tests/jpeg-again.py FOLDER OUT [QUALITY]

FOLDER holds cifar-10-batches-bin, OUT gets one of the same layout. The blocks of 8x8 and of 16x16 pixels lie 4 pixels
off those of the first time, which would change next to nothing at the same quality (75 by default, chroma halved).
Needs numpy and Pillow.
"""

import io
import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SHIFT = 4


def again(picture, quality):
    """A picture, 32x32x3, after JPEG: its border is repeated to 48x48, so that whole blocks are coded, and cut off again."""
    padded = np.pad(picture, ((SHIFT, 16 - SHIFT), (SHIFT, 16 - SHIFT), (0, 0)), mode="edge")
    coded = io.BytesIO()
    Image.fromarray(padded).save(coded, "JPEG", quality=quality, subsampling=2)
    decoded = np.asarray(Image.open(coded).convert("RGB"))
    return decoded[SHIFT:-(16 - SHIFT), SHIFT:-(16 - SHIFT)]


def main(source, target, quality=75):
    source, target = Path(source) / "cifar-10-batches-bin", Path(target) / "cifar-10-batches-bin"
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.glob("*.bin")):
        records = np.fromfile(file, np.uint8).reshape(-1, 1 + 3 * 32 * 32)
        pictures = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        changed = np.stack([again(picture, int(quality)) for picture in pictures])
        error = np.abs(changed.astype(int) - pictures).mean()
        out = np.concatenate([records[:, :1], changed.transpose(0, 3, 1, 2).reshape(len(records), -1)], axis=1)
        out.tofile(target / file.name)
        print(f"{file.name}: {len(records)} pictures, changed by {error:.2f} of 255 on average")
    shutil.copy(source / "batches.meta.txt", target)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
