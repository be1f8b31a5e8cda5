# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What this machine has.

# found NAME VALUE · lacking NAME PACKAGE [optional]: one line of the table.
found() { printf '  %-12s %s\n' "$1" "$2"; }

lacking() {
  local note="missing"
  if [ "${3:-}" = optional ]; then note="missing (optional)"; else complete=no; fi
  printf '  %-12s %s; get it: %s\n' "$1" "$note" "$(install_command "$2")"
}

install_command() {
  if ! is_debian; then
    echo "$conda_hint"
  elif [ "$(id -u)" -eq 0 ]; then
    echo "apt-get install $1"
  else
    echo "sudo apt-get install $1"
  fi
}

# header_version HEADER PREFIX: MAJOR.MINOR.PATCH from the three macros of a header the compiler finds.
header_version() {
  has g++ || return 0
  { printf '#if __has_include(<%s>)\n#include <%s>\n#endif\n' "$1" "$1" | g++ -std=c++20 -E -dM -x c++ - 2>/dev/null || true; } | awk -v prefix="$2" '
    $2 == prefix "MAJOR" { major = $3 } $2 == prefix "MINOR" { minor = $3 } $2 == prefix "PATCH" { patch = $3 }
    END { if (major != "") print major "." minor (patch == "" ? "" : "." patch) }'
}

# check_header NAME HEADER PREFIX PACKAGE: HEADER may be several, where versions keep it in different places.
check_header() {
  local version="" header
  for header in $2; do version=${version:-$(header_version "$header" "$3")}; done
  if [ -n "$version" ]; then found "$1" "$version"; else lacking "$1" "$4"; fi
}

# Asks OpenBLAS which kernels it has chosen for this processor.
blas_kernel() {
  local folder kernel=""
  has g++ || return 0
  folder=$(mktemp -d)
  cat >"$folder/kernel.cpp" <<'PROGRAM'
#include <cstdio>
extern "C" char* openblas_get_corename();
extern "C" char* openblas_get_config();
int main() { std::printf("%s, kernel %s\n", openblas_get_config(), openblas_get_corename()); }
PROGRAM
  if g++ "$folder/kernel.cpp" -o "$folder/kernel" -lopenblas 2>/dev/null; then
    kernel=$("$folder/kernel" 2>/dev/null || true)
  fi
  rm -rf "$folder"
  printf '%s\n' "$kernel"
}

simd_level() {
  local flags
  flags=" $(sed -n '/^flags/{s/^[^:]*: *//p;q}' /proc/cpuinfo 2>/dev/null || true) "
  case $flags in
    *" avx512f "*) echo avx512 ;;
    *" avx2 "*) echo avx2 ;;
    *) echo portable ;;
  esac
}

check_libraries() {
  check_header xtensor "xtensor/core/xtensor_config.hpp xtensor/xtensor_config.hpp" XTENSOR_VERSION_ libxtensor-dev
  check_header xtensor-blas xtensor-blas/xblas_config.hpp XTENSOR_BLAS_VERSION_ libxtensor-blas-dev
  check_header xsimd xsimd/config/xsimd_config.hpp XSIMD_VERSION_ libxsimd-dev
  local blas package missing
  blas=$(blas_kernel)
  if [ -n "$blas" ]; then found BLAS "$blas"; else lacking BLAS libopenblas-dev; fi
  is_debian || return 0
  missing=$(missing_packages libboost-test-dev zlib1g-dev libpng-dev libjpeg-dev libcli11-dev libfmt-dev nlohmann-json3-dev)
  if [ -z "$missing" ]; then
    found "others" "Boost.Test, zlib, libpng, libjpeg, CLI11, fmt, nlohmann-json"
  else
    for package in $missing; do lacking library "$package"; done
  fi
}

cuda_places=(/usr/local/cuda /opt/cuda) # where CMake looks for the toolkit, too

find_nvcc() {
  local place
  ! has nvcc || { command -v nvcc && return; }
  for place in ${CUDA_PATH:+"$CUDA_PATH"} "${cuda_places[@]}"; do
    [ -x "$place/bin/nvcc" ] || continue
    echo "$place/bin/nvcc"
    return
  done
}

# ask_cards FIELD,…: what nvidia-smi says of the cards, a line each; nothing without a driver.
ask_cards() {
  has nvidia-smi || return 0
  nvidia-smi --query-gpu="$1" --format=csv,noheader 2>/dev/null || true
}

# What the rung cuda needs: a toolkit to build it, a driver and a card to run it.
check_cuda() {
  local nvcc driver name capability memory
  nvcc=$(find_nvcc)
  if [ -n "$nvcc" ]; then
    found "CUDA toolkit" "$("$nvcc" --version | sed -n 's/.*release \([^,]*\),.*/\1/p') ($nvcc), for --build cuda"
  else
    found "CUDA toolkit" "none (--build cuda needs NVIDIA's nvcc; all other builds run on the processor)"
  fi
  driver=$(ask_cards driver_version | sed -n 1p)
  if [ -z "$driver" ]; then
    found "CUDA driver" "none, or no card (nvidia-smi finds nothing)"
    return
  fi
  found "CUDA driver" "$driver, for CUDA up to $(nvidia-smi | sed -n 's/.*CUDA Version: *\([0-9.]*\).*/\1/p')"
  while IFS=, read -r name capability memory; do
    found GPU "$name, compute capability$capability,$memory"
    version_at_least 7.5 "${capability# }" ||
      found "" "older than 7.5: its kernels need CUDA toolkit 12, which nobody has tried"
  done < <(ask_cards name,compute_cap,memory.total)
}

command_doctor() {
  [ $# -eq 0 ] || usage_error "doctor takes no arguments"
  complete=yes
  local data
  echo "needed"
  if has g++; then found compiler "$(g++ --version | sed -n 1p)"; else lacking compiler g++; fi
  if has cmake; then found CMake "$(cmake --version | sed -n 's/^cmake version //p')"; else lacking CMake cmake; fi
  if has ninja; then found Ninja "$(ninja --version)"; else lacking Ninja ninja-build; fi
  check_libraries
  data=$(data_folder)
  if [ -n "$data" ]; then found "data set" "$data"; else
    complete=no
    found "data set" "missing; get it: $(install_command "$data_package"), or data/fetch_fashion_mnist.sh"
  fi
  echo "optional"
  if has gnuplot; then found gnuplot "$(gnuplot --version)"; else lacking gnuplot gnuplot-nox optional; fi
  if has doxygen; then found Doxygen "$(doxygen --version)"; else lacking Doxygen "${docs_packages[*]}" optional; fi
  if is_debian && [ -n "$(missing_packages "$bench_package")" ]; then
    lacking benchmark "$bench_package" optional
  elif is_debian; then
    found benchmark "Google Benchmark"
  fi
  check_cuda
  echo "machine"
  found system "$(system_name)"
  found threads "$(nproc 2>/dev/null || echo unknown)"
  found SIMD "$(simd_level)"
  if [ "$complete" = yes ]; then echo "everything needed is there"; else
    echo "something needed is missing; ./cnn run and ./cnn test install it by themselves on Debian and Ubuntu"
    return 1
  fi
}
