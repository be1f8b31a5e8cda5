# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Debian and Ubuntu packages: which are missing, and installing them.

build_packages=(g++ cmake ninja-build libxtensor-dev libxtensor-blas-dev libxsimd-dev libopenblas-dev libboost-test-dev
  zlib1g-dev libpng-dev libjpeg-dev libcli11-dev libfmt-dev nlohmann-json3-dev gnuplot-nox)
onnx_packages=(libonnx-dev libprotobuf-dev) # for --export-onnx alone
test_packages=(curl "${onnx_packages[@]}") # with curl the tests fetch files
data_package=dataset-fashion-mnist
debian_data=/usr/share/datasets/fashion-mnist
docs_packages=(cmake ninja-build doxygen graphviz doxygen-awesome-css libjs-mathjax python3)


# The folder with the data set that programs will find, or nothing.
data_folder() {
  local folder file
  for folder in "${CNN_DATA:-}" "$debian_data" "$root/data/fashion-mnist"; do
    [ -n "$folder" ] || continue
    for file in "$folder"/{,FashionMNIST/raw/,raw/}train-images[-.]idx3-ubyte*; do
      [ -f "$file" ] || continue
      echo "$folder"
      return
    done
  done
}

# shellcheck disable=SC2016  # dpkg-query's own variable
status_field='${db:Status-Status}'

# package_is_there PACKAGE: installed, or something else does its work.
package_is_there() {
  case $1 in
    g++) has g++ || has c++ ;;
    cmake) has cmake ;;
    ninja-build) has ninja ;;
    gnuplot-nox) has gnuplot ;;
    python3) has python3 ;;
    "$data_package") [ -n "$(data_folder)" ] ;;
    *) dpkg-query -W -f="$status_field\n" "$1" 2>/dev/null | grep -x installed >/dev/null ;;
  esac
}

# missing_packages PACKAGE…: those that are not there, one a line.
missing_packages() {
  local package
  for package in "$@"; do
    package_is_there "$package" || echo "$package"
  done
}

# The command that becomes root: nothing, or sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# ensure_packages PURPOSE PACKAGE…: installs what is missing. Without a network nothing happens when all are there.
ensure_packages() {
  local purpose=$1 missing
  shift
  check_system
  is_debian || return 0
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  local install="apt-get install --no-install-recommends ${missing[*]}"
  if [ "$may_install" = no ]; then
    fail "packages are missing for the $purpose: ${missing[*]}" "install them: $install"
  fi
  if [ "$(id -u)" -ne 0 ] && ! has sudo; then
    fail "packages are missing for the $purpose, and there is no sudo to install them: ${missing[*]}" "as root: $install"
  fi
  say "installing packages for the $purpose that this machine lacks: ${missing[*]}"
  [ -z "$dry_run" ] || return 0
  install_packages "${missing[@]}"
}

# install_packages PACKAGE…: with apt; a package the archive does not have is left out and reported.
install_packages() {
  local package known=() updated=yes
  open_log
  logged "apt-get update" as_root apt-get update -o DPkg::Lock::Timeout=300 2>/dev/null || updated=no
  for package in "$@"; do
    if LC_ALL=C apt-cache policy "$package" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null; then
      known+=("$package")
    elif [ "$package" != "$data_package" ]; then
      [ $updated = yes ] || fail "the package archive cannot be reached" "check the network, then try again; details: $log"
      fail "this system's package archive has no package $package" \
        "$supported_systems have it; elsewhere: $conda_hint"
    fi
  done
  [ ${#known[@]} -gt 0 ] || return 0
  logged "apt-get install" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "${known[@]}" ||
    fail "the packages could not be installed" "check the network, or install them by hand: apt-get install ${known[*]}"
}

# Fetches the data set where no package brings it. Without it most programs and tests still work, so it is no error here.
ensure_data() {
  [ -z "$(data_folder)" ] || return 0
  local fetch=$root/data/fetch_fashion_mnist.sh
  [ -f "$fetch" ] || return 0
  if [ "$may_install" = no ]; then
    say "note: the Fashion-MNIST data set is not there; get it with data/fetch_fashion_mnist.sh"
    return 0
  fi
  say "fetching the Fashion-MNIST data set (31 MB)"
  [ -z "$dry_run" ] || return 0
  open_log
  logged "fetching the data set" bash "$fetch" || say "note: going on without the data set"
}

# needs_no_data OPTION…: true when a program's options say that it will not look for the installed data set: it was told
# another, makes images up, only prints, or neither trains nor measures.
needs_no_data() {
  local previous="" option trains=yes loads=no predicts=no
  [ -z "${CNN_DATA:-}" ] || return 0
  for option in "$@"; do
    case $previous$option in
      --data* | --preset=smoke | --presetsmoke | --help* | -h | --version) return 0 ;;
      --epochs=0 | --epochs0) trains=no ;;
      --load*) loads=yes ;;
      --predict*) predicts=yes ;;
      --dump*) predicts=no && loads=yes ;;
    esac
    previous=""
    case $option in --preset | --epochs) previous=$option ;; esac
  done
  [ $trains = no ] && { [ $loads = no ] || [ $predicts = yes ]; }
}

# set_up_for_building [PROGRAM OPTION…]: everything that building and running needs.
set_up_for_building() {
  local packages=("${build_packages[@]}")
  needs_no_data "$@" || packages+=("$data_package")
  ensure_packages "build" "${packages[@]}"
  needs_no_data "$@" || ensure_data
}
