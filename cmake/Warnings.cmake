# SPDX-License-Identifier: MIT
# cnn_build_options: what every target of this project is compiled with. Third-party headers are SYSTEM, so the warnings
# are about our own lines.
add_library(cnn_build_options INTERFACE)
target_compile_features(cnn_build_options INTERFACE cxx_std_20)

# A multiplication and an addition round twice on every machine, also where the compiler could fuse them.
target_compile_options(cnn_build_options INTERFACE -ffp-contract=off)

target_compile_options(cnn_build_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CNN_WERROR)
  target_compile_options(cnn_build_options INTERFACE -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports these four wrongly for code inlined from xtensor, Boost.Test and std::string (GCC bugs 105329, 107852).
    target_compile_options(
      cnn_build_options INTERFACE -Wno-error=array-bounds -Wno-error=maybe-uninitialized -Wno-error=restrict
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
