# SPDX-License-Identifier: MIT
# Finds every third-party library; what is missing is collected and reported once, with the packages that hold it.
# Defines cnn::xtensor_headers (the only way to reach xtensor) and cnn::blas (xtensor-blas).
set(CNN_MISSING_LIBRARIES "")
set(CNN_MISSING_PACKAGES "")

# cnn_require(<name> <found> <Debian package>): notes a missing library.
macro(cnn_require name found package)
  if(NOT (${found}))
    list(APPEND CNN_MISSING_LIBRARIES "${name}")
    list(APPEND CNN_MISSING_PACKAGES "${package}")
  endif()
endmacro()

# cnn_tried(<name> <version> <oldest> <newest>): says so when a library is of a version that nobody tried. Versions are compared
# by the parts that <newest> has. What is said is kept in <build>/untried.txt, too, for the front script.
set(CNN_UNTRIED "")
function(cnn_tried name version oldest newest)
  if(NOT version)
    return()
  endif()
  string(REPLACE "." ";" wanted "${newest}")
  string(REPLACE "." ";" have "${version}")
  list(LENGTH wanted parts)
  list(SUBLIST have 0 ${parts} have)
  list(JOIN have "." have)
  if(have VERSION_LESS oldest OR have VERSION_GREATER newest)
    set(CNN_UNTRIED "${CNN_UNTRIED}${name} ${version} was never tried here (${oldest} to ${newest} were)\n" PARENT_SCOPE)
  endif()
endfunction()

if(CNN_WITH_THREADS)
  find_package(Threads QUIET)
endif()
find_package(fmt 9 QUIET)
cnn_require(fmt "fmt_FOUND" libfmt-dev)
cnn_tried(fmt "${fmt_VERSION}" 9 11)

if(CNN_BUILD_TESTS AND CNN_WITH_THREADS)
  set(Boost_USE_STATIC_LIBS OFF)
  find_package(Boost 1.74 QUIET CONFIG COMPONENTS unit_test_framework)
  cnn_require(Boost.Test Boost_FOUND libboost-test-dev)
  cnn_tried(Boost.Test "${Boost_VERSION}" 1.74 1.92)
endif()

if(CNN_WITH_XTENSOR)
  # The versions of xtensor and xsimd say little about what works together: none is asked for here.
  find_package(xsimd QUIET)
  cnn_require(xsimd "xsimd_FOUND" libxsimd-dev)
  cnn_tried(xsimd "${xsimd_VERSION}" 8 14)
  set(BLA_VENDOR OpenBLAS)
  find_package(BLAS QUIET)
  cnn_require(OpenBLAS "BLAS_FOUND" libopenblas-dev)
  find_package(LAPACK QUIET)
  find_package(xtensor QUIET)
  cnn_require(xtensor "xtensor_FOUND" libxtensor-dev)
  cnn_tried(xtensor "${xtensor_VERSION}" 0.24 0.27)
  if(BLAS_FOUND AND xtensor_FOUND)
    find_package(xtensor-blas QUIET)
    cnn_require(xtensor-blas "xtensor-blas_FOUND" libxtensor-blas-dev)
    cnn_tried(xtensor-blas "${xtensor-blas_VERSION}" 0.20 0.23)
  else()
    find_path(CNN_XTENSOR_BLAS_HEADER xtensor-blas/xlinalg.hpp)
    mark_as_advanced(CNN_XTENSOR_BLAS_HEADER)
    cnn_require(xtensor-blas "CNN_XTENSOR_BLAS_HEADER" libxtensor-blas-dev)
  endif()
  find_package(ZLIB QUIET)
  cnn_require(zlib "ZLIB_FOUND" zlib1g-dev)
  find_package(PNG QUIET)
  cnn_require(libpng "PNG_FOUND" libpng-dev)
  find_package(JPEG QUIET)
  cnn_require(libjpeg "JPEG_FOUND" libjpeg-dev)
  find_package(CLI11 QUIET)
  cnn_require(CLI11 "CLI11_FOUND" libcli11-dev)
  cnn_tried(CLI11 "${CLI11_VERSION}" 2.1 2.6)
  find_package(nlohmann_json QUIET)
  cnn_require("nlohmann-json" "nlohmann_json_FOUND" nlohmann-json3-dev)
  cnn_tried(nlohmann-json "${nlohmann_json_VERSION}" 3.11 3.12)
endif()

# Only --export-onnx needs these.
find_path(CNN_ONNX_HEADERS onnx/checker.h)
find_path(CNN_PROTOBUF_HEADERS google/protobuf/message.h)
find_library(CNN_ONNX onnx)
find_library(CNN_ONNX_PROTO onnx_proto)
find_library(CNN_PROTOBUF protobuf)
mark_as_advanced(CNN_ONNX_HEADERS CNN_PROTOBUF_HEADERS CNN_ONNX CNN_ONNX_PROTO CNN_PROTOBUF)
set(CNN_WITH_ONNX OFF)
if(CNN_ONNX_HEADERS AND CNN_PROTOBUF_HEADERS AND CNN_ONNX AND CNN_ONNX_PROTO AND CNN_PROTOBUF)
  set(CNN_WITH_ONNX ON)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  cnn_tried(g++ "${CMAKE_CXX_COMPILER_VERSION}" 12 16)
else()
  cnn_tried("${CMAKE_CXX_COMPILER_ID}" "${CMAKE_CXX_COMPILER_VERSION}" 14 14)
endif()
file(WRITE "${CMAKE_BINARY_DIR}/untried.txt" "${CNN_UNTRIED}")
if(CNN_UNTRIED)
  message(WARNING "${CNN_UNTRIED}If something fails, that may be why.")
endif()

if(CNN_MISSING_LIBRARIES)
  list(JOIN CNN_MISSING_LIBRARIES ", " libraries)
  list(JOIN CNN_MISSING_PACKAGES " " packages)
  message(
    FATAL_ERROR
      "Missing: ${libraries}.\n"
      "On Debian and Ubuntu: apt-get install ${packages}\n"
      "Elsewhere: conda env create -f environment.yml (see './cnn doctor' for what this machine has).")
endif()

if(CNN_WITH_XTENSOR)
  # XTENSOR_USE_XSIMD is part of the type of every xtensor container (it picks the allocator): whoever uses xtensor must
  # get it from here, and nowhere else.
  add_library(cnn_xtensor_headers INTERFACE)
  add_library(cnn::xtensor_headers ALIAS cnn_xtensor_headers)
  target_link_libraries(cnn_xtensor_headers INTERFACE xtensor xsimd)
  target_compile_definitions(cnn_xtensor_headers INTERFACE XTENSOR_USE_XSIMD
                                                           $<$<BOOL:${CNN_XTENSOR_ASSERT}>:XTENSOR_ENABLE_ASSERT>)
  add_library(cnn_blas INTERFACE)
  add_library(cnn::blas ALIAS cnn_blas)
  target_link_libraries(cnn_blas INTERFACE cnn::xtensor_headers xtensor-blas)
  # OpenBLAS itself is loaded by the program that uses the rung, see common/backend/xtensor/openblas.cpp.
  list(FILTER BLAS_LIBRARIES INCLUDE REGEX "blas")
  list(GET BLAS_LIBRARIES 0 CNN_OPENBLAS)
endif()
