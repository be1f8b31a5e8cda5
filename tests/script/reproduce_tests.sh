#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests of tools/reproduce.sh. usage: reproduce_tests.sh CASE FOLDER_OF_THE_PROGRAMS
#
# Each case works in a copy of the script's files, where ./cnn run starts the real programs on the few images of data/fixtures, in
# batches of two, so that a run has some hundred steps.
set -euo pipefail

project=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
programs=${2:-$project/build/release/bin}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root="$scratch/a copy"
output=$scratch/output
calls=$scratch/calls
work=$root/runs/reproduce/limit-256
log=$work/results/lenet/seed0

die() {
  printf 'FAILED: %s\n--- output\n' "$1"
  cat "$output"
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
called() { [ "$(grep -cF -e "$1" "$calls")" -eq "$2" ] || die "called \"$1\" $(grep -cF -e "$1" "$calls") times instead of $2"; }

make_copy() {
  mkdir -p "$root/tools" "$root/data" "$root/tests/fixtures"
  cp -r "$project/chapters" "$root"
  cp -r "$project/tools/cnn" "$project/tools/logs" "$project/tools/reproduce.sh" "$project/tools/results.py" \
    "$project/tools/translations.py" "$root/tools"
  cp "$project/data/book_results.json" "$root/data"
  # The options that are given last hold. With $scratch/until, the program is killed once that text is in a file of its folder.
  cat >"$root/cnn" <<'EOF_CNN'
#!/usr/bin/env bash
here=$(dirname "$0") section=$2
shift 2
echo "$section $*" >>"$CNN_TEST_SCRATCH/calls"
while IFS='|' read -r number _ target _; do [ "$number" != "$section" ] || program=$target; done <"$here/chapters/list.txt"
case $* in *--resume*) ;; *) set -- "$@" --batch-size 2 ;; esac
case $* in *--out*) while [ "$1" != --out ]; do set -- "${@:2}" "$1"; done && folder=$2 ;; *--resume*) folder=$2 ;; esac
"$CNN_TEST_PROGRAMS/$program" "$@" --threads 1 &
if [ -e "$CNN_TEST_SCRATCH/until" ]; then
  read -r file text <"$CNN_TEST_SCRATCH/until"
  until grep -qs -e "$text" "$folder/$file"; do kill -0 $! 2>/dev/null || break; done
  kill -KILL $! || echo "ended too early to be killed"
fi
wait $!
EOF_CNN
  chmod +x "$root/cnn"
  printf 'flags : fpu avx2\n' >"$scratch/cpuinfo"
  : >"$calls"
  export CNN_DATA=$project/data/fixtures CNN_TEST_SCRATCH=$scratch CNN_TEST_PROGRAMS=$programs CNN_CPUINFO=$scratch/cpuinfo
}

reproduce() { "$root/tools/reproduce.sh" "$@"; }

# without_times FILE: what two runs must agree in.
without_times() { sed 's/,"seconds":[^,}]*//; s/,"peak_bytes":[^,}]*//' "$1"; }

# same_as_uninterrupted: the log is that of a run nobody killed.
same_as_uninterrupted() {
  without_times "$log/metrics.jsonl" >"$scratch/interrupted"
  rm -rf "$work"
  expect 0 reproduce lenet --seed 0 --limit 256
  without_times "$log/metrics.jsonl" | cmp - "$scratch/interrupted" || die "the metrics are others than without the kill"
}

# kill_in_turn "FILE TEXT"…: starts the script once for each place, and kills its program there. On a busy machine the kill may come
# too late, when the program has ended: then all begins anew.
kill_in_turn() {
  local attempt place status
  for attempt in 1 2 3 4 5; do
    rm -rf "$work"
    : >"$calls"
    for place; do
      echo "$place" >"$scratch/until"
      status=0
      reproduce lenet --seed 0 --limit 256 >"$output" 2>&1 </dev/null || status=$?
      [ $status -ne 0 ] || break
      [ $status -eq 137 ] || die "exit status $status instead of 137"
      says "lenet/seed0 ended with exit status 137; the same command goes on with it"
      [ ! -e "$log" ] || die "keeps the log of an unfinished run"
    done
    rm "$scratch/until"
    [ $status -eq 0 ] || return 0
    echo "attempt $attempt was not killed in time"
  done
  die "the program was too fast to be killed"
}

case_kill() {
  kill_in_turn 'metrics.jsonl "step","epoch":3' 'metrics.jsonl "step","epoch":4'
  expect 0 reproduce lenet --seed 0 --limit 256
  says "epoch 3, loss"
  called "--preset book --simd avx2 --seed 0 --limit-train 256 --limit-test 256 --out" 1
  called "--resume" 2
  same_as_uninterrupted
}

case_kill_before_the_first_checkpoint() {
  local attempt
  for attempt in 1 2 3 4 5; do
    kill_in_turn 'run.json "rung"'
    [ -e "$work/lenet/seed0/checkpoint/latest" ] || break
    [ "$attempt" -lt 5 ] || die "there is a checkpoint already"
  done
  expect 0 reproduce lenet --seed 0 --limit 256
  called "--out" 1
  called "--resume" 1
  same_as_uninterrupted
}

# As if it were killed between making its folder and writing run.json.
case_kill_before_the_first_file() {
  mkdir -p "$work/lenet/seed0"
  touch "$work/lenet/seed0/metrics.jsonl"
  expect 0 reproduce lenet --seed 0 --limit 256
  called "--out" 1
  called "--resume" 0
  same_as_uninterrupted
}

case_finished() {
  expect 0 reproduce lenet --seed 0 --limit 256
  [ -s "$log/model.safetensors" ] || die "LeNet's weights are not kept"
  [ ! -e "$work/lenet/seed0/checkpoint" ] || die "the checkpoint is still there"
  grep -q '"command": "./cnn run 5.5 --preset book --simd avx2 --seed 0 --limit-train 256' "$log/run.json" || die "no command"
  local key
  for key in version commit compiler cpu rung threads seconds peak_bytes; do
    grep -q "\"$key\": [^ ]" "$log/run.json" || die "no $key"
  done
  expect 0 reproduce lenet --seed 0 --limit 256
  says "lenet/seed0: finished"
  called "--out" 1
  rm -r "$log"
  expect 0 reproduce lenet --seed 0 --limit 256
  called "--out" 2  # anew, not the former run once more
}

case_check() {
  expect 1 reproduce --check lenet --seed 0 --limit 256
  says "there is no log of lenet/seed0"
  expect 0 reproduce lenet --seed 0 --limit 256
  expect 0 reproduce --check lenet --seed 0 --limit 256
  says "equal apart from seconds and peak_bytes"
  sed -i '7s/"correct":[0-9]*/"correct":99/' "$log/metrics.jsonl"
  expect 1 reproduce --check lenet --seed 0 --limit 256
  says "line 7, correct: 99 and "
  says "error: the logs differ: lenet/seed0"
  called "--out" 3
}

case_kinds_of_batch_norm() {
  expect 0 reproduce 5.10 --seed 3 --quick --limit 256
  called "5.10 --preset quick --simd avx2 --seed 3 --layer scratch" 1
  called "5.10 --preset quick --simd avx2 --seed 3 --layer library" 1
  [ -s "$work/results/batch_norm/library/quick/seed3/metrics.jsonl" ] || die "no log of the library's layer"
  [ ! -e "$work/results/batch_norm/library/quick/seed3/model.safetensors" ] || die "keeps weights"
  [ ! -e "$root/results" ] || die "a limited run went into results/"
}

case_list() {
  expect 0 reproduce --list
  [ "$(wc -l <"$output")" -eq 25 ] || die "not 25 runs"
  [ "$(cut -d/ -f1 "$output" | uniq | tr '\n' ' ')" = "lenet batch_norm densenet vgg resnet googlenet alexnet nin " ] ||
    die "another order"
  [ "$(grep -c '^nin/seed[1-4] .* --epochs 1$' "$output")" -eq 4 ] || die "NiN's other seeds have one epoch"
  grep -qx 'nin/seed0 ./cnn run 5.8 --preset book --simd avx2 --seed 0' "$output" || die "NiN's seed 0 has all epochs"
  expect 0 reproduce --list --quick
  [ "$(wc -l <"$output")" -eq 9 ] || die "not 9 quick runs"
  grep -qx 'nin/quick/seed0 ./cnn run 5.8 --preset quick --simd avx2 --seed 0' "$output" || die "NiN's quick run"
}

case_refusals() {
  expect 2 reproduce lent
  says 'there is no chapter "lent"'
  expect 2 reproduce 5.1
  says "section 5.1 (conv_layer) trains no network"
  expect 2 reproduce --seed
  says "--seed expects a whole number"
  expect 2 reproduce --seed -1
  expect 2 reproduce --seed 01
  expect 2 reproduce --nonsense
  says 'there is no option "--nonsense"'
  printf 'flags : fpu sse2\n' >"$CNN_CPUINFO"
  expect 1 reproduce lenet
  says "this processor has no AVX2"
  called "" 0
}

case $1 in
  kill* | finished | check | kinds_of_batch_norm)
    grep -qw avx2 /proc/cpuinfo || { echo "skipped: this processor has no AVX2" && exit 77; } ;;
esac
make_copy
"case_$1"
