// Compiles one kernel header for every instruction set, in the namespaces detail::baseline, avx2 and avx512:
//
//     #define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/tap.inc.hpp>
//     #include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
//
// Where PIX2PIXHD_KERNEL_FOR_BF16 is defined too, it is compiled once more in the namespace avx512_bf16, for factors in
// bf16; where PIX2PIXHD_KERNEL_FOR_BF16_ONLY is, there alone. What uses the tile registers of AMX is there too: only
// where it is called must the machine have them.
//
// A kernel header has neither guard nor namespace nor #include, and calls nothing of the standard library: a function
// template that is first instantiated inside a region might carry the region's instructions into the whole program.
// Everything that it needs is included before. Inside it these macros are defined:
//   PIX2PIXHD_LANE_BITS   width of a native vector: 128, 256 or 512
//   PIX2PIXHD_BF16_PAIRS  1 in avx512_bf16, which multiplies pairs of bf16; otherwise 0
//   PIX2PIXHD_UNROLL      stands before a loop over registers, which must be unrolled entirely at every level of
//                         optimisation, because arrays that are indexed by a variable live in memory
// The functions of a family are reached through a table of pointers: `inline constexpr TapKernels tap_table{...}` at
// the end of the kernel header, and detail::select_isa(isa, baseline::tap_table, avx2::tap_table, avx512::tap_table).

#if defined(__clang__)
#pragma clang diagnostic push
// Below -O2 it leaves some of these loops as they are, which costs time and nothing else.
#pragma clang diagnostic ignored "-Wpass-failed"
#define PIX2PIXHD_UNROLL _Pragma("unroll")
#else
#define PIX2PIXHD_UNROLL _Pragma("GCC unroll 32")
#endif

#if !defined(PIX2PIXHD_KERNEL_FOR_BF16_ONLY)
#define PIX2PIXHD_BF16_PAIRS 0
#define PIX2PIXHD_LANE_BITS 128
namespace pix2pixhd::inline v0::detail::baseline {
#include PIX2PIXHD_KERNEL_HEADER
}
#undef PIX2PIXHD_LANE_BITS

#if defined(__x86_64__)

#define PIX2PIXHD_LANE_BITS 256
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif
namespace pix2pixhd::inline v0::detail::avx2 {
#include PIX2PIXHD_KERNEL_HEADER
}
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef PIX2PIXHD_LANE_BITS

#define PIX2PIXHD_LANE_BITS 512
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,prefer-vector-width=512")
#endif
namespace pix2pixhd::inline v0::detail::avx512 {
#include PIX2PIXHD_KERNEL_HEADER
}
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#undef PIX2PIXHD_LANE_BITS
#endif  // __x86_64__
#undef PIX2PIXHD_BF16_PAIRS
#endif  // PIX2PIXHD_KERNEL_FOR_BF16_ONLY

#if defined(__x86_64__) && (defined(PIX2PIXHD_KERNEL_FOR_BF16) || defined(PIX2PIXHD_KERNEL_FOR_BF16_ONLY))
#define PIX2PIXHD_BF16_PAIRS 1
#define PIX2PIXHD_LANE_BITS 512
#if defined(__clang__)
#pragma clang attribute push(                                                                                     \
    __attribute__((target("amx-tile,amx-bf16,avx512bf16,avx512vnni,avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("amx-tile,amx-bf16,avx512bf16,avx512vnni")
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,prefer-vector-width=512")
#endif
namespace pix2pixhd::inline v0::detail::avx512_bf16 {
#include PIX2PIXHD_KERNEL_HEADER
}
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef PIX2PIXHD_LANE_BITS
#undef PIX2PIXHD_BF16_PAIRS
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif
#undef PIX2PIXHD_UNROLL
#undef PIX2PIXHD_KERNEL_HEADER
#undef PIX2PIXHD_KERNEL_FOR_BF16
#undef PIX2PIXHD_KERNEL_FOR_BF16_ONLY
