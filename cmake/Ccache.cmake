# SPDX-License-Identifier: MIT
# Uses ccache when it is there and nobody chose another compiler launcher.
find_program(CNN_CCACHE ccache)
mark_as_advanced(CNN_CCACHE)
if(CNN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CNN_CCACHE}")
endif()
