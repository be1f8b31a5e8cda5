# SPDX-License-Identifier: MIT

# The folders of chapters/ in the book's order; tests/chapters has the same.
set(CNN_CHAPTER_FOLDERS
    01_conv_layer
    02_padding_stride
    03_channels
    04_pooling
    05_lenet
    06_alexnet
    07_vgg
    08_nin
    09_googlenet
    10_batch_norm
    11_resnet
    12_densenet)

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
  set_property(GLOBAL APPEND PROPERTY CNN_CHAPTERS "${arg_SECTION} ${target}")
endfunction()
