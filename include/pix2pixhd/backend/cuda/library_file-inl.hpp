#pragma once
/// Reading the table of symbols of an ELF file.

#include <pix2pixhd/backend/cuda/library_file.hpp>

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <ios>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {
namespace elf {

using Header = ElfW(Ehdr);
using Section = ElfW(Shdr);
using Symbol = ElfW(Sym);

/// `count` values from `offset` on; none if the file ends before. No file makes this read more than itself.
template <class T>
std::vector<T> read(std::ifstream& file, std::uint64_t offset, std::uint64_t count) {
  file.clear();
  file.seekg(0, std::ios::end);
  const auto size = static_cast<std::uint64_t>(file.tellg());
  if (!file || offset > size || count > (size - offset) / sizeof(T)) return {};
  std::vector<T> values(count);
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(T)));
  if (!file) return {};
  return values;
}

inline bool made_for_this_machine(const Header& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == (sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32) &&
         header.e_shentsize == sizeof(Section);
}

/// Whether the string that begins at `at` in a table of strings is `name`.
inline bool is_named(const std::vector<char>& strings, std::size_t at, const std::string& name) {
  return at < strings.size() && strings.size() - at > name.size() &&
         std::string_view(&strings[at], name.size() + 1) == std::string_view(name.c_str(), name.size() + 1);
}

}  // namespace elf

PIX2PIXHD_INLINE std::optional<std::uint32_t> exported_constant(const std::string& path, const std::string& name) {
  std::ifstream file(path, std::ios::binary);
  const auto headers = elf::read<elf::Header>(file, 0, 1);
  if (headers.empty() || !elf::made_for_this_machine(headers.front())) return {};
  const auto sections = elf::read<elf::Section>(file, headers.front().e_shoff, headers.front().e_shnum);
  for (const elf::Section& table : sections) {
    if (table.sh_type != SHT_DYNSYM || table.sh_link >= sections.size()) continue;
    const elf::Section& texts = sections[table.sh_link];
    const auto strings = elf::read<char>(file, texts.sh_offset, texts.sh_size);
    const auto symbols = elf::read<elf::Symbol>(file, table.sh_offset, table.sh_size / sizeof(elf::Symbol));
    for (const elf::Symbol& symbol : symbols) {
      if (symbol.st_size != sizeof(std::uint32_t) || symbol.st_shndx >= sections.size() ||
          !elf::is_named(strings, symbol.st_name, name))
        continue;
      const elf::Section& place = sections[symbol.st_shndx];
      const auto value = elf::read<std::uint32_t>(file, place.sh_offset + (symbol.st_value - place.sh_addr), 1);
      if (place.sh_type == SHT_PROGBITS && !value.empty()) return value.front();
    }
  }
  return {};
}

}  // namespace pix2pixhd::inline v0::backend_cuda
