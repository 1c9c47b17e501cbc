// Numbers that are known at run time only, as constants. See counts.hpp and for_each_isa.inc.hpp.

/// A number as a type.
template <int Value>
struct Count {};

/// Calls f(Count<count>{}). `count` is 1 to Most.
template <int Most, class F>
[[gnu::always_inline]] inline void with_count(int count, const F& f) {
  if constexpr (Most > 0) {
    if (count == Most) return f(Count<Most>{});
    with_count<Most - 1>(count, f);
  }
}
