# SPDX-License-Identifier: MIT

# The chapters as chapters/list.txt has them, and their folders; tests/chapters has the same.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/chapters/list.txt")
file(STRINGS "${PROJECT_SOURCE_DIR}/chapters/list.txt" CNN_CHAPTER_LIST REGEX "^[^#]")
list(TRANSFORM CNN_CHAPTER_LIST REPLACE "^[^|]*[|]([^|]*)[|].*" "\\1" OUTPUT_VARIABLE CNN_CHAPTER_FOLDERS)

# cnn_add_chapter(<target> SECTION <x.y> [SOURCES a.cpp …] [LINKS target …])
#
# The program of one section of the book: main.cpp of the current folder, into <build>/bin/<target>.
function(cnn_add_chapter target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SECTION" "SOURCES;LINKS")
  if(NOT arg_SECTION OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "cnn_add_chapter(${target}): expects SECTION x.y and at most SOURCES and LINKS")
  endif()
  add_executable(${target} main.cpp ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE cnn::common cnn::blas cnn_build_options ${arg_LINKS})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  if(arg_SOURCES)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${CNN_UNITY})
  endif()
  set_property(GLOBAL APPEND PROPERTY CNN_CHAPTERS "${arg_SECTION} ${target}")
endfunction()
