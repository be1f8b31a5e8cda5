# SPDX-License-Identifier: MIT
# CNN_CUDA chooses the folder of common/backend that stands for CUDA (CNN_CUDA_FOLDER: cuda or no_cuda) and what the target
# cuda_toolkit is: NVIDIA's toolkit, or the stand-in of the folder emulation. Nothing else asks which one it is.
set(CNN_CUDA_FOLDER cuda)
set(CNN_CUDA_LABEL cuda) # of tests that run on the rung cuda too

if(CNN_CUDA STREQUAL "EMULATED")
  add_subdirectory(emulation)
  if(CNN_SANITIZE)
    # There the tests of all rungs are what the CPU's are tried with; the kernels have test_cuda, which runs every one of them.
    set(CNN_CUDA_LABEL "")
  endif()
elseif(CNN_CUDA)
  find_program(CMAKE_CUDA_COMPILER nvcc HINTS ENV CUDA_PATH PATHS /usr/local/cuda/bin /opt/cuda/bin)
  if(NOT CMAKE_CUDA_COMPILER)
    message(FATAL_ERROR "CNN_CUDA=ON needs nvcc, which is not there.\n"
                        "Install NVIDIA's CUDA toolkit (12.1 or later) or put its folder bin into PATH; -DCNN_CUDA=OFF builds without.")
  endif()
  set(CMAKE_CUDA_ARCHITECTURES 75 80 86 90 120-virtual CACHE STRING "Compute capabilities to compile the kernels for")
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
  add_library(cuda_toolkit INTERFACE)
  target_link_libraries(cuda_toolkit INTERFACE CUDA::cudart CUDA::cublas)
else()
  set(CNN_CUDA_FOLDER no_cuda)
  set(CNN_CUDA_LABEL "")
endif()

# cnn_cuda_sources(a.cu …): has the kernels among the sources of a target of this folder compiled, by nvcc or as C++; each file by
# itself, as nvcc does.
function(cnn_cuda_sources)
  if(CNN_CUDA STREQUAL "EMULATED")
    set_source_files_properties(${ARGN} PROPERTIES LANGUAGE CXX SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()
