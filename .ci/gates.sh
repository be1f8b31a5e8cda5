# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What .ci/run and .ci/full share: gates that are counted and timed. Sourced from the root of the project.
export CI=true
export PATH=$PATH:/usr/local/cuda/bin:/opt/cuda/bin # where CMake looks for nvcc, too
exec </dev/null

passed=0
failed=0
skipped=0
summary=()

# note RESULT NAME DETAIL: a line of the summary, with the minutes since `started`.
note() { summary+=("$(printf '%-8s %5.1f min  %s%s' "$1" "$(((SECONDS - started) * 10 / 60))e-1" "$2" "${3:+: $3}")"); }

# gate NAME COMMAND…: counts the command as one test; exit status 77 is skipped.
gate() {
  local name=$1 started=$SECONDS status=0
  shift
  printf '\n== %s\n' "$name"
  "$@" || status=$?
  case $status in
    0) passed=$((passed + 1)) && note passed "$name" ;;
    77) skipped=$((skipped + 1)) && note skipped "$name" ;;
    *) failed=$((failed + 1)) && note FAILED "$name" ;;
  esac
}

# with_tool TOOL COMMAND…: not every machine has these; a gate whose tool is missing is skipped by name.
with_tool() {
  command -v "$1" >/dev/null || { echo "skipped: there is no $1"; return 77; }
  shift
  "$@"
}

# kernels_by_nvcc ARCHITECTURES [FLAGS]: nothing but the kernels of the rung cuda; they need no card to be compiled.
kernels_by_nvcc() {
  cmake --preset cuda -B build/cuda-kernels -DCMAKE_CUDA_ARCHITECTURES="$1" -DCMAKE_CUDA_FLAGS="${2:-}" &&
    cmake --build build/cuda-kernels --target cnn_cuda
}

# suite NAME COMMAND…: runs a command that ends with `N passed, N failed` and adds up these counts; one that ends badly without
# naming a failed test counts as one failure.
suite() {
  local name=$1 started=$SECONDS status line output names
  shift
  printf '\n== %s\n' "$name"
  output=$(mktemp)
  "$@" | tee "$output"
  status=${PIPESTATUS[0]}
  line=$(tail -n 1 "$output")
  mapfile -t names < <(grep -a -e '^failed: ' -e '^skipped: ' "$output")
  rm -f "$output"
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
    [ "$status" -eq 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] || failed=$((failed + 1))
  else
    failed=$((failed + 1))
    line="exit status $status before any test ran"
  fi
  if [ "$status" -eq 0 ]; then note passed "$name" "$line"; else note FAILED "$name" "$line"; fi
  [ ${#names[@]} -eq 0 ] || summary+=("${names[@]/#/                      }")
}

# finish: the summary, then the closing line; fails if anything failed or nothing passed.
finish() {
  local line="$passed passed, $failed failed"
  printf '\n'
  printf '%s\n' "${summary[@]}"
  [ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
  echo "$line"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
