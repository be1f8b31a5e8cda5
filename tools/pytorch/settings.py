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
    judged: int          # steps after which rounding has grown too far to judge
    tolerances: tuple = (1e-5, 1e-4, 1e-4, 1e-4, 1e-3)  # of the loss in steps 1, 2, ...; the last one holds from there on
    options: tuple = ()  # that the program needs for the book's network


# Why these tolerances: the first loss depends on one forward pass from equal weights, so it differs by rounding only. Every
# later one follows updates of Adam, which divides by the size of the gradient and so makes much of the last digits of small
# ones; differences grow from step to step. They do so in PyTorch, too: `--spread 20` shows how far it parts from itself when
# weights differ by one rounding, and by most in AlexNet (whose loss jumps in step 2) and with batch normalization of small
# batches, which divides by small deviations. The tolerances of these three are at least twice the largest of those differences.
# Adam also hides gradients of a wrong size: it is the comparison of layers that finds those.
LOGIT_TOLERANCE = 1e-4  # of one forward pass with equal weights, relative to the largest logit
NETWORKS = (
    Network("5.5", "lenet", 10, 30),
    Network("5.6", "alexnet", 3, 3, (1e-5, 1e-3)),
    Network("5.7", "vgg", 3, 6),
    Network("5.8", "nin", 3, 6),
    Network("5.9", "googlenet", 3, 6),
    Network("5.10", "batch_norm", 10, 30, options=("--layer", "library")),
    Network("5.11", "resnet", 3, 3, (1e-5, 1e-2, 5e-2)),
    Network("5.12", "densenet", 3, 3, (1e-5, 1e-3, 5e-3)),
)


def loss_tolerance(net, step):
    return net.tolerances[min(step, len(net.tolerances)) - 1]


class CannotCompare(Exception):
    """One sentence that says what was found and what to do."""
