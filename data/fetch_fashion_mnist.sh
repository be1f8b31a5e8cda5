#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Downloads Fashion-MNIST for systems without the package dataset-fashion-mnist.
#
#   data/fetch_fashion_mnist.sh [FOLDER]     FOLDER: where the files go, default data/fashion-mnist of the project
#
# Needs curl or wget, gzip, and sha256sum or shasum. A file is renamed into place only after the SHA-256 of its
# decompressed content was found right; one that is right already is left alone; a download that broke off goes on where it
# stopped. CNN_MIRRORS, a list of addresses separated by spaces, replaces the mirrors below (file:///some/folder works too).
set -euo pipefail

mirrors="
  http://fashion-mnist.s3-website.eu-central-1.amazonaws.com
  https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion
  https://storage.googleapis.com/tensorflow/tf-keras-datasets
"

# SHA-256 of the decompressed file, and its name.
files="
  c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888 train-images-idx3-ubyte
  bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9 train-labels-idx1-ubyte
  5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b t10k-images-idx3-ubyte
  0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34 t10k-labels-idx1-ubyte
"

die() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

sha256() {
  if has sha256sum; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# is_right FILE SUM: the content, decompressed if the name ends in .gz or .part, has this sum.
is_right() {
  [ -f "$1" ] || return 1
  case $1 in
    *.gz | *.part) [ "$({ gzip -dc <"$1" 2>/dev/null || true; } | sha256)" = "$2" ] && gzip -t <"$1" 2>/dev/null ;;
    *) [ "$(sha256 <"$1")" = "$2" ] ;;
  esac
}

# download URL FILE: goes on with what FILE holds already.
download() {
  if has curl; then
    curl --fail --location --silent --show-error --connect-timeout 20 --retry 2 --speed-limit 1000 --speed-time 30 \
      --continue-at - --output "$2" "$1"
  elif [ "${1#file://}" != "$1" ]; then
    cp "${1#file://}" "$2"
  else
    wget --no-verbose --timeout=30 --tries=2 --continue --output-document="$2" "$1"
  fi
}

# fetch_from MIRROR NAME SUM: one file from one mirror. What a broken download leaves stays, for the next attempt.
fetch_from() {
  local url=${1%/}/$2.gz part=$folder/$2.gz.part resumed=no code=0
  if [ -s "$part" ]; then resumed=yes; fi
  echo "  from $url"
  download "$url" "$part" || code=$?
  case $code in
    0) ;;
    8 | 22 | 33 | 36) # wget's and curl's "the server refuses", perhaps to go on with this beginning
      refused=yes
      return 1
      ;;
    *) return 1 ;;
  esac
  if is_right "$part" "$3"; then
    mv -f "$part" "$folder/$2.gz"
    return 0
  fi
  echo "  SHA-256 of the content is not the one expected"
  rm -f "$part"
  if [ $resumed = no ]; then return 1; fi
  fetch_from "$@" # the beginning may have been another file's
}

# fetch_from_any NAME SUM: one file from the first mirror that has it.
fetch_from_any() {
  local mirror
  for mirror in $mirrors; do
    if fetch_from "$mirror" "$@"; then return 0; fi
  done
  return 1
}

# fetch NAME SUM: one file, unless it is there.
fetch() {
  local part=$folder/$1.gz.part refused=no
  if is_right "$folder/$1" "$2" || is_right "$folder/$1.gz" "$2"; then
    echo "$1: already there"
    return
  fi
  if [ -e "$folder/$1" ]; then
    die "$folder/$1 is there, but is not the file of Fashion-MNIST; move it away"
  fi
  if [ -d "$folder/$1.gz" ]; then die "$folder/$1.gz is a directory; move it away"; fi
  echo "$1:"
  if ! fetch_from_any "$@"; then
    if [ $refused = no ] || [ ! -e "$part" ]; then give_up "$1"; fi
    rm -f "$part"
    fetch_from_any "$@" || give_up "$1"
  fi
  echo "  done"
}

give_up() {
  die "$1.gz could not be downloaded from any mirror; see above, try again, or name other mirrors with CNN_MIRRORS"
}

main() {
  local sum name
  case ${1:-} in
    -h | --help)
      sed -n '3,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    -*) die "unknown option $1; usage: data/fetch_fashion_mnist.sh [FOLDER]" ;;
  esac
  [ $# -le 1 ] || die "one folder at most; usage: data/fetch_fashion_mnist.sh [FOLDER]"
  has curl || has wget || die "neither curl nor wget is there; install one of them"
  has gzip || die "gzip is not there; install it"
  has sha256sum || has shasum || die "neither sha256sum nor shasum is there; install one of them"
  mirrors=${CNN_MIRRORS:-$mirrors}
  folder=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)/fashion-mnist}
  mkdir -p "$folder" || die "the folder $folder cannot be made"
  [ -w "$folder" ] || die "the folder $folder cannot be written"
  while read -r sum name; do
    if [ -n "$sum" ]; then fetch "$name" "$sum"; fi
  done <<<"$files"
  echo "Fashion-MNIST is in $folder"
}

main "$@"
