#pragma once
/// How the bodies in the `-inl.hpp` files are linked.
///
/// Header-only use (the default): they are `inline` and every program compiles what it uses.
/// With the target `pix2pixhd::compiled` the macro PIX2PIXHD_COMPILED is defined for its users and for its own
/// sources: the bodies are then ordinary functions, compiled once into that library. The macro changes linkage
/// only, never a type, so it is no part of the ABI.

#ifdef PIX2PIXHD_COMPILED
#define PIX2PIXHD_INLINE
#else
#define PIX2PIXHD_INLINE inline
#endif
