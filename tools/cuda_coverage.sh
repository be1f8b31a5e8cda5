#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which lines of the CUDA kernels the tests run: an emulated build for gcov, the tests labelled cuda, and a line a file. Fails if
# less than 95 % of the lines of all .cu files ran. usage: tools/cuda_coverage.sh
set -euo pipefail
root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
least=95
folder=$root/build/cuda-coverage

cmake --preset cuda-emulated -B "$folder" -DCNN_CUDA_COVERAGE=ON
cmake --build "$folder" --target test_cuda test_ops test_backend
find "$folder" -name '*.gcda' -delete
ctest --test-dir "$folder" -L '^cuda$' -R '^test_(cuda|ops|backend)\.' -j "$(nproc)" --output-on-failure --quiet

# gcov says for each source of an object, in two lines: File 'name', Lines executed:97.50% of 40. A .cu file has one object.
mapfile -t counts < <(find "$folder" -name '*.cu.gcda')
gcov -n -r -s "$root" "${counts[@]}" 2>/dev/null | awk -v least=$least '
  /^File / { split($0, part, "\047"); file = part[2] }
  /^Lines executed:/ && file ~ /\.cu$/ {
    percent = $2; sub(/executed:/, "", percent); sub(/%/, "", percent)
    printf "%6.1f %% of %4d lines  %s\n", percent, $4, file
    ran += percent / 100 * $4; all += $4
  }
  { if ($0 !~ /^File /) file = "" }
  END {
    if (all == 0) { print "error: gcov counted nothing"; exit 1 }
    printf "%6.1f %% of %4d lines  in all; at least %d %% must run\n", 100 * ran / all, all, least
    exit 100 * ran / all < least
  }'
