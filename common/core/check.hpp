// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace cnn {

/// Base of every error the library throws. Its text says what was found and what to do about it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Shapes, ranks or sizes that do not fit together.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A tensor lives on another device than the operation, or the device is absent.
class DeviceError : public Error {
 public:
  using Error::Error;
};

/// A file is missing, truncated, foreign or damaged; or it cannot be written.
class DataError : public Error {
 public:
  using Error::Error;
};

/// A call that does not fit the state of an object, such as backward() before forward().
class StateError : public Error {
 public:
  using Error::Error;
};

/// An option or argument of a program that makes no sense; programs exit with 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace cnn

/// Throws `ErrorType{message}` unless `condition` holds, in release builds too. The message is evaluated only then.
#define CNN_CHECK(condition, ErrorType, message) \
  do {                                           \
    if (!(condition)) throw ErrorType(message);  \
  } while (false)
