# SPDX-License-Identifier: MIT
include(BoostTestDiscover)

# What tests are compiled with besides, and after. The library does their work: what their assertions would gain from being
# optimised further is, by guess, less than that takes. And g++ 16 warns at each BOOST_TEST of a conversion inside of it, and
# every g++ of fixtures in unnamed namespaces of files that are compiled as one.
add_library(cnn_test_options INTERFACE)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(cnn_test_options INTERFACE -O1)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(cnn_test_options INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 15)
  target_compile_options(cnn_test_options INTERFACE -Wno-conversion)
endif()

# cnn_add_test(<target> SOURCES a.cpp … [LINKS target …] [LABELS label …] [SLOW suite …] [TIMEOUT seconds]
#              [DEPENDS target …])
#
# A Boost.Test program; each of its cases is a CTest test `<target>.<suite>/<case>`. If no source defines
# BOOST_TEST_MODULE, a file with the entry point is added. The macro CNN_SOURCE_DIR holds the root of the project; tests
# run in an empty folder of the build. The cases of the suites in SLOW have the label `slow`, too. DEPENDS names programs the
# cases start.
function(cnn_add_test target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LINKS;LABELS;SLOW;DEPENDS")
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "cnn_add_test(${target}): expects SOURCES; got ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  set(has_entry_point FALSE)
  foreach(source IN LISTS arg_SOURCES)
    file(STRINGS "${source}" module REGEX "define +BOOST_TEST_MODULE" LIMIT_COUNT 1)
    if(module)
      set(has_entry_point TRUE)
    endif()
  endforeach()
  if(NOT has_entry_point)
    set(entry "${CMAKE_CURRENT_BINARY_DIR}/${target}_entry.cpp")
    file(CONFIGURE OUTPUT "${entry}" CONTENT "#define BOOST_TEST_MODULE ${target}\n#include <boost/test/unit_test.hpp>\n")
    list(PREPEND arg_SOURCES "${entry}") # first: only after its BOOST_TEST_MODULE do Boost's headers hold main()
  endif()

  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE BOOST_TEST_DYN_LINK "CNN_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
  target_link_libraries(${target} PRIVATE ${arg_LINKS} Boost::unit_test_framework cnn_build_options cnn_test_options)
  if(TARGET cnn::xtensor_headers)
    target_link_libraries(${target} PRIVATE cnn::xtensor_headers)
  endif()
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests" UNITY_BUILD ${CNN_UNITY}
                                             UNITY_BUILD_BATCH_SIZE 6)
  if(arg_DEPENDS)
    add_dependencies(${target} ${arg_DEPENDS})
  endif()
  math(EXPR timeout "${arg_TIMEOUT} * ${CNN_TEST_TIMEOUT_SCALE}")
  cnn_discover_boost_tests(${target} LABELS ${arg_LABELS} SLOW ${arg_SLOW} TIMEOUT ${timeout})
  if(arg_SLOW)
    list(APPEND arg_LABELS slow)
  endif()
  list(JOIN arg_LABELS " " labels)
  set_property(GLOBAL APPEND PROPERTY CNN_TEST_INDEX "${target} ${labels}")
endfunction()

# cnn_add_command_test(<name> COMMAND program [argument …] [LABELS label …] [TIMEOUT seconds] [DEPENDS target …])
#
# One CTest test that is a command: exit status 0 passes, 77 is skipped. DEPENDS names targets that must be built first.
function(cnn_add_command_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "COMMAND;LABELS;DEPENDS")
  if(NOT arg_COMMAND OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "cnn_add_command_test(${name}): expects COMMAND; got ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  math(EXPR timeout "${arg_TIMEOUT} * ${CNN_TEST_TIMEOUT_SCALE}")
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${timeout} SKIP_RETURN_CODE 77
                                          ENVIRONMENT "OPENBLAS_NUM_THREADS=1;ASAN_OPTIONS=allocator_may_return_null=1;CNN_ROOT=${PROJECT_SOURCE_DIR}")
  list(JOIN arg_LABELS " " labels)
  set_property(GLOBAL APPEND PROPERTY CNN_TEST_INDEX "- ${labels}")
  foreach(dependency IN LISTS arg_DEPENDS)
    set_property(GLOBAL APPEND PROPERTY CNN_TEST_INDEX "${dependency} ${labels}")
  endforeach()
endfunction()

# Writes <build>/test_index.txt, "target label …" a line, from which the front script knows what to build for a label
# ("-" stands for no target), and the target `tests`, which builds all of them.
function(cnn_write_test_index)
  get_property(index GLOBAL PROPERTY CNN_TEST_INDEX)
  set(lines "")
  set(targets "")
  foreach(line IN LISTS index)
    string(APPEND lines "${line}\n")
    string(REGEX REPLACE " .*" "" target "${line}")
    if(NOT target STREQUAL "-")
      list(APPEND targets "${target}")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/test_index.txt" CONTENT "${lines}" @ONLY)
  add_custom_target(tests)
  if(targets)
    list(REMOVE_DUPLICATES targets)
    add_dependencies(tests ${targets})
  endif()
endfunction()
