# SPDX-License-Identifier: MIT
"""What is compared, and how closely. Needs no PyTorch."""
import pathlib
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TEST_IMAGES = 16  # what the trained networks are compared on


@dataclass
class Network:
    section: str
    name: str
    steps: int           # by default
    tolerance: float     # of the losses after the first one
    judged: int          # steps after which rounding has grown too far to judge
    options: tuple = ()  # that the program needs for the book's network


# Why these tolerances: the first loss depends on one forward pass from equal weights, so it differs by rounding only. Every
# later one follows updates of Adam, which divides by the size of the gradient and so makes much of the last digits of small
# ones; differences grow from step to step. PyTorch itself, on another processor, differs from its own losses by as much, and
# by most in AlexNet (whose loss jumps in step 2) and with batch normalization of small batches, which divides by small
# deviations. Adam also hides gradients of a wrong size: it is the comparison of layers that finds those.
FIRST_TOLERANCE = 1e-5
LATE_FACTOR = 10       # from step 5 on
LOGIT_TOLERANCE = 1e-4  # of one forward pass with equal weights, relative to the largest logit
NETWORKS = (
    Network("5.5", "lenet", 10, 1e-4, 30),
    Network("5.6", "alexnet", 3, 1e-3, 3),
    Network("5.7", "vgg", 3, 1e-4, 6),
    Network("5.8", "nin", 3, 1e-4, 6),
    Network("5.9", "googlenet", 3, 1e-4, 6),
    Network("5.10", "batch_norm", 10, 1e-4, 30, ("--layer", "library")),
    Network("5.11", "resnet", 3, 1e-2, 3),
    Network("5.12", "densenet", 3, 1e-2, 3),
)


def loss_tolerance(net, step):
    if step == 1:
        return FIRST_TOLERANCE
    return net.tolerance * (1 if step < 5 else LATE_FACTOR)


class CannotCompare(Exception):
    """One sentence that says what was found and what to do."""
