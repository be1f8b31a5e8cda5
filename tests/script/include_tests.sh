#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Plants one violation after the other in a small tree and expects the include check to name file, line and rule.
set -euo pipefail

check=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/check_includes.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# write FILE LINE…: a source file of the tree.
write() {
  local file=$tree/$1
  shift
  mkdir -p "$(dirname "$file")"
  printf '%s\n' "$@" >"$file"
}

# expect_violation FILE LINE RULE: with LINE as the second line of FILE the check fails and says so.
expect_violation() {
  local saved="" output
  [ ! -f "$tree/$1" ] || saved=$(cat "$tree/$1")
  write "$1" "// first line" "$2"
  if output=$("$check" "$tree"); then
    echo "not noticed: $2 in $1"
    failures=$((failures + 1))
  elif ! grep -qF -e "$1:2: $3" <<<"$output"; then
    echo "$2 in $1 should be reported as \"$1:2: $3\", but:"
    echo "$output"
    failures=$((failures + 1))
  fi
  if [ -n "$saved" ]; then write "$1" "$saved"; else rm "$tree/$1"; fi
}

write common/core/shape.cpp '#include "common/core/shape.hpp"' '#include <vector>'
write common/tensor/view.hpp '#include <xtensor/xtensor.hpp>' '#include "common/tensor/tensor.hpp"'
write common/backend/chain.cpp '#include "common/backend/reference/reference_backend.hpp"'
write common/backend/xtensor/gemm.cpp '#include <xtensor-blas/xlinalg.hpp>' '#include "common/tensor/view.hpp"'
write common/ops/conv2d.cpp '#include "common/backend/backend.hpp"' '#include "common/ops/conv2d.hpp"'
write common/backend/simd/vec.hpp '#include <immintrin.h>'
write common/nn/conv2d.cpp '#include "common/ops/conv2d.hpp"'
write common/train/trainer.cpp '#include "common/data/data_loader.hpp"' '#include "common/io/metrics.hpp"'
write common/cnn.hpp '#include "common/train/trainer.hpp"'
write chapters/01_conv_layer/main.cpp '#include "common/cnn.hpp"' '#include "common/tensor/view.hpp"' '#include "corr2d.hpp"'
write chapters/05_lenet/main.cpp '#include "common/cnn.hpp"' '#include "chapters/05_lenet/lenet.hpp"'
write bench/networks.cpp '#include "bench/networks.hpp"' '#include "chapters/05_lenet/lenet.hpp"'
write tests/chapters/05_lenet/test_lenet.cpp '#include "chapters/05_lenet/lenet.hpp"' '#include "tests/support/close.hpp"'
"$check" "$tree"

expect_violation common/core/shape.cpp '#include "common/tensor/tensor.hpp"' 'common/core must not include common/tensor'
expect_violation common/tensor/tensor.cpp '#include "common/tensor/view.hpp"' 'only code that uses xtensor includes'
expect_violation common/ops/linear.cpp '#include "common/nn/module.hpp"' 'common/ops must not include common/nn'
expect_violation common/ops/linear.cpp '#include "common/backend/reference/kernels.hpp"' 'only common/backend knows the rungs'
expect_violation common/nn/linear.cpp '  #  include "common/train/trainer.hpp"' 'common/nn must not include common/train'
expect_violation common/data/loader.cpp '#include "common/io/png.hpp"' 'common/data must not include common/io'
expect_violation common/backend/reference/a.cpp '#include "common/ops/conv2d.hpp"' 'a rung sees core, tensor and what all rungs share'
expect_violation common/backend/reference/a.cpp '#include "common/backend/xtensor/b.hpp"' 'a rung sees core, tensor and what all rungs share'
expect_violation common/backend/reference/a.cpp '#include <xsimd/xsimd.hpp>' 'only common/backend/xtensor'
expect_violation common/backend/simd/gemm.cpp '#include <immintrin.h>' 'only common/backend/simd/vec.hpp includes'
expect_violation common/backend/simd/gemm.cpp '#include <xsimd/xsimd.hpp>' 'only common/backend/xtensor'
expect_violation common/backend/xtensor/a.cpp '#include <xtensor/xview.hpp>' 'only common/tensor/view.hpp includes'
expect_violation common/nn/linear.cpp '#include "chapters/05_lenet/lenet.hpp"' 'common must not include a chapter'
expect_violation common/nn/linear.cpp '#include "module.hpp"' 'includes start at the root'
expect_violation common/nn/linear.cpp '#include "../ops/linear.hpp"' 'includes start at the root'
expect_violation common/nn/linear.cpp '#include "common/cnn.hpp"' 'common/cnn.hpp is for chapters'
expect_violation common/nn/linear.cpp '#include "tests/support/close.hpp"' 'only tests include tests'
expect_violation common/nn/linear.cpp '#include <cuda_runtime.h>' 'only common/backend/cuda includes'
expect_violation common/nn/linear.cpp '#ifdef CNN_WITH_CUDA' 'no #if on CUDA'
expect_violation chapters/05_lenet/main.cpp '#include "common/nn/linear.hpp"' 'a chapter includes common/cnn.hpp'
expect_violation chapters/05_lenet/main.cpp '#include "chapters/01_conv_layer/corr2d.hpp"' 'a chapter must not include another'
expect_violation chapters/05_lenet/main.cpp '#include "common/tensor/view.hpp"' 'only code that uses xtensor includes'
expect_violation chapters/05_lenet/main.cpp '#include "bench/networks.hpp"' 'only bench includes bench'
expect_violation tests/chapters/05_lenet/test_lenet.cpp '#include "chapters/01_conv_layer/corr2d.hpp"' 'the tests of a chapter'

write common/nn/long.cpp "$(seq -f '// %g' 301)"
if ! "$check" "$tree" | grep 'note: common/nn/long.cpp has 301 lines (over 300)' >/dev/null; then
  echo "a long file is not listed, or fails the check"
  failures=$((failures + 1))
fi
[ "$failures" -eq 0 ]
