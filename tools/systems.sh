#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tries what README promises on bare systems: Debian 12, Debian 13 and the one after, each made in a folder with debootstrap,
# the last commit cloned into it. usage: tools/systems.sh [12|13|next ...] [--fast]
#
# As root: run 5.5, test, docs, doctor, bench nets, compare. As a user with sudo, in a second bare system and in the other order:
# test 5.5 (the other tests do not depend on who runs them), run 5.5.
# --fast leaves out the tests labelled slow. Folders and logs are kept in build/systems (or $CNN_SYSTEMS); the bare systems
# are made once, the copies that are worked in each time anew. Needs root, debootstrap, and a mirror of Debian.
set -uo pipefail
root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${CNN_SYSTEMS:-$root/build/systems}
book_losses="1.8773 0.9577 0.7670 0.6751 0.6129" # of 5.5 with seed 0, as PyTorch prints them
test_options=""
passed=0
failed=0

fail() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-1}"
}

mirror() {
  sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -v security | head -n 1
}

# make_bare SUITE: the smallest Debian, and git to clone with.
make_bare() {
  local bare=$folder/$1.bare script=/usr/share/debootstrap/scripts/$1
  [ ! -e "$bare/made" ] || return 0
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
  rm -rf "$bare"
  mkdir -p "$folder"
  debootstrap --variant=minbase --include=ca-certificates,git "$1" "$bare" "$(mirror)" "$script" >"$folder/$1.bare.log" 2>&1 ||
    { tail -n 5 "$folder/$1.bare.log"; return 1; }
  rm -rf "$bare"/etc/apt/sources.list.d/*
  echo "deb $(mirror) $1 main" >"$bare/etc/apt/sources.list"
  # What this machine needs to reach the mirror.
  cp -r /etc/apt/apt.conf.d "$bare/etc/apt/"
  cp /etc/resolv.conf /etc/hosts "$bare/etc/" 2>/dev/null
  cp -rn /etc/ssl/certs/. "$bare/etc/ssl/certs/" 2>/dev/null
  touch "$bare/made"
}

# start_system SUITE WHO: a copy of the bare system with a clone of the last commit, for root or for a user.
start_system() {
  system=$folder/$1.$2
  stop_system
  ! mountpoint -q "$system/dev" || fail "$system/dev is still mounted"
  rm -rf --one-file-system "$system"
  cp -a --reflink=auto "$folder/$1.bare" "$system"
  mount -t proc proc "$system/proc" && mount --bind /dev "$system/dev" || return 1
  mkdir -p "$system/home/reader"
  git clone -q "$root" "$system/home/reader/project" || return 1
  [ "$2" = user ] || return 0
  inside root "apt-get update && apt-get install -y sudo && useradd -s /bin/bash reader && chown -R reader: /home/reader &&
    echo 'reader ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/reader" >"$folder/$1.user.log" 2>&1
}

# Lazily, as a command that was killed may still hold them: what is bound there must be gone before the folder is removed.
stop_system() {
  umount -l "$system/proc" "$system/dev" 2>/dev/null
}

# inside WHO COMMAND: in the project's folder of the system.
inside() {
  local become=(bash -c)
  [ "$1" = root ] || become=(su reader -c)
  chroot "$system" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/home/reader LANG=C.UTF-8 TERM=dumb \
    "${become[@]}" "cd /home/reader/project && $2" </dev/null
}

# try NAME WHO COMMAND CHECK: runs it, shows its last line and counts; CHECK is given the output's file.
try() {
  local log started=$SECONDS status=0
  log=$folder/$(basename "$system")-${1// /_}.log
  inside "$2" "$3" >"$log" 2>&1 || status=$?
  if [ $status -eq 0 ] && "$4" "$log"; then
    passed=$((passed + 1))
    printf 'passed  %-16s %-10s %5d s  %s\n' "$(basename "$system")" "$1" $((SECONDS - started)) "$(tail -n 1 "$log")"
  else
    failed=$((failed + 1))
    printf 'FAILED  %-16s %-10s %5d s  exit status %d, see %s\n' "$(basename "$system")" "$1" $((SECONDS - started)) $status "$log"
    tail -n 15 "$log" | sed 's/^/  | /'
  fi
}

no_warnings() { ! grep -iE 'warning|deprecated' "$1"; }
prints_the_books_losses() {
  [ "$(sed -n 's/^epoch [1-5], loss \([0-9.]*\),.*/\1/p' "$1" | tr '\n' ' ')" = "$book_losses " ] && no_warnings "$1"
}
# The rung simd adds in the same order on every system: the weights are the same bits.
same_weights() {
  local weights
  weights=$(tail -n 1 "$1")
  first_weights=${first_weights:-$weights}
  [ "$weights" = "$first_weights" ]
}
passes_all() { grep -qE '^[1-9][0-9]* passed, 0 failed' "$1"; }
names_a_page() { [ -f "$system$(tail -n 1 "$1")" ] && no_warnings "$1"; }
has_everything() { [ "$(tail -n 1 "$1")" = "everything needed is there" ]; }
has_rows() { [ "$(grep -c lenet "$1")" -ge 1 ] && no_warnings "$1"; }

try_as_root() {
  start_system "$1" root || fail "$1 could not be started in $folder"
  try "run 5.5" root "./cnn run 5.5 --seed 0" prints_the_books_losses
  try "same weights" root "sha256sum runs/05_lenet/1/model.safetensors" same_weights
  try doctor root "./cnn doctor" has_everything
  try compare root "./cnn compare runs" has_rows
  try "bench nets" root "./cnn bench nets --net lenet" has_rows
  try docs root "./cnn docs" names_a_page
  try test root "./cnn test $test_options" passes_all
  stop_system
}

try_as_user() {
  start_system "$1" user || fail "$1 could not be started in $folder"
  try "test 5.5" user "./cnn test 5.5 $test_options" passes_all
  try "run 5.5" user "./cnn run 5.5 --seed 0" prints_the_books_losses
  stop_system
}

suites=()
for argument; do
  case $argument in
    12) suites+=(bookworm) ;;
    13) suites+=(trixie) ;;
    next) suites+=(forky) ;;
    --fast) test_options=--fast ;;
    *) fail "usage: tools/systems.sh [12|13|next ...] [--fast]; there is no system \"$argument\"" 2 ;;
  esac
done
[ ${#suites[@]} -gt 0 ] || suites=(bookworm trixie forky)
[ "$(id -u)" -eq 0 ] || fail "making systems in folders needs root"
command -v debootstrap >/dev/null || fail "debootstrap is not there; get it: apt-get install debootstrap"
[ -n "$(mirror)" ] || fail "apt-get of this machine names no mirror of Debian"
[ -z "$(git -C "$root" status --porcelain)" ] || echo "note: what is not committed is not tried"

system=$folder/none
trap stop_system EXIT
trap 'exit 130' INT TERM
for suite in "${suites[@]}"; do
  make_bare "$suite" || fail "$suite could not be made, see $folder/$suite.bare.log"
  try_as_root "$suite"
  try_as_user "$suite"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
