# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Which system this is, and whether this script can install packages on it.

conda_hint='conda env create -f environment.yml && conda activate cnn-from-scratch'
supported_systems="Debian 12 or newer and Ubuntu 24.04 or newer"

is_debian() { has dpkg-query && has apt-get; }

# system_field NAME: a field of os-release, such as VERSION_ID; nothing where there is no such file.
system_field() {
  sed -n "s/^$1=//p" "${CNN_OS_RELEASE:-/etc/os-release}" 2>/dev/null | tr -d '"' || true
}

system_name() {
  local name
  name=$(system_field PRETTY_NAME)
  echo "${name:-$(uname -s 2>/dev/null || echo an unknown system)}"
}

# Debian's and Ubuntu's releases that are too old; a release without a number is one that is still being made.
is_too_old() {
  local version
  version=$(system_field VERSION_ID)
  [ -n "$version" ] || return 1
  case $(system_field ID) in
    debian) ! version_at_least 12 "$version" ;;
    ubuntu) ! version_at_least 24.04 "$version" ;;
    *) return 1 ;;
  esac
}

# check_system: stops on a release that is too old, before anything is installed; says once, before a first build, that a
# system is not among those that the script knows.
check_system() {
  if is_debian && is_too_old; then
    fail "$(system_name) is too old: its compiler and libraries are older than this project needs ($supported_systems have them)" \
      "elsewhere the same libraries come with: $conda_hint"
  fi
  is_debian || [ -f "$root/build/$preset/build.ninja" ] ||
    say "note: this is $(system_name); packages are installed on $supported_systems only, here they come with: $conda_hint"
}
