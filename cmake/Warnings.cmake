# SPDX-License-Identifier: MIT
# cnn_build_options: what every target of this project is compiled with. Third-party headers are SYSTEM, so the warnings
# are about our own lines.
add_library(cnn_build_options INTERFACE)
target_compile_features(cnn_build_options INTERFACE cxx_std_20)

# cnn_compile_options(flag …): flags of the host's compiler, which nvcc passes on; -Wpedantic would be about nvcc's own lines.
function(cnn_compile_options)
  target_compile_options(cnn_build_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${ARGN}>")
  list(REMOVE_ITEM ARGN -Wpedantic)
  list(JOIN ARGN "," flags)
  target_compile_options(cnn_build_options INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=${flags}>")
endfunction()
# CMake 3.25 knows no flag of nvcc 13 for cxx_std_20.
target_compile_options(cnn_build_options INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>)

# A multiplication and an addition round twice on every machine, also where the compiler could fuse them.
cnn_compile_options(-ffp-contract=off)

cnn_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Warnings that g++ takes from the flow of optimised code. Versions 12 to 16 report them wrongly for what is inlined from
  # std::string, std::optional, xtensor and Boost.Test (GCC bugs 105329, 105562, 107852); the sanitizers find the true ones.
  cnn_compile_options(-Wno-restrict -Wno-array-bounds -Wno-maybe-uninitialized -Wno-uninitialized -Wno-stringop-overflow)
endif()
if(CNN_WERROR)
  target_compile_options(cnn_build_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>
                                                     "$<$<COMPILE_LANGUAGE:CUDA>:--Werror=all-warnings>")
endif()

if(CNN_SANITIZE)
  target_compile_options(
    cnn_build_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${CNN_SANITIZE};-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
  target_link_options(cnn_build_options INTERFACE -fsanitize=${CNN_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(cnn_build_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
