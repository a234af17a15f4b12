#include "sim/load/host_pairs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "sim/core/random.h"

namespace plimsoll::load {

namespace {

/// Hosts as a list, for the sums by hand.
struct PairedHosts {
  struct Host {
    std::vector<SetOnHost> groups;
    std::int64_t room = 0;
  };
  std::vector<Host> hosts;
  HostPairs pairs;

  void move(std::size_t at, std::uint32_t set, std::int32_t delta) {
    Host& h = hosts[at];
    pairs.bound(pairs.move(h.groups, set, delta, h.room));
    const auto group =
        std::find_if(h.groups.begin(), h.groups.end(), [&](const SetOnHost& g) { return g.index == set; });
    if (group == h.groups.end()) {
      h.groups.push_back({set, delta});
    } else if ((group->serving += delta) == 0) {
      h.groups.erase(group);
    }
  }
  /// By a look at every host: capacities, and the least of room over wants. None when a host is crowded.
  bool look(const std::vector<std::int64_t>& want, std::vector<std::int64_t>& capacity, double& least) const {
    std::fill(capacity.begin(), capacity.end(), 0);
    least = std::numeric_limits<double>::infinity();
    for (const Host& h : hosts) {
      std::int64_t wants = 0;
      for (const SetOnHost& g : h.groups) wants += want[g.index] * g.serving;
      if (wants > h.room) return false;
      for (const SetOnHost& g : h.groups) capacity[g.index] += (want[g.index] + h.room - wants) * g.serving;
      if (wants > 0) least = std::min(least, static_cast<double>(h.room) / static_cast<double>(wants));
    }
    return true;
  }
};

}  // namespace

TEST_CASE("two sets on two hosts") {
  PairedHosts c;
  c.pairs.start(2);
  c.hosts.resize(2);
  c.hosts[0].room = 1'000;
  c.hosts[1].room = 2'000;
  c.move(0, 0, 2);
  c.move(0, 1, 1);
  c.move(1, 1, 3);
  std::vector<std::int64_t> capacity(2);
  const std::vector<std::int64_t> want{100, 300};
  CHECK_FALSE(c.pairs.capacities(want, capacity));  // the hosts have not been looked at
  // Wants of 500 and 900: room over wants is 2 and 2.22.
  c.pairs.looked(want, 2.0);
  REQUIRE(c.pairs.capacities(want, capacity));
  CHECK(capacity[0] == 2 * (100 + 500));
  CHECK(capacity[1] == (300 + 500) + 3 * (300 + 1'100));
  CHECK(c.pairs.capacities(std::vector<std::int64_t>{199, 599}, capacity));
  CHECK_FALSE(c.pairs.capacities(std::vector<std::int64_t>{100, 600}, capacity));  // host 0 could be full
  // One more pod of set 0 makes it 600 of 1,000; wants may grow by two thirds.
  c.move(0, 0, 1);
  CHECK(c.pairs.capacities(std::vector<std::int64_t>{166, 499}, capacity));
  CHECK_FALSE(c.pairs.capacities(std::vector<std::int64_t>{167, 300}, capacity));
  c.pairs.looked(want, 0);
  CHECK_FALSE(c.pairs.capacities(want, capacity));
}

TEST_CASE("a host that is crowded is left out, and counted again when it has room") {
  PairedHosts c;
  c.pairs.start(2);
  c.hosts.resize(2);
  c.hosts[0].room = 1'000;
  c.hosts[1].room = 2'000;
  c.move(0, 0, 2);
  c.move(0, 1, 1);
  c.move(1, 1, 3);
  std::vector<std::int64_t> capacity(2), plain(2);
  const std::vector<std::int64_t> want{100, 300};
  c.pairs.looked(want, 2.0);
  const std::vector<SetOnHost> there = c.hosts[0].groups;
  CHECK(c.pairs.room_over_wants(there, 1'000) == 2.0);  // wants of 500
  c.pairs.count_host(there, 1'000, -1);
  REQUIRE(c.pairs.capacities(want, capacity));
  CHECK(capacity[0] == 0);
  CHECK(capacity[1] == 3 * (300 + 1'100));
  // A pod of set 1 comes meanwhile, and the room has grown: wants of 800 of 1,600.
  c.hosts[0].groups[1].serving = 2;
  c.hosts[0].room = 1'600;
  c.pairs.count_host(c.hosts[0].groups, 1'600, 1);
  CHECK(c.pairs.room_over_wants(c.hosts[0].groups, 1'600) == 2.0);
  REQUIRE(c.pairs.capacities(want, capacity));
  double least = 0;
  REQUIRE(c.look(want, plain, least));
  CHECK(capacity == plain);
}

TEST_CASE("capacities by pairs are those of a look at every host, and a crowded host is never overlooked") {
  int by_pairs = 0, looked = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Stream stream(seed, "host-pairs", Purpose::tie_break);
    std::uint64_t item = 0;
    const auto dice = [&](std::size_t sides) { return static_cast<std::size_t>(stream.below(sides, item++)); };
    const std::size_t sets = 1 + dice(12);
    PairedHosts c;
    c.pairs.start(sets);
    c.hosts.resize(1 + dice(30));
    for (PairedHosts::Host& h : c.hosts) h.room = 4'000 + static_cast<std::int64_t>(dice(8'000));
    std::vector<std::int64_t> want(sets), capacity(sets), plain(sets);
    for (std::int64_t& w : want) w = static_cast<std::int64_t>(dice(400));
    for (int step = 0; step < 2'000; ++step) {
      const std::size_t at = dice(c.hosts.size());
      PairedHosts::Host& h = c.hosts[at];
      switch (dice(6)) {
        case 0:
        case 1:
          c.move(at, static_cast<std::uint32_t>(dice(sets)), 1);
          break;
        case 2:
          if (!h.groups.empty()) c.move(at, h.groups[dice(h.groups.size())].index, -1);
          break;
        case 3: {
          const auto change = static_cast<std::int64_t>(dice(401)) - 200;
          h.room += change;
          c.pairs.bound(c.pairs.change_room(h.groups, change, h.room));
          break;
        }
        default:
          for (std::int64_t& w : want) w = std::max<std::int64_t>(0, w + static_cast<std::int64_t>(dice(21)) - 10);
          break;
      }
      double least = 0;
      const bool uncrowded = c.look(want, plain, least);
      if (c.pairs.capacities(want, capacity)) {
        ++by_pairs;
        REQUIRE(uncrowded);
        REQUIRE(capacity == plain);
        continue;
      }
      ++looked;
      if (uncrowded) {
        c.pairs.looked(want, least);
      } else {
        c.pairs.looked(want, 0);
        if (!h.groups.empty()) c.move(at, h.groups[0].index, -1);
      }
    }
  }
  CHECK(by_pairs > 1'000);
  CHECK(looked > 1'000);
}

}  // namespace plimsoll::load
