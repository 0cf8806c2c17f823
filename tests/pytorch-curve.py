#!/usr/bin/env python3
"""The tutorial in PyTorch with its training repaired: the curve that data/trained/README.md compares AttentionLab's with.

    python3 tests/pytorch-curve.py plain|se SEED EPOCHS FOLDER

FOLDER holds CIFAR-10's binary files. A line for each epoch. Tried with PyTorch 1.13 and torchvision 0.14 (Debian's python3-torch,
python3-torchvision and libopenblas0-pthread); one thread, channels last.
"""

import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torchvision import transforms

BATCH = 64
MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(3, 1, 1)
STD = torch.tensor([0.2023, 0.1994, 0.2010]).view(3, 1, 1)
AUGMENT = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.ColorJitter(0.2, 0.2, 0.2, 0.1),
    transforms.RandomRotation(15),
])


class ChannelAttention(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = channels // reduction
        self.fc = nn.Sequential(nn.Linear(channels, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, channels, bias=False), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class Cnn(nn.Module):
    def __init__(self, attention):
        super().__init__()
        for block, (inputs, outputs) in enumerate([(3, 32), (32, 64), (64, 128)], start=1):
            setattr(self, f"conv{block}", nn.Conv2d(inputs, outputs, 3, padding=1))
            setattr(self, f"bn{block}", nn.BatchNorm2d(outputs))
            setattr(self, f"ca{block}", ChannelAttention(outputs) if attention else nn.Identity())
        self.fc1 = nn.Linear(2048, 512)
        self.fc2 = nn.Linear(512, 10)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        for block in "123":
            x = F.relu(getattr(self, f"bn{block}")(getattr(self, f"conv{block}")(x)))
            x = F.max_pool2d(getattr(self, f"ca{block}")(x), 2)
        return self.fc2(self.dropout(F.relu(self.fc1(x.flatten(1)))))


def load(folder, *files):
    rows = np.concatenate([np.fromfile(folder / file, np.uint8).reshape(-1, 3073) for file in files])
    return rows[:, 1:].reshape(-1, 3, 32, 32), torch.from_numpy(rows[:, 0].astype(np.int64))


def normalized(pixels):
    return ((torch.from_numpy(pixels).float() / 255 - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def train(net, optimizer, pictures, labels):
    net.train()
    loss_sum = hits = 0
    for indices in torch.randperm(len(pictures)).split(BATCH):
        pixels = np.stack([np.asarray(AUGMENT(pictures[i])) for i in indices.tolist()])
        logits = net(normalized(pixels.transpose(0, 3, 1, 2).copy()))
        loss = F.cross_entropy(logits, labels[indices])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(indices)
        hits += (logits.argmax(1) == labels[indices]).sum().item()
    return loss_sum / len(pictures), 100 * hits / len(pictures)


@torch.no_grad()
def test(net, pixels, labels):
    net.eval()
    logits = torch.cat([net(normalized(batch)) for batch in np.split(pixels, range(BATCH, len(pixels), BATCH))])
    return F.cross_entropy(logits, labels).item(), 100 * (logits.argmax(1) == labels).double().mean().item()


def main(kind, seed, epochs, folder):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random.seed(seed)
    pixels, labels = load(folder, *(f"data_batch_{i}.bin" for i in range(1, 6)))
    test_pixels, test_labels = load(folder, "test_batch.bin")
    pictures = [Image.fromarray(p.transpose(1, 2, 0)) for p in pixels]

    net = Cnn(attention=kind == "se").to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", patience=3, factor=0.5)
    for epoch in range(1, epochs + 1):
        begin = time.perf_counter()
        train_loss, train_accuracy = train(net, optimizer, pictures, labels)
        test_loss, test_accuracy = test(net, test_pixels, test_labels)
        schedule.step(test_loss)
        print(f"{kind} seed {seed} epoch {epoch}: train {train_loss:.4f} {train_accuracy:.2f} %, test {test_loss:.4f} {test_accuracy:.2f} %, "
              f"next rate {optimizer.param_groups[0]['lr']:g}, {time.perf_counter() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in ("plain", "se"):
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
