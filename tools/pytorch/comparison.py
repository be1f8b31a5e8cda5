# SPDX-License-Identifier: MIT
"""One comparison of this project's program with PyTorch: weights, losses, trained networks, layers."""
import json
import subprocess

import torch
from safetensors.torch import load_file, save_file

from pytorch import training
from pytorch.layers import LayerComparison, show
from pytorch.networks import NETWORKS
from pytorch.settings import LOGIT_TOLERANCE, ROOT, TEST_IMAGES, CannotCompare, loss_tolerance


class Program:
    """This project's program of one section."""

    def __init__(self, args, folder):
        self.name = args.net.name
        self.command = [args.program] if args.program else [str(ROOT / "cnn"), "run", self.name]
        self.options = ["--preset", "book", "--seed", str(args.seed), "--data", str(args.data),
                        "--limit-test", str(TEST_IMAGES), *args.net.options]
        for option in ("batch_size", "limit_train", "backend"):
            value = getattr(args, option)
            if value is not None:
                self.options += ["--" + option.replace("_", "-"), str(value)]
        self.folder = folder

    def run(self, *options):
        """Runs it; what it prints goes into program.log."""
        command = [*self.command, *self.options, *map(str, options)]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        except OSError as error:
            raise CannotCompare(f"{command[0]} cannot be started: {error.strerror}") from None
        with open(self.folder / "program.log", "a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}")
        if done.returncode != 0:
            errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
            what = errors[-1].removeprefix("error: ") if errors else f"exit status {done.returncode}"
            raise CannotCompare(f"the program {self.name} failed: {what}")

    def initial_weights(self):
        path = self.folder / "initial.safetensors"
        self.run("--epochs", 0, "--save", path)
        return load_file(path)

    def train(self, steps):
        """Returns the run's settings, its losses and the file of its weights."""
        out = self.folder / "run"
        self.run("--epochs", steps, "--max-steps", steps, "--out", out)  # an epoch has a step at least
        settings = json.loads((out / "run.json").read_text())
        lines = map(json.loads, (out / "metrics.jsonl").read_text().splitlines())
        return settings, [line["loss"] for line in lines if line["type"] == "step"], out / "model.safetensors"

    def layers(self, step):
        path = self.folder / f"layers_{step}.safetensors"
        self.run("--epochs", step, "--max-steps", step, "--dump", path, "--out", self.folder / f"run_{step}")
        return path

    def logits(self, weights, name):
        """What the network answers to the first test images with the weights of a file."""
        path = self.folder / f"{name}.safetensors"
        self.run("--epochs", 0, "--load", weights, "--dump", path, "--out", self.folder / name)
        with open(path, "rb") as file:
            last = list(json.loads(file.read(int.from_bytes(file.read(8), "little"))))[-1]
        return load_file(path)[last]


class Comparison:
    def __init__(self, args, folder):
        self.args = args
        self.folder = folder
        self.program = Program(args, folder)
        self.agrees = True

    def verdict(self, what, agrees, more=""):
        print(f"{what}: {'agree' if agrees else 'DIFFER'}{more}", flush=True)
        self.agrees = self.agrees and agrees

    def start_pytorch(self):
        return training.Training(NETWORKS[self.args.net.name], self.settings, self.args.data, self.forced_masks)

    def choose_masks(self):
        make = NETWORKS[self.args.net.name]
        has_dropout = any(isinstance(module, torch.nn.Dropout) for module in make().modules())
        self.forced_masks = has_dropout and not training.has_documented_masks()
        if self.forced_masks:
            print("dropout: PyTorch draws other masks on this processor, as it does on Intel's; it is given those of this project")
        elif has_dropout:
            print("dropout: PyTorch draws the masks of this project on this processor")

    def initial_weights(self, theirs):
        ours = self.program.initial_weights()
        names = sorted(theirs.keys() ^ ours.keys())
        wrong = [name for name in theirs if name in ours and not torch.equal(theirs[name], ours[name])]
        count = sum(value.numel() for value in theirs.values())
        more = f" to the bit, {len(theirs)} tensors, {count} numbers"
        if names:
            more = f": only one of the two has {names[0]}"
        elif wrong:
            more = f": {wrong[0]} is the first of {len(wrong)} tensors that are not equal"
        self.verdict("initial weights", not names and not wrong, more)

    def losses(self, ours, run):
        """Prints the table of losses; returns the first step that differs, or None."""
        net = self.args.net
        print(f"{'step':>4}{'here':>12}{'PyTorch':>12}{'difference':>13}{'tolerance':>12}")
        first = None
        for step, (here, there) in enumerate(zip(ours, run.losses(len(ours))), 1):
            tolerance = loss_tolerance(net, step)
            apart = abs(here - there)
            judged = step <= net.judged
            agrees = apart <= tolerance  # false for NaN
            word = "agrees" if agrees else "DIFFERS" if judged else "not judged"
            print(f"{step:4}{here:12.6f}{there:12.6f}{apart:13.1e}{tolerance:12.1e}  {word}", flush=True)
            if judged and not agrees and first is None:
                first = step
        self.verdict("losses", first is None, "" if first is None else f" from step {first} on")
        return first

    def logits(self, what, ours, theirs):
        scale = max(1.0, theirs.abs().max().item())
        apart = (ours - theirs).abs().max().item()
        self.verdict(what, apart <= LOGIT_TOLERANCE * scale, f", logits of {len(theirs)} images within {apart:.1e}")

    def trained(self, weights, run):
        """Each program evaluates what the other one has trained."""
        theirs = {name: value.contiguous() for name, value in run.net.state_dict().items()}
        path = self.folder / "pytorch.safetensors"
        save_file(theirs, path)
        self.logits("weights of PyTorch, loaded here", self.program.logits(path, "logits_theirs"), run.logits())
        try:
            run.net.load_state_dict(load_file(weights), strict=True)
        except RuntimeError as error:
            self.verdict("weights saved here, loaded by PyTorch", False, f": {' '.join(str(error).split())}")
            return
        self.logits("weights saved here, loaded by PyTorch", self.program.logits(weights, "logits_ours"), run.logits())

    def watched(self, step, onednn=True):
        """What PyTorch's layers compute in one step; without oneDNN it sums in another order."""
        torch.backends.mkldnn.enabled = onednn
        run = self.start_pytorch()
        for _ in run.losses(step, watched=step):
            pass
        torch.backends.mkldnn.enabled = True
        return run.watch

    def layers(self, step, whole=False):
        """Compares the layers in one step; prints the table if `whole`, and returns the first difference."""
        dump = self.program.layers(step)
        comparison = LayerComparison(dump, self.watched(step), lambda: self.watched(step, onednn=False))
        dump.unlink()  # it may hold gigabytes
        found = comparison.first_difference()
        if whole:
            show(comparison)
        self.verdict(f"layers in step {step}", found is None, f": {found}" if found else "")
        return found

    def search(self, step):
        """Looks for the layer behind a loss that differs: in the step before, whose gradients led there, and in itself."""
        if any(self.layers(k) for k in (step - 1, step) if k > 1):
            return
        print(f"the layers agree up to step {step}: what lies between them is the order of the images and Adam")

    def run(self):
        args = self.args
        self.choose_masks()
        print(f"running {' '.join(self.program.command)}{'' if args.program else ' (the first time it is built)'}",
              flush=True)
        self.settings, losses, weights = self.program.train(args.steps)
        print(f"{args.net.name}, section {args.net.section}: seed {args.seed}, batches of "
              f"{self.settings['batch_size']}, {self.settings['image_size']} x {self.settings['image_size']} pixels, "
              f"lr {self.settings['lr']}, rung {self.settings['rung']}, PyTorch {torch.__version__}", flush=True)
        run = self.start_pytorch()
        self.initial_weights(run.initial)
        differs = self.losses(losses, run)
        self.trained(weights, run)
        found = self.layers(1, whole=args.layers == 1)
        if args.layers and args.layers > 1:
            self.layers(args.layers, whole=True)
        elif differs and not found:
            self.search(differs)
        return self.agrees


def compare(args, folder):
    agrees = Comparison(args, folder).run()
    print("all agree" if agrees else "NOT all agree")
    return 0 if agrees else 1


def show_spread(args, folder):
    """Prints how far PyTorch parts from itself: the scale on which any other program has to be judged."""
    make = NETWORKS[args.net.name]
    settings, _, _ = Program(args, folder).train(1)
    if settings["image_size"] == 28:
        settings["limit_test"] = 0  # all test images; enlarged ones would take minutes
    first = None
    shown = min(args.steps, 10)
    largest = [[0.0, 0.0] for _ in range(args.steps)]
    accuracies = []
    print(f"{args.net.name}, seed {settings['seed']}, batches of {settings['batch_size']}, PyTorch {torch.__version__}: as "
          "it is, then from weights that differ by one rounding\n(every second time without oneDNN); loss and gradient's "
          f"norm of the last {shown} steps, test accuracy after them", flush=True)
    for k in range(args.spread + 1):
        torch.backends.mkldnn.enabled = k % 2 == 0
        run = training.Training(make, settings, args.data, forced_masks=False)
        if k:
            run.perturb(k)
        steps = [(loss, run.gradient_norm()) for loss in run.losses(args.steps)]
        first = first or steps
        for most, own, reference in zip(largest, steps, first):
            most[0] = max(most[0], abs(own[0] - reference[0]))
            most[1] = max(most[1], abs(own[1] / reference[1] - 1))
        accuracies.append(run.test_accuracy())
        print(f"{k:4}  " + "   ".join(f"{loss:.5f} {norm:.4f}" for loss, norm in steps[-shown:]) +
              f"   {accuracies[-1]:.4f}", flush=True)
    for step, (loss, norm) in list(enumerate(largest, 1))[-shown:]:
        print(f"step {step}: the loss within {loss:.1e}, the gradient's norm within {norm:.1e} of its size")
    print(f"the test accuracy between {min(accuracies):.4f} and {max(accuracies):.4f}")
    return 0
