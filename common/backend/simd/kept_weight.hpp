// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "common/backend/operation.hpp"

namespace cnn::simd {

/// The form of a weight in which a kernel reads it.
/// \param kept  where it is kept from one call to the next; null for nowhere
/// \param kind  says what make() would make: an address that belongs to the algorithm and to the instruction set
/// \param make  makes it, a Form
/// \return      the form, kept or new
template <typename Form, typename Make>
std::shared_ptr<const Form> kept_or_made(KeptWeight* kept, const void* kind, const Make& make) {
  if (kept != nullptr && kept->form != nullptr && kept->kind == kind)
    return std::static_pointer_cast<const Form>(kept->form);
  std::shared_ptr<const Form> form = std::make_shared<const Form>(make());
  if (kept != nullptr) kept->form = form, kept->kind = kind;
  return form;
}

}  // namespace cnn::simd
