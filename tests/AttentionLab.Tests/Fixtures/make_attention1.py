"""Makes attention1.json: what PyTorch computes with the attention modules and SeResNet for the formula's weights and pictures.

    python3 make_attention1.py > attention1.json

Modules are written out with torch.nn as the papers define them. README.md says what the file holds.
"""
import json
import math

import torch
from torch import nn
from torch.nn import functional


def uniform(stream, count):
    x = ((torch.arange(1, count + 1, dtype=torch.int64) * 0x9E3779B9) + (stream * 0x85EBCA6B)) & 0xFFFFFFFF
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> shift
        low, high = x & 0xFFFF, x >> 16
        x = (low * factor + (((high * factor) & 0xFFFF) << 16)) & 0xFFFFFFFF  # no product beyond 63 bits
    x ^= x >> 16
    return x.double() / 2**32


def with_formula_weights(model, seed=1):
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


def formula_input(seed=1):
    small = (4 * uniform(1000 * seed + 999, 4 * 3 * 8 * 8) - 2).float().reshape(4, 3, 8, 8)
    return small.repeat_interleave(4, 2).repeat_interleave(4, 3)


class SE(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = channels // reduction
        self.fc = nn.Sequential(nn.Linear(channels, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, channels, bias=False), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class ECA(nn.Module):
    def __init__(self, channels):
        super().__init__()
        t = int(abs((math.log2(channels) + 1) / 2))
        k = t if t % 2 else t + 1
        self.conv = nn.Conv1d(1, 1, k, padding=k // 2, bias=False)

    def forward(self, x):
        return x * self.conv(x.mean((2, 3))[:, None]).squeeze(1).sigmoid()[:, :, None, None]


class ChannelGate(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = channels // reduction
        self.mlp = nn.Sequential(nn.Linear(channels, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, channels, bias=False))

    def forward(self, x):
        return x * (self.mlp(x.mean((2, 3))) + self.mlp(functional.adaptive_max_pool2d(x, 1).flatten(1))).sigmoid()[:, :, None, None]


class SpatialGate(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x):
        return x * self.conv(torch.cat([x.mean(1, keepdim=True), x.max(1, keepdim=True).values], 1)).sigmoid()


class CBAM(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.channel, self.spatial = ChannelGate(channels, reduction), SpatialGate()

    def forward(self, x):
        return self.spatial(self.channel(x))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, attention):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.se, self.stride, self.added = attention(outputs), stride, outputs - inputs

    def forward(self, x):
        y = self.se(self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())))
        return (y + functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.added))).relu()


class SeResNet(nn.Module):
    def __init__(self, classes=10, depth=20, attention=SE):
        super().__init__()
        n = (depth - 2) // 6
        stage = lambda i, o, s: nn.Sequential(*[Block(i if k == 0 else o, o, s if k == 0 else 1, attention) for k in range(n)])
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.layer1, self.layer2, self.layer3 = stage(16, 16, 1), stage(16, 32, 2), stage(32, 64, 2)
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.bn1(self.conv1(x)).relu())))
        self.last = x
        return self.fc(x.mean((2, 3)))


def values(tensor):
    return [float(f"{v:.7g}") for v in tensor.detach().flatten().tolist()]


def probe(shape, stream):
    """What the output is multiplied by before it is summed: a gradient for every value."""
    return (2 * uniform(stream, math.prod(shape)) - 1).float().reshape(shape)


def module_case(module, channels):
    x = (4 * uniform(7000 + channels, 2 * channels * 3 * 5) - 2).float().reshape(2, channels, 3, 5).requires_grad_()
    y = module(x)
    (y * probe(y.shape, 8000)).sum().backward()
    grads = {n: values(p.grad) for n, p in module.named_parameters()}
    return {"output": values(y[1]), "input_gradient": values(x.grad[1]), "gradients": grads}


def network_case(network, x):
    network.zero_grad()
    logits = network(x)
    network.last.retain_grad()
    logits.max(1).values.sum().backward()
    return {
        "shape": list(network.last.shape),
        "logits": values(logits),
        "layer3": values(network.last.mean(1)),
        "layer3_gradient": values(network.last.grad.sum((2, 3))),
        "conv1_gradient_sums": values(network.conv1.weight.grad.sum((1, 2, 3))),
    }


torch.manual_seed(0)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
result = {"torch": torch.__version__, "modules": {}, "networks": {}, "seeds": {}}
with torch.no_grad():
    modules = {"se": SE(6, 2), "eca": ECA(6), "channel": ChannelGate(6, 2), "spatial": SpatialGate(), "cbam": CBAM(6, 2)}
    networks = {
        "se20": SeResNet(10, 20), "eca8": SeResNet(5, 8, ECA), "cbam8": SeResNet(5, 8, CBAM), "none8": SeResNet(5, 8, lambda c: nn.Identity()),
    }
    for m in [*modules.values(), *networks.values()]:
        with_formula_weights(m)
for name, module in modules.items():
    result["modules"][name] = module_case(module, 6)
for name, network in networks.items():
    result["networks"][name] = network_case(network, formula_input()[:2])
result["networks"]["se20 at 20×13"] = network_case(networks["se20"], formula_input()[:2, :, :20, :13])
for name, make in {"se20": SeResNet, "cbam8": lambda: SeResNet(5, 8, CBAM)}.items():
    torch.manual_seed(0)
    result["seeds"][name] = {n: [float(f"{v:.9g}") for v in p.flatten()[:2].tolist()] for n, p in make().named_parameters() if "bn" not in n}
print(json.dumps(result, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"').replace('],"', '],\n"'))
