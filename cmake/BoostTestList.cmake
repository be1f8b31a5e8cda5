# SPDX-License-Identifier: MIT
# Run after each link of a test program: writes a CTest file with one test per Boost.Test case.
# Expects PROGRAM TARGET OUTPUT LABELS SLOW TIMEOUT SCALE FOLDER ROOT.
cmake_minimum_required(VERSION 3.25)
execute_process(
  COMMAND "${PROGRAM}" --list_content=DOT
  WORKING_DIRECTORY "${FOLDER}"
  RESULT_VARIABLE status
  OUTPUT_VARIABLE ignored
  ERROR_VARIABLE dot)
if(NOT status EQUAL 0 OR NOT dot MATCHES "digraph")
  message(FATAL_ERROR "${PROGRAM} --list_content=DOT failed (${status}):\n${dot}")
endif()
# Semicolons would split CMake lists.
string(REPLACE ";" "" dot "${dot}")
string(REPLACE "," ";" unseen_slow "${SLOW}")

# The program prints a tree: a node, then its children between braces. Identifiers from 65536 on are cases.
set(path "")
set(last_suite "")
set(inherited_labels "")
set(last_labels "")
set(content "")
set(first_node TRUE)
while(NOT dot STREQUAL "")
  string(FIND "${dot}" "\n" end)
  if(end EQUAL -1)
    set(line "${dot}")
    set(dot "")
  else()
    string(SUBSTRING "${dot}" 0 ${end} line)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${dot}" ${end} -1 dot)
  endif()

  if(line STREQUAL "{")
    list(APPEND path "${last_suite}/")
    list(APPEND inherited_labels "${last_labels}/")
  elseif(line STREQUAL "}")
    list(POP_BACK path)
    list(POP_BACK inherited_labels)
  elseif(line MATCHES "^tu([0-9]+)\\[.*color=([a-z]+),label=\"(.*)\"\\]$")
    set(id "${CMAKE_MATCH_1}")
    set(color "${CMAKE_MATCH_2}")
    set(fields "${CMAKE_MATCH_3}")
    string(REGEX REPLACE "\\|.*" "" name "${fields}")
    set(labels "")
    if(fields MATCHES "\\|labels:([^|]*)$")
      string(REGEX MATCHALL "[^ @]+" labels "${CMAKE_MATCH_1}")
    endif()
    list(JOIN labels "," labels)
    if(first_node)  # the module: not a part of any case's path
      set(first_node FALSE)
      set(last_suite "")
      set(last_labels "")
    elseif(id LESS 65536)
      set(last_suite "${name}")
      if(",${SLOW}," MATCHES ",${name},")
        string(APPEND labels ",slow")
        list(REMOVE_ITEM unseen_slow "${name}")
      endif()
      set(last_labels "${labels}")
    elseif(color STREQUAL "green")
      string(JOIN "" suites ${path})
      string(REGEX REPLACE "^/+" "" suites "${suites}")
      string(JOIN "" suite_labels ${inherited_labels})
      string(REGEX MATCHALL "[^,/]+" all_labels "${LABELS},${suite_labels},${labels}")
      list(REMOVE_DUPLICATES all_labels)
      set(seconds "${TIMEOUT}")
      if(fields MATCHES "\\|timeout=([0-9]+)")
        math(EXPR seconds "${CMAKE_MATCH_1} * ${SCALE}")
      endif()
      set(test "[==[${TARGET}.${suites}${name}]==]")
      string(
        APPEND content
        "add_test(${test} [==[${PROGRAM}]==] [==[--run_test=${suites}${name}]==] --color_output=no "
        "--catch_system_errors=no --report_level=short)\n"
        "set_tests_properties(${test} PROPERTIES LABELS [==[${all_labels}]==] TIMEOUT ${seconds} "
        "WORKING_DIRECTORY [==[${FOLDER}]==] SKIP_RETURN_CODE 77\n"
        "  SKIP_REGULAR_EXPRESSION [==[has passed with:[^0-9]+[0-9]+ test cases? out of [0-9]+ skipped]==]\n"
        "  ENVIRONMENT [==[OPENBLAS_NUM_THREADS=1;ASAN_OPTIONS=allocator_may_return_null=1;CNN_ROOT=${ROOT}]==])\n")
    endif()
  endif()
endwhile()
if(unseen_slow)
  message(FATAL_ERROR "${PROGRAM} has no test suite named ${unseen_slow}: correct SLOW of its cnn_add_test")
endif()
file(WRITE "${OUTPUT}" "${content}")
