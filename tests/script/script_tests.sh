#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests of ./cnn. usage: script_tests.sh CASE
#
# Each case works in a copy of the script's files inside a folder with a space in its name, and finds stand-ins for the
# package manager, CMake and CTest first on PATH; what they are asked to do is recorded in $calls.
# shellcheck disable=SC2016  # the stand-ins expand their own variables
set -euo pipefail

project=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root="$scratch/a copy"
bin=$scratch/bin
calls=$scratch/calls
output=$scratch/output

die() {
  printf 'FAILED: %s\n--- output\n' "$1"
  cat "$output"
  printf -- '--- calls\n'
  cat "$calls"
  exit 1
}

# expect STATUS COMMAND…: runs a command, output and errors into $output.
expect() {
  local wanted=$1 status=0
  shift
  "$@" >"$output" 2>&1 </dev/null || status=$?
  [ "$status" -eq "$wanted" ] || die "exit status $status instead of $wanted: $*"
}
says() { grep -qF -e "$1" "$output" || die "does not say \"$1\""; }
says_not() { ! grep -qF -e "$1" "$output" || die "says \"$1\""; }
called() { grep -qF -e "$1" "$calls" || die "did not call \"$1\""; }
called_not() { ! grep -qF -e "$1" "$calls" || die "called \"$1\""; }
last_line_is() { [ "$(tail -n 1 "$output")" = "$1" ] || die "the last line is not \"$1\""; }

# stand_in NAME BODY: a program that records its call and then does BODY.
stand_in() {
  printf '#!/bin/bash\necho "%s $*" >>"%s"\n%s\n' "$1" "$calls" "$2" >"$bin/$1"
  chmod +x "$bin/$1"
}

# The machine of the tests: a Debian with everything installed, root.
make_machine() {
  mkdir -p "$root/chapters/05_lenet" "$root/data" "$bin"
  : >"$calls"
  : >"$output"
  cp -r "$project/cnn" "$project/CMakeLists.txt" "$project/CMakePresets.json" "$root"
  mkdir -p "$root/tools"
  cp -r "$project/tools/cnn" "$root/tools/cnn"
  cp "$project/chapters/list.txt" "$root/chapters"
  : >"$root/chapters/05_lenet/CMakeLists.txt"
  local tool
  for tool in bash env cat sed grep awk sort head tail tr dirname readlink mktemp rm mkdir chmod cp ln id ls touch nproc flock find; do
    ln -s "$(command -v "$tool")" "$bin/$tool"
  done
  rm "$bin/id"
  stand_in id 'echo 0'
  stand_in dpkg-query 'for last; do :; done; grep -qx "$last" "$CNN_TEST_MISSING" 2>/dev/null && exit 1; echo installed'
  stand_in apt-get ''
  stand_in apt-cache 'echo "  Candidate: 1.0"'
  stand_in g++ ''
  stand_in gnuplot ''
  stand_in ninja ''
  stand_in cmake '
case $1 in
  --version) echo "cmake version 3.25.1" ;;
  --preset | --fresh)
    [ "$1" = --fresh ] || [ ! -e "$CNN_TEST_BROKEN" ] || exit 1
    for folder; do folder=build/$folder; done # the last argument is the preset
    mkdir -p "$folder"
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >"$folder/CMakeCache.txt"
    echo "test_layers layers 5.5 cuda" >"$folder/test_index.txt"
    touch "$folder/build.ninja" ;;
  --build)
    [ ! -e "$CNN_TEST_BROKEN" ] || { echo "[1/1] compiling"; echo "lenet.cpp:1: error: no such thing"; exit 1; } ;;
esac'
  export CNN_DATA="$scratch/data set" CNN_TEST_MISSING=$scratch/missing CNN_TEST_BROKEN=$scratch/broken
  mkdir -p "$CNN_DATA"
  touch "$CNN_DATA/train-images-idx3-ubyte.gz"
  unset CNN_DRY_RUN CMAKE_BUILD_PARALLEL_LEVEL CXX
  export CNN_OS_RELEASE=$scratch/os-release
  is_system debian 12 "Debian GNU/Linux 12 (bookworm)"
  PATH=$bin
}

# is_system ID VERSION NAME: what os-release says; no version for a release that is still being made.
is_system() { printf 'PRETTY_NAME="%s"\nID=%s\n%s' "$3" "$1" "${2:+VERSION_ID=\"$2\"$'\n'}" >"$CNN_OS_RELEASE"; }

# lacks PACKAGE…: the machine does not have these.
lacks() { printf '%s\n' "$@" >"$CNN_TEST_MISSING"; }

cnn() { "$root/cnn" "$@"; }
dry() { CNN_DRY_RUN=1 "$root/cnn" "$@"; }

# call FUNCTION ARGUMENT…: a function of the script's parts, in a shell of its own.
call() {
  root=$root bash -c 'set -euo pipefail; may_install=yes dry_run="" preset=release log=$root/build/setup.log
    for part in "$root"/tools/cnn/*.sh; do . "$part"; done; debian_data=/nowhere cuda_places=(/nowhere); "$@"' bash "$@"
}

case_help() {
  local words
  for words in "" help --help -h; do
    # shellcheck disable=SC2086  # nothing, or one word
    expect 0 cnn $words
    [ "$(grep -cE '^  5\.[0-9]+ ' "$output")" -eq 12 ] || die "does not list twelve sections"
    says "./cnn run"
    says "./cnn test"
    says "./cnn compare"
    says "./cnn bench"
    says "./cnn docs"
    says "./cnn doctor"
  done
  grep '^  5.5 ' "$output" | grep -qv coming || die "5.5 is there"
  grep '^  5.6 ' "$output" | grep -q coming || die "5.6 is not marked as coming"
}

case_version() {
  expect 0 cnn --version
  grep -qxE 'cnn-from-scratch [0-9]+\.[0-9]+\.[0-9]+' "$output" || die "no version"
}

case_names_of_a_chapter() {
  local name
  for name in 5.5 05 lenet 05_lenet chapters/05_lenet/; do
    expect 0 dry run "$name"
    says "would build: lenet (preset release)"
    says "would run: $root/build/release/bin/lenet"
  done
}

case_unknown_chapter() {
  local name
  for name in 5.13 5.05 5 lent 5.; do
    expect 2 cnn run "$name"
    says "there is no chapter \"$name\""
    says "  5.5   lenet"
  done
  expect 2 cnn run
  says "run expects a chapter"
  expect 2 cnn test lent
  called_not cmake
}

case_coming_chapter() {
  expect 2 cnn run 5.6
  says "section 5.6 (alexnet) is coming"
  [ "$(grep -c . "$output")" -eq 1 ] || die "more than one sentence"
}

case_unknown_command() {
  expect 2 cnn frobnicate
  says "unknown command \"frobnicate\""
}

case_wrong_options() {
  expect 2 cnn run 5.5 --build
  says "--build expects"
  expect 2 cnn --build=nonsense run 5.5
  says "there is no preset \"nonsense\""
  expect 2 cnn test --label
  says "--label expects"
  expect 2 cnn test --nonsense
  says "does not know the option --nonsense"
  expect 2 cnn docs now
  expect 2 cnn doctor now
}

case_options_reach_the_program() {
  expect 0 dry --build dev run lenet --epochs 3
  says "would run: $root/build/dev/bin/lenet --epochs 3"
  expect 0 dry run lenet --epochs 3 --build=asan --no-install
  says "would run: $root/build/asan/bin/lenet --epochs 3"
  expect 0 dry run lenet -- --build x
  says "would run: $root/build/release/bin/lenet --build x"
  mkdir -p "$root/build/release/bin"
  printf '#!/bin/bash\npwd\nprintf "<%%s>" "$CNN_ROOT" "$@"\nexit 3\n' >"$root/build/release/bin/lenet"
  chmod +x "$root/build/release/bin/lenet"
  cd "$scratch"
  expect 3 cnn run lenet --out "two words"
  says "$scratch"
  says "<$root><--out><two words>"
}

case_run_on_emulated_cuda() {
  local words=(run 5.5 --build cuda-emulated --backend cuda --batch-size 4 --max-steps 3 --limit-test 8)
  expect 0 dry "${words[@]}"
  says "would build: lenet (preset cuda-emulated)"
  says "would run: $root/build/cuda-emulated/bin/lenet --backend cuda --batch-size 4 --max-steps 3 --limit-test 8"
  lacks libboost-context-dev
  expect 0 dry run 5.5
  says_not libboost-context-dev
  expect 1 cnn "${words[@]}" --no-install
  says "packages are missing for the build: libboost-context-dev"
  expect 1 cnn test --build tsan --no-install
  says "packages are missing for the build: libboost-context-dev"
}

case_compare() {
  expect 0 dry compare runs/05_lenet/1 "runs/two words" --markdown
  says "would build: compare (preset release)"
  says "would run: $root/build/release/bin/compare runs/05_lenet/1 runs/two words --markdown"
  expect 0 cnn compare --help
  says "./cnn compare RUN..."
  says "[--html FILE]"
  expect 2 cnn compare
  says "compare expects folders of runs"
  called_not cmake
}

case_bench() {
  expect 0 cnn bench --help
  says "./cnn bench pytorch"
  expect 2 cnn bench frobnicate
  says 'there is no benchmark "frobnicate"; there are ladder, steps, ops, nets, pytorch, epoch and engines'
  expect 0 dry bench
  says "would run: $root/build/release/bin/bench_ladder"
  expect 0 dry bench --steps 1
  says "would run: $root/build/release/bin/bench_ladder --steps 1"
  lacks libbenchmark-dev
  expect 0 dry bench steps --conv vgg2
  says "would run: $root/build/release/bin/bench_steps --conv vgg2"
  expect 0 dry bench nets --net lenet --steps 2 --build dev
  says "would build: bench_nets (preset dev)"
  says "would run: $root/build/dev/bin/bench_nets --net lenet --steps 2"
  expect 2 dry bench --build asan
  says "the build asan has no benchmarks: the sanitizers slow everything down"
  expect 1 cnn bench ops --no-install
  says "packages are missing for the build: libbenchmark-dev"
  called_not cmake
  stand_in ninja 'exit 1'
  lacks
  expect 1 cnn bench ops
  says "CMake does not find Google Benchmark"
}

case_bench_pytorch() {
  unset TORCH_PYTHON
  expect 1 cnn bench pytorch
  says "PyTorch is not there"
  says "let --yes install it into build/torch (several gigabytes)"
  expect 1 cnn bench pytorch --yes --no-install
  says "PyTorch is not there"
  called_not cmake
  expect 0 dry bench pytorch --yes
  says "installing PyTorch into build/torch"
  says "would build: bench_nets (preset release)"
  says "would run: $root/build/torch/bin/python $root/tools/pytorch/bench.py"
  expect 1 env TORCH_PYTHON=/nowhere/python "$root/cnn" bench pytorch
  says "TORCH_PYTHON is /nowhere/python, which cannot import torch"
  stand_in python3 ''
  expect 0 dry bench pytorch --net lenet
  says "would run: python3 $root/tools/pytorch/bench.py --programs $root/build/release/bin --net lenet"
  expect 0 dry bench epoch --rounds 1
  says "would build: lenet (preset release)"
  says "would run: python3 $root/tools/pytorch/bench_epoch.py --programs $root/build/release/bin --rounds 1"
  expect 0 dry bench epoch --limit-train 64 --net resnet
  says "would build: resnet (preset release)"
  says "bench_epoch.py --programs $root/build/release/bin --limit-train 64 --net resnet"
  expect 0 dry bench epoch --net=vgg
  says "would build: vgg (preset release)"
  expect 2 dry bench epoch --net pooling
  says 'there is no network "pooling"; there are lenet alexnet vgg nin googlenet batch_norm resnet densenet'
}

case_bench_engines() {
  unset ENGINES_PYTHON
  expect 1 cnn bench engines
  says "ONNX Runtime and OpenVINO are not both there"
  says "let --yes install them into build/engines (400 MB)"
  expect 1 cnn bench engines --yes --no-install
  says "ONNX Runtime and OpenVINO are not both there"
  called_not cmake
  lacks libonnx-dev python3-venv
  expect 0 dry bench engines --yes --net lenet
  says "installing packages for the comparison with ONNX Runtime and OpenVINO that this machine lacks: python3 python3-venv"
  says "installing ONNX Runtime and OpenVINO into build/engines"
  says "installing packages for the build that this machine lacks: libonnx-dev"
  says "would build: bench_nets lenet alexnet vgg nin googlenet batch_norm resnet densenet (preset release)"
  says "would run: $root/build/engines/bin/python $root/tools/engines/bench.py --programs $root/build/release/bin --net lenet"
  expect 1 env ENGINES_PYTHON=/nowhere/python "$root/cnn" bench engines
  says "ENGINES_PYTHON is /nowhere/python, which cannot import onnxruntime openvino numpy"
  stand_in python3 'case $* in *openvino*) exit 1 ;; esac'
  expect 1 cnn bench engines
  says "ONNX Runtime and OpenVINO are not both there"
  called "python3 -c import onnxruntime, openvino, numpy"
  stand_in python3 ''
  lacks
  expect 0 dry bench engines --net lenet
  says "would run: python3 $root/tools/engines/bench.py --programs $root/build/release/bin --net lenet"
}

case_doctor_without_cuda() {
  unset CUDA_PATH
  expect 1 call command_doctor # xtensor is not there either
  says "CUDA toolkit none (--build cuda needs NVIDIA's nvcc"
  says "CUDA driver  none, or no card"
  says_not GPU
}

case_doctor_with_a_card() {
  mkdir -p "$scratch/cuda/bin"
  bin=$scratch/cuda/bin stand_in nvcc 'echo "Cuda compilation tools, release 13.0, V13.0.88"'
  stand_in nvidia-smi '
case $* in
  *driver_version*) echo 580.65.06; echo 580.65.06 ;;
  *compute_cap*) echo "NVIDIA GeForce RTX 3060, 8.6, 12288 MiB"; echo "NVIDIA TITAN V, 7.0, 12066 MiB" ;;
  "") echo "| NVIDIA-SMI 580.65.06   Driver Version: 580.65.06   CUDA Version: 13.0   |" ;;
esac'
  export CUDA_PATH=$scratch/cuda
  expect 1 call command_doctor
  says "CUDA toolkit 13.0 ($scratch/cuda/bin/nvcc), for --build cuda"
  says "CUDA driver  580.65.06, for CUDA up to 13.0"
  says "GPU          NVIDIA GeForce RTX 3060, compute capability 8.6, 12288 MiB"
  says "GPU          NVIDIA TITAN V, compute capability 7.0, 12066 MiB"
  [ "$(grep -c "toolkit 12, which nobody has tried" "$output")" -eq 1 ] || die "one of the cards is too old"
}

case_on_a_card() {
  local tool programs=$root/build/cuda/bin
  for tool in tee cmp; do ln -s "/usr/bin/$tool" "$bin/$tool"; done
  cp "$project/tools/cuda_on_a_card.sh" "$root/tools"
  expect 1 "$root/tools/cuda_on_a_card.sh"
  says "error: nvidia-smi finds no card"
  stand_in nvidia-smi 'case $* in *compute_cap*) echo "NVIDIA GeForce RTX 3060, 8.6" ;; esac'
  stand_in ctest '[ "$CNN_REQUIRE_CUDA" = 1 ] && [ ! -e "$CNN_TEST_BROKEN" ] && echo tried'
  mkdir -p "$programs"
  bin=$programs stand_in lenet 'while [ "$1" != --out ]; do shift; done; mkdir -p "$2"; echo weights >"$2/model.safetensors"'
  bin=$programs stand_in bench_ladder 'echo "1000 GFLOP/s"'
  expect 0 "$root/tools/cuda_on_a_card.sh" "$scratch/cards"
  called "cmake --preset cuda -DCMAKE_CUDA_ARCHITECTURES=86"
  called "cmake --build --preset cuda-tests"
  called "ctest --preset cuda"
  says "both runs have the same bits"
  local folder=$scratch/cards/NVIDIA_GeForce_RTX_3060
  grep -q tried "$folder/tests.txt" || die "the tests are not kept"
  grep -q GFLOP "$folder/ladder.txt" || die "the benchmark is not kept"
  touch "$CNN_TEST_BROKEN"
  : >"$calls"
  expect 1 "$root/tools/cuda_on_a_card.sh" --no-build "$scratch/cards"
  last_line_is "failed: tests"
  called_not "cmake"
  expect 2 "$root/tools/cuda_on_a_card.sh" --help
}

case_any_directory() {
  cd /
  expect 0 dry run 5.5
  says "would run: $root/build/release/bin/lenet"
  cd "$root/chapters"
  expect 0 env CNN_DRY_RUN=1 ../cnn run 5.5
  says "would run: $root/build/release/bin/lenet"
}

case_symbolic_links() {
  local links=$scratch/links
  mkdir "$links"
  ln -s "../a copy/cnn" "$links/first"
  ln -s first "$links/second"
  ln -s "$links/second" "$scratch/third"
  ln -s "$root" "$scratch/whole"
  local path
  for path in "$links/first" "$links/second" "$scratch/third" "$scratch/whole/cnn"; do
    expect 0 env CNN_DRY_RUN=1 "$path" run 5.5
    says "would run: $root/build/release/bin/lenet"
  done
}

case_no_install_names_packages() {
  lacks libfmt-dev zlib1g-dev
  expect 1 cnn run 5.5 --no-install
  says "zlib1g-dev libfmt-dev"
  says "apt-get install --no-install-recommends zlib1g-dev libfmt-dev"
  says_not libpng-dev
  called_not apt-get
  called_not cmake
}

case_installs_only_what_is_missing() {
  lacks libfmt-dev zlib1g-dev
  mkdir -p "$root/build/release/bin"
  printf '#!/bin/bash\necho trained\n' >"$root/build/release/bin/lenet"
  chmod +x "$root/build/release/bin/lenet"
  expect 0 cnn run 5.5
  called "apt-get update"
  called "apt-get install -y --no-install-recommends"
  grep -q '^apt-get install.* zlib1g-dev libfmt-dev$' "$calls" || die "installs something else"
  last_line_is trained
}

case_says_what_packages_are_for() {
  local purpose
  lacks libfmt-dev
  for purpose in tests build "comparison with PyTorch"; do
    expect 0 call ensure_packages "$purpose" libfmt-dev
    says "installing packages for the $purpose that this machine lacks: libfmt-dev"
  done
}

case_uses_sudo() {
  lacks libfmt-dev
  stand_in id 'echo 1000'
  stand_in sudo '"$@"'
  expect 0 call ensure_packages build libfmt-dev
  called "sudo apt-get update"
  called "sudo env DEBIAN_FRONTEND=noninteractive apt-get install"
}

case_no_sudo() {
  lacks libfmt-dev
  stand_in id 'echo 1000'
  expect 1 cnn run 5.5
  says "no sudo"
  says "as root: apt-get install --no-install-recommends libfmt-dev"
  called_not apt-get
}

case_all_there_needs_no_network() {
  expect 0 dry run 5.5
  expect 0 dry test
  called_not apt-get
  called_not sudo
}

# The data set is fetched for programs that will read it, and for no others.
case_data_set_only_where_it_is_read() {
  unset CNN_DATA
  expect 1 call needs_no_data
  expect 1 call needs_no_data --epochs 1
  expect 1 call needs_no_data --predict p.png
  expect 1 call needs_no_data --epochs 0 --load w
  expect 1 call needs_no_data --epochs=0 --load=w --predict p.png --dump d
  expect 0 call needs_no_data --epochs 0 --load w --predict p.png
  expect 0 call needs_no_data --predict=p.png --load=w --epochs=0
  expect 0 call needs_no_data --epochs 0 --save w
  expect 0 call needs_no_data --preset smoke
  expect 0 call needs_no_data --preset=smoke
  expect 0 call needs_no_data --data set
  expect 0 call needs_no_data --help
}

case_unreachable_archive() {
  lacks libfmt-dev
  stand_in apt-get 'echo "Temporary failure resolving"; exit 100'
  expect 1 cnn run 5.5
  says "check the network"
  stand_in apt-cache ''
  expect 1 cnn run 5.5
  says "the package archive cannot be reached"
}

case_archive_without_the_data_set() {
  rm -r "$CNN_DATA"
  unset CNN_DATA
  lacks dataset-fashion-mnist
  stand_in apt-cache 'case $2 in dataset-*) echo "  Candidate: (none)" ;; *) echo "  Candidate: 1" ;; esac'
  printf 'echo fetched >>"%s"\n' "$calls" >"$root/data/fetch_fashion_mnist.sh"
  expect 0 call set_up_for_building
  called fetched
  called_not "install -y"
}

junit() {
  cat <<'REPORT'
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)" tests="5" failures="1">
	<testcase name="test_a.s/one&lt;int&gt;" classname="test_a.s/one&lt;int&gt;" time="0.1" status="run">
		<system-out>status="fail" &lt;testcase </system-out>
	</testcase>
	<testcase name="test_a.two" classname="test_a.two" time="0.1" status="run">
	</testcase>
	<testcase name="test_a.whole data set" classname="x" time="0" status="notrun">
		<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
	</testcase>
	<testcase name="off" classname="off" time="0" status="disabled">
	</testcase>
REPORT
  [ $# -eq 0 ] || cat <<'REPORT'
	<testcase name="test_b.wrong" classname="test_b.wrong" time="0.1" status="fail">
		<failure message=""/>
	</testcase>
	<testcase name="lost" classname="lost" time="0" status="notrun">
		<skipped message="Unable to find executable"/>
	</testcase>
REPORT
  echo '</testsuite>'
}

case_counts_tests() {
  junit >"$scratch/report.xml"
  expect 0 call count_tests "$scratch/report.xml"
  last_line_is "2 passed, 0 failed, 2 skipped"
  says "skipped: test_a.whole data set"
  junit with failures >"$scratch/report.xml"
  expect 1 call count_tests "$scratch/report.xml"
  last_line_is "2 passed, 2 failed, 2 skipped"
  says "failed: test_b.wrong"
  says "failed: lost"
  junit | grep -v -e skipped -e notrun -e disabled >"$scratch/report.xml"
  expect 0 call count_tests "$scratch/report.xml"
  last_line_is "2 passed, 0 failed"
}

case_counts_no_tests() {
  printf '<testsuite tests="0">\n</testsuite>\n' >"$scratch/report.xml"
  expect 1 call count_tests "$scratch/report.xml"
  last_line_is "0 passed, 0 failed"
}

# A CTest that writes the report and knows some labels.
stand_in_ctest() {
  stand_in ctest '
for argument; do
  [ "$previous" != --output-junit ] || cp "$CNN_TEST_REPORT" "$argument"
  [ "$argument" != --print-labels ] || printf "All Labels:\n  5.5\n  browser\n  cuda\n  slow\n"
  previous=$argument
done'
  export CNN_TEST_REPORT=$scratch/report.xml
}

case_last_line_of_test() {
  stand_in_ctest
  junit with failures >"$CNN_TEST_REPORT"
  expect 1 cnn test
  last_line_is "4 passed, 4 failed, 4 skipped" # of two builds
  called "--target all"
  called '-L ^(cuda)$'
  junit >"$CNN_TEST_REPORT"
  : >"$calls"
  expect 0 cnn test 5.5
  last_line_is "2 passed, 0 failed, 2 skipped"
  called "--target lenet test_layers"
  called '-L ^(5\.5)$'
  printf '' >"$CNN_TEST_REPORT"
  stand_in ctest 'exit 8'
  expect 1 cnn test
  last_line_is "0 passed, 0 failed"
}

case_tests_of_cuda() {
  expect 0 dry test
  says "would test: chapters all, labels all (preset release)"
  says "would test: chapters all, labels cuda (preset cuda-emulated)"
  expect 0 dry test --label cuda
  says "would test: chapters all, labels cuda (preset cuda-emulated)"
  says_not "preset release"
  expect 0 dry test --label cuda --label slow
  says "would test: chapters all, labels slow (preset release)"
  says "would test: chapters all, labels cuda (preset cuda-emulated)"
  for choice in 5.5 "--label slow" "--build asan" "--build cuda-emulated --label slow"; do
    # shellcheck disable=SC2086
    expect 0 dry test $choice
    says_not "labels cuda"
  done
}

case_unknown_label() {
  stand_in_ctest
  junit >"$CNN_TEST_REPORT"
  expect 2 cnn test --label nonsense
  says "no test has the label \"nonsense\"; the labels are 5.5 browser cuda slow"
  expect 0 cnn test --label slow
  expect 0 cnn test --label slow --label 5.5
  called '-L ^(slow|5\.5)$'
  expect 0 cnn test --fast
  called '-LE ^(slow|browser)$'
  : >"$calls"
  expect 0 cnn test --label browser
  called '-L ^(browser)$'
  called_not "-LE"
}

case_moved_project() {
  expect 0 call build lenet
  : >"$calls"
  expect 0 call build lenet
  called_not "cmake --preset"
  touch "$root/build/release/stale.o"
  echo "CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere" >"$root/build/release/CMakeCache.txt"
  expect 0 call build lenet
  says "made in another place"
  called "cmake --preset release"
  [ ! -e "$root/build/release/stale.o" ] || die "the old folder is still there"
}

case_broken_configuration() {
  touch "$CNN_TEST_BROKEN"
  expect 0 call eval "open_log && configure"
  called "cmake --fresh --preset release"
}

case_failed_build() {
  expect 0 call build lenet
  touch "$CNN_TEST_BROKEN"
  expect 1 cnn run 5.5
  says "lenet.cpp:1: error: no such thing"
  says "error: building lenet failed"
  says_not "[1/1]"
  says_not "--preset"
}

case_other_system() {
  rm "$bin/dpkg-query" "$bin/apt-get"
  is_system fedora 43 "Fedora Linux 43"
  expect 0 dry run 5.5
  says "this is Fedora Linux 43"
  says "conda env create -f environment.yml"
  [ "$(grep -c conda "$output")" -eq 1 ] || die "more than one sentence about it"
  mkdir -p "$root/build/release"
  touch "$root/build/release/build.ninja"
  expect 0 dry run 5.5
  says_not Fedora
  rm "$bin/cmake"
  expect 1 cnn run 5.5
  says "cmake is not there"
  says "conda env create -f environment.yml"
}

case_old_system() {
  local version
  lacks libfmt-dev
  for version in 9 10 11; do
    is_system debian $version "Debian GNU/Linux $version"
    expect 1 cnn run 5.5
    says "Debian GNU/Linux $version is too old"
    says "Debian 12 or newer"
    expect 1 cnn test
    expect 1 cnn docs
  done
  is_system ubuntu 22.04 "Ubuntu 22.04.5 LTS"
  expect 1 cnn run 5.5
  says "Ubuntu 22.04.5 LTS is too old"
  called_not apt-get
  called_not cmake
}

case_new_system() {
  is_system debian "" "Debian GNU/Linux forky/sid"
  expect 0 dry run 5.5
  says_not "too old"
  is_system debian 13 "Debian GNU/Linux 13"
  expect 0 dry run 5.5
  is_system ubuntu 24.04 "Ubuntu 24.04 LTS"
  expect 0 dry run 5.5
  is_system linuxmint 22 "Linux Mint 22"
  expect 0 dry run 5.5
  says_not "too old"
}

case_untried_versions() {
  expect 0 call build lenet
  says_not "never tried"
  rm "$root/build/release/build.ninja"
  stand_in cmake '
case $1 in
  --version) echo "cmake version 3.25.1" ;;
  --preset) mkdir -p build/release; echo "fmt 99 was never tried here (9 to 11 were)" >build/release/untried.txt ;;
esac'
  expect 0 call build lenet
  says "note: fmt 99 was never tried here"
}

case_no_compiler() {
  rm "$bin/g++"
  expect 1 call check_build_tools
  says "there is no C++ compiler"
  says "apt-get install g++"
}

case_places() {
  local name home=$root
  for name in 'a#b' 'a|b' 'a;b' 'a$b' 'a"b'; do
    cp -r "$root" "$scratch/$name"
    expect 1 "$scratch/$name/cnn" run 5.5
    says "CMake cannot build in $scratch/$name"
    expect 1 "$scratch/$name/cnn" test
  done
  called_not "cmake --preset"
  for name in 'a b' "it's" 'ü' 'a+b' '(a)' 'a&b' 'a%b' 'a,b' 'a@b'; do
    cp -r "$home" "$scratch/$name"
    root=$scratch/$name
    expect 0 call build lenet
  done
}

case_files_of_the_future() {
  touch -d '+1 hour' "$root/CMakeLists.txt"
  expect 1 cnn run 5.5
  says "CMakeLists.txt is dated in the future"
  says "touch {} +"
  called_not "cmake --preset"
  touch "$root/CMakeLists.txt"
  expect 0 call build lenet
}

case_plain_sh() {
  local shell
  for shell in /bin/dash /bin/sh; do
    [ -x $shell ] || continue
    expect 2 $shell "$root/cnn" help
    says "this is a script for bash"
    [ "$(grep -c . "$output")" -eq 1 ] || die "more than one sentence"
  done
}

make_machine
"case_$1"
