# SPDX-License-Identifier: MIT
# Builds the site: cmake -DSOURCE=<root> -DOUTPUT=<folder> -DVERSION=<x.y.z> -P build_site.cmake
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
file(WRITE "${work}/header.html" "${header}")

execute_process(COMMAND "${DOXYGEN}" -l layout.xml WORKING_DIRECTORY "${work}" OUTPUT_QUIET ERROR_QUIET
                COMMAND_ERROR_IS_FATAL ANY)
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

configure_file("${SOURCE}/docs/Doxyfile.in" "${work}/Doxyfile" @ONLY)
execute_process(COMMAND "${DOXYGEN}" Doxyfile WORKING_DIRECTORY "${work}" OUTPUT_QUIET RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The documentation has warnings, which are errors here (they are listed above).")
endif()
message("${OUTPUT}/html/index.html")
