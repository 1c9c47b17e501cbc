# PIX2PIXHD_EMULATE: AVX-512, AVX-512 BF16 and AMX computed by AVX2, so that the kernels for them are tested, and the
# error of their bf16 measured, on a machine that lacks them. Slow: for tests only.
#
# Some headers are written into the build directory with other texts in a few places, and found there before those in
# include/, of which nothing knows of this. A text that is no longer there stops the configuration.

if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  message(FATAL_ERROR "pix2pixhd: PIX2PIXHD_EMULATE computes instruction sets of x86-64; this machine is "
    "${CMAKE_SYSTEM_PROCESSOR}. Leave it OFF.")
endif()
set(emulation ${PROJECT_BINARY_DIR}/emulation)

# Puts one text in place of another in `content`, which read_header() has read from `header`.
function(replace_text text replacement)
  string(FIND "${content}" "${text}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "pix2pixhd: PIX2PIXHD_EMULATE: ${header} has changed: it no longer contains\n  ${text}\nBring "
      "tests/emulation/emulation.cmake up to date with it.")
  endif()
  string(REPLACE "${text}" "${replacement}" content "${content}")
  set(content "${content}" PARENT_SCOPE)
endfunction()
macro(read_header name)
  set(header include/pix2pixhd/backend/cpu/${name})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${header})
  file(READ ${PROJECT_SOURCE_DIR}/${header} content)
endmacro()
macro(write_header)
  file(CONFIGURE OUTPUT ${emulation}/${header} CONTENT "${content}" @ONLY)
endmacro()

# Every machine with AVX2 has all instruction sets.
read_header(isa.hpp)
replace_text("static const Isa isa = detail::detect_isa();"
  "static const Isa isa = detail::detect_isa() == Isa::baseline ? Isa::baseline : Isa::amx_bf16;")
write_header()

# Their kernels are compiled for AVX2.
read_header(kernels/for_each_isa.inc.hpp)
foreach(features amx-tile,amx-bf16,avx512bf16,avx512vnni,avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c
    avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c
    avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,prefer-vector-width=512
    amx-tile,amx-bf16,avx512bf16,avx512vnni)
  replace_text("target(\"${features}\")" "target(\"avx2,fma,f16c\")")
endforeach()
write_header()

# They call the functions of tests/emulation.
read_header(kernels/lanes.hpp)
replace_text("#include <immintrin.h>" "#include <emulation/avx512.hpp>")
write_header()
read_header(kernels/lanes_part.inc.hpp)
replace_text("  __asm__(\"\" : \"+v\"(value))" "  ((void)0)")
write_header()
read_header(kernels/matrix_tiles.hpp)
replace_text("#define PIX2PIXHD_KERNEL_FOR_BF16_ONLY
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/matrix_tiles.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
" "#include <emulation/tile_registers.hpp>

namespace pix2pixhd::inline v0::detail::avx512_bf16 {
using TileRegisters = emulation::TileRegisters;
}
")
write_header()

include_directories(BEFORE ${emulation}/include ${PROJECT_SOURCE_DIR}/tests)
add_compile_definitions(PIX2PIXHD_EMULATED)
add_compile_options(-Wno-psabi)  # functions with vectors of 64 bytes are called from here alone
