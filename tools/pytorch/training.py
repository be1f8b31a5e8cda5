# SPDX-License-Identifier: MIT
"""The book's training in PyTorch, with its random numbers in the book's order, and what its layers compute."""
import gzip
import pathlib

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


def read_idx(folder, name):
    """The array in an IDX file, compressed or not."""
    path = pathlib.Path(folder) / name
    data = path.read_bytes() if path.is_file() else gzip.open(f"{path}.gz").read()
    axes = data[3]
    shape = [int.from_bytes(data[4 + 4 * k:8 + 4 * k], "big") for k in range(axes)]
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * axes).reshape(shape)


class FashionMnist(Dataset):
    """The first images of a split (`limit` 0: all), through the transforms of the book."""

    def __init__(self, folder, split, limit, image_size):
        last = limit or None
        self.images = read_idx(folder, f"{split}-images-idx3-ubyte")[:last]
        self.labels = read_idx(folder, f"{split}-labels-idx1-ubyte")[:last]
        resize = [] if image_size == 28 else [transforms.Resize(image_size)]
        self.transform = transforms.Compose([*resize, transforms.ToTensor()])

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.images[index])), int(self.labels[index])


class DocumentedDropout(nn.Module):
    """Dropout whose masks come from the main generator: for each element 53 bits of one 64-bit number."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        kept = torch.rand(x.shape, dtype=torch.float64) < 1 - self.p
        return x * kept.to(x.dtype).div_(1 - self.p)


def documented_mask(seed, count, p):
    """Which elements are kept, by docs/parity.md and a generator that is not PyTorch's."""
    generator = numpy.random.MT19937()
    generator._legacy_seeding(seed & 0xFFFFFFFF)
    draws = generator.random_raw(2 * count)
    numbers = (draws[0::2] << numpy.uint64(32)) | draws[1::2]
    return (numbers & numpy.uint64(2**53 - 1)) * 2.0**-53 < 1 - p


def has_documented_masks(seed=1, count=4096):
    """Whether this PyTorch draws the dropout masks of docs/parity.md; on Intel processors it takes MKL's generator."""
    torch.manual_seed(seed)
    kept = F.dropout(torch.ones(count), 0.5) != 0
    return bool((kept.numpy() == documented_mask(seed, count, 0.5)).all())


def use_documented_masks(net):
    """Puts DocumentedDropout in the place of each nn.Dropout."""
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Dropout):
                setattr(module, name, DocumentedDropout(child.p))


class Watch:
    """Copies of what each layer without parts computes, under the keys of the program's --dump."""

    def __init__(self, net):
        self.tensors = {}
        self.order = []
        self.net = net
        self.handles = []
        for name, module in net.named_modules():
            if not any(module.children()):
                self.handles.append(module.register_forward_pre_hook(self._before(name)))
                self.handles.append(module.register_forward_hook(self._after(name)))

    def _before(self, name):
        def hook(_module, inputs):
            x = inputs[0]
            if not x.requires_grad:
                return None
            own = x.view_as(x)  # a handle of this layer's own, so that its gradient is this layer's share
            own.register_hook(lambda grad: self.tensors.__setitem__(f"{name}.grad_input", grad.clone()))
            return (own,)
        return hook

    def _after(self, name):
        def hook(_module, _inputs, output):
            self.order.append(name)
            self.tensors[f"{name}.output"] = output.detach().clone()
        return hook

    def stop(self):
        for handle in self.handles:
            handle.remove()
        for name, parameter in self.net.named_parameters():
            if parameter.grad is not None:
                self.tensors[f"{name}.grad"] = parameter.grad.clone()


class Training:
    """One run of the book's code with the settings of one of the program's."""

    def __init__(self, make, settings, data, forced_masks):
        torch.manual_seed(settings["seed"])
        self.net = make()
        self.initial = {name: value.clone() for name, value in self.net.state_dict().items()}
        if forced_masks:
            use_documented_masks(self.net)
        self.settings = settings
        self.adam = torch.optim.Adam(self.net.parameters(), lr=settings["lr"])
        size, side = settings["batch_size"], settings["image_size"]
        self.train_set = DataLoader(
            FashionMnist(data, "train", settings["limit_train"], side), size, shuffle=True)
        self.test_set = DataLoader(FashionMnist(data, "t10k", settings["limit_test"], side), size)

    def step(self, x, labels):
        loss = F.cross_entropy(self.net(x), labels)
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        return loss.item()

    def perturb(self, seed):
        """Moves each weight by up to one rounding of its last digit, from which a run goes its own way."""
        generator = torch.Generator().manual_seed(seed)
        epsilon = torch.finfo(torch.float32).eps
        with torch.no_grad():
            for parameter in self.net.parameters():
                parameter.mul_(1 + (torch.rand(parameter.shape, generator=generator) - 0.5) * epsilon)

    def gradient_norm(self):
        return sum((p.grad.double()**2).sum() for p in self.net.parameters()).sqrt().item()

    def losses(self, steps, watched=None):
        """Yields the loss of each step. `watched` is a step whose layers are watched, in self.watch."""
        done = 0
        while done < steps:
            for x, labels in self.train_set:
                done += 1
                watch = Watch(self.net) if done == watched else None
                loss = self.step(x, labels)
                if watch:
                    watch.stop()
                    self.watch = watch
                yield loss
                if done == steps:
                    return
            self.logits(whole=True)  # the pass over the test images draws a number, too

    def test_accuracy(self):
        """The share of the test images that the network gets right."""
        self.net.eval()
        with torch.no_grad():
            right = sum((self.net(x).argmax(1) == labels).sum().item() for x, labels in self.test_set)
        self.net.train()
        return right / len(self.test_set.dataset)

    def logits(self, whole=False):
        """What the network answers to the first batch of test images, in evaluation mode."""
        self.net.eval()
        with torch.no_grad():
            batches = [self.net(x) for x, _ in self.test_set] if whole else [self.net(next(iter(self.test_set))[0])]
        self.net.train()
        return batches[0]
