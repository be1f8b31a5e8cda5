#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests data/fetch_fashion_mnist.sh with mirrors that are folders: fetch_test.sh CASE. Exit 77: skipped, the whole data set
# is not installed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
script=$root/data/fetch_fashion_mnist.sh
whole=/usr/share/datasets/fashion-mnist
names="train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$work/target

fail() {
  echo "FAILED: $1"
  cat "$work/output" 2>/dev/null || true
  exit 1
}

needs_whole_data_set() {
  local name
  for name in $names; do
    if [ ! -f "$whole/$name.gz" ]; then
      echo "skipped: $whole/$name.gz is not there"
      exit 77
    fi
  done
}

# fetch EXIT_CODE MIRROR…: runs the script, checks its exit code.
fetch() {
  local expected=$1 code=0
  shift
  CNN_MIRRORS="$*" bash "$script" "$target" >"$work/output" 2>&1 || code=$?
  [ $code -eq "$expected" ] || fail "exit code $code instead of $expected"
}

says() { grep -q -- "$1" "$work/output" || fail "the output does not hold: $1"; }

has_all_and_nothing_else() {
  local name
  for name in $names; do
    cmp -s "$whole/$name.gz" "$target/$name.gz" || fail "$name.gz is not the right file"
  done
  [ "$(find "$target" -type f | wc -l)" -eq 4 ] || fail "there are other files"
}

case_downloads_and_leaves_right_files_alone() {
  needs_whole_data_set
  fetch 0 "file://$whole/"
  has_all_and_nothing_else
  says "Fashion-MNIST is in $target"
  fetch 0 "file:///nowhere"
  says "train-images-idx3-ubyte: already there"
}

case_goes_to_the_next_mirror() {
  needs_whole_data_set
  fetch 0 "file:///nowhere" "file://$root/data/fixtures" "file://$whole"
  has_all_and_nothing_else
  says "SHA-256"
}

case_resumes_and_replaces() {
  needs_whole_data_set
  mkdir "$target"
  head -c 1000000 "$whole/train-images-idx3-ubyte.gz" >"$target/train-images-idx3-ubyte.gz.part" # broke off
  head -c 2000 /dev/zero >"$target/train-labels-idx1-ubyte.gz.part"                              # of another file
  cp "$whole/t10k-images-idx3-ubyte.gz" "$target/t10k-images-idx3-ubyte.gz.part"                 # complete
  head -c 3000 "$whole/t10k-labels-idx1-ubyte.gz" >"$target/t10k-labels-idx1-ubyte.gz"           # damaged
  fetch 0 "file://$whole"
  has_all_and_nothing_else
}

case_refuses_wrong_content() {
  fetch 1 "file://$root/data/fixtures"
  says "error: train-images-idx3-ubyte.gz could not be downloaded from any mirror"
  [ -z "$(ls -A "$target")" ] || fail "something was left behind"
}

case_says_what_is_wrong() {
  fetch 1 "file:///nowhere"
  says "could not be downloaded from any mirror"
  mkdir -p "$target/train-images-idx3-ubyte.gz"
  fetch 1 "file:///nowhere"
  says "is a directory"
  rm -r "$target"
  echo "not a folder" >"$target"
  fetch 1 "file:///nowhere"
  says "cannot be made"
  target=--unknown
  fetch 1 "file:///nowhere"
  says "unknown option --unknown"
}

"case_$1"
