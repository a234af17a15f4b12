#include "models/kubernetes/vpa/histogram.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

TEST_CASE("buckets grow by a twentieth") {
  const HistogramScale s = cpu_scale();
  CHECK(s.bucket_of(0.005) == 0);
  CHECK(s.bucket_of(0.0101) == 1);
  CHECK(s.start_of(0) == 0);
  CHECK(s.start_of(1) == doctest::Approx(0.01));
  CHECK(s.start_of(2) == doctest::Approx(0.0205));    // 0.01 + 0.0105
  CHECK(s.start_of(3) == doctest::Approx(0.031525));  // + 0.011025
  CHECK(s.buckets == 176);
  CHECK(memory_scale().buckets == 176);
  for (std::size_t b = 1; b + 1 < s.buckets; ++b) {
    CHECK(s.bucket_of(s.start_of(b) * 1.0001) == b);
    CHECK(s.bucket_of(s.start_of(b) * 0.9999) == b - 1);
  }
  CHECK(s.bucket_of(1e9) == s.buckets - 1);
}

TEST_CASE("a percentile is the end of the bucket that it falls in") {
  const HistogramScale s = cpu_scale();
  DecayingHistogram h(s, hours(24));
  CHECK(h.empty());
  CHECK(h.percentile(0.9) == 0);
  for (int i = 1; i <= 10; ++i) h.add(i < 10 ? 0.1 : 2.0, 1, kTimeZero);
  CHECK(h.percentile(0.5) == s.start_of(s.bucket_of(0.1) + 1));
  CHECK(h.percentile(0.9) == s.start_of(s.bucket_of(0.1) + 1));
  CHECK(h.percentile(0.95) == s.start_of(s.bucket_of(2.0) + 1));
}

TEST_CASE("after a half-life a sample weighs half") {
  const HistogramScale s = cpu_scale();
  DecayingHistogram h(s, hours(24));
  h.add(0.1, 2, kTimeZero);
  h.add(4.0, 1.01, kTimeZero + hours(24));  // against 1 of the old one
  CHECK(h.percentile(0.5) > 4.0);
  DecayingHistogram g(s, hours(24));
  g.add(0.1, 2, kTimeZero);
  g.add(4.0, 0.99, kTimeZero + hours(24));
  CHECK(g.percentile(0.5) < 0.2);
}

TEST_CASE("a sample can be taken back, and years do not overflow") {
  DecayingHistogram h(memory_scale(), hours(24));
  const Time late = kTimeZero + hours(24 * 1000);
  h.add(1e9, 1, kTimeZero);
  h.add(2e9, 1, late);
  CHECK(h.percentile(0.01) > 2e9);  // the old one is as good as gone
  h.subtract(2e9, 1, late);
  h.add(5e8, 1, late);
  CHECK(h.percentile(0.99) < 1e9);
}

}  // namespace
}  // namespace plimsoll::kubernetes
