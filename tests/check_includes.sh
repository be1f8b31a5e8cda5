#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks who includes whom, and fails naming file, line and rule. Lists long files without failing.
#
#   bench -> chapters -> train -> {nn, optim, data, io} -> ops -> {backend, without its rungs, tensor} -> core
#
# usage: tests/check_includes.sh [project folder]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

folders=()
for folder in common chapters bench tests; do [ ! -d "$folder" ] || folders+=("$folder"); done
mapfile -t files < <(find "${folders[@]}" -type f \( -name '*.hpp' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) | sort)

if [ ${#files[@]} -eq 0 ]; then
  echo "no source files under $PWD" >&2
  exit 1
fi

awk '
  # What each folder of common may include from common, besides itself.
  BEGIN {
    allow["common/core"] = ""
    allow["common/tensor"] = "common/core"
    allow["common/backend"] = "common/core common/tensor"
    allow["common/ops"] = "common/core common/tensor common/backend"
    allow["common/nn"] = "common/core common/tensor common/backend common/ops"
    allow["common/optim"] = allow["common/nn"] " common/nn"
    allow["common/data"] = allow["common/nn"]
    allow["common/io"] = allow["common/nn"] " common/nn"
    allow["common/train"] = allow["common/nn"] " common/nn common/optim common/data common/io"
    view = "common/tensor/view.hpp"
  }
  function report(rule) { printf "%s:%d: %s\n", FILENAME, FNR, rule; bad = 1 }
  function folder_of(path) { sub(/\/[^\/]*$/, "", path); return path }
  # The unit of common a path belongs to: common/ops, common/backend, common/backend/reference; common for cnn.hpp.
  function unit_of(path,    parts, n) {
    n = split(path, parts, "/")
    if (n < 3) return "common"
    if (parts[2] == "backend" && n > 3) return "common/backend/" parts[3]
    return "common/" parts[2]
  }
  function one_of(word, words) { return index(" " words " ", " " word " ") > 0 }
  # Chapters whose subject is written in xtensor.
  function may_use_xtensor() {
    return from ~ /^tests\// || unit == "common/backend/xtensor" || from ~ /^chapters\/(01|02|03|04|10)_/
  }

  function check_system(name) {
    if (name ~ /^xtensor\// && from != view) report("only " view " includes <xtensor/...>; include that instead")
    if (name ~ /intrin\.h$/ && from != "common/backend/simd/vec.hpp")
      report("only common/backend/simd/vec.hpp includes <" name ">")
    if (name ~ /^(xtensor-blas\/|xsimd\/|cblas\.h$|openblas)/ && !may_use_xtensor() && from != view)
      report("only common/backend/xtensor, chapters 01 to 04 and 10, and tests use <" name ">")
    if (name ~ /^(cuda|cublas|curand|cooperative_groups)/ && unit != "common/backend/cuda" && from !~ /^tests\/emulation\//)
      report("only common/backend/cuda includes CUDA headers, and the tests of the emulation")
  }

  function check_common(name,    to, rung) {
    if (name == view && from != view && !may_use_xtensor()) { report("only code that uses xtensor includes " view); return }
    to = unit_of(name)
    if (from ~ /^(tests|bench)\//) return
    if (from ~ /^chapters\//) {
      if (name != "common/cnn.hpp" && name != view) report("a chapter includes common/cnn.hpp, not " name)
      return
    }
    if (unit == "common") return
    if (name == "common/cnn.hpp") { report("common/cnn.hpp is for chapters"); return }
    if (to == unit) return
    rung = (unit ~ /^common\/backend\//)
    if (rung) {
      if (to != "common/core" && to != "common/tensor" && to != "common/backend")
        report("a rung sees core, tensor and what all rungs share, not " name)
    } else if (to ~ /^common\/backend\//) {
      if (unit != "common/backend") report("only common/backend knows the rungs: " name)
    } else if (!one_of(to, allow[unit])) {
      report(unit " must not include " to ": " name)
    }
  }

  function check_chapter(name,    own) {
    own = folder_of(name)
    if (from ~ /^common\//) report("common must not include a chapter: " name)
    else if (from ~ /^chapters\// && index(folder_of(from) "/", own "/") != 1) report("a chapter must not include another: " name)
    else if (from ~ /^tests\// && from ~ /\/[0-9][0-9]_/ && index(from, substr(own, 10, 2) "_") == 0)
      report("the tests of a chapter include that chapter only: " name)
  }

  FNR == 1 {
    from = FILENAME; sub(/^\.\//, "", from)
    unit = (from ~ /^common\//) ? unit_of(from) : ""
    if (from ~ /^common\/[^\/]*\// && unit !~ /^common\/backend\// && !(unit in allow)) report("no rule for the folder " unit)
  }
  /^[ \t]*#[ \t]*include[ \t]*</ {
    name = $0; sub(/^[^<]*</, "", name); sub(/>.*/, "", name)
    check_system(name)
  }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
    if (name ~ /\.\.\//) report("includes start at the root of the project, not with ../")
    else if (name ~ /^common\//) check_common(name)
    else if (name ~ /^chapters\//) check_chapter(name)
    else if (name ~ /^bench\//) { if (from !~ /^bench\//) report("only bench includes bench: " name) }
    else if (name ~ /^tests\//) { if (from !~ /^tests\//) report("only tests include tests: " name) }
    else if (from ~ /^common\//) report("includes start at the root of the project: \"" name "\"")
  }
  /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif).*CUDA/ && unit != "common/backend/cuda" {
    report("no #if on CUDA: CMake chooses the folder")
  }
  { lines[FILENAME] = FNR }
  END {
    for (file in lines) {
      limit = (file ~ /^chapters\/.*\/main\.cpp$/) ? 80 : 300
      if (lines[file] > limit) printf "note: %s has %d lines (over %d)\n", file, lines[file], limit
    }
    if (!bad) printf "%d files follow the include rules\n", ARGC - 1
    exit bad
  }' "${files[@]}"
