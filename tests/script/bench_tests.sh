#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tiny runs of the programs behind ./cnn bench: that they run, write what they should, and refuse what they must. Never
# how long anything takes. usage: bench_tests.sh CASE FOLDER_OF_PROGRAMS
set -euo pipefail

programs=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
output=$scratch/output
brief=(--steps 1 --seconds 0 --threads 2)

die() {
  printf 'FAILED: %s\n--- output\n' "$1"
  cat "$output"
  exit 1
}

# expect STATUS PROGRAM OPTION…: runs it, output and errors into $output.
expect() {
  local wanted=$1 status=0
  shift
  "$programs/$1" "${@:2}" >"$output" 2>&1 </dev/null || status=$?
  [ "$status" -eq "$wanted" ] || die "exit status $status instead of $wanted: $*"
}
says() { grep -qE -e "$1" "$output" || die "does not say \"$1\""; }
# holds FILE TEXT…: the file has all of these.
holds() {
  local text
  for text in "${@:2}"; do grep -qF -e "$text" "$1" || die "$1 does not hold $text"; done
}

case_nets() {
  expect 0 bench_nets --net lenet --net batch_norm --batch-size 8 "${brief[@]}" --scaling \
    --json "$scratch/nets.json" --markdown "$scratch/nets.md"
  says '^lenet +8 +28 '
  says '^batch_norm +8 +28 '
  says 'speed-up'
  holds "$scratch/nets.json" '"net": "batch_norm"' '"median_seconds"' '"gflops"' '"peak_bytes"' '"training_one_thread"' '"cpu"'
  holds "$scratch/nets.md" '| lenet' '|-'
}

# Batch normalization learns nothing from one value a channel: inference is measured all the same.
case_nets_of_one_image() {
  expect 0 bench_nets --net batch_norm --net lenet --batch-size 1 "${brief[@]}" --scaling --layers \
    --json "$scratch/nets.json" --markdown "$scratch/nets.md"
  says '^batch_norm +1 +28 +- +- +- +[0-9.]+ '
  says '^lenet +1 +28 +[0-9.]+ '
  says '^note: batch_norm is measured without training at batch 1: .*more than 1 value per channel'
  holds "$scratch/nets.json" '"training": null' '"layers"'
}

# Weights and answers go in and out: those of seed 0 are what the benchmark starts with.
case_nets_of_inference() {
  local seed options=(--net lenet --batch-size 3 --inference "${brief[@]}")
  for seed in 0 1; do
    expect 0 lenet --preset smoke --epochs 0 --seed $seed --save "$scratch/weights_$seed" --out "$scratch/run" --overwrite
    expect 0 bench_nets "${options[@]}" --load "$scratch/weights_$seed" --dump "$scratch/loaded_$seed"
  done
  expect 0 bench_nets "${options[@]}" --dump "$scratch/own" --json "$scratch/nets.json"
  says '^lenet +3 +28 +- +- +- +[0-9.]+ '
  ! grep -q '^note: ' "$output" || die "says why there is no training, which nobody wanted"
  holds "$scratch/own" '"images":{"dtype":"F32","shape":[3,1,28,28]' '"logits":{"dtype":"F32","shape":[3,10]'
  holds "$scratch/nets.json" '"training": null'
  cmp "$scratch/own" "$scratch/loaded_0" || die "answers of the same weights differ"
  ! cmp -s "$scratch/own" "$scratch/loaded_1" || die "answers of other weights are the same"
  expect 1 bench_nets --net vgg --inference "${brief[@]}" --load "$scratch/weights_0"
  says "^error: .*weights_0 .*Load weights of the same network"
  expect 2 bench_nets --dump "$scratch/own" --net lenet --net vgg
  says '^error: .*--load and --dump are for one network'
  expect 2 bench_nets --inference --layers
  says '^error: .*excludes'
}

case_memory_of_one_image() {
  expect 0 bench_memory --net batch_norm --net lenet --batch-size 1 --threads 2
  says '^batch_norm +1 +[0-9.]+ +[0-9.]+ +[0-9.]+( +-){8}$'
  says '^lenet +1( +[0-9.]+){11}$'
}

# What sections 5.7, 5.8, 5.11 and 5.12 say of the memory that training saves for each image.
case_memory_that_is_saved() {
  expect 0 bench_memory --net alexnet --net vgg --net nin --net resnet --net densenet --batch-size 4
  says '^alexnet .* 3\.38 +3\.38$'
  says '^vgg .* 5\.20 +5\.20$'
  says '^nin .* 6\.87 +6\.87$'
  says '^resnet .* 3\.5[0-9] +(2\.9|3\.0)[0-9]$'
  says '^densenet .* 4\.1[0-9] +3\.5[0-9]$'
}

case_nets_refuses() {
  expect 2 bench_nets --net lent
  says "^error: .*no network 'lent'; give one of lenet, alexnet"
  expect 2 bench_nets --batch-size 0
  says '^error: '
  expect 2 bench_nets --net lenet --backend nonsense
  says "^error: .*nonsense"
  expect 2 bench_nets --net lenet --backend reference --simd avx2
  says '^error: .*leave --simd out'
  expect 2 bench_nets --nonsense
  says 'bench nets --help'
  expect 1 bench_nets --net lenet --batch-size 1 "${brief[@]}" --json "$scratch/nowhere/nets.json"
  says '^error: .*nowhere'
}

case_ladder() {
  expect 0 bench_ladder --conv-batch 1 --net-batch 4 --layer-batch 1 --net lenet "${brief[@]}" \
    --json "$scratch/ladder.json" --markdown "$scratch/ladder.md"
  says '^backward, weight +reference '
  says '^training step +simd \(portable\) '
  says '^6>16 5x5 /1 \+0 12x12 +lenet '
  holds "$scratch/ladder.json" '"limits"' '"convolution"' '"network"' '"layers"' '"tolerance"'
  holds "$scratch/ladder.md" '| forward'
}

# Where no card is; the test of the kernels' ladder has an emulated one.
case_ladder_refuses() {
  expect 1 bench_ladder --only-cuda
  says '^error: .*there is no CUDA device to measure'
}

case_ladder_of_kernels() {
  expect 0 bench_ladder --only-cuda --emulated --layer-batch 1 --net lenet --steps 1 --seconds 0 \
    --json "$scratch/ladder.json" --markdown "$scratch/ladder.md"
  says '^convolution +networks +batch +pass +naive +tiled .* auto '
  says '^6>16 5x5 /1 \+0 12x12 +lenet +1 +backward, input +[0-9.]+ +[0-9.]+ '
  holds "$scratch/ladder.json" '"kernels"' '"gflops"' '"backward, weight"' '"auto"' '"tf32_error"'
}

case_steps() {
  expect 0 bench_steps --conv alexnet2 --batch 1 "${brief[@]}" --json "$scratch/steps.json" --markdown "$scratch/steps.md"
  says '^alexnet2: 96>256 5x5 /1 \+2 26x26, 1 image'
  says '^im2col and BLAS '
  says '^packed_conv2d, portable '
  says '^Winograd F\(4x4, 5x5\), 2 threads '
  says '^blocks of 256 terms '
  says '^Winograd F\(6x6, 3x3\) +1\.78 '
  holds "$scratch/steps.json" '"limit"' '"alexnet2"' '"product"' '"rounding"' '"percent_of_limit"' '"command"'
  holds "$scratch/steps.md" '<!-- [alexnet2] -->' '| loops' '<!-- [rounding] -->'
  expect 0 bench_steps --conv lenet1 --batch 1 "${brief[@]}"
  if grep -q 'limit of avx512' "$output"; then  # rows of 24 pixels are less than two of its registers
    ! grep -q '^direct_conv2d, ' "$output" || die "direct_conv2d does not pay there"
  else
    says '^direct_conv2d, '
  fi
  expect 2 bench_steps --conv nonsense
  says '^error: '
}

case_ops() {
  expect 0 bench_ops --net lenet --list
  says '^conv2d/backward input/6>16 5x5 /1 \+0 12x12/n16/simd \(portable\)'
  expect 0 bench_ops --net lenet --net batch_norm --batch-size 1 --seconds 0.001 --backend simd --simd portable --threads 1
  says '^batch_norm/backward/\[1, 6, 24, 24\]/simd \(portable\)'
  expect 2 bench_ops --net lenet --filter nonsense
  says '^error: .*--list'
  expect 2 bench_ops --backend nonsense
  says '^error: .*nonsense'
}

"case_$1"
