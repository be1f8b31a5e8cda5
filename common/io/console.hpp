// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace cnn::io {

/// Opens /dev/null in the place of standard input, output and error where they are closed (`program <&- >&-`), so that no
/// file of the program gets their numbers, and with it what is printed. Call it first in main().
void open_standard_streams() noexcept;

/// Lets a write fail that would end the program: to a pipe whose reader is gone (`lenet | head`), or to a file that has reached
/// the largest size allowed. For programs whose work is worth more than what they print.
void ignore_signals_of_writing() noexcept;

/// Writes text to a descriptor, all of it, however often the system takes only a part.
/// \param descriptor  1 is standard output, 2 standard error
/// \param text        what to write
/// \return            0, or the value of errno: the rest of the text is lost
int write_to(int descriptor, std::string_view text) noexcept;

/// Prints text on standard output, after what is buffered for it, and hands it on at once. A console that cannot be written,
/// such as a full disk or a terminal that is gone, never ends a run: the text is lost, and finish_output() tells.
/// \param text  what to print, with its line ends
void print(std::string_view text) noexcept;

/// Prints text on standard error, after what is buffered for standard output. It is lost if it cannot be written.
/// \param text  what to print, with its line ends
void print_error(std::string_view text) noexcept;

/// Hands on what is buffered for standard output; call it last in main().
/// \return  false if anything that was printed has been lost since the start, as on a full disk. A reader or a terminal that
///          went away is no loss: nobody would have seen it.
bool finish_output() noexcept;

}  // namespace cnn::io
