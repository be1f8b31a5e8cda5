#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the runs behind the tables of docs/results.md, and keeps their logs in results/. It can be stopped at any moment and
# started again: what is finished is left alone, what is not goes on from its last checkpoint.
set -euo pipefail
root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
log=$root/build/setup.log
# shellcheck source=tools/cnn/messages.sh
. "$root/tools/cnn/messages.sh"
# shellcheck source=tools/cnn/chapters.sh
. "$root/tools/cnn/chapters.sh"

show_usage() {
  cat <<EOF_USAGE
usage: tools/reproduce.sh [NET...] [--seed N]... [--quick] [--check] [--list]

Trains each NET (${networks[*]}; all of them
without one, shortest first) with the book's settings and --simd avx2, with seed 0; lenet, and batch_norm with both
kinds of its layer, with seeds 0 to 4; nin with seeds 1 to 4 for one epoch each, too. All of it takes hours.

  --seed N   these seeds instead; it can be repeated
  --quick    the runs of --preset quick instead, with seed 0
  --check    makes the runs of NET once more and compares them with the logs in results/: exit status 1 if a number
             differs, apart from seconds and peak_bytes
  --list     says which runs these are and which are finished, and runs nothing
  --limit N  only the first N images; for tests: nothing of it goes into results/
EOF_USAGE
}

networks=(lenet batch_norm densenet vgg resnet googlenet alexnet nin)  # by the time of a step, docs/measured/nets.md
chosen=() seeds=() preset=book check="" list="" limit=""

is_number() { case $1 in "" | *[!0-9]* | 0?* | ????????????????????*) return 1 ;; esac; }

add_network() {
  find_chapter "$1"
  case " ${networks[*]} " in
    *" $target "*) chosen+=("$target") ;;
    *) usage_error "section $section ($target) trains no network; there are ${networks[*]}" ;;
  esac
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help) show_usage && exit 0 ;;
      --quick) preset=quick ;;
      --check) check=yes ;;
      --list) list=yes ;;
      --seed | --limit)
        is_number "${2:-}" || usage_error "$1 expects a whole number, not \"${2:-}\""
        if [ "$1" = --seed ]; then seeds+=("$2"); else limit=$2; fi
        shift
        ;;
      -*) usage_error "there is no option \"$1\"; tools/reproduce.sh --help lists them" ;;
      *) add_network "$1" ;;
    esac
    shift
  done
  [ ${#chosen[@]} -gt 0 ] || chosen=("${networks[@]}")
  [ "$limit" != 0 ] || usage_error "--limit expects at least 1 image"
}

# seeds_of NET: one a line.
seeds_of() {
  if [ ${#seeds[@]} -gt 0 ]; then
    printf '%s\n' "${seeds[@]}"
    return
  fi
  case $preset:$1 in
    book:lenet | book:batch_norm | book:nin) seq 0 4 ;;
    *) echo 0 ;;
  esac
}

# Every run, one a line: net, kind of layer or "-", seed.
list_runs() {
  local net kind seed
  for net in "${chosen[@]}"; do
    for kind in $([ "$net" = batch_norm ] && echo scratch library || echo -); do
      for seed in $(seeds_of "$net"); do echo "$net $kind $seed"; done
    done
  done
}

# name_run NET KIND SEED: sets `name`, the folder below results/, and `options`, those of the program.
name_run() {
  name=$1
  options=(--preset "$preset" --simd avx2 --seed "$3")
  [ "$2" = - ] || { name+=/$2 && options+=(--layer "$2"); }
  [ "$preset" = book ] || name+=/$preset
  name+=/seed$3
  if [ "$1 $preset" = "nin book" ] && [ "$3" != 0 ]; then options+=(--epochs 1); fi
  [ -z "$limit" ] || options+=(--limit-train "$limit" --limit-test "$limit")
}

check_processor() {
  grep -qw avx2 "${CNN_CPUINFO:-/proc/cpuinfo}" 2>/dev/null ||
    fail "this processor has no AVX2, with which the logs in results/ are made" \
      "other instruction sets sum in another order and end at other numbers; ./cnn run NET --preset book takes the best it has"
  has python3 || fail "python3 is not there, which writes and compares the logs" "get it: apt-get install python3"
}

# What the numbers of a run depend on.
code=(common ':(glob)chapters/**/*.?pp' cmake CMakeLists.txt CMakePresets.json)

# The commit, with a + behind it if the code was changed since.
this_commit() {
  local commit
  commit=$(git -C "$root" rev-parse --short=10 HEAD 2>/dev/null) || { echo unknown && return; }
  git -C "$root" diff --quiet HEAD -- "${code[@]}" || commit+=+
  echo "$commit"
}

# same_code COMMIT COMMIT
same_code() {
  [ "$1" = "$2" ] && return
  case $1$2 in *+* | *unknown*) return 1 ;; esac
  git -C "$root" diff --quiet "$1" "$2" -- "${code[@]}" 2>/dev/null
}

# note_commit FOLDER: a run that goes on with other code than it began with has both commits in its record.
note_commit() {
  local now last
  now=$(this_commit)
  last=$(tail -n 1 "$1/commits" 2>/dev/null || true)
  if [ -z "$last" ]; then
    echo "$now" >"$1/commits"
  elif ! same_code "$last" "$now"; then
    say "note: this run began with the code of $last and goes on with that of $now; its record will name both"
    echo "$now" >>"$1/commits"
  fi
}

# discard FOLDER: a half removed run must not look like one that can go on, so it is renamed first.
discard() {
  rm -rf "$1.old"
  [ ! -e "$1" ] || mv "$1" "$1.old"
  rm -rf "$1.old"
}

# train FOLDER: starts the run, or goes on with it.
train() {
  local status=0
  mkdir -p "$1"
  if [ -e "$1/run.json" ]; then
    note_commit "$1"
    "$root/cnn" run "$section" --resume "$1" || status=$?
  else
    rm -f "$1/commits"
    note_commit "$1"
    "$root/cnn" run "$section" "${options[@]}" --out "$1" || status=$?
  fi
  [ $status -eq 0 ] || {
    say "$name ended with exit status $status; the same command goes on with it"
    exit $status
  }
}

make_run() {
  local folder=$work/$name
  if [ -e "$results/$name/run.json" ]; then
    say "$name: finished"
    return
  fi
  [ ! -e "$folder/kept" ] || discard "$folder"  # its log was removed from results/, so it is to be made anew
  say "$name: ./cnn run $section ${options[*]}"
  train "$folder"
  python3 -B "$root/tools/results.py" --keep "$folder" "$results/$name" --command "./cnn run $section ${options[*]}"
  touch "$folder/kept"
  rm -rf "$folder/checkpoint"
  say "$name: kept in ${results#"$root"/}/$name"
}

check_run() {
  local folder=$work/check/$name fresh=$work/check/$name.jsonl kept=$results/$name/metrics.jsonl
  [ -e "$kept" ] || fail "there is no log of $name to compare with" "tools/reproduce.sh ${name%%/*} makes it"
  if [ -e "$folder/run.json" ] && ! same_code "$(tail -n 1 "$folder/commits")" "$(this_commit)"; then discard "$folder"; fi
  say "$name: ./cnn run $section ${options[*]}"
  train "$folder"
  cp "$folder/metrics.jsonl" "$fresh"
  discard "$folder"
  python3 -B "$root/tools/results.py" --compare "$kept" "$fresh" || differing+=("$name")
}

main() {
  local run net kind seed name options runs differing=()
  read_arguments "$@"
  results=$root/results work=$root/runs/reproduce
  [ -z "$limit" ] || { work=$work/limit-$limit && results=$work/results; }
  mapfile -t runs < <(list_runs)
  [ -n "$list" ] || check_processor
  for run in "${runs[@]}"; do
    read -r net kind seed <<<"$run"
    find_chapter "$net"
    name_run "$net" "$kind" "$seed"
    if [ -n "$list" ]; then
      echo "$name $([ -e "$results/$name/run.json" ] && echo finished || echo "./cnn run $section ${options[*]}")"
    elif [ -n "$check" ]; then
      check_run
    else
      make_run
    fi
  done
  [ ${#differing[@]} -eq 0 ] || fail "the logs differ: ${differing[*]}"
}

main "$@"
