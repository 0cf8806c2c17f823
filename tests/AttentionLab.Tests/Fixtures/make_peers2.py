"""Makes peers2.safetensors: what pytorch-grad-cam, torch-cam and Captum make of the formula's networks with weights of seed 2, and FullGrad for seed 1.

    python3 make_peers2.py PYTORCH-GRAD-CAM TORCH-CAM CAPTUM > peers2.safetensors

The arguments are checkouts of the three repositories; nothing of them is copied. README.md says what the file holds. PyTorch 1.13 (Debian's
python3-torch, python3-opencv, python3-sklearn, python3-tqdm).
"""
import inspect
import json
import math
import struct
import sys
import types
from importlib import metadata

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

PICTURES = 2


def uniform(stream, count):
    x = ((torch.arange(1, count + 1, dtype=torch.int64) * 0x9E3779B9) + (stream * 0x85EBCA6B)) & 0xFFFFFFFF
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> shift
        low, high = x & 0xFFFF, x >> 16
        x = (low * factor + (((high * factor) & 0xFFFF) << 16)) & 0xFFFFFFFF  # no product beyond 63 bits
    x ^= x >> 16
    return x.double() / 2**32


def with_formula_weights(model, seed):
    named = [(n, t) for n, t in model.state_dict().items() if not n.endswith("num_batches_tracked")]
    for k, (name, tensor) in enumerate(named):
        u = uniform(1000 * seed + k, tensor.numel())
        norm, last = "bn" in name, name.split(".")[-1]
        values = {
            "weight": 0.5 + u if norm else (2 * u - 1) * math.sqrt(6 / max(1, math.prod(tensor.shape[1:]))),
            "bias": (2 * u - 1) * (0.2 if norm else 0.1),
            "running_mean": (2 * u - 1) * 0.5,
            "running_var": 0.5 + u,
        }[last]
        tensor.copy_(values.reshape(tensor.shape))
    return model.eval()


def formula_input(seed):
    small = (4 * uniform(1000 * seed + 999, 4 * 3 * 8 * 8) - 2).float().reshape(4, 3, 8, 8)
    return small.repeat_interleave(4, 2).repeat_interleave(4, 3)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(c, c // 16, bias=False), nn.ReLU(), nn.Linear(c // 16, c, bias=False), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class Network(nn.Module):
    def __init__(self, attention):
        super().__init__()
        channels = [3, 32, 64, 128]
        for i in (1, 2, 3):
            setattr(self, f"conv{i}", nn.Conv2d(channels[i - 1], channels[i], 3, padding=1))
            setattr(self, f"bn{i}", nn.BatchNorm2d(channels[i]))
            if attention:
                setattr(self, f"ca{i}", Attention(channels[i]))
        self.relu1, self.relu2, self.relu3 = nn.ReLU(), nn.ReLU(), nn.ReLU()
        self.fc1, self.fc2 = nn.Linear(2048, 512), nn.Linear(512, 10)
        self.attention = attention

    def forward(self, x):
        for i in (1, 2, 3):
            x = getattr(self, f"relu{i}")(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))
            x = F.max_pool2d(getattr(self, f"ca{i}")(x) if self.attention else x, 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


def full_grad(model, x):
    """Every bias times its gradient, absolute, each channel scaled to [0, 1], enlarged with aligned centres, added up; in double."""
    model, x = model.double(), x.double().requires_grad_()
    kept = {}
    hooks = [
        getattr(model, f"{kind}{i}").register_forward_hook(lambda m, _, y, name=f"{kind}{i}": kept.setdefault(name, y).retain_grad())
        for kind in ("conv", "bn") for i in (1, 2, 3)
    ]
    model(x).max(1).values.sum().backward()
    for hook in hooks:
        hook.remove()

    def scaled(t, dims):
        low, high = t.amin(dims, keepdim=True), t.amax(dims, keepdim=True)
        return torch.where(high == low, torch.zeros_like(t), (t - low) / (high - low))

    result = scaled((x * x.grad).abs(), (1, 2, 3)).sum(1)
    for name, y in kept.items():
        layer = getattr(model, name)
        bias = layer.bias if name.startswith("conv") else layer.bias - layer.weight * layer.running_mean / (layer.running_var + layer.eps).sqrt()
        part = scaled((bias.reshape(1, -1, 1, 1) * y.grad).abs(), (2, 3)).sum(1, keepdim=True)
        result = result + F.interpolate(part, x.shape[2:], mode="bilinear", align_corners=False)[:, 0]
    return result.detach().float()


def no_test_time_augmentation():
    """pytorch-grad-cam imports a package for its smoothing, which is not used here."""
    stub = types.ModuleType("ttach")
    stub.Compose = stub.HorizontalFlip = stub.Multiply = lambda *_, **__: None
    sys.modules["ttach"] = stub


class Raw:
    """Keeps what pytorch-grad-cam scales: the map at the layer's size."""

    def __init__(self, base):
        self.base, self.scale = base, base.scale_cam_image

    def __enter__(self):
        def keep(cam, size=None):
            if size is not None:
                self.map = torch.tensor(np.float32(cam))
            return self.scale(cam, size)

        self.base.scale_cam_image = keep
        return self

    def __exit__(self, *_):
        self.base.scale_cam_image = self.scale


def with_equations(module, name, old, new):
    """A class of a module with one line of its source changed."""
    source = inspect.getsource(module)
    assert old in source
    changed = types.ModuleType("changed")
    exec(compile(source.replace(old, new), module.__file__, "exec"), changed.__dict__)
    return getattr(changed, name)


def pytorch_grad_cam(path, result):
    sys.path.insert(0, path)
    no_test_time_augmentation()
    import pytorch_grad_cam as tool
    from pytorch_grad_cam import ablation_layer, base_cam, grad_cam_plusplus, score_cam

    sys.modules["tqdm"].tqdm = lambda items, **_: items
    zero = with_equations(ablation_layer, "AblationLayer", "torch.min(output) == 0", "True")
    methods = {
        "grad-cam": tool.GradCAM,
        "grad-cam++": tool.GradCAMPlusPlus,
        "xgrad-cam": tool.XGradCAM,
        "hires-cam": tool.HiResCAM,
        "layer-cam": tool.LayerCAM,
        "eigen-cam": tool.EigenCAM,
        "eigen-grad-cam": tool.EigenGradCAM,
        "score-cam": tool.ScoreCAM,
        "ablation-cam": tool.AblationCAM,
        # The same equations: no constant in the denominator, masks enlarged with aligned centres, channels set to zero.
        "grad-cam++ same": with_equations(grad_cam_plusplus, "GradCAMPlusPlus", "eps = 0.000001", "eps = 0"),
        "score-cam same": with_equations(score_cam, "ScoreCAM", "torch.nn.UpsamplingBilinear2d(", "torch.nn.Upsample(mode='bilinear', align_corners=False, "),
        "ablation-cam same": lambda m, l: tool.AblationCAM(m, l, ablation_layer=zero()),
    }
    for name, layers in (("plain", ("conv3", "relu3")), ("se", ("conv3", "ca3"))):
        for layer in layers:
            for method, make in methods.items():
                model = with_formula_weights(Network(name == "se"), 2)
                with Raw(base_cam) as raw, np.errstate(divide="ignore", invalid="ignore"):
                    enlarged = make(model, [getattr(model, layer)])(formula_input(2)[:PICTURES], None)
                result[f"pytorch-grad-cam/{name}/{layer}/{method}"] = raw.map
                if layer == "conv3":
                    result[f"pytorch-grad-cam/{name}/{layer}/{method}/enlarged"] = torch.tensor(enlarged[:1])


def torch_cam(path, result):
    sys.path.insert(0, path)
    metadata.version = lambda _: "checkout"  # it asks for its own, and is not installed
    from torchcam import methods

    made = {
        "grad-cam": methods.GradCAM, "grad-cam++": methods.GradCAMpp, "xgrad-cam": methods.XGradCAM,
        "layer-cam": methods.LayerCAM, "score-cam": methods.ScoreCAM,
    }
    for name, layers in (("plain", ("conv3", "relu3")), ("se", ("conv3", "ca3"))):
        for layer in layers:
            for method, make in made.items():
                model = with_formula_weights(Network(name == "se"), 2)
                for p in model.parameters():
                    p.requires_grad_(True)
                maps = []
                for picture in formula_input(2)[:PICTURES]:
                    with make(model, layer, input_shape=(3, 32, 32)) as extractor:
                        scores = model(picture[None].requires_grad_())
                        maps.append(extractor(scores.argmax().item(), scores, normalized=False)[0].detach().reshape(1, 8, 8))
                result[f"torch-cam/{name}/{layer}/{method}"] = torch.cat(maps)


def captum(path, result):
    sys.path.insert(0, path)
    from captum.attr import IntegratedGradients, LayerGradCam

    for name, layers in (("plain", ("conv3", "relu3")), ("se", ("conv3", "ca3"))):
        model = with_formula_weights(Network(name == "se"), 2)
        x = formula_input(2)[:PICTURES]
        classes = model(x).argmax(1)
        for layer in layers:
            made = LayerGradCam(model, getattr(model, layer)).attribute(x, target=classes, relu_attributions=True)
            result[f"captum/{name}/{layer}/grad-cam"] = made.detach()[:, 0]
        whole = IntegratedGradients(model).attribute(x, target=classes, n_steps=64, method="riemann_middle")
        result[f"captum/{name}/input/integrated-gradients"] = whole.detach().float().sum(1)


def write(tensors, stream):
    header, offset = {}, 0
    for name, t in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [offset, offset + 4 * t.numel()]}
        offset += 4 * t.numel()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    stream.write(struct.pack("<Q", len(text)) + text)
    for t in tensors.values():
        stream.write(t.contiguous().numpy().astype("<f4").tobytes())


torch.manual_seed(0)
torch.set_num_threads(1)
tensors = {}
with torch.no_grad():
    nets = {name: with_formula_weights(Network(name == "se"), 1) for name in ("plain", "se")}
for name, net in nets.items():
    tensors[f"full-grad/{name}"] = full_grad(net, formula_input(1)[:PICTURES])
for tool, path in zip((pytorch_grad_cam, torch_cam, captum), sys.argv[1:]):
    tool(path, tensors)
write(tensors, sys.stdout.buffer)
