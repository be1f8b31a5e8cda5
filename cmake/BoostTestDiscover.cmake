# SPDX-License-Identifier: MIT
set(CNN_BOOST_TEST_LIST_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/BoostTestList.cmake")

# cnn_discover_boost_tests(<target> [LABELS label …] [SLOW suite …] [TIMEOUT seconds])
#
# Asks the built program for its cases right after each link and registers every one with CTest, those of the suites in SLOW
# with the label `slow`. Before the first build one test `<target>_NOT_BUILT` stands for all of them, and fails.
function(cnn_discover_boost_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LABELS;SLOW")
  set(list_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake")
  set(include_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
  set(run_folder "${CMAKE_CURRENT_BINARY_DIR}/${target}_run")
  file(MAKE_DIRECTORY "${run_folder}")
  string(REPLACE ";" "," labels "${arg_LABELS}")
  string(REPLACE ";" "," slow "${arg_SLOW}")

  add_custom_command(
    TARGET ${target}
    POST_BUILD
    BYPRODUCTS "${list_file}"
    COMMAND
      "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:${target}>" "-DTARGET=${target}" "-DOUTPUT=${list_file}"
      "-DLABELS=${labels}" "-DSLOW=${slow}" "-DTIMEOUT=${arg_TIMEOUT}" "-DSCALE=${CNN_TEST_TIMEOUT_SCALE}" "-DFOLDER=${run_folder}"
      "-DROOT=${PROJECT_SOURCE_DIR}" -P "${CNN_BOOST_TEST_LIST_SCRIPT}"
    VERBATIM)

  file(
    CONFIGURE
    OUTPUT "${include_file}"
    CONTENT
      [=[
if(EXISTS [==[@list_file@]==])
  include([==[@list_file@]==])
else()
  add_test([==[@target@_NOT_BUILT]==] [==[@CMAKE_COMMAND@]==] -E false)
  set_tests_properties([==[@target@_NOT_BUILT]==] PROPERTIES LABELS [==[@arg_LABELS@]==])
endif()
]=]
    @ONLY)
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include_file}")
endfunction()
