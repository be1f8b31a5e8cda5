# SPDX-License-Identifier: MIT

# cnn_add_library(<name> [SOURCES a.cpp …] [LINKS target …] [PRIVATE_LINKS target …])
#
# A static library `cnn_<name>`, alias `cnn::<name>`, for one folder of common/. LINKS reach those who use the library,
# PRIVATE_LINKS do not. Without SOURCES it is header-only. Includes start at the root of the project.
function(cnn_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;PRIVATE_LINKS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "cnn_add_library(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(arg_SOURCES)
    set(public PUBLIC)
    add_library(cnn_${name} STATIC ${arg_SOURCES})
    target_link_libraries(cnn_${name} PRIVATE cnn_build_options ${arg_PRIVATE_LINKS})
    set_target_properties(cnn_${name} PROPERTIES UNITY_BUILD ${CNN_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  else()
    set(public INTERFACE)
    add_library(cnn_${name} INTERFACE)
  endif()
  add_library(cnn::${name} ALIAS cnn_${name})
  target_include_directories(cnn_${name} ${public} "${PROJECT_SOURCE_DIR}")
  target_link_libraries(cnn_${name} ${public} ${arg_LINKS})
endfunction()

# cnn_seldom_runs(<target>)
#
# For a library of parsers, printers, pictures, or of what a step of training does once: it compiles faster where it is not
# tuned for speed. Floats are the same.
function(cnn_seldom_runs target)
  if(CNN_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  else()
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()
