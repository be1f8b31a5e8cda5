# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Configuring and building with CMake.

# The presets one can build and run, from CMakePresets.json.
known_presets() {
  sed -n 's/.*"configurePreset": "\([^"]*\)".*/\1/p' "$root/CMakePresets.json" | grep -vx docs | sort -u
}

# emulates_cuda: whether the kernels of the rung cuda run on the CPU in this build.
emulates_cuda() { case $preset in cuda-emulated | asan | tsan) ;; *) return 1 ;; esac; }

# build_jobs: one compiler per processor, and at least a gigabyte of memory for each.
build_jobs() {
  local jobs gigabytes
  jobs=$(nproc 2>/dev/null || echo 2)
  gigabytes=$(awk '/^MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo 2>/dev/null || true)
  if [ -n "$gigabytes" ] && [ "$gigabytes" -lt "$jobs" ]; then
    jobs=$((gigabytes > 1 ? gigabytes : 1))
  fi
  echo "$jobs"
}

# version_at_least WANTED HAVE
version_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | sed -n 1p)" = "$1" ]; }

check_build_tools() {
  has c++ || has g++ || has clang++ || [ -n "${CXX:-}" ] || fail "there is no C++ compiler" "$(conda_or_apt g++)"
  has cmake || fail "cmake is not there" "$(conda_or_apt cmake)"
  has ninja || fail "ninja is not there" "$(conda_or_apt ninja-build)"
  local have
  have=$(cmake --version | sed -n 's/^cmake version \([0-9.]*\).*/\1/p')
  version_at_least 3.25 "$have" || fail "CMake 3.25 or newer is needed, this machine has $have" "$conda_hint"
  check_place
}

conda_or_apt() {
  if is_debian; then
    echo "apt-get install $1"
  else
    echo "$conda_hint"
  fi
}

# check_place: CMake and Ninja cannot build in every folder, nor with files from the future, and say so in their own words.
check_place() {
  local file
  case $root in
    *[\#\|\;\$\"\\]* | *$'\n'*) fail "CMake cannot build in $root: a character of that path has a meaning for it" \
      "move the project to a folder without # | ; \$ \" and \\ in its name" ;;
  esac
  file=$(find "$root" \( -path "$root/build" -o -path "$root/.git" -o -path "$root/runs" \) -prune -o -type f -newermt '+1 minute' -print 2>/dev/null | sed -n 1p)
  [ -z "$file" ] || fail "$file is dated in the future, with which Ninja cannot build" \
    "if the clock is right: find '$root' -newermt now -exec touch {} +"
}

# One build at a time in a folder: a second one waits.
lock_build() {
  has flock || return 0
  if [ -z "${locked:-}" ]; then exec 9>"$root/build/.lock"; fi
  locked=yes
  flock -n 9 || { say "waiting for another ./cnn that is building" && flock 9; }
}

unlock_build() {
  if [ -n "${locked:-}" ]; then exec 9>&-; fi
  locked=""
}

# has_got_onnx CACHE: whether libonnx, which a build can do without, was installed after a build was configured.
has_got_onnx() { grep -q '^CNN_ONNX:.*NOTFOUND' "$1" && package_is_there libonnx-dev; }

# Configures build/<preset> unless that is done; starts anew when the project has moved or a configuration was cut short.
configure() {
  local folder=$root/build/$preset cache home
  cache=$folder/CMakeCache.txt
  if [ -f "$cache" ]; then
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$cache")
    if [ "$home" != "$root" ]; then
      say "build/$preset was made in another place: starting it anew"
      rm -rf "$folder"
    elif [ -f "$folder/build.ninja" ] && [ ! "$root/CMakePresets.json" -nt "$folder/build.ninja" ] && ! has_got_onnx "$cache"; then
      return 0
    fi
  fi
  say "configuring build/$preset"
  (cd "$root" && logged "cmake --preset $preset" cmake --preset "$preset" 2>/dev/null) && say_untried && return
  # What an interrupted configuration left behind may be broken.
  if ! (cd "$root" && logged "cmake --preset $preset" cmake --fresh --preset "$preset"); then
    is_debian || say "  the libraries may be missing; get them with: $conda_hint"
    exit 1
  fi
  say_untried
}

# Names the libraries and compilers whose versions nobody has tried, see cmake/Dependencies.cmake.
say_untried() {
  local file=$root/build/$preset/untried.txt
  [ ! -s "$file" ] || sed 's/^/note: /' "$file" >&2
}

# Passes ninja's progress on: as one changing line on a terminal, else as a line every ten seconds.
show_progress() {
  local line part="" progress="" last=$SECONDS status
  while :; do
    status=0
    IFS= read -r -t 10 line || status=$?
    part+=$line
    if [ $status -eq 0 ]; then
      printf '%s\n' "$part" >>"$log"
      [[ ! $part =~ ^\[([0-9]+)/([0-9]+)\] ]] || progress="${BASH_REMATCH[1]} of ${BASH_REMATCH[2]} steps"
      part=""
    elif [ $status -le 128 ]; then  # the end; above 128 ten seconds have passed
      break
    fi
    if [ -t 2 ]; then
      printf '\r  %s   ' "$progress" >&2
    elif [ $((SECONDS - last)) -ge 10 ]; then
      say "  ${progress:-starting}, ${SECONDS} s"
      last=$SECONDS
    fi
  done
  [ -z "$part" ] || printf '%s\n' "$part" >>"$log"
  [ ! -t 2 ] || printf '\r%40s\r' '' >&2
}

# build TARGET…: brings targets of the preset up to date.
build() {
  if [ -n "$dry_run" ]; then
    echo "would build: $* (preset $preset)"
    return
  fi
  open_log
  check_build_tools
  lock_build
  configure
  local folder=$root/build/$preset
  ninja -C "$folder" -n "$@" 2>/dev/null | grep 'no work to do' >/dev/null || say "building $* (preset $preset); the first time takes minutes"
  printf '\n$ cmake --build build/%s --target %s\n' "$preset" "$*" >>"$log"
  if ! cmake --build "$folder" -j "${CMAKE_BUILD_PARALLEL_LEVEL:-$(build_jobs)}" --target "$@" 2>&1 </dev/null | show_progress; then
    sed '1,/^\$ cmake --build/d; /^\[[0-9]*\/[0-9]*\]/d' "$log" | tail -n 40 | sed 's/^/  | /' >&2
    fail "building $* failed" "the whole log: $log"
  fi
  unlock_build
}

# run_program PROGRAM ARGUMENT…: becomes the program, in the caller's directory, so that signals reach it.
run_program() {
  if [ -n "$dry_run" ]; then
    echo "would run: $*"
    return
  fi
  export CNN_ROOT=$root
  exec "$@"
}
