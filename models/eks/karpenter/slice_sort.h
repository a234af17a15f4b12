#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace plimsoll::eks::karpenter {

/// Orders a vector as Go's sort.Slice orders a slice, elements that are equal included: the sort is not stable, but it
/// always does the same. Up to twelve elements are sorted by insertion (and keep the order of equals); more by
/// pattern-defeating quicksort with the parameters of Go 1.19 and later: pivots from the middle of three (from 50
/// elements on of three medians of neighbours), at most five shifts in a range that looks sorted, a partition by
/// equality where the pivot is no greater than what stands before the range, breaking of patterns by xorshift after an
/// unbalanced partition, and heapsort when too many of those have been seen.
/// SOURCE: Orson R. L. Peters, "Pattern-defeating Quicksort" (2021); behaviour of Go's package sort.
template <class T, class Less>
class SliceSort {
 public:
  SliceSort(std::vector<T>& items, Less less) : v_(items), less_(less) {}

  void run() {
    const std::size_t n = v_.size();
    quick(0, n, static_cast<int>(std::bit_width(n)));
  }

 private:
  enum class Looks : std::uint8_t { unknown, increasing, decreasing };
  static constexpr std::size_t kInsertion = 12, kNinther = 50, kShifting = 50, kThree = 8;

  bool less(std::size_t i, std::size_t j) const { return less_(v_[i], v_[j]); }
  void swap(std::size_t i, std::size_t j) { std::swap(v_[i], v_[j]); }

  void insertion(std::size_t a, std::size_t b) {
    for (std::size_t i = a + 1; i < b; ++i) {
      for (std::size_t j = i; j > a && less(j, j - 1); --j) swap(j, j - 1);
    }
  }

  void sift_down(std::size_t low, std::size_t high, std::size_t first) {
    for (std::size_t root = low;;) {
      std::size_t child = 2 * root + 1;
      if (child >= high) return;
      if (child + 1 < high && less(first + child, first + child + 1)) ++child;
      if (!less(first + root, first + child)) return;
      swap(first + root, first + child);
      root = child;
    }
  }
  void heap(std::size_t a, std::size_t b) {
    const std::size_t n = b - a;
    for (std::size_t i = (n - 1) / 2 + 1; i-- > 0;) sift_down(i, n, a);
    for (std::size_t i = n; i-- > 0;) {
      swap(a, a + i);
      sift_down(0, i, a);
    }
  }

  /// Index of the middle one of three, and how often two had to change places for it.
  std::size_t median(std::size_t a, std::size_t b, std::size_t c, int& swaps) const {
    const auto order = [&](std::size_t& x, std::size_t& y) {
      if (!less(y, x)) return;
      std::swap(x, y);
      ++swaps;
    };
    order(a, b);
    order(b, c);
    order(a, b);
    return b;
  }

  std::pair<std::size_t, Looks> pivot_of(std::size_t a, std::size_t b) const {
    const std::size_t n = b - a;
    int swaps = 0;
    std::size_t i = a + n / 4, j = a + n / 4 * 2, k = a + n / 4 * 3;
    if (n >= kThree) {
      if (n >= kNinther) {
        i = median(i - 1, i, i + 1, swaps);
        j = median(j - 1, j, j + 1, swaps);
        k = median(k - 1, k, k + 1, swaps);
      }
      j = median(i, j, k, swaps);
    }
    return {j, swaps == 0 ? Looks::increasing : swaps == 12 ? Looks::decreasing : Looks::unknown};
  }

  void break_patterns(std::size_t a, std::size_t b) {
    const std::size_t n = b - a;
    if (n < kThree) return;
    std::uint64_t random = n;
    const std::uint64_t mask = (std::uint64_t{1} << std::bit_width(n)) - 1;
    const std::size_t middle = a + n / 4 * 2 - 2;
    for (std::size_t i = 0; i < 3; ++i) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      std::size_t other = static_cast<std::size_t>(random & mask);
      if (other >= n) other -= n;
      swap(middle + i, a + other);
    }
  }

  void reverse(std::size_t a, std::size_t b) {
    for (std::size_t i = a, j = b - 1; i < j; ++i, --j) swap(i, j);
  }

  /// Whether a few shifts have sorted the range.
  bool shift_into_order(std::size_t a, std::size_t b) {
    std::size_t i = a + 1;
    for (int step = 0; step < 5; ++step) {
      while (i < b && !less(i, i - 1)) ++i;
      if (i == b) return true;
      if (b - a < kShifting) return false;
      swap(i, i - 1);
      if (i - a >= 2) {
        for (std::size_t j = i - 1; j >= 1 && less(j, j - 1); --j) swap(j, j - 1);
      }
      if (b - i >= 2) {
        for (std::size_t j = i + 1; j < b && less(j, j - 1); ++j) swap(j, j - 1);
      }
    }
    return false;
  }

  /// Elements less than the pivot go left; tells where the pivot is, and whether nothing had to move.
  std::pair<std::size_t, bool> partition(std::size_t a, std::size_t b, std::size_t pivot) {
    swap(a, pivot);
    std::size_t i = a + 1, j = b - 1;
    const auto close_in = [&] {
      while (i <= j && less(i, a)) ++i;
      while (i <= j && !less(j, a)) --j;
    };
    close_in();
    if (i > j) {
      swap(j, a);
      return {j, true};
    }
    while (i <= j) {
      swap(i, j);
      ++i;
      --j;
      close_in();
    }
    swap(j, a);
    return {j, false};
  }

  /// Elements equal to the pivot go left; none is less. Tells where the greater ones begin.
  std::size_t partition_equal(std::size_t a, std::size_t b, std::size_t pivot) {
    swap(a, pivot);
    std::size_t i = a + 1, j = b - 1;
    for (;;) {
      while (i <= j && !less(a, i)) ++i;
      while (i <= j && less(a, j)) --j;
      if (i > j) return i;
      swap(i, j);
      ++i;
      --j;
    }
  }

  void quick(std::size_t a, std::size_t b, int limit) {
    bool balanced = true, partitioned = true;
    for (;;) {
      const std::size_t n = b - a;
      if (n <= kInsertion) return insertion(a, b);
      if (limit == 0) return heap(a, b);
      if (!balanced) {
        break_patterns(a, b);
        --limit;
      }
      auto [pivot, looks] = pivot_of(a, b);
      if (looks == Looks::decreasing) {
        reverse(a, b);
        pivot = b - 1 - (pivot - a);
        looks = Looks::increasing;
      }
      if (balanced && partitioned && looks == Looks::increasing && shift_into_order(a, b)) return;
      if (a > 0 && !less(a - 1, pivot)) {
        a = partition_equal(a, b, pivot);
        continue;
      }
      const auto [middle, untouched] = partition(a, b, pivot);
      partitioned = untouched;
      const std::size_t left = middle - a, right = b - middle;
      balanced = std::min(left, right) >= n / 8;
      if (left < right) {
        quick(a, middle, limit);
        a = middle + 1;
      } else {
        quick(middle + 1, b, limit);
        b = middle;
      }
    }
  }

  std::vector<T>& v_;
  Less less_;
};

template <class T, class Less>
void slice_sort(std::vector<T>& items, Less less) {
  SliceSort<T, Less>(items, less).run();
}

}  // namespace plimsoll::eks::karpenter
