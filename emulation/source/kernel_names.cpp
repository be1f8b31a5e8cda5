// SPDX-License-Identifier: MIT
#include "kernel_names.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <sys/auxv.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace emulation {
namespace {

/// The names of all functions in the file of this program, by the address where they lie now. Kernels are seldom visible to the
/// dynamic linker, so dladdr() would not know them.
std::map<std::uintptr_t, std::string> read_symbols() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::vector<char> image{std::istreambuf_iterator<char>(file), {}};
  const auto at = [&](std::size_t place, auto& value) {
    if (place + sizeof value <= image.size()) std::memcpy(&value, image.data() + place, sizeof value);
  };
  Elf64_Ehdr header{};
  at(0, header);
  const std::uintptr_t moved_by = getauxval(AT_ENTRY) - header.e_entry;
  std::map<std::uintptr_t, std::string> names;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section{}, strings{};
    at(header.e_shoff + i * sizeof section, section);
    if (section.sh_type != SHT_SYMTAB) continue;
    at(header.e_shoff + section.sh_link * sizeof strings, strings);
    for (std::size_t k = 0; k < section.sh_size / sizeof(Elf64_Sym); ++k) {
      Elf64_Sym symbol{};
      at(section.sh_offset + k * sizeof symbol, symbol);
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
      names[symbol.st_value + moved_by] = image.data() + strings.sh_offset + symbol.st_name;
    }
  }
  return names;
}

}  // namespace

std::string name_of_kernel(const void* function) {
  static const std::map<std::uintptr_t, std::string> names = read_symbols();
  const auto found = names.find(reinterpret_cast<std::uintptr_t>(function));
  if (found == names.end())
    throw std::runtime_error("kernels cannot be named: the program has no symbols; build it without -s");
  const std::unique_ptr<char, void (*)(void*)> readable(
      abi::__cxa_demangle(found->second.c_str(), nullptr, nullptr, nullptr), std::free);
  return readable ? readable.get() : found->second;
}

}  // namespace emulation
