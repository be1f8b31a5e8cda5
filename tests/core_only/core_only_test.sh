#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the core by itself, without xtensor, OpenBLAS, zlib, pictures, the command line and threads, as a browser will have
# it, and trains LeNet with it: to the bits of the usual build. usage: core_only_test.sh USUAL_PROGRAM FOLDER CMAKE_OPTION...
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
usual=$1
folder=$2
program=$folder/tests/train_lenet
shift 2

# starts_threads PROGRAM
starts_threads() { nm -uC "$1" | grep -E 'pthread_create|std::thread::_M_start_thread'; }

cmake -S "$root" -B "$folder" "$@" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1 \
  -DCNN_WITH_XTENSOR=OFF -DCNN_WITH_THREADS=OFF
cmake --build "$folder" --target train_lenet --parallel "$(nproc)"

if ldd "$program" | grep -E 'blas|libz|png|jpeg|boost'; then
  echo "FAILED: the core needs these libraries" && exit 1
fi
if starts_threads "$program"; then
  echo "FAILED: the core starts threads" && exit 1
fi
starts_threads "$usual" >/dev/null || { echo "FAILED: the usual build starts no threads, so nothing was checked" && exit 1; }

"$program" | tee "$folder/core.txt"
"$usual" | grep -v '^xtensor' | diff - "$folder/core.txt"
