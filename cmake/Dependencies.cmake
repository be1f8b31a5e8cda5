# SPDX-License-Identifier: MIT
# Finds every third-party library; what is missing is collected and reported once, with the packages that hold it.
# Defines cnn::xtensor_headers (the only way to reach xtensor) and cnn::blas (OpenBLAS, and xtensor-blas over it).
set(CNN_MISSING_LIBRARIES "")
set(CNN_MISSING_PACKAGES "")

# cnn_require(<name> <found> <Debian package>): notes a missing library.
macro(cnn_require name found package)
  if(NOT (${found}))
    list(APPEND CNN_MISSING_LIBRARIES "${name}")
    list(APPEND CNN_MISSING_PACKAGES "${package}")
  endif()
endmacro()

find_package(Threads QUIET)
find_package(fmt 8 QUIET)
cnn_require(fmt "fmt_FOUND" libfmt-dev)

if(CNN_BUILD_TESTS)
  set(Boost_USE_STATIC_LIBS OFF)
  find_package(Boost 1.74 QUIET COMPONENTS unit_test_framework)
  cnn_require(Boost.Test Boost_FOUND libboost-test-dev)
endif()

if(CNN_WITH_XTENSOR OR CNN_WITH_SIMD)
  find_package(xsimd 8 QUIET)
  cnn_require(xsimd "xsimd_FOUND" libxsimd-dev)
endif()

if(CNN_WITH_XTENSOR)
  set(BLA_VENDOR OpenBLAS)
  find_package(BLAS QUIET)
  cnn_require(OpenBLAS "BLAS_FOUND" libopenblas-dev)
  find_package(LAPACK QUIET)
  find_package(xtensor 0.24 QUIET)
  cnn_require(xtensor "xtensor_FOUND" libxtensor-dev)
  if(BLAS_FOUND AND xtensor_FOUND)
    find_package(xtensor-blas 0.19 QUIET)
    cnn_require(xtensor-blas "xtensor-blas_FOUND" libxtensor-blas-dev)
  else()
    find_path(CNN_XTENSOR_BLAS_HEADER xtensor-blas/xlinalg.hpp)
    mark_as_advanced(CNN_XTENSOR_BLAS_HEADER)
    cnn_require(xtensor-blas "CNN_XTENSOR_BLAS_HEADER" libxtensor-blas-dev)
  endif()
  find_package(ZLIB QUIET)
  cnn_require(zlib "ZLIB_FOUND" zlib1g-dev)
  find_package(PNG QUIET)
  cnn_require(libpng "PNG_FOUND" libpng-dev)
  find_package(CLI11 QUIET)
  cnn_require(CLI11 "CLI11_FOUND" libcli11-dev)
  find_package(nlohmann_json QUIET)
  cnn_require("nlohmann-json" "nlohmann_json_FOUND" nlohmann-json3-dev)
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
  target_link_libraries(cnn_blas INTERFACE cnn::xtensor_headers xtensor-blas BLAS::BLAS)
endif()
