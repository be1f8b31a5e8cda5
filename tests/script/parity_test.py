#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of tools/parity.py. Those of PyTorch's side are skipped where this Python has no PyTorch."""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import parity  # noqa: E402
from pytorch import settings  # noqa: E402

HAS_PYTORCH = all(importlib.util.find_spec(module) for module in parity.NEEDED)


def says(*arguments, **environment):
    """Runs the tool in a Python without packages of its own; returns the exit status and what it said."""
    done = subprocess.run([sys.executable, "-S", str(ROOT / "tools" / "parity.py"), *arguments], text=True,
                          env={"PATH": os.environ["PATH"], **environment}, capture_output=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Errors(unittest.TestCase):
    def refused(self, words, *arguments, **environment):
        status, text = says(*arguments, **environment)
        self.assertEqual(status, 2, text)
        self.assertTrue(text.startswith("error: ") and text.count("\n") == 1, text)
        self.assertIn(words, text)

    def test_arguments(self):
        self.refused("NET")
        self.refused("there is no network 'lent'; give one of lenet, alexnet", "lent")
        self.refused("there is no network '5.4'", "5.4")
        self.refused("'-1' is not a whole number from 0 to 18446744073709551615", "5.5", "--seed=-1")
        self.refused("'0' is not a whole number from 1", "lenet", "--steps", "0")
        self.refused("--nonsense", "lenet", "--nonsense")

    def test_no_data(self):
        self.refused("no Fashion-MNIST in /nowhere", "lenet", "--data", "/nowhere")
        self.refused("no Fashion-MNIST in /nowhere", "lenet", CNN_DATA="/nowhere")

    def test_no_pytorch(self):
        with tempfile.TemporaryDirectory() as data:
            (pathlib.Path(data) / "train-images-idx3-ubyte").touch()
            if not (ROOT / "build" / "torch").exists():
                self.refused("--install does it", "lenet", "--data", data)
            self.refused("/nowhere/python is no Python", "lenet", "--data", data, TORCH_PYTHON="/nowhere/python")
            self.refused("/bin/false is no Python", "lenet", "--data", data, TORCH_PYTHON="/bin/false")

    def test_help(self):
        status, text = says("--help")
        self.assertEqual(status, 0)
        self.assertIn("--layers", text)


class Settings(unittest.TestCase):
    def test_names(self):
        self.assertEqual([net.name for net in settings.NETWORKS], [parity.network(f"5.{k}").name for k in range(5, 13)])
        self.assertEqual(parity.network("resnet").section, "5.11")

    def test_tolerances_grow(self):
        for net in settings.NETWORKS:
            tolerances = [settings.loss_tolerance(net, step) for step in (1, 2, 4, 5, 30)]
            self.assertEqual(tolerances, sorted(tolerances))
            self.assertLessEqual(net.steps, net.judged)


@unittest.skipUnless(HAS_PYTORCH, "this Python has no PyTorch")
class Masks(unittest.TestCase):
    def setUp(self):
        import torch
        from pytorch import training
        self.torch, self.training = torch, training

    def drawn_by_another_generator(self, x, p=0.5, training=True, inplace=False):
        """What an Intel processor's dropout looks like from outside: one draw of the main generator, other masks."""
        if not training:
            return x
        other = self.torch.Generator().manual_seed(int(self.torch.randint(2**31, ())))
        return x * (self.torch.rand(x.shape, generator=other) < 1 - p) / (1 - p)

    def test_replaced_dropout_draws_the_documented_masks(self):
        for seed, p in ((0, 0.5), (3, 0.2), (2**40 + 5, 0.9)):
            self.torch.manual_seed(seed)
            y = self.training.DocumentedDropout(p)(self.torch.ones(31, 7))
            expected = self.training.documented_mask(seed, 31 * 7, p)
            self.assertTrue(((y != 0).numpy().ravel() == expected).all())
            self.assertAlmostEqual(y.max().item(), 1 / (1 - p), places=5)

    def test_other_masks_are_noticed_and_replaced(self):
        nn = self.torch.nn
        net = nn.Sequential(nn.Linear(4, 50), nn.Sequential(nn.Dropout(0.5)))
        x = self.torch.ones(2, 4)

        def output():
            self.torch.manual_seed(1)
            return net(x)
        expected = self.training.documented_mask(1, 100, 0.5)
        with mock.patch("torch.nn.functional.dropout", self.drawn_by_another_generator):
            self.assertFalse(self.training.has_documented_masks())
            self.assertFalse(((output() != 0).numpy().ravel() == expected).all())
            self.training.use_documented_masks(net)
            self.assertTrue(((output() != 0).numpy().ravel() == expected).all())
        net.eval()
        self.assertTrue(self.torch.equal(net(x), net[0](x)))


@unittest.skipUnless(HAS_PYTORCH, "this Python has no PyTorch")
class Layers(unittest.TestCase):
    """Compares a network with itself, and with itself after one tensor was changed."""

    def setUp(self):
        import torch
        from pytorch.layers import LayerComparison
        from pytorch.training import Watch
        nn = torch.nn
        torch.manual_seed(0)
        net = nn.Sequential()
        net.add_module("conv", nn.Sequential(
            nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.Conv2d(2, 2, 3), nn.MaxPool2d(2)))
        net.add_module("fc", nn.Sequential(nn.Flatten(), nn.Linear(8, 3)))
        self.watch = Watch(net)
        net(torch.rand(5, 1, 8, 8)).square().sum().backward()
        self.watch.stop()
        self.compare = LayerComparison

    def difference(self, key=None, change=None, again=None):
        """`again`: the changes that PyTorch makes itself when it sums in another order."""
        tensors = {name: value.clone().contiguous() for name, value in self.watch.tensors.items()}
        if key:
            tensors[key] = change(tensors[key])
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "dump.safetensors"
            self.write_in_order(tensors, path)
            other = mock.Mock(tensors={**self.watch.tensors, **(again or {})})
            return self.compare(path, self.watch, lambda: other).first_difference()

    def write_in_order(self, tensors, path):
        """As the program writes a dump: in the order of the computation."""
        order = sorted(tensors, key=lambda k: (0, self.watch.order.index(k[:-7])) if k.endswith(".output") else (1, 0))
        header, data = {}, b""
        for name in order:
            values = tensors[name].numpy().tobytes()
            header[name] = {"dtype": "F32", "shape": list(tensors[name].shape),
                            "data_offsets": [len(data), len(data) + len(values)]}
            data += values
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        path.write_bytes(len(text).to_bytes(8, "little") + text + data)

    def test_equal(self):
        self.assertIsNone(self.difference())

    def test_names_the_layer(self):
        for key, words in (("conv.2.output", "in conv.2 (Conv2d): its output is"),
                           ("conv.2.weight.grad", "in conv.2 (Conv2d): all outputs agree, the gradient of its param"),
                           ("fc.1.grad_input", "in fc.1 (Linear): all outputs agree, the gradient of its input"),
                           ("conv.3.grad_input", "in conv.3 (MaxPool2d): all outputs agree")):
            self.assertIn(words, self.difference(key, lambda x: x * 1.5))

    def test_a_moved_gradient_is_no_difference(self):
        def move(x):
            x = x.clone()
            x[0, :, 0, 0], x[0, :, 0, 1] = x[0, :, 0, 1] + 0.1 * x.norm(), x[0, :, 0, 0] - 0.1 * x.norm()
            return x
        key = "conv.2.grad_input"
        moved = self.watch.tensors[key]
        self.assertIsNone(self.difference(key, move, {key: move(moved)}))
        self.assertIsNone(self.difference(key, move, {key: moved + 0.8 * (move(moved) - moved)}))
        self.assertIsNotNone(self.difference(key, move, {key: moved + 0.5 * (move(moved) - moved)}))
        self.assertIsNotNone(self.difference(key, move))  # PyTorch has it in the same place in both orders
        self.assertIsNotNone(self.difference(key, lambda x: x.flip(3), {key: moved.flip(3)}))  # all of it elsewhere

    def test_rounding_is_no_difference(self):
        key = "conv.2.bias.grad"
        grad = self.watch.tensors[key]
        weight = self.watch.tensors["conv.2.weight.grad"]
        def rounded(x, share):  # so much of what the layer's gradient is a tenth of
            return x + share * 0.1 * weight.norm() / x.numel() ** 0.5
        largest = max(grad.norm().item(), 0.1 * (grad.norm()**2 + weight.norm()**2).sqrt().item())
        share = 0.04 * largest / (0.1 * weight.norm().item())  # 0.04 apart, above the tolerance of 0.03
        self.assertIsNotNone(self.difference(key, lambda x: rounded(x, share)))
        self.assertIsNone(self.difference(key, lambda x: rounded(x, share), {key: rounded(grad, 0.8 * share)}))
        self.assertIsNotNone(self.difference(key, lambda x: rounded(x, share), {key: rounded(grad, 0.5 * share)}))
        self.assertIsNotNone(self.difference(key, lambda x: 2 * x, {key: 2 * grad}))

    def test_a_relu_in_place_does_not_reach_what_was_seen(self):
        self.assertLess(self.watch.tensors["conv.0.output"].min().item(), 0)


if __name__ == "__main__":
    unittest.main()
