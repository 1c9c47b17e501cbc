#pragma once
/// What this machine can do at most: multiply-adds and bytes a second, measured.

#include <string>
#include <vector>

namespace stages {

/// One peak of arithmetic, of all threads together. A multiply-add counts as two operations.
struct ArithmeticPeak {
  std::string name;  ///< "baseline", "avx2", "avx512": f32 in the instruction set of that name; "bf16": dot products
  double gflops = 0;
};

/// Bytes that all threads together move between registers and memory, of arrays much larger than the caches.
struct MemoryPeak {
  double read = 0, write = 0, copy = 0;  ///< GB/s; a copied byte counts twice
};

struct Roofline {
  std::vector<ArithmeticPeak> arithmetic;
  MemoryPeak memory;
};

/// Takes some seconds and memory of 512 MB.
Roofline measure_roofline(int threads);

/// The higher of each figure: a machine that others use too is slow at times.
Roofline higher(const Roofline& a, const Roofline& b);

}  // namespace stages
