#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace plimsoll {

/// Mixes 64 bits (splitmix64 finaliser, Steele, Lea, Flood 2014).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  x ^= x >> 31;
  return x;
}

/// 64-bit hash of a text, independent of machine and run.
constexpr std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0) {
  std::uint64_t h = 0xcbf29ce484222325ull ^ mix64(seed + 0x9e3779b97f4a7c15ull);
  for (const char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ull;
  }
  return mix64(h);
}

/// Order-sensitive running hash over facts; equal sequences, equal value.
class TraceHash {
 public:
  constexpr void add(std::uint64_t v) { state_ = mix64(std::rotl(state_, 23) ^ (v + 0x9e3779b97f4a7c15ull)); }
  constexpr void add(std::int64_t v) { add(static_cast<std::uint64_t>(v)); }
  constexpr void add(std::uint32_t v) { add(static_cast<std::uint64_t>(v)); }
  constexpr void add(std::string_view v) { add(hash_text(v)); }
  constexpr std::uint64_t value() const { return mix64(state_); }

 private:
  std::uint64_t state_ = 0x504c494d534f4c4cull;
};

}  // namespace plimsoll
