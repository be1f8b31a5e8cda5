# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the script says. Progress and errors go to stderr, so that stdout holds the output of the program alone.

has() { command -v "$1" >/dev/null 2>&1; }
say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE [HINT…]: one clear message and exit status 1.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}

# usage_error MESSAGE [LINE…]: the command line makes no sense; exit status 2.
usage_error() {
  printf 'error: %s\n' "${1% }" >&2
  shift
  [ $# -eq 0 ] || printf '%s\n' "$@" >&2
  exit 2
}

# Starts the log afresh.
open_log() {
  if ! mkdir -p "$root/build" 2>/dev/null || ! (: >"$log") 2>/dev/null; then
    fail "cannot write into $root/build" "if root made it, take it back: sudo chown -R $(id -un) '$root/build'"
  fi
}

# logged WHAT COMMAND…: runs a command quietly but for a line every ten seconds; when it fails, shows the end of what it said.
logged() {
  local what=$1 status=0 ticker
  shift
  printf '\n$ %s\n' "$*" >>"$log"
  (trap 'kill "$nap" 2>/dev/null; exit' TERM
    passed=0
    while :; do
      sleep 10 &
      nap=$!
      wait "$nap" || exit
      passed=$((passed + 10))
      say "  $what, $passed s"
    done) &
  ticker=$!
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [ $status -ne 0 ] || return 0
  say "the last lines of $log:"
  tail -n 25 "$log" | sed 's/^/  | /' >&2
  say "error: $what failed (exit status $status)"
  return 1
}
