# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Benchmarks: ./cnn bench ladder, steps, ops, nets, pytorch, epoch, engines.

bench_package=libbenchmark-dev  # for ops only

show_bench_help() {
  cat <<EOF
./cnn bench [ladder] [options]   one convolution and one network on every rung of the ladder, checked equal, and what
                                 percentage of the machine's arithmetic limit the convolutions of the networks reach
./cnn bench steps [options]      one convolution from the plain loops to the last trick, what each step gains and how it rounds
./cnn bench ops [options]        every operation of the networks' layers on every rung, measured by Google Benchmark
./cnn bench nets [options]       training step and inference of the eight networks, with the memory they need
./cnn bench pytorch [options]    the eight networks in PyTorch and here, in turns; PyTorch of the Python in TORCH_PYTHON, of
                                 python3, or of build/torch, where --yes installs it ($torch_size)
./cnn bench epoch [options]      whole epochs of LeNet or another network (--net), loader included, by the book's program in
                                 PyTorch and by ./cnn run
./cnn bench engines [options]    inference of the eight networks in ONNX Runtime, in OpenVINO and here, in turns, one image at a
                                 time and in batches, outputs compared; the engines of the Python in ENGINES_PYTHON, of python3,
                                 or of build/engines, where --yes installs them ($engines_size)
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

# compare_with SCRIPT OPTION…: a comparison with other programs, by a script of tools that runs in a Python with the `modules`.
# It measures our `targets`, which need the `packages`.
compare_with() {
  local say_yes="" python="" options=() script=$root/tools/$1
  shift
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
  find_python
  [ -n "$python" ] || install_python
  ensure_packages "build" "${packages[@]}"
  build "${targets[@]}"
  run_program "$python" "$script" --programs "$root/build/$preset/bin" ${options[@]+"${options[@]}"}
}

# The programs that train a network.
network_targets() { awk -F'|' '$1 !~ /^5\.[1-4]$/ { print $3 }' <<<"$chapters"; }

# find_network OPTION…: sets `target` to the network that --net names, or to LeNet.
find_network() {
  local previous="" option
  target=lenet
  for option in "$@"; do
    case $previous$option in
      --net=*) target=${option#--net=} ;;
      --net?*) target=$option ;;
    esac
    previous=""
    [ "$option" != --net ] || previous=--net
  done
  network_targets | grep -xF -e "$target" >/dev/null ||
    usage_error "there is no network \"$target\"; there are $(network_targets | tr '\n' ' ')"
}

bench_pytorch() {
  need_pytorch
  local packages=("${build_packages[@]}") targets=(bench_nets)
  compare_with pytorch/bench.py "$@"
}

bench_epoch() {
  need_pytorch
  find_network "$@"
  local packages=("${build_packages[@]}") targets=("$target")
  compare_with pytorch/bench_epoch.py "$@"
}

bench_engines() {
  need_engines
  local packages=("${build_packages[@]}" "${onnx_packages[@]}") targets
  mapfile -t targets < <(echo bench_nets && network_targets)
  compare_with engines/bench.py "$@"
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
    pytorch | epoch | engines) "bench_$kind" "$@" ;;
    *) usage_error "there is no benchmark \"$kind\"; there are ladder, steps, ops, nets, pytorch, epoch and engines" ;;
  esac
}
