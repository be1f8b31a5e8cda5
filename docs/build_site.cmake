# SPDX-License-Identifier: MIT
# Builds the site: cmake -DSOURCE=<root> -DOUTPUT=<folder> -DVERSION=<x.y.z> -P build_site.cmake
# One run of Doxygen for each language, into OUTPUT/html/en and OUTPUT/html/zh; OUTPUT/html/index.html leads to one of them.
# A page is Chinese where NAME.zh.md stands beside NAME.md, and English otherwise.
# Fails on any warning of Doxygen; the site is then in OUTPUT/html all the same, to be looked at.
cmake_minimum_required(VERSION 3.25)

set(missing "")
set(prefixes /usr /usr/local /opt/homebrew "$ENV{CONDA_PREFIX}")
find_program(DOXYGEN doxygen)
if(NOT DOXYGEN)
  list(APPEND missing doxygen)
endif()
find_program(DOT dot)
if(NOT DOT)
  list(APPEND missing graphviz)
endif()
find_program(PYTHON NAMES python3)
if(NOT PYTHON)
  list(APPEND missing python3)
endif()
find_path(THEME doxygen-awesome.css PATHS ${prefixes} PATH_SUFFIXES share/doxygen-awesome-css)
if(NOT THEME)
  list(APPEND missing doxygen-awesome-css)
endif()
find_path(MATHJAX MathJax.js PATHS ${prefixes} PATH_SUFFIXES share/javascript/mathjax)
if(NOT MATHJAX)
  list(APPEND missing libjs-mathjax)
endif()
if(missing)
  list(JOIN missing " " packages)
  message(FATAL_ERROR "The documentation needs: ${packages}\nOn Debian and Ubuntu: apt-get install ${packages}")
endif()

set(work "${OUTPUT}/docs")  # what is made on the way
file(REMOVE_RECURSE "${OUTPUT}/html")
file(MAKE_DIRECTORY "${OUTPUT}/html" "${work}")

# Where \\snippet and \\include look. Given the whole project, Doxygen would walk through build/, too, which may hold whole
# systems (tools/systems.sh) whose links lead in circles.
file(REMOVE_RECURSE "${work}/source")
file(MAKE_DIRECTORY "${work}/source")
foreach(folder IN ITEMS chapters common docs tools)
  file(CREATE_LINK "${SOURCE}/${folder}" "${work}/source/${folder}" SYMBOLIC)
endforeach()

# Header and layout come from the Doxygen at hand (each version has its own) and get what this site adds.
execute_process(COMMAND "${DOXYGEN}" -w html header.html footer.html style.css WORKING_DIRECTORY "${work}"
                OUTPUT_QUIET ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(READ "${work}/header.html" header)
file(READ "${SOURCE}/docs/theme/head.html" head)
string(REPLACE "$mathjax" "${head}$mathjax" header "${header}")
file(READ "${SOURCE}/docs/theme/tools.html" tools)
string(REPLACE "<!--END TITLEAREA-->" "${tools}<!--END TITLEAREA-->" header "${header}")
file(WRITE "${work}/header.html" "${header}")

execute_process(COMMAND "${DOXYGEN}" -l layout.xml WORKING_DIRECTORY "${work}" OUTPUT_QUIET ERROR_QUIET
                COMMAND_ERROR_IS_FATAL ANY)
# A second table of contents, which newer versions put at the right.
set(NEWER "")
execute_process(COMMAND "${DOXYGEN}" -s -g - OUTPUT_VARIABLE settings ERROR_QUIET)
if(settings MATCHES "PAGE_OUTLINE_PANEL")
  set(NEWER "PAGE_OUTLINE_PANEL     = NO\n")
endif()
file(READ "${work}/layout.xml" layout)
foreach(tab IN ITEMS modules concepts examples files)
  string(REPLACE "<tab type=\"${tab}\" visible=\"yes\"" "<tab type=\"${tab}\" visible=\"no\"" layout "${layout}")
endforeach()
file(WRITE "${work}/layout.xml" "${layout}")

# The part of MathJax that SVG formulas need, so that the site works from a file, without a network.
foreach(
  part IN
  ITEMS MathJax.js
        config/default.js
        extensions
        jax/element
        jax/input/TeX
        jax/output/SVG/jax.js
        jax/output/SVG/config.js
        jax/output/SVG/autoload
        jax/output/SVG/fonts/TeX
        localization/en)
  get_filename_component(folder "${OUTPUT}/html/mathjax/${part}" DIRECTORY)
  file(COPY "${MATHJAX}/${part}" DESTINATION "${folder}")
endforeach()

# \page03 and \see03 in the pages link to the tutorial of section 5.3, or name it while it is not written.
set(ALIASES "")
foreach(number IN ITEMS 01 02 03 04 05 06 07 08 09 10 11 12)
  file(GLOB tutorial "${SOURCE}/chapters/${number}_*/tutorial.md")
  if(tutorial)
    string(APPEND ALIASES "ALIASES += page${number}=\"\\subpage ch${number}\"\nALIASES += see${number}=\"\\ref ch${number}\"\n")
  else()
    string(REGEX REPLACE "^0" "" digit "${number}")
    string(APPEND ALIASES "ALIASES += page${number}=\"section 5.${digit}\"\nALIASES += see${number}=\"section 5.${digit}\"\n")
  endif()
endforeach()

# The tables of the logs in results/.
file(REMOVE_RECURSE "${work}/tables")
execute_process(COMMAND "${PYTHON}" -B "${SOURCE}/tools/results.py" --tables "${work}/tables" COMMAND_ERROR_IS_FATAL ANY)

# The figures, and the pages of each language: the Chinese site takes NAME.zh.md in the place of NAME.md.
execute_process(COMMAND "${PYTHON}" -B "${SOURCE}/tools/site/figures.py" "${work}/figures" COMMAND_ERROR_IS_FATAL ANY)
file(GLOB english "${SOURCE}/docs/*.md" "${SOURCE}/chapters/*/tutorial.md")
list(FILTER english EXCLUDE REGEX "\\.zh\\.md$")
set(translated "")
foreach(page IN LISTS english)
  string(REGEX REPLACE "\\.md$" ".zh.md" twin "${page}")
  if(EXISTS "${twin}")
    string(APPEND translated " \\\n                         \"${page}\"")
  endif()
endforeach()

set(status 0)
foreach(LANGUAGE IN ITEMS en zh)
  set(MAINPAGE "${SOURCE}/docs/mainpage.md")
  if(LANGUAGE STREQUAL "zh")
    set(BRIEF "《动手学深度学习》第五章，C++ 版")
    set(DOXYGEN_LANGUAGE Chinese)
    set(EXCLUDED "${translated}")
    set(OTHERS "*/README*.md")
    if(EXISTS "${SOURCE}/docs/mainpage.zh.md")
      set(MAINPAGE "${SOURCE}/docs/mainpage.zh.md")
    endif()
  else()
    set(BRIEF "Chapter 5 of the book, in C++")
    set(DOXYGEN_LANGUAGE English)
    set(EXCLUDED "")
    set(OTHERS "*/README*.md */*.zh.md")
  endif()
  configure_file("${SOURCE}/docs/Doxyfile.in" "${work}/Doxyfile.${LANGUAGE}" @ONLY)
  execute_process(COMMAND "${DOXYGEN}" "Doxyfile.${LANGUAGE}" WORKING_DIRECTORY "${work}" OUTPUT_QUIET RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    set(status 1)
  endif()
endforeach()
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The documentation has warnings, which are errors here (they are listed above).")
endif()

# What Doxygen leaves out: languages, links between twins, text alternatives, the index of the search.
execute_process(COMMAND "${PYTHON}" -B "${SOURCE}/tools/site/finish.py" "${OUTPUT}/html" COMMAND_ERROR_IS_FATAL ANY)
message("${OUTPUT}/html/index.html")
