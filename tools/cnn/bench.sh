# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Benchmarks: ./cnn bench ladder, steps, ops, nets, pytorch, epoch.

bench_package=libbenchmark-dev  # for ops only
torch_size="several gigabytes"

show_bench_help() {
  cat <<EOF
./cnn bench [ladder] [options]   one convolution and one network on every rung of the ladder, checked equal, and what
                                 percentage of the machine's arithmetic limit the convolutions of the networks reach
./cnn bench steps [options]      one convolution from the plain loops to the last trick, what each step gains and how it rounds
./cnn bench ops [options]        every operation of the networks' layers on every rung, measured by Google Benchmark
./cnn bench nets [options]       training step and inference of the eight networks, with the memory they need
./cnn bench pytorch [options]    the eight networks in PyTorch and here, in turns; PyTorch of the Python in TORCH_PYTHON, of
                                 python3, or of build/torch, where --yes installs it ($torch_size)
./cnn bench epoch [options]      whole epochs of LeNet, loader included, by the book's program in PyTorch and by ./cnn run 5.5
Each says with --help what its options are.
EOF
}

# make_target_known TARGET: configures again if the build was configured before what the target needs was installed.
make_target_known() {
  local folder=$root/build/$preset
  [ -z "$dry_run" ] || return 0
  open_log
  check_build_tools
  lock_build
  configure
  ninja -C "$folder" -t query "$1" >/dev/null 2>&1 && return
  (cd "$root" && logged "cmake --preset $preset" cmake --preset "$preset") || exit 1
  ninja -C "$folder" -t query "$1" >/dev/null 2>&1 ||
    fail "CMake does not find Google Benchmark, which \"bench ops\" needs" "get it: $(conda_or_apt "$bench_package")"
}

# bench_program TARGET OPTION…: builds it, and becomes it.
bench_program() {
  local target=$1
  shift
  build "$target"
  run_program "$root/build/$preset/bin/$target" "$@"
}

has_torch() { "$1" -c 'import torch' >/dev/null 2>&1; }

# find_torch: sets `torch_python` to a Python that has PyTorch, or to nothing.
find_torch() {
  local candidate
  torch_python=""
  if [ -n "${TORCH_PYTHON:-}" ]; then
    has_torch "$TORCH_PYTHON" ||
      fail "TORCH_PYTHON is $TORCH_PYTHON, which cannot import torch" "name a Python with PyTorch, or unset TORCH_PYTHON"
    torch_python=$TORCH_PYTHON
    return
  fi
  for candidate in python3 "$root/build/torch/bin/python"; do
    if has_torch "$candidate"; then
      torch_python=$candidate
      return
    fi
  done
}

# may_install_torch: asks, unless --yes has answered or nobody is there to answer.
may_install_torch() {
  local answer
  [ "$may_install" = yes ] || return 1
  [ -z "$say_yes" ] || return 0
  [ -t 0 ] && [ -t 2 ] || return 1
  printf 'PyTorch is not there. Installing it into build/torch takes %s. Install it? [y/N] ' "$torch_size" >&2
  read -r answer || return 1
  case $answer in [yY]*) return 0 ;; *) return 1 ;; esac
}

install_torch() {
  may_install_torch ||
    fail "PyTorch is not there" \
      "set TORCH_PYTHON to a Python that has it, or let --yes install it into build/torch ($torch_size)"
  ensure_packages "comparison with PyTorch" python3 python3-venv
  say "installing PyTorch into build/torch ($torch_size)"
  torch_python=$root/build/torch/bin/python
  [ -z "$dry_run" ] || return 0
  open_log
  logged "making build/torch" python3 -m venv "$root/build/torch" || exit 1
  logged "installing PyTorch" "$torch_python" -m pip install --disable-pip-version-check torch torchvision numpy ||
    fail "PyTorch could not be installed" "check the network and the space on the disk, then try again; details: $log"
}

# bench_pytorch SCRIPT TARGET OPTION…: a comparison with PyTorch of tools/pytorch, by a program of ours.
bench_pytorch() {
  local say_yes="" torch_python="" options=() script=$root/tools/pytorch/$1 target=$2
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
      --yes | --install) say_yes=yes ;;
      -h | --help)
        has python3 || fail "python3 is not there" "get it: $(conda_or_apt python3)"
        run_program python3 "$script" --help
        return
        ;;
      *) options+=("$1") ;;
    esac
    shift
  done
  find_torch
  [ -n "$torch_python" ] || install_torch
  ensure_packages "build" "${build_packages[@]}"
  build "$target"
  run_program "$torch_python" "$script" --program "$root/build/$preset/bin/$target" \
    ${options[@]+"${options[@]}"}
}

command_bench() {
  local kind=ladder
  case ${1:-} in
    -h | --help | help) show_bench_help && return ;;
    "" | -*) ;;
    *)
      kind=$1
      shift
      ;;
  esac
  case $preset in
    asan | tsan) usage_error "the build $preset has no benchmarks: the sanitizers slow everything down" ;;
  esac
  case $kind in
    ladder | steps | nets)
      ensure_packages "build" "${build_packages[@]}"
      bench_program "bench_$kind" "$@"
      ;;
    ops)
      ensure_packages "build" "${build_packages[@]}" "$bench_package"
      make_target_known bench_ops
      bench_program bench_ops "$@"
      ;;
    pytorch) bench_pytorch bench.py bench_nets "$@" ;;
    epoch) bench_pytorch bench_epoch.py lenet "$@" ;;
    *) usage_error "there is no benchmark \"$kind\"; there are ladder, steps, ops, nets, pytorch and epoch" ;;
  esac
}
