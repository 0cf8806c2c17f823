"""Writes the files beside this script with PyTorch (made with 1.13, on a little-endian machine): python3 make.py"""
import json
import struct
from collections import OrderedDict
from pathlib import Path

import torch

folder = Path(__file__).parent
base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
weights = OrderedDict(
    float32=torch.tensor([[1.5, -0.0, float("inf")], [float("nan"), 1e-45, -3.4e38]]),
    float64=torch.tensor([1 / 3, -1e300], dtype=torch.float64),
    float16=torch.tensor([1.5, 65504, 6e-8], dtype=torch.float16),
    bfloat16=torch.tensor([1.5, -3e38, 1e-40], dtype=torch.bfloat16),
    int64=torch.tensor(-(2**62)),
    int32=torch.tensor([-(2**31), 7], dtype=torch.int32),
    int16=torch.tensor([-(2**15), 7], dtype=torch.int16),
    int8=torch.tensor([-128, 7], dtype=torch.int8),
    uint8=torch.tensor([255, 7], dtype=torch.uint8),
    bool=torch.tensor([True, False, True]),
    complex64=torch.tensor([1 + 2j, -0.5j], dtype=torch.complex64),
    complex128=torch.tensor([1 / 3 + 2j], dtype=torch.complex128),
    empty=torch.zeros(0, 3),
    whole=base,
    transposed=base.t(),
    window=base[1:, 1::2],
    repeated=base[2, :3].expand(2, 3),
    column=base[:, 5],
    half_transposed=(base / 3).half().t(),
    parameter=torch.nn.Parameter(torch.tensor([0.25, 0.5])),
    channels_last=torch.arange(16.0).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last),
)


def write_safetensors(path, tensors):
    """The dense values, without help of the libraries under test."""
    names = {
        torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.int32: "I32",
        torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL", torch.complex64: "C64",
    }
    header, data = {}, b""
    for name, tensor in tensors.items():
        dense = tensor.detach().contiguous()
        raw = (dense.view(torch.int16) if dense.dtype is torch.bfloat16 else dense).numpy().tobytes()
        header[name] = {"dtype": names[dense.dtype], "shape": list(dense.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


# safetensors has no complex128.
write_safetensors(folder / "expected.safetensors", {name: tensor for name, tensor in weights.items() if name != "complex128"})
torch.save(weights, folder / "zip.pth")
torch.save(weights, folder / "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(weights, folder / "protocol4.pth", pickle_protocol=4)

# A training run's checkpoint, from inside DataParallel.
model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(4, 3)).sum().backward()
optimizer.step()
with torch.no_grad():
    model[0].weight.copy_(torch.arange(6.0).reshape(2, 3))
    model[0].bias.copy_(torch.tensor([-1.0, 1.0]))
checkpoint = {
    "epoch": 3,
    "arch": "linear",
    "classes": ["cat", "dog"],
    "best": torch.tensor(0.5),
    "loss": 0.125,
    "state_dict": torch.nn.DataParallel(model).state_dict(),
    "optimizer": optimizer.state_dict(),
}
torch.save(checkpoint, folder / "checkpoint.pth")
torch.save(checkpoint, folder / "checkpoint_legacy.pth", _use_new_zipfile_serialization=False)

# Not weights: to be refused.
torch.save(model, folder / "module.pth")
torch.save(model, folder / "module_legacy.pth", _use_new_zipfile_serialization=False)
torch.jit.script(torch.nn.Linear(1, 1)).save(str(folder / "script.pth"))
