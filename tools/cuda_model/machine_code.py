# SPDX-License-Identifier: MIT
"""Compiles kernels with nvcc and reads their machine code."""
import collections
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "common" / "backend" / "cuda"


class Missing(Exception):
    """A tool is not on this machine."""


def folders():
    """Where NVIDIA's tools may be: the toolkit's, and those of the packages of PyPI."""
    found = [os.path.join(os.environ["CUDA_PATH"], "bin")] if "CUDA_PATH" in os.environ else []
    package = importlib.util.find_spec("nvidia")
    for place in package.submodule_search_locations if package else []:
        found += [str(folder) for folder in pathlib.Path(place).glob("*/bin")]
    return found + ["/usr/local/cuda/bin", "/opt/cuda/bin"]


def environment():
    return {**os.environ, "PATH": os.pathsep.join([os.environ.get("PATH", os.defpath), *folders()])}


def tool(name):
    path = shutil.which(name, path=environment()["PATH"])
    if path is None:
        source = "NVIDIA's CUDA toolkit" if name == "nvcc" else f"PyPI's package nvidia-cuda-{name}"
        raise Missing(f"{name} is not there; it comes with {source}")
    return path


def need_tools():
    for name in ("nvcc", "cuobjdump", "nvdisasm", "c++filt", "g++"):
        tool(name)


def run(*command, text=None):
    done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, env=environment())
    if done.returncode != 0:
        raise SystemExit(f"cuda_model: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def demangle(names):
    """Mangled name → name without namespaces, return type and parameters."""
    text = run(tool("c++filt"), text="\n".join(names))
    readable = {}
    for name, line in zip(names, text.splitlines()):
        line = re.sub(r"\(anonymous namespace\)::|cnn::(cuda::)?|batch_norm::|^void ", "", line)
        line = line.replace("(Along)0", "k").replace("(Along)1", "lines")
        readable[name] = re.sub(r"\(.*", "", line)
    return readable


class Kernel:
    """What the compiler made of a kernel."""

    def __init__(self, name, registers, stack, spilled, shared_bytes):
        self.name = name
        self.registers = registers
        self.stack = stack              # bytes of a thread
        self.spilled = spilled          # bytes of a thread, written
        self.shared_bytes = shared_bytes  # of a block, without those that the launch adds
        self.loop = []                  # opcodes of the inner loop

    def count(self, pattern):
        return sum(re.match(pattern, opcode) is not None for opcode in self.loop)

    @property
    def multiplications(self):
        return self.count("FFMA")

    def share(self):
        return self.multiplications / len(self.loop)

    def shared_loads(self):
        """Bits → how many."""
        widths = collections.Counter()
        for opcode in self.loop:
            found = re.match(r"LDS(?:\.U)?(?:\.(64|128))?(?:\.|$)", opcode)
            if found:
                widths[int(found[1] or 32)] += 1
        return widths


def resources(log):
    """Kernels by mangled name, from what ptxas says of them."""
    kernels = {}
    parts = re.split(r"Compiling entry function '(\S+)' for", log)
    for name, text in zip(parts[1::2], parts[2::2]):
        numbers = {}
        for key, pattern in (("stack", r"(\d+) bytes stack"), ("spilled", r"(\d+) bytes spill stores"),
                             ("registers", r"Used (\d+) registers"), ("shared_bytes", r"(\d+) bytes smem")):
            found = re.search(pattern, text)
            numbers[key] = int(found[1]) if found else 0
        kernels[name] = Kernel(name, **numbers)
    return kernels


def inner_loop(code):
    """Opcodes of the loop with most multiplications; `code` is (address, opcode, operands)."""
    best = []
    for address, opcode, operands in code:
        target = re.search(r"0x([0-9a-f]+)", operands) if opcode.startswith("BRA") else None
        if target is None or int(target[1], 16) >= address:
            continue
        body = [o for a, o, _ in code if int(target[1], 16) <= a <= address]
        if sum(o.startswith("FFMA") for o in body) > sum(o.startswith("FFMA") for o in best):
            best = body
    return best


def read_loops(kernels, text):
    code, name = collections.defaultdict(list), None
    for line in text.splitlines():
        function = re.match(r"\s+Function : (\S+)", line)
        if function:
            name = function[1]
        instruction = re.match(r"\s+/\*([0-9a-f]{4,5})\*/\s+(@!?U?P\w+ )?([A-Z0-9_.]+)([^;]*);", line)
        if instruction:
            never = instruction[2] == "@!PT "  # fills a gap
            code[name].append((int(instruction[1], 16), "NOP" if never else instruction[3], instruction[4]))
    for name, kernel in kernels.items():
        kernel.loop = inner_loop(code[name])


def compile_kernels(source, architecture, folder):
    """Kernels of a file by readable name; with the inner loops of those that have one."""
    cubin = pathlib.Path(folder) / f"{source.stem}_{architecture}.cubin"
    log = run(tool("nvcc"), "-std=c++20", f"-I{ROOT}", "-DCNN_WITH_THREADS=1", f"-arch=sm_{architecture}",
              "-Xptxas", "-v", "-cubin", source, "-o", cubin)
    kernels = resources(log)
    read_loops(kernels, run(tool("cuobjdump"), "-sass", cubin))
    readable = demangle(list(kernels))
    return {readable[name]: kernel for name, kernel in kernels.items()}
