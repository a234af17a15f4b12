#include "sim/cluster/image_pulls.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "sim/core/random.h"

namespace plimsoll {
namespace {

constexpr std::int64_t kMegabyte = 1'000'000;

Time pull_s(std::int64_t s) { return kTimeZero + seconds(s); }

ImagePulls side_by_side(std::int64_t slots, std::int64_t baseline_mb, std::int64_t burst_mb, Time now = kTimeZero) {
  ImagePulls::Limits limits;
  limits.slots = slots;
  limits.each = 100 * kMegabyte;
  limits.network = {baseline_mb * kMegabyte, burst_mb * kMegabyte};
  return ImagePulls(limits, now);
}

/// When each image has come, by its number; goes from one `next` to the other.
std::map<std::uint32_t, Time> run_out(ImagePulls& pulls, Time now) {
  std::map<std::uint32_t, Time> out;
  while (true) {
    for (const NameId image : pulls.advance(now)) out[image.value()] = now;
    if (pulls.empty()) return out;
    const Time next = pulls.next();
    REQUIRE(next > now);
    REQUIRE(next != kTimeNever);
    now = next;
  }
}

NameId image(std::uint32_t number) { return NameId{number}; }

TEST_CASE("a pull alone costs its requests and its bytes at its own rate") {
  ImagePulls pulls = side_by_side(4, 1'000, 1'000);
  pulls.add(image(1), Bytes{200 * kMegabyte}, milliseconds(500), {});
  CHECK(run_out(pulls, kTimeZero)[1] == kTimeZero + milliseconds(2'500));
}

TEST_CASE("pulls side by side share the network, where that is less than each could take") {
  struct Row {
    std::int64_t network_mb;  // 0: not known, one pull's rate for all
    std::int64_t first_ms, second_ms;
  };
  // 200 MB and 100 MB, each at 100 MB/s at most. 150 MB/s: 75 each, the second is there after 1.333 s, the first has
  // 100 MB left then. 200 MB/s and more: nobody waits. 50 MB/s: 25 each, then 50.
  for (const Row row : {Row{0, 3'000, 2'000}, Row{100, 3'000, 2'000}, Row{150, 2'333, 1'333}, Row{200, 2'000, 1'000},
                        Row{1'000, 2'000, 1'000}, Row{50, 6'000, 4'000}}) {
    CAPTURE(row.network_mb);
    ImagePulls pulls = side_by_side(4, row.network_mb, row.network_mb);
    pulls.add(image(1), Bytes{200 * kMegabyte}, {}, {});
    pulls.add(image(2), Bytes{100 * kMegabyte}, {}, {});
    const auto at = run_out(pulls, kTimeZero);
    CHECK((at.at(1) - kTimeZero) / milliseconds(1) == row.first_ms);
    CHECK((at.at(2) - kTimeZero) / milliseconds(1) == row.second_ms);
  }
}

TEST_CASE("requests to the registry take no part of the network") {
  ImagePulls pulls = side_by_side(4, 100, 100);
  pulls.add(image(1), Bytes{200 * kMegabyte}, {}, {});
  pulls.add(image(2), Bytes{100 * kMegabyte}, seconds(1), {});
  // To 1 s alone: 100 MB. Then 50 MB/s each: both have 100 MB left and end at 3 s.
  const auto at = run_out(pulls, kTimeZero);
  CHECK(at.at(1) == pull_s(3));
  CHECK(at.at(2) == pull_s(3));
}

TEST_CASE("beyond its baseline a network lives on credits, which an idle one earns back") {
  struct Row {
    std::int64_t pause_s, again_s;
  };
  // Baseline 100 MB/s, burst 200: five minutes of 100 MB/s more = 30 GB of credits. Two images of 40 GB: 300 s at 100
  // MB/s each leave 10 GB, which take 200 s at 50: 500 s. A pause of 300 s earns all back, one of 150 s 15 GB: 150 s at
  // 100, 25 GB at 50: 650 s. Without a pause 40 GB at 50 MB/s: 800 s.
  for (const Row row : {Row{300, 500}, Row{1'000, 500}, Row{150, 650}, Row{0, 800}}) {
    CAPTURE(row.pause_s);
    ImagePulls pulls = side_by_side(4, 100, 200);
    for (const std::uint32_t i : {1u, 2u}) pulls.add(image(i), Bytes{40'000 * kMegabyte}, {}, {});
    CHECK(run_out(pulls, kTimeZero).at(2) == pull_s(500));
    const Time again = pull_s(500 + row.pause_s);
    CHECK(pulls.advance(again).empty());
    for (const std::uint32_t i : {3u, 4u}) pulls.add(image(i), Bytes{40'000 * kMegabyte}, {}, {});
    CHECK(run_out(pulls, again).at(4) == again + seconds(row.again_s));
  }
}

TEST_CASE("a pull waits for a slot, and for the image before it in its pod") {
  ImagePulls pulls = side_by_side(2, 1'000, 1'000);
  pulls.add(image(1), Bytes{100 * kMegabyte}, {}, {});
  pulls.add(image(2), Bytes{300 * kMegabyte}, {}, image(1));
  pulls.add(image(3), Bytes{200 * kMegabyte}, {}, {});
  pulls.add(image(4), Bytes{100 * kMegabyte}, {}, {});
  CHECK(pulls.has(image(2)));
  // 1 and 3 begin; 2 waits for 1 and takes its slot before 4, which gets that of 3.
  const auto at = run_out(pulls, kTimeZero);
  CHECK(at.at(1) == pull_s(1));
  CHECK(at.at(3) == pull_s(2));
  CHECK(at.at(4) == pull_s(3));
  CHECK(at.at(2) == pull_s(4));
  CHECK_FALSE(pulls.has(image(2)));
}

struct Arrival {
  Time at;
  Bytes size;
  Duration requests;
};

/// When each image has come; looks at least every `look` beside the instants that matter.
std::map<std::uint32_t, Time> run_through(ImagePulls pulls, const std::vector<Arrival>& arrivals, Duration look) {
  std::map<std::uint32_t, Time> out;
  Time now = kTimeZero;
  const auto go_to = [&](Time until) {
    while (now < until) {
      now = std::min({until, now + look, std::max(pulls.next(), now + microseconds(1))});
      for (const NameId image : pulls.advance(now)) out[image.value()] = now;
      if (pulls.empty() && until == kTimeNever) return;
    }
  };
  for (std::uint32_t i = 0; i < arrivals.size(); ++i) {
    go_to(arrivals[i].at);
    for (const NameId done : pulls.advance(now)) out[done.value()] = now;
    pulls.add(image(i), arrivals[i].size, arrivals[i].requests, {});
    for (const NameId done : pulls.advance(now)) out[done.value()] = now;
  }
  go_to(kTimeNever);
  return out;
}

TEST_CASE("looking more often changes nothing, and no byte comes faster than the network carries it") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const Stream stream(seed, 0, Purpose::image_pull);
    std::uint64_t item = 0;
    const auto pick = [&](std::uint64_t below) { return static_cast<std::int64_t>(stream.below(below, item++)); };
    const std::int64_t baseline = 1 + pick(300), burst = baseline + pick(300);
    const ImagePulls pulls = side_by_side(1 + pick(4), baseline, burst);
    std::vector<Arrival> arrivals;
    Time at = kTimeZero;
    std::int64_t bytes = 0;
    for (int i = 0; i < 12; ++i) {
      at += milliseconds(pick(4'000));
      arrivals.push_back({at, Bytes{(1 + pick(1'000)) * kMegabyte}, milliseconds(pick(900))});
      bytes += arrivals.back().size.raw();
    }
    const auto seldom = run_through(pulls, arrivals, hours(1'000));
    CHECK(seldom.size() == arrivals.size());
    CHECK(seldom == run_through(pulls, arrivals, milliseconds(70)));
    Time last = kTimeZero;
    for (const auto& [number, when] : seldom) last = std::max(last, when);
    CHECK(to_seconds(last - arrivals[0].at) >=
          static_cast<double>(bytes) / static_cast<double>(burst * kMegabyte) - 1e-3);
  }
}

}  // namespace
}  // namespace plimsoll
