#pragma once

#include <cstddef>

namespace plimsoll::load {

/// Asks for the memory of an object that is written soon: stores wait for it one after another.
template <class T>
[[gnu::always_inline]] inline void fetch_for_writing(const T* object) {
  constexpr std::size_t kCacheLine = 64;
  const auto* bytes = reinterpret_cast<const std::byte*>(object);
  for (std::size_t at = 0; at < sizeof(T); at += kCacheLine) __builtin_prefetch(bytes + at, 1);
}

}  // namespace plimsoll::load
