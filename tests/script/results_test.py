# SPDX-License-Identifier: MIT
"""tools/results.py on logs that are made up: what it finds wrong, what it writes into pages, and what its tables say."""
import contextlib
import io
import json
import pathlib
import shutil
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools/site")]
import curves  # noqa: E402
import results  # noqa: E402
import translations  # noqa: E402
from logs import keeping, log, presets, published, quoting, tables  # noqa: E402


NIN = """.quick = {.epochs = 3, .batch_size = 32, .learning_rate = 0.001, .image_size = 224,
          .limit_train = 3072, .limit_test = 512},
.book = {.epochs = 5, .batch_size = 128, .learning_rate = 0.002, .image_size = 224}"""


def english(text, _chinese):
    return text


def steps_of(epoch, correct, loss, images=100):
    """Two steps, with half of the images each."""
    return [{"type": "step", "epoch": epoch, "step": k + 1, "loss": loss + (0.1 if k else -0.1), "correct": correct,
             "examples": images // 2, "seconds": 0.1} for k in range(2)]


def put_log(root, name, accuracies=(0.2, 0.4, 0.6, 0.7, 0.8), loss=1.0, images=None, **more):
    """A log whose epochs have these accuracies, on training and test images alike."""
    folder = root / "results" / name
    folder.mkdir(parents=True)
    found = log.NAME.fullmatch(name)
    images = images or int(presets.settings(found[1], found[3] or "book", root)["limit_train"]) or 60000
    lines = []
    for k, accuracy in enumerate(accuracies, 1):
        correct = round(images / 2 * accuracy)
        lines += steps_of(k, correct, loss, images)
        lines.append({"type": "epoch", "epoch": k, "loss": loss, "train_accuracy": 2 * correct / images,
                      "test_accuracy": accuracy + 0.0123, "seconds": 1})
    record = dict.fromkeys(log.RECORD, "") | {"commit": "abc1234567"}
    record |= {"seed": int(found[4]), "preset": found[3] or "book", "epochs": len(accuracies)}
    record |= {key: int(value) if value == int(value) else value
               for key, value in presets.settings(found[1], found[3] or "book", root).items() if key != "epochs"}
    (folder / "run.json").write_text(json.dumps(record | more), encoding="utf-8")
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


class OnACopy(unittest.TestCase):
    """Works on copies of the pages, in which no number is a log's yet, and with presets of NiN that stay."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        for page in [*quoting.pages(), *ROOT.glob("chapters/*/main.cpp")]:
            copy = self.root / page.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = page.read_text(encoding="utf-8")
            text = quoting.QUOTE.sub(lambda q: q[0] if q[2].startswith("book/") else q[1] + "0.111" + q[5], text)
            copy.write_text(text, encoding="utf-8")
        (self.root / "chapters/08_nin/main.cpp").write_text(NIN, encoding="utf-8")

    def run_tool(self, *arguments):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = results.main([*arguments, "--root", str(self.root)])
        return status, said.getvalue()

    def page(self, name):
        return (self.root / name).read_text(encoding="utf-8")


class Pages(OnACopy):
    def test_the_numbers_of_a_log_are_written_and_checked(self):
        self.assertEqual(self.run_tool("--check")[0], 0)
        put_log(self.root, "nin/quick/seed0", (0.2, 0.5, 0.62))
        status, said = self.run_tool("--check")
        self.assertEqual(status, 1)
        for page in ("docs/chapters.md", "docs/chapters.zh.md", "chapters/08_nin/README.md"):
            self.assertIn(f"{page} says 0.111, nin/quick/seed0 has test 0.632: tools/results.py --update corrects it", said)
        status, said = self.run_tool("--update")
        self.assertIn("updated: docs/chapters.md", said)
        self.assertNotIn("no log yet: nin/quick/seed0", said)
        self.assertIn("no log yet: vgg/quick/seed0", said)
        self.assertIn("<!-- log nin/quick/seed0 size -->3072 × 3, 32<!-- end --> | "
                      "<!-- log nin/quick/seed0 test -->0.632<!-- end -->", self.page("docs/chapters.zh.md"))
        self.assertIn(" test -->0.111<!-- end -->", self.page("docs/chapters.md"))  # VGG's, which has no log, is left alone
        self.assertEqual(self.run_tool("--check")[0], 0)

    def test_a_translation_stays_in_step(self):
        put_log(self.root, "nin/quick/seed0", (0.2, 0.5, 0.62))
        before = self.page("docs/chapters.md")
        with contextlib.redirect_stdout(io.StringIO()):
            translations.update(self.root, [self.root / "docs/chapters.zh.md"])
        self.run_tool("--update")
        self.assertNotEqual(self.page("docs/chapters.md"), before)
        self.assertIn(translations.digest(self.root / "docs/chapters.md"), self.page("docs/chapters.zh.md"))

    def test_a_number_without_its_log_is_found(self):
        page = self.root / "README.md"
        page.write_text(self.page("README.md").replace("<!-- log resnet/seed0 test -->", ""), encoding="utf-8")
        status, said = self.run_tool("--check")
        self.assertEqual(status, 1)
        self.assertIn("README.md does not take its number from resnet/seed0", said)

    def test_names_that_no_log_can_have(self):
        for mark in ("lent/seed0 test", "batch_norm/seed0 test", "lenet/seed0 best"):
            (self.root / "docs/new.md").write_text(f"<!-- log {mark} -->0.1<!-- end -->\n", encoding="utf-8")
            status, said = self.run_tool("--check")
            self.assertEqual(status, 1, mark)
            self.assertIn("error: docs/new.md: ", said)

    def test_several_seeds(self):
        for seed, last in enumerate((0.74, 0.78, 0.76)):
            put_log(self.root, f"lenet/seed{seed}", (0.2, 0.4, 0.6, 0.7, last))
        logs = log.read_logs(self.root / "results")
        page = "<!-- log lenet/seed* train -->?<!-- end --> <!-- log lenet/seed* seeds -->?<!-- end -->"
        text, absent = quoting.quoted(page, logs)
        self.assertIn(">0.740 – 0.780<", text)
        self.assertIn(">3<", text)
        self.assertEqual(absent, [])


class Logs(OnACopy):
    def refused(self, words, name="lenet/seed0"):
        status, said = self.run_tool("--check")
        self.assertEqual(status, 1, said)
        self.assertIn(words, said)
        shutil.rmtree(self.root / "results" / name)

    def change(self, name, old, new):
        file = self.root / "results/lenet/seed0" / name
        text = file.read_text(encoding="utf-8")
        self.assertIn(old, text)
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def test_what_is_not_whole(self):
        put_log(self.root, "lenet/seed0", (0.2, 0.4))
        self.change("run.json", '"epochs": 2', '"epochs": 5')
        self.refused("results/lenet/seed0 has 2 epochs instead of 5")
        put_log(self.root, "lenet/seed0", seed=1)
        self.refused("holds a run of --preset book --seed 1")
        put_log(self.root, "lenet/seed0")
        self.change("run.json", '"commit"', '"comet"')
        self.refused("run.json has no commit")
        put_log(self.root, "lenet/seed0")
        (self.root / "results/lenet/seed0/metrics.jsonl").unlink()
        self.refused("metrics.jsonl")
        put_log(self.root, "lenet/seed0")
        shutil.copytree(self.root / "results/lenet/seed0", self.root / "results/lenet/extra/seed0")
        self.refused("results/lenet/extra/seed0 is no place for a log", "lenet/extra/seed0")

    def test_epochs_are_the_means_of_their_steps(self):
        put_log(self.root, "lenet/seed0")
        self.change("metrics.jsonl", '"loss": 1.0,', '"loss": 0.9,')
        self.refused("the loss of epoch 1 is not the mean of its steps")
        put_log(self.root, "lenet/seed0")
        self.change("metrics.jsonl", '"train_accuracy": 0.2', '"train_accuracy": 0.3')
        self.refused("the training accuracy of epoch 1 is not that of its steps")
        put_log(self.root, "lenet/seed0")
        self.change("metrics.jsonl", '{"type"', '{"tape"')
        self.refused("line 1 of ")

    def test_settings_of_another_time(self):
        put_log(self.root, "lenet/seed0", batch_size=128)
        self.refused("results/lenet/seed0 was made with batch_size 128, --preset book has 256")
        put_log(self.root, "lenet/seed0", images=40000)
        self.refused("results/lenet/seed0 was made with images 40000, --preset book has 60000")
        put_log(self.root, "nin/seed1", (0.5,))
        put_log(self.root, "nin/quick/seed0", (0.5,))
        self.refused("results/nin/quick/seed0 was made with epochs 1, --preset quick has 3", "nin")

    def test_presets_are_read(self):
        self.assertEqual(presets.settings("nin", "quick", self.root),
                         {"epochs": 3, "batch_size": 32, "lr": 0.001, "image_size": 224, "limit_train": 3072, "limit_test": 512})
        for net in log.NETWORKS:  # of the chapters as they are
            self.assertEqual(presets.settings(net, "book")["epochs"], 5)


class Compare(unittest.TestCase):
    def test_first_difference(self):
        one = [*steps_of(1, 9, 1.0), {"type": "epoch", "loss": 1.0, "seconds": 3, "peak_bytes": 5}]
        other = json.loads(json.dumps(one))
        other[0]["seconds"] = 7
        other[2]["peak_bytes"] = 8
        self.assertIsNone(keeping.difference(one, other))
        other[1]["loss"] = 1.1000000001
        self.assertEqual(keeping.difference(one, other), "line 2, loss: 1.1 and 1.1000000001")
        self.assertIn("line 3, type: one log has 3 lines, the other 2", keeping.difference(one, one[:2]))
        del other[0]["correct"]
        self.assertEqual(keeping.difference(one, other), "line 1, correct: 9 and nothing")


class Tables(OnACopy):
    def lines(self, make, *arguments):
        return "\n".join(make(log.read_logs(self.root / "results"), *arguments, english))

    def test_the_book_is_repaired_as_the_errata_say(self):
        errata = self.page("docs/errata.md")
        for run in published.read_book():
            losses = " ".join(quoting.three(epoch["loss"]).removeprefix("0") for epoch in run.epochs)
            self.assertIn(f"| {losses} |", errata)

    def test_without_logs(self):
        self.assertIn("no log yet: `tools/reproduce.sh batch_norm` makes batch_norm/library/seed0", self.lines(tables.summary))
        lenet = self.lines(tables.network, "lenet")
        self.assertIn("| 5 | 0.613, 0.759, 0.759 | 0.641, 0.751, 0.749 | 0.613, 0.761, 0.767 |", lenet)
        self.assertNotIn("here", lenet)
        self.assertIn("No log yet", self.lines(tables.quick))

    def test_ours_beside_the_book(self):
        for seed, last in enumerate((0.78, 0.74, 0.76)):
            put_log(self.root, f"lenet/seed{seed}", (0.2, 0.4, 0.6, 0.7, last))
        lenet = self.lines(tables.network, "lenet")
        self.assertIn("| epoch | book | book's notebook | here, seed 0 | PyTorch, seed 0 |", lenet)
        self.assertIn("| 5 | 0.613, 0.759, 0.759 | 0.641, 0.751, 0.749 | 1.000, 0.780, 0.792 | 0.613, 0.761, 0.767 |", lenet)
        self.assertIn("| train accuracy | 0, 1, 2 | 0.740 | 0.760 | 0.780 |", lenet)
        self.assertIn("| 2 | 1.000, 0.760, 0.772 | 0.652, 0.748, 0.756 |", lenet)
        self.assertIn("`results/lenet/seed1`: commit abc1234567", lenet)
        summary = self.lines(tables.summary)
        self.assertIn("| LeNet | 0.759 | 0.780 | +0.021 | **further than 0.02**, 2 of 3 seeds within | 0.759 | 0.792 | abc1234567 "
                      "|\n", summary)
        self.assertIn("no log yet: `tools/reproduce.sh vgg`", summary)
        put_log(self.root, "lenet/seed3", (0.2, 0.4, 0.6, 0.7, 0.7))
        self.assertIn("| +0.021 | **further than 0.02**, 2 of 4 seeds within |", self.lines(tables.summary))

    def test_starts_that_fail_are_counted(self):
        put_log(self.root, "nin/seed0", (0.5, 0.6, 0.7, 0.7, 0.8))
        put_log(self.root, "nin/seed1", (0.1,), loss=2.31)
        put_log(self.root, "nin/seed2", (0.3,), loss=2.31)  # late, but it tells classes apart
        nin = self.lines(tables.network, "nin")
        self.assertIn("1 of 3 starts stayed at ln 10", nin)
        self.assertIn("| 1 | 2.310, 0.100, 0.112 | yes |", nin)
        self.assertIn("| 2 | 2.310, 0.300, 0.312 | no |", nin)

    def test_curves(self):
        put_log(self.root, "nin/seed1", (0.1,), loss=2.31)  # nothing with seed 0: no line yet
        for seed in range(3):
            put_log(self.root, f"lenet/seed{seed}", (0.2, 0.4, 0.6, 0.7, 0.8 - seed / 100))
        with mock.patch.object(curves, "all_logs", return_value=log.read_logs(self.root / "results")):
            drawn = {net: curves.draw(net, "", english) for net in ("lenet", "nin", "vgg")}
        for net, (drawing, caption) in drawn.items():
            svg = drawing.svg()
            self.assertEqual(svg.count("<circle"), 15, net)  # the book's, in all three colours
            self.assertEqual(svg.count("<path"), 3 if net == "lenet" else 0, net)
            self.assertEqual(svg.count("<polygon"), 3 if net == "lenet" else 0, net)
            self.assertEqual("no log of a run" in caption, net != "lenet")
        self.assertIn("The run here ends at 1.000, 0.800 and 0.812.", drawn["lenet"][0].says)
        self.assertIn("between the least and the greatest", drawn["lenet"][1])


if __name__ == "__main__":
    unittest.main()
