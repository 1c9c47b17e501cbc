// Reading a window of a picture into a scratch. See source.hpp.

/// What is applied to the values of one block on the way: normalisation and activation where they are pending.
template <bool pending, Activation activation>
struct Finish {
  Lanes mean, scale, shift;

  Finish(const Picture& x, int block) {
    const int first = block * lane_count, count = x.channels - first < lane_count ? x.channels - first : lane_count;
    mean = Lanes::load_first(x.mean + first, count);
    scale = Lanes::load_first(x.scale + first, count);
    shift = Lanes::load_first(x.shift + first, count);
  }
  [[gnu::always_inline]] inline Lanes operator()(const Lanes& x) const {
    return activate<activation>(fma(x - mean, scale, shift));
  }
};

template <Activation activation>
struct Finish<false, activation> {
  Finish(const Picture&, int) {}
  [[gnu::always_inline]] inline Lanes operator()(const Lanes& x) const { return x; }
};

/// A type as a value.
template <class T>
struct Kind {
  using type = T;
};

/// Calls f(Kind<Finish<...>>{}) with what is pending in `x`.
template <class F>
inline void with_finish(const Picture& x, const F& f) {
  if (!x.mean) return f(Kind<Finish<false, Activation::none>>{});
  switch (x.activation) {
    case Activation::none:
      return f(Kind<Finish<true, Activation::none>>{});
    case Activation::relu:
      return f(Kind<Finish<true, Activation::relu>>{});
    case Activation::leaky_relu:
      return f(Kind<Finish<true, Activation::leaky_relu>>{});
    case Activation::tanh:
      return f(Kind<Finish<true, Activation::tanh>>{});
  }
}

/// T: the type of the picture's values.
template <class T, class Finish>
inline void read_window(const Picture& x, const Window& window, const ScratchShape& shape, Factor* scratch) {
  const std::size_t plane = x.pixels * (x.blocked ? std::size_t{lane_count} : std::size_t{1});
  for (int b = 0; b < window.blocks; ++b) {
    const int block = window.first_block + b, first = block * lane_count;
    const Finish finish(x, block);
    const T* const from = static_cast<const T*>(x.values) + static_cast<std::size_t>(x.blocked ? block : first) * plane;
    const int channels = x.channels - first < lane_count ? x.channels - first : lane_count;
    for (int i = 0; i < window.height; ++i) {
      Factor* to = scratch + static_cast<std::size_t>(b) * shape.plane +
                   static_cast<std::size_t>(i) * static_cast<std::size_t>(shape.pitch) * lane_count;
      const int row = window.rows[i];
      if (row < 0) {
        for (int j = 0; j < window.width; ++j, to += lane_count) Lanes::zero().store(to);
      } else if (x.blocked) {
        const T* const pixels = from + row * x.row_stride * lane_count;
        for (int j = 0; j < window.width; ++j, to += lane_count) {
          const int column = window.columns[j];
          if (column < 0)
            Lanes::zero().store(to);
          else
            finish(Lanes::load(pixels + column * x.column_stride * lane_count)).store(to);
        }
      } else if constexpr (sizeof(T) == sizeof(float)) {
        const float* const pixels = from + row * x.row_stride;
        for (int j = 0; j < window.width; ++j, to += lane_count) {
          const int column = window.columns[j];
          if (column < 0)
            Lanes::zero().store(to);
          else
            finish(Lanes::gather_first(pixels + column * x.column_stride, plane, channels)).store(to);
        }
      }
    }
  }
}

inline void read_window(const Picture& x, const Window& window, const ScratchShape& shape, Factor* scratch) {
  with_finish(x, [&](auto finish) {
    using Finish = typename decltype(finish)::type;
    x.type == DataType::bf16 ? read_window<Bf16, Finish>(x, window, shape, scratch)
                             : read_window<float, Finish>(x, window, shape, scratch);
  });
}

/// What a tile of a grid reads, whose job has tables of rows and columns, and taps with a stride and a reach.
template <class Job, class Tile>
inline Window window_of(const Job& job, const Tile& tile, int first_block, int blocks) {
  return {.rows = job.rows + tile.row * job.stride,
          .columns = job.columns + tile.column * job.stride,
          .height = (tile.height - 1) * job.stride + job.reach,
          .width = (tile.width - 1) * job.stride + job.reach,
          .first_block = first_block,
          .blocks = blocks};
}
