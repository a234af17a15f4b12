#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

/// What columns of random tests are drawn with.
namespace plimsoll::engine::testing {

/// splitmix64: scenarios are the same on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return low + static_cast<std::int64_t>(z % static_cast<std::uint64_t>(high - low + 1));
  }
  template <class T>
  T one_of(std::vector<T> all) {
    return all[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(all.size()) - 1))];
  }

 private:
  std::uint64_t state_;
};

inline std::string head(Dice& dice) {
  return "apiVersion: plimsoll/v1\nseed: " + std::to_string(dice.between(1, 1'000'000)) +
         "\nload: {trace: walk.csv, start: 30m, for: 4h, warmup: 30m, to: web}\n";
}

/// A rate that walks, with leaps now and then; five hours of minutes.
inline std::string walk(Dice& dice) {
  std::string out = "t_s,rate_rps\n";
  std::int64_t rate = dice.between(50, 400);
  for (int minute = 0; minute < 300; ++minute) {
    rate = dice.between(0, 39) == 0 ? dice.between(20, 1200) : rate + dice.between(-25, 25);
    rate = std::clamp<std::int64_t>(rate, 10, 1200);
    out += std::to_string(minute * 60) + "," + std::to_string(rate) + "\n";
  }
  return out;
}

}  // namespace plimsoll::engine::testing
