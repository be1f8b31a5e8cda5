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
  if has nvcc; then found CUDA "$(nvcc --version | sed -n 's/.*release \([^,]*\),.*/\1/p')"; else
    found CUDA "no toolkit (the programs run on the processor)"
  fi
  if has nvidia-smi && nvidia-smi -L >/dev/null 2>&1; then found GPU "$(nvidia-smi -L | sed -n 1p)"; else found GPU "none"; fi
  echo "machine"
  found system "$(system_name)"
  found threads "$(nproc 2>/dev/null || echo unknown)"
  found SIMD "$(simd_level)"
  if [ "$complete" = yes ]; then echo "everything needed is there"; else
    echo "something needed is missing; ./cnn run and ./cnn test install it by themselves on Debian and Ubuntu"
    return 1
  fi
}
