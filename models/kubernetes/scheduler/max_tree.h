#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::kubernetes {

/// Largest value over positions and how many hold it, both kept up to date in log time; finds the k-th of them.
class MaxTree {
 public:
  static constexpr std::int32_t kAbsent = -1;

  /// All positions absent.
  void reset(std::size_t positions) {
    width_ = 1;
    while (width_ < positions) width_ *= 2;
    nodes_.assign(2 * width_, Node{});
  }
  std::size_t width() const { return width_; }

  /// @pre value >= 0, or kAbsent.
  void set(std::size_t position, std::int32_t value) {
    std::size_t at = width_ + position;
    nodes_[at] = {value, value == kAbsent ? 0u : 1u};
    while (at > 1) {
      at /= 2;
      nodes_[at] = join(nodes_[2 * at], nodes_[2 * at + 1]);
    }
  }
  /// Without bringing the inner nodes up to date; `rebuild` after the last.
  void put(std::size_t position, std::int32_t value) {
    nodes_[width_ + position] = {value, value == kAbsent ? 0u : 1u};
  }
  void rebuild() {
    for (std::size_t at = width_ - 1; at >= 1; --at) nodes_[at] = join(nodes_[2 * at], nodes_[2 * at + 1]);
  }

  std::int32_t best() const { return nodes_[1].best; }
  std::size_t count() const { return nodes_[1].count; }
  std::int32_t at(std::size_t position) const { return nodes_[width_ + position].best; }
  /// Position of the k-th (from 0) holder of the largest value. @pre k < count().
  std::size_t kth(std::size_t k) const {
    const std::int32_t value = best();
    std::size_t at = 1;
    while (at < width_) {
      at *= 2;
      const std::size_t left = nodes_[at].best == value ? nodes_[at].count : 0;
      if (k >= left) {
        k -= left;
        ++at;
      }
    }
    return at - width_;
  }

 private:
  struct Node {
    std::int32_t best = kAbsent;
    std::uint32_t count = 0;
  };
  static Node join(const Node& a, const Node& b) {
    if (a.best != b.best) return a.best > b.best ? a : b;
    return {a.best, a.count + b.count};
  }
  std::size_t width_ = 1;
  std::vector<Node> nodes_ = std::vector<Node>(2);
};

}  // namespace plimsoll::kubernetes
