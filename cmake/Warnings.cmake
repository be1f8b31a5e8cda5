# SPDX-License-Identifier: MIT
# cnn_build_options: what every target of this project is compiled with. Third-party headers are SYSTEM, so the warnings
# are about our own lines.
add_library(cnn_build_options INTERFACE)
target_compile_features(cnn_build_options INTERFACE cxx_std_20)

# A multiplication and an addition round twice on every machine, also where the compiler could fuse them.
target_compile_options(cnn_build_options INTERFACE -ffp-contract=off)

target_compile_options(cnn_build_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Warnings that g++ takes from the flow of optimised code. Versions 12 to 16 report them wrongly for what is inlined from
  # std::string, std::optional, xtensor and Boost.Test (GCC bugs 105329, 105562, 107852); the sanitizers find the true ones.
  target_compile_options(
    cnn_build_options INTERFACE -Wno-restrict -Wno-array-bounds -Wno-maybe-uninitialized -Wno-uninitialized
                                -Wno-stringop-overflow)
endif()
if(CNN_WERROR)
  target_compile_options(cnn_build_options INTERFACE -Werror)
endif()

if(CNN_SANITIZE)
  target_compile_options(
    cnn_build_options INTERFACE -fsanitize=${CNN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cnn_build_options INTERFACE -fsanitize=${CNN_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(cnn_build_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
