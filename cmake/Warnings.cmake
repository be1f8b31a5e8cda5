# SPDX-License-Identifier: MIT
# cnn_build_options: what every target of this project is compiled with. Third-party headers are SYSTEM, so the warnings
# are about our own lines.
add_library(cnn_build_options INTERFACE)
target_compile_features(cnn_build_options INTERFACE cxx_std_20)

# A multiplication and an addition round twice on every machine, also where the compiler could fuse them.
target_compile_options(cnn_build_options INTERFACE -ffp-contract=off)

target_compile_options(cnn_build_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports this wrongly for std::string + std::string (GCC bug 105329).
  target_compile_options(cnn_build_options INTERFACE -Wno-restrict)
endif()
if(CNN_WERROR)
  target_compile_options(cnn_build_options INTERFACE -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports these four wrongly for code inlined from xtensor and Boost.Test (GCC bug 107852).
    target_compile_options(cnn_build_options INTERFACE -Wno-error=array-bounds -Wno-error=maybe-uninitialized
                                                       -Wno-error=uninitialized
                                                       -Wno-error=stringop-overflow)
  endif()
endif()

if(CNN_SANITIZE)
  target_compile_options(
    cnn_build_options INTERFACE -fsanitize=${CNN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cnn_build_options INTERFACE -fsanitize=${CNN_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(cnn_build_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
