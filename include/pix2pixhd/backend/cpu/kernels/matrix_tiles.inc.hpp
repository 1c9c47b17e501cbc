// The tile registers of AMX. See matrix_tiles.hpp and for_each_isa.inc.hpp.

/// The registers of this processor. The instructions are written out because intrinsics want numbers of registers that
/// the preprocessor knows. Bytes from one row in memory to the next are `stride`.
struct TileRegisters {
  [[gnu::always_inline]] static inline void configure(const TileConfiguration& configuration) {
    __asm__ volatile("ldtilecfg %0" ::"m"(configuration));
  }
  /// Back to the initial state, which the system need not save.
  [[gnu::always_inline]] static inline void release() { __asm__ volatile("tilerelease"); }

  template <int Tile>
  [[gnu::always_inline]] static inline void clear() {
    __asm__ volatile("tilezero %%tmm%c0" ::"i"(Tile));
  }
  template <int Tile>
  [[gnu::always_inline]] static inline void load(const void* from, std::ptrdiff_t stride) {
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(stride), "i"(Tile) : "memory");
  }
  template <int Tile>
  [[gnu::always_inline]] static inline void store(void* to, std::ptrdiff_t stride) {
    __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(stride), "i"(Tile) : "memory");
  }
  template <int Sums, int Sources, int Weights>
  [[gnu::always_inline]] static inline void multiply_add() {
    __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(Sums), "i"(Sources), "i"(Weights));
  }
};
