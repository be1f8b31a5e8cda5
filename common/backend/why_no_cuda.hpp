// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace cnn {

/// What keeps the rung cuda from computing here.
struct NoCuda {
  bool built_in = true;  ///< whether this build has the rung
  /// What was found: "there is no driver for CUDA on this machine"; empty if it can compute.
  std::string reason{};
  /// What to do about it: "look at what nvidia-smi says".
  std::string hint{};
};

/// Looks at the first device, which takes a moment. A part of the arithmetic seam: one of the folders cuda and no_cuda has it.
/// \return why use_backend("cuda") would refuse, if it would
NoCuda why_no_cuda();

}  // namespace cnn
