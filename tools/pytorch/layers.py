# SPDX-License-Identifier: MIT
"""Compares what the layers of two programs computed, and names the first one that differs."""
import json
import math

from safetensors.torch import load_file

# Relative distance |a - b| / |b| of two tensors, in the Euclidean norm. Sums in another order differ by 1e-7 to 1e-5. Now and
# then a sum close to 0 is on the other side of a ReLU, and a few elements of a gradient differ altogether (seen: 6e-3 of
# it, in DenseNet). An error in a layer is seen in most elements.
OUTPUT_TOLERANCE = 1e-4
GRADIENT_TOLERANCE = 3e-2

# Two things move a gradient further, and PyTorch shows how far when it runs without oneDNN, which sums in another order. Where
# max-pooling chooses between numbers that are equal but for rounding, as on the black ground of large images, a share of the
# gradient goes to a neighbouring pixel (0.76 of it, in VGG, seed 0), while its sums over the pixels stay. And the gradient of a
# bias in front of a normalization is 0 but for rounding (0.034 of a tenth of the layer's, in DenseNet, seed 3).
OF_ITSELF = 1.5  # times what PyTorch is away from itself
MOST_MOVED = 1.2  # pixel by pixel; gradients that have nothing to do with each other are 1.41 apart
MOST_ROUNDED = 0.2  # of the gradients of parameters; one that is twice too large is 1 apart


def relative_distance(a, b):
    return ((a - b).norm() / b.norm().clamp_min(1e-30)).item()


class LayerComparison:
    """The tensors of a --dump against those of a Watch on PyTorch's network. `watch_again` is called if it matters how far PyTorch
    is away from itself, and returns the Watch of a run that sums in another order."""

    def __init__(self, dump, watch, watch_again):
        self.watch_again = watch_again
        self.theirs_again = None
        self.ours = load_file(dump)
        self.theirs = watch.tensors
        self.parts = {name for name, _ in watch.net.named_modules()}
        self.kinds = {name: type(module).__name__ for name, module in watch.net.named_modules()}
        self.parameters = {}
        for name, _ in watch.net.named_parameters():
            self.parameters.setdefault(name.rpartition(".")[0], []).append(name)
        keys = list(self._keys(dump))
        self.layers = [key.removesuffix(".output") for key in keys if key.endswith(".output")]

    @staticmethod
    def _keys(dump):
        """Names in the order of the file, which is that of the computation."""
        with open(dump, "rb") as file:
            return json.loads(file.read(int.from_bytes(file.read(8), "little")))

    def distance(self, key, of_sums=False):
        """Pixel by pixel, or of the sums over the pixels; None if only one of the two has the tensor, as where the book's class calls a function."""
        if key not in self.ours or key not in self.theirs:
            return None
        a, b = self.ours[key].double(), self.theirs[key].double()
        if a.shape != b.shape:
            return float("inf")
        if of_sums and a.dim() == 4:
            a, b = a.sum((2, 3)), b.sum((2, 3))
        return relative_distance(a, b)

    def again(self):
        if self.theirs_again is None:
            self.theirs_again = self.watch_again().tensors
        return self.theirs_again

    def moved_tolerance(self, key):
        return min(OF_ITSELF * relative_distance(self.again()[key].double(), self.theirs[key].double()), MOST_MOVED)

    def rounded_tolerance(self, layer):
        return min(OF_ITSELF * self.parameter_distance(layer, self.again()), MOST_ROUNDED)

    def parameter_distance(self, layer, other=None):
        """The largest of a layer's parameters' gradients, ours or those of another run of PyTorch. That of a bias in front of a
        normalization is 0 but for rounding, so none counts as smaller than a tenth of all."""
        other = self.ours if other is None else other
        keys = [f"{name}.grad" for name in self.parameters.get(layer, [])]
        if not keys or any(key not in other for key in keys):
            return float("inf") if keys else None
        sizes = [self.theirs[key].double().norm().item() for key in keys]
        least = 0.1 * math.hypot(*sizes)
        return max((other[key].double() - self.theirs[key].double()).norm().item() / max(size, least, 1e-30)
                   for key, size in zip(keys, sizes))

    def rows(self):
        """For each layer that both have: name, kind, and the distances of its output, of its input's gradient and
        of that one's sums over pixels, of its parameters' gradients."""
        for layer in self.layers:
            if f"{layer}.output" in self.theirs:
                yield (layer, self.kinds[layer], self.distance(f"{layer}.output"),
                       self.distance(f"{layer}.grad_input"), self.distance(f"{layer}.grad_input", of_sums=True),
                       self.parameter_distance(layer))

    def first_difference(self):
        """A sentence that names the layer at fault, or None."""
        self.pooled = False
        return self._first(self.layers, self._output_differs, "in front of") or self._first(
            self.layers[::-1], self._gradient_differs, "behind")

    def _first(self, layers, differs, where):
        between = []  # what PyTorch's class does in a function, since the last layer that agrees
        for layer in layers:
            if f"{layer}.output" not in self.theirs:
                between += [] if layer in self.parts else [layer]
                continue
            what = differs(layer)
            if what:
                doubt = f", or {' or '.join(between)} {where} it" if between else ""
                return f"the first difference is in {layer} ({self.kinds[layer]}){doubt}: {what}"
            between = []
        return None

    def _output_differs(self, layer):
        apart = self.distance(f"{layer}.output")
        return f"its output is {apart:.1e} away from PyTorch's" if not apart <= OUTPUT_TOLERANCE else None

    def _gradient_differs(self, layer):
        key = f"{layer}.grad_input"
        self.pooled = self.pooled or self.kinds[layer].startswith("MaxPool")
        for apart, more, what in (
                (self.parameter_distance(layer), lambda: self.rounded_tolerance(layer), "the gradient of its parameters"),
                (self.distance(key, of_sums=self.pooled), lambda: 0, "the gradient of its input"),
                (self.distance(key), lambda: self.moved_tolerance(key) if self.pooled else 0, "the gradient of its input")):
            if apart is None or apart <= GRADIENT_TOLERANCE or apart <= more():
                continue
            loss = " (or the gradient of the loss)" if layer == self.layers[-1] else ""
            return f"all outputs agree, {what} is {apart:.1e} away from PyTorch's{loss}"
        return None


def show(comparison):
    print(f"{'layer':32}{'kind':18}{'output':>9}{'input grad':>12}{'its sums':>10}{'param grad':>12}")
    for layer, kind, *distances in comparison.rows():
        output, grad, sums, parameters = ["" if d is None else f"{d:.1e}" for d in distances]
        print(f"{layer:32}{kind:18}{output:>9}{grad:>12}{sums:>10}{parameters:>12}")
