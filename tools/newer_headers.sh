#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles everything that includes xtensor, xtensor-blas or xsimd against the headers that newer Debian releases have, with
# this machine's compiler and warnings as errors. The three libraries are headers alone: their packages are unpacked into
# build/headers/<release>, nothing is installed. usage: tools/newer_headers.sh [RELEASE ...]
#
# Exit status 77, and one line that says so, where there is no Debian or no network.
set -euo pipefail
root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
releases=("$@")
[ $# -gt 0 ] || releases=(trixie forky)
packages=(libxtensor-dev libxtensor-blas-dev libxsimd-dev xtl-dev)
# Objects of the folders that include them.
users='cnn_xtensor\.dir|^chapters/(01|02|03|04|10)_|^tests/common/tensor/|^tests/common/backend/CMakeFiles/test_backend'

skip() {
  echo "skipped: $1"
  exit 77
}

mirror() {
  sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -v security | head -n 1
}

# apt RELEASE COMMAND...: apt-get with folders of its own, which knows that release only.
apt_of() {
  local folder=$root/build/headers/$1
  shift
  apt-get -q -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$folder/state" \
    -o Dir::Cache="$folder/cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User= "$@"
}

# unpack RELEASE: its packages into build/headers/RELEASE/usr.
unpack() {
  local folder=$root/build/headers/$1 package
  [ ! -e "$folder/unpacked" ] || return 0
  rm -rf "$folder"
  mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial"
  echo "deb $(mirror) $1 main" >"$folder/sources.list"
  apt_of "$1" update >"$folder/log" 2>&1 || return
  (cd "$folder" && apt_of "$1" download "${packages[@]}" >>log 2>&1) || return
  for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder"; done
  touch "$folder/unpacked"
}

# compile RELEASE
compile() {
  local folder=$root/build/headers/$1
  cmake -S "$root" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCNN_WERROR=ON \
    -DCMAKE_PREFIX_PATH="$folder/usr" >"$folder/log" || { cat "$folder/log"; return 1; }
  grep -E '^(xtensor|xtensor-blas|xsimd)_DIR' "$folder/build/CMakeCache.txt" | grep -v "=$folder/" | sed 's/^/not the unpacked one: /' && return 1
  local objects
  mapfile -t objects < <(ninja -C "$folder/build" -t targets all | sed -n 's/: CXX_COMPILER__.*//p' | grep -E "$users")
  [ ${#objects[@]} -ge 9 ] || { echo "only ${#objects[@]} objects include xtensor: is the list of folders in this script still right?"; return 1; }
  ninja -C "$folder/build" "${objects[@]}" | tail -n 20
}

{ command -v apt-get && command -v dpkg-deb; } >/dev/null || skip "newer headers come from Debian's archive, and there is no apt-get"
[ -n "$(mirror)" ] || skip "newer headers come from Debian's archive, and apt-get knows none"
for release in "${releases[@]}"; do
  unpack "$release" || skip "the archive of $release cannot be reached (build/headers/$release/log)"
  echo "compiling against the headers of $release: $(cd "$root/build/headers/$release" && echo *.deb)"
  compile "$release"
done
