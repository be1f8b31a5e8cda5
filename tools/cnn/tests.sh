# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Running tests and counting them.

# count_tests REPORT…: reads CTest's JUnit files, names the skipped tests, prints the closing line; fails if a test failed
# or none ran. Tests that could not be started count as failed.
count_tests() {
  awk '
    function finish_case() {
      if (status == "") return
      if (status == "run") passed++
      else if (status == "disabled" || (status == "notrun" && skip)) { skipped++; print "skipped: " name }
      else { failed++; print "failed: " name }
      status = ""
    }
    /^[ \t]*<testcase / {
      finish_case()
      name = $0; sub(/.*<testcase name="/, "", name); sub(/" classname=.*/, "", name)
      gsub(/&lt;/, "<", name); gsub(/&gt;/, ">", name); gsub(/&quot;/, "\"", name); gsub(/&amp;/, "\\&", name)
      status = $0; sub(/.* status="/, "", status); sub(/".*/, "", status); skip = 0
    }
    /<skipped message="SKIP_/ { skip = 1 }
    END {
      finish_case()
      line = (passed + 0) " passed, " (failed + 0) " failed"
      if (skipped > 0) line = line ", " skipped " skipped"
      print line
      exit (failed > 0 || passed + failed == 0)
    }' "$@"
}

# targets_with_label LABEL…: the targets that hold tests with one of the labels, from the index CMake writes.
targets_with_label() {
  awk -v wanted="$*" '
    BEGIN { n = split(wanted, labels, " ") }
    { for (i = 2; i <= NF; i++) for (j = 1; j <= n; j++) if ($i == labels[j] && $1 != "-") print $1 }
  ' "$root/build/$preset/test_index.txt" | sort -u
}

label_is_indexed() { awk -v wanted="$1" '{ for (i = 2; i <= NF; i++) if ($i == wanted) found = 1 } END { exit !found }' "$root/build/$preset/test_index.txt"; }

# known_labels: every label of the tests built so far, one a line.
known_labels() {
  ctest --test-dir "$root/build/$preset" -N --print-labels 2>/dev/null | sed -n 's/^  \([^ ]*\)$/\1/p'
}

# label_pattern LABEL…: the regular expression CTest selects them with.
label_pattern() {
  local joined
  joined=$(printf '%s\n' "$@" | sed 's/[][\.*^$+?(){}|]/\\&/g' | tr '\n' '|')
  printf '^(%s)$' "${joined%|}"
}

command_test() {
  local sections=() labels=() programs=() fast='' section target
  while [ $# -gt 0 ]; do
    case $1 in
      --label)
        [ $# -ge 2 ] || usage_error "--label expects a label, for instance slow"
        labels+=("$2")
        shift
        ;;
      --fast) fast=1 ;;
      --label=*) labels+=("${1#--label=}") ;;
      -h | --help) show_help && return ;;
      -*) usage_error "test does not know the option $1" ;;
      *)
        find_chapter "$1"
        sections+=("$section")
        programs+=("$target")
        ;;
    esac
    shift
  done
  local builds=("$preset") reports=() emulation=''
  ! tests_emulation || add_emulation
  set_up_for_building
  ensure_packages "tests" "${test_packages[@]}"
  for preset in "${builds[@]}"; do with_its_labels build_tests; done
  [ -z "$dry_run" ] || return 0
  for preset in "${builds[@]}"; do with_its_labels run_tests; done
  count_tests "${reports[@]}"
}

in_labels() { printf '%s\n' ${labels[@]+"${labels[@]}"} | grep -xF -e "$1" >/dev/null; }

# The kernels of the rung cuda run on the CPU in a build of their own. All tests, and those labelled cuda, include them.
tests_emulation() {
  [ "$preset" = release ] && [ ${#sections[@]} -eq 0 ] && { [ ${#labels[@]} -eq 0 ] || in_labels cuda; }
}

add_emulation() {
  local label others=()
  for label in ${labels[@]+"${labels[@]}"}; do
    [ "$label" = cuda ] || others+=("$label")
  done
  [ ${#labels[@]} -eq 0 ] || [ ${#others[@]} -gt 0 ] || builds=()
  builds+=(cuda-emulated)
  labels=(${others[@]+"${others[@]}"})
  emulation=yes
  build_packages+=(libboost-context-dev)
}

# with_its_labels COMMAND: runs it with the labels that are wanted of the build $preset.
with_its_labels() {
  local wanted=(${labels[@]+"${labels[@]}"})
  [ -z "$emulation" ] || [ "$preset" != cuda-emulated ] || wanted=(cuda)
  local labels=(${wanted[@]+"${wanted[@]}"})
  "$@"
}

# Builds what the chosen tests need: the chapters' own programs and tests, or those with the label, or everything.
build_tests() {
  local label targets=()
  if [ -n "$dry_run" ]; then
    echo "would test: chapters ${sections[*]:-all}, labels ${labels[*]:-all}${fast:+, not slow} (preset $preset)"
    return
  fi
  open_log
  check_build_tools
  lock_build
  configure
  if [ ${#sections[@]} -gt 0 ]; then
    mapfile -t targets < <(targets_with_label "${sections[@]}")
    build "${programs[@]}" "${targets[@]}"
    return
  fi
  for label in ${labels[@]+"${labels[@]}"}; do
    # A label given inside a test program is known only once it is built.
    label_is_indexed "$label" || { build all && return; }
  done
  if [ ${#labels[@]} -eq 0 ]; then
    build all
    return
  fi
  mapfile -t targets < <(targets_with_label "${labels[@]}")
  [ ${#targets[@]} -eq 0 ] || build "${targets[@]}"
}

run_tests() {
  local folder=$root/build/$preset report label options=() left_out=()
  [ -z "$fast" ] || left_out+=(slow)
  in_labels browser || left_out+=(browser) # a quarter of an hour, where Chromium is slow
  report=$folder/test_report.xml
  for label in ${labels[@]+"${labels[@]}"}; do
    known_labels | grep -xF -e "$label" >/dev/null ||
      usage_error "no test has the label \"$label\"; the labels are $(known_labels | tr '\n' ' ')"
  done
  [ ${#labels[@]} -eq 0 ] || options+=(-L "$(label_pattern "${labels[@]}")") # any of them
  [ ${#sections[@]} -eq 0 ] || options+=(-L "$(label_pattern "${sections[@]}")")
  [ ${#left_out[@]} -eq 0 ] || options+=(-LE "$(label_pattern "${left_out[@]}")")
  [ ! -t 1 ] || options+=(--progress)
  rm -f "$report"
  local status=0
  ctest --test-dir "$folder" -j "$(nproc 2>/dev/null || echo 2)" --output-on-failure --no-tests=error \
    --output-junit "$report" ${options[@]+"${options[@]}"} </dev/null || status=$?
  if [ ! -f "$report" ]; then
    say "error: ctest ended without a report (exit status $status)"
    echo "0 passed, 0 failed"
    exit 1
  fi
  reports+=("$report")
}
