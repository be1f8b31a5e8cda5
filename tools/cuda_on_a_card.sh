#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What only a card can show, in one go of some minutes: builds the rung cuda for the card of this machine, runs its tests, trains
# LeNet for some steps, and measures every kernel on the convolutions of the networks. What was found is kept in a folder that
# bears the card's name. Goes on when a part fails, and says so at the end.
#
# usage: tools/cuda_on_a_card.sh [--no-build] [FOLDER]
#   --no-build  use build/cuda as it is, for a machine without a compiler
#   FOLDER      where the card's folder is made (build/cards)
set -uo pipefail
root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root" || exit 1

build=yes
[ "${1:-}" != --no-build ] || { build=no && shift; }
case ${1:-} in -*) echo "usage: tools/cuda_on_a_card.sh [--no-build] [FOLDER]" >&2 && exit 2 ;; esac
cards=${1:-build/cards}

card=$(nvidia-smi --query-gpu=name,compute_cap --format=csv,noheader 2>/dev/null | sed -n 1p)
if [ -z "$card" ]; then
  echo "error: nvidia-smi finds no card on this machine; ./cnn doctor says what is missing" >&2
  exit 1
fi
name=${card%,*}
capability=${card##*, }
folder=$cards/${name//[^A-Za-z0-9]/_}
mkdir -p "$folder" || exit 1
exec </dev/null

failed=()
# part NAME COMMAND…: runs it, output into NAME.txt of the folder, too.
part() {
  local part=$1 started=$SECONDS
  shift
  printf '\n== %s\n' "$part"
  "$@" 2>&1 | tee "$folder/$part.txt"
  [ "${PIPESTATUS[0]}" -eq 0 ] || failed+=("$part")
  echo "$part took $((SECONDS - started)) s" | tee -a "$folder/seconds.txt"
}

describe() {
  nvidia-smi
  nvcc --version
  git rev-parse HEAD || true
}

build_for_the_card() {
  cmake --preset cuda -DCMAKE_CUDA_ARCHITECTURES="${capability/./}" &&
    cmake --build --preset cuda-tests && cmake --build build/cuda --target bench_ladder
}

# Two runs, which must be equal to the last bit.
train() {
  local run
  for run in first second; do
    build/cuda/bin/lenet --backend cuda --preset smoke --out "$folder/$run" --overwrite || return
  done
  cmp "$folder/first/model.safetensors" "$folder/second/model.safetensors" && echo "both runs have the same bits"
}

export PATH=$PATH:/usr/local/cuda/bin:/opt/cuda/bin CNN_REQUIRE_CUDA=1
rm -f "$folder/seconds.txt"
part machine describe
[ $build = no ] || part build build_for_the_card
part tests ctest --preset cuda -j 2
part training train
part ladder build/cuda/bin/bench_ladder --only-cuda --layer-batch 32 --steps 3 --seconds 0.1 \
  --json "$folder/ladder.json" --markdown "$folder/ladder.md"

printf '\n%s, compute capability %s: figures are in %s\n' "$name" "$capability" "$folder"
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}"
  exit 1
fi
