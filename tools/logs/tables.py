# SPDX-License-Identifier: MIT
"""The tables of docs/results.md: ours beside the book's and PyTorch's, epoch by epoch. They are made when the site is built."""
import math
import statistics

from logs.log import NETWORKS, book_runs
from logs.published import FIELDS, read_book, read_pytorch
from logs.quoting import three, value_of

TITLES = {"lenet": "LeNet", "alexnet": "AlexNet", "vgg": "VGG-11", "nin": "NiN", "googlenet": "GoogLeNet",
          "batch_norm": "LeNet + BN", "resnet": "ResNet-18", "densenet": "DenseNet"}
EPOCHS = 5
GUESSING = math.log(10)  # the loss of a network that finds all ten classes equally likely
WITHIN = {"lenet": 0.02}  # of the book's last training accuracy; NiN is counted by its starts
OTHERS_WITHIN = 0.015


def kinds_of(net):
    return ("scratch", "library") if net == "batch_norm" else ("",)


def in_words(kind, words):
    return {"": words("book", "书"), "notebook": words("book's notebook", "书的 notebook"), "scratch": words("by hand", "自己写的层"),
            "library": words("from the library", "库里的层")}[kind]


def of_kind(kind, words):
    return words(", ", "，") + in_words(kind, words) if kind else ""


def table(header, rows):
    """A Markdown table, its first column being words."""
    lines = ["| " + " | ".join(row) + " |" for row in (header, *rows)]
    return [lines[0], "|---|" + "---|" * (len(header) - 1), *lines[1:], ""]


def cell(epochs, k):
    """Loss, training accuracy and test accuracy of epoch k, counted from 0."""
    return ", ".join(three(epochs[k][field]) for field in FIELDS) if k < len(epochs) else "—"


def no_log(name, words):
    return words(f"no log yet: `tools/reproduce.sh {name.split('/')[0]}` makes {name}",
                 f"还没有日志：用 `tools/reproduce.sh {name.split('/')[0]}` 生成 {name}")


def source(log, words):
    r = log.record
    return words(f"`results/{log.name}`: commit {r['commit']}, version {r['version']}, {r['rung']}, {r['compiler']}, {r['cpu']}",
                 f"`results/{log.name}`：提交 {r['commit']}，版本 {r['version']}，{r['rung']}，{r['compiler']}，{r['cpu']}")


def columns(logs, net, kind, words):
    """Pairs (title, epochs): what the book prints, ours with seed 0, PyTorch's with the same seed."""
    which = of_kind(kind, words)
    found = [(in_words("notebook" if run.kind == "notebook" else "", words) + which, run.epochs) for run in read_book()
             if run.net == net and (run.kind == kind or kind == "")]
    found += [(words(f"here{which}, seed 0", f"这里{which}，种子 0"), log.epochs) for log in book_runs(logs, net, kind)
              if log.seed == 0]
    pytorch = read_pytorch().get(net, {}).get(0)
    if pytorch and kind != "scratch":
        found.append((words("PyTorch, seed 0", "PyTorch，种子 0"), pytorch))
    return found


def epoch_table(logs, net, words):
    found = [column for kind in kinds_of(net) for column in columns(logs, net, kind, words)]
    header = [words("epoch", "迭代周期"), *(title for title, _ in found)]
    return table(header, [[str(k + 1), *(cell(epochs, k) for _, epochs in found)] for k in range(EPOCHS)])


def spread_table(logs, net, words):
    """Least, mean and greatest last epoch over the seeds, where there are several."""
    rows = []
    for kind in kinds_of(net):
        runs = [log for log in book_runs(logs, net, kind) if len(log.epochs) == EPOCHS]
        if len(runs) < 2:
            continue
        seeds = ", ".join(str(log.seed) for log in runs)
        for field, name in zip(FIELDS, (words("loss", "损失"), words("train accuracy", "训练精度"), words("test accuracy", "测试精度"))):
            last = [log.epochs[-1][field] for log in runs]
            rows.append([name + of_kind(kind, words), seeds, three(min(last)), three(statistics.mean(last)),
                         three(max(last))])
    if not rows:
        return []
    return [words("After the last epoch, over the seeds:", "最后一个迭代周期之后，不同的种子："), "",
            *table([words("value", "数值"), words("seeds", "种子"), words("least", "最小"), words("mean", "平均"),
                    words("greatest", "最大")], rows)]


def same_seed_table(logs, net, words):
    """The last epoch of the other seeds that PyTorch has run, too."""
    pytorch = read_pytorch().get(net, {})
    kind = kinds_of(net)[-1]
    runs = [log for log in book_runs(logs, net, kind) if log.seed in pytorch and log.seed != 0 and len(log.epochs) == EPOCHS]
    if not runs:
        return []
    return [words("Other seeds, last epoch:", "其他种子，最后一个迭代周期："), "",
            *table([words("seed", "种子"), words("here", "这里") + of_kind(kind, words), "PyTorch"],
                   [[str(log.seed), cell(log.epochs, EPOCHS - 1), cell(pytorch[log.seed], EPOCHS - 1)] for log in runs])]


def guesses(epoch):
    """As the program says it: the loss stayed at ln 10, and no class is told apart."""
    return abs(epoch["loss"] - GUESSING) <= 0.02 and epoch["train_accuracy"] <= 0.15


def start_table(logs, net, words):
    """The first epoch of every seed of NiN: how often the start fails."""
    runs = book_runs(logs, net) if net == "nin" else []
    if not runs:
        return []
    stuck = [log for log in runs if guesses(log.epochs[0])]
    return [words("The first epoch of every seed:", "每个种子的第一个迭代周期："), "",
            *table([words("seed", "种子"), words("loss, train accuracy, test accuracy", "损失，训练精度，测试精度"),
                    words("still guesses", "仍在瞎猜")],
                   [[str(log.seed), cell(log.epochs, 0), words("yes", "是") if log in stuck else words("no", "否")]
                    for log in runs]),
            words(f"{len(stuck)} of {len(runs)} starts stayed at ln 10 for the whole first epoch.",
                  f"{len(runs)} 次开头中，有 {len(stuck)} 次整个第一个迭代周期都停在 ln 10。"), ""]


def network(logs, net, words):
    """All that one network's section of the page includes."""
    lines = [words("Loss, training accuracy, test accuracy:", "损失，训练精度，测试精度："), "", *epoch_table(logs, net, words)]
    lines += same_seed_table(logs, net, words) + spread_table(logs, net, words) + start_table(logs, net, words)
    for kind in kinds_of(net):
        runs = book_runs(logs, net, kind)
        name = f"{net}/{kind}/seed0" if kind else f"{net}/seed0"
        lines += [f"- {source(log, words)}" for log in runs] if runs else [f"- {no_log(name, words)}"]
    return [*lines, ""]


def verdict(net, runs, book, words):
    """Whether the last training accuracy is as near to the book's as one printed run lets one expect; if not, whether it is
    the seed."""
    if net == "nin":
        return "—"
    limit = WITHIN.get(net, OTHERS_WITHIN)
    near = [run.seed for run in runs if round(abs(run.epochs[-1]["train_accuracy"] - book["train_accuracy"]), 3) <= limit]
    if 0 in near:
        return words(f"within {limit}", f"在 {limit} 以内")
    others = words(f", {len(near)} of {len(runs)} seeds within", f"，{len(runs)} 个种子中有 {len(near)} 个在以内") if len(runs) > 1 else ""
    return words(f"**further than {limit}**", f"<b>超过 {limit}</b>") + others


def summary(logs, words):
    """One row a network: the last epoch, ours beside the book's."""
    rows, absent = [], []
    for net in NETWORKS:
        for kind in kinds_of(net):
            book = next(run for run in read_book() if (run.net, run.kind) == (net, kind)).epochs[-1]
            runs = [log for log in book_runs(logs, net, kind) if len(log.epochs) == EPOCHS]
            found = [log for log in runs if log.seed == 0]
            title = TITLES[net] + of_kind(kind, words)
            row = [title, three(book["train_accuracy"]), "—", "—", "—", three(book["test_accuracy"]), "—", "—"]
            if found:
                ours = found[0].epochs[-1]
                apart = ours["train_accuracy"] - book["train_accuracy"]
                row[2:5] = [three(ours["train_accuracy"]), f"{apart:+.3f}".replace("-", "−"), verdict(net, runs, book, words)]
                row[6:] = [three(ours["test_accuracy"]), found[0].record["commit"]]
            else:
                absent.append(f"{net}/{kind}/seed0" if kind else f"{net}/seed0")
            rows.append(row)
    train, test = words("train accuracy", "训练精度"), words("test accuracy", "测试精度")
    book, here, colon = words("book", "书"), words("here", "这里"), words(": ", "：")
    header = [words("network", "网络"), f"{train}{colon}{book}", here, words("apart", "相差"), words("verdict", "评价"),
              f"{test}{colon}{book}", here, words("commit of the log", "日志的提交")]
    return [*table(header, rows), *(f"- {no_log(name, words)}" for name in absent), ""]


def quick(logs, words):
    """The shortened runs."""
    found = [log for net in NETWORKS for log in logs.values() if log.net == net and log.preset == "quick"]
    if not found:
        return [words("No log yet: `tools/reproduce.sh --quick` makes them.", "还没有日志：用 `tools/reproduce.sh --quick` 生成。"), ""]
    rows = [[TITLES[log.net] + of_kind(log.kind, words), str(log.seed),
             value_of("size", [log]), cell(log.epochs, -1), log.record["commit"]] for log in found]
    return table([words("network", "网络"), words("seed", "种子"), words("images × epochs, batch", "图像数 × 迭代周期，批量大小"),
                  words("loss, train accuracy, test accuracy", "损失，训练精度，测试精度"), words("commit of the log", "日志的提交")], rows)


def write(logs, folder):
    """FOLDER/en/NAME.md and FOLDER/zh/NAME.md, which \\include{doc} puts into the pages."""
    for language in ("en", "zh"):
        def words(english, chinese, language=language):
            return english if language == "en" else chinese
        (folder / language).mkdir(parents=True, exist_ok=True)
        texts = {"results_summary": summary(logs, words), "results_quick": quick(logs, words),
                 **{f"results_{net}": network(logs, net, words) for net in NETWORKS}}
        for name, lines in texts.items():
            (folder / language / f"{name}.md").write_text("\n".join(lines), encoding="utf-8")
