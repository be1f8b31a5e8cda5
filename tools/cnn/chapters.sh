# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The sections of the book and the programs that go with them.

# section|folder|target|one line
chapters=$(grep -v '^#' "$root/chapters/list.txt")

# chapter_is_here FOLDER
chapter_is_here() { [ -f "$root/chapters/$1/CMakeLists.txt" ]; }

list_chapters() {
  local section folder target line note
  while IFS='|' read -r section folder target line; do
    note=""
    chapter_is_here "$folder" || note=" (coming)"
    printf '  %-5s %-15s %s\n' "$section" "$target" "$line$note"
  done <<<"$chapters"
}

# find_chapter NAME: sets `section` and `target`. NAME is 5.5, 05, lenet, 05_lenet or the chapter's folder.
find_chapter() {
  local name=${1%/} folder line
  name=${name##*/}
  while IFS='|' read -r section folder target line; do
    case $name in
      "$section" | "$folder" | "$target" | "${folder%%_*}")
        chapter_is_here "$folder" ||
          usage_error "section $section ($target) is coming, but this version does not have it yet; ./cnn lists those it has"
        return
        ;;
    esac
  done <<<"$chapters"
  usage_error "there is no chapter \"$1\"; the chapters are" "$(list_chapters)"
}
