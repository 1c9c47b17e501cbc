// expected: The width must be at least 4
// Shows that the runner of this folder finds a sentence with each compiler.

template <int Width>
struct Block {
  static_assert(Width >= 4, "The width must be at least 4; pass a larger one.");
};

#ifdef CORRECT
Block<4> block;
#else
Block<3> block;
#endif
