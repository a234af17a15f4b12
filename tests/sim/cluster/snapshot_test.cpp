#include "sim/cluster/snapshot.h"

#include <doctest/doctest.h>

#include <map>

#include "sim/core/random.h"

namespace plimsoll {
namespace {

/// Everything a reader can see, gathered the slow way.
struct Seen {
  struct RowSeen {
    bool alive = false;
    SnapshotNode node;
    std::vector<PodOnNode> pods;
    ResourceVector requested, allocatable;
    std::int64_t nonzero_cpu = 0, nonzero_memory = 0;
    std::map<NameId, std::int64_t> extended;
    friend bool operator==(const RowSeen&, const RowSeen&) = default;
  };
  std::vector<RowSeen> rows;
  std::size_t live = 0, soft = 0;
  std::map<NameId, std::int64_t> images;
  friend bool operator==(const Seen&, const Seen&) = default;
};

constexpr int kNames = 12;

Seen look(const Snapshot& s) {
  Seen seen;
  seen.live = s.live_rows();
  seen.soft = s.rows_with_soft_taint();
  for (int i = 0; i < kNames; ++i) seen.images[NameId{i}] = s.rows_with_image(NameId{i});
  for (Row r = 0; r < s.rows(); ++r) {
    Seen::RowSeen row;
    row.alive = s.alive(r);
    row.node = s.node(r);
    row.pods.assign(s.pods(r).begin(), s.pods(r).end());
    for (std::size_t k = 0; k < kResourceCount; ++k) {
      row.requested.v[k] = s.requested(static_cast<Resource>(k))[r];
      row.allocatable.v[k] = s.allocatable(static_cast<Resource>(k))[r];
    }
    row.nonzero_cpu = s.nonzero_cpu()[r];
    row.nonzero_memory = s.nonzero_memory()[r];
    for (int i = 0; i < kNames; ++i) row.extended[NameId{i}] = s.requested_extended(r, NameId{i});
    seen.rows.push_back(row);
  }
  return seen;
}

/// The totals counted again from the pods and nodes.
void recount(const Snapshot& s, const std::vector<PodShape>& shapes) {
  std::size_t live = 0, soft = 0;
  std::map<NameId, std::int64_t> images;
  for (Row r = 0; r < s.rows(); ++r) {
    ResourceVector sum;
    std::int64_t cpu = 0, memory = 0;
    std::map<NameId, std::int64_t> extended;
    for (const PodOnNode& p : s.pods(r)) {
      const PodShape& shape = shapes[p.shape.index()];
      sum += shape.requests;
      cpu += shape.nonzero_cpu;
      memory += shape.nonzero_memory;
      for (const auto& [name, amount] : shape.extended) extended[name] += amount;
    }
    for (std::size_t k = 0; k < kResourceCount; ++k) CHECK(s.requested(static_cast<Resource>(k))[r] == sum.v[k]);
    CHECK(s.nonzero_cpu()[r] == cpu);
    CHECK(s.nonzero_memory()[r] == memory);
    for (int i = 0; i < kNames; ++i) CHECK(s.requested_extended(r, NameId{i}) == extended[NameId{i}]);
    if (!s.alive(r)) {
      CHECK(s.pods(r).empty());
      continue;
    }
    ++live;
    bool prefers = false;
    for (const Taint& t : s.node(r).taints) prefers = prefers || t.effect == TaintEffect::prefer_no_schedule;
    soft += prefers ? 1 : 0;
    for (const ImageOnNode& i : s.node(r).images) ++images[i.name];
  }
  CHECK(s.live_rows() == live);
  CHECK(s.rows_with_soft_taint() == soft);
  for (int i = 0; i < kNames; ++i) CHECK(s.rows_with_image(NameId{i}) == images[NameId{i}]);
}

TEST_CASE("random changes with nested levels agree with a recount and with copies") {
  std::vector<PodShape> shapes(6);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    shapes[i].requests.v = {static_cast<std::int64_t>(100 * i), static_cast<std::int64_t>(7 * i), 3, 1, 0, 0};
    shapes[i].nonzero_cpu = static_cast<std::int64_t>(100 * i + 1);
    shapes[i].nonzero_memory = static_cast<std::int64_t>(i);
    if (i % 2 == 1) shapes[i].extended = {{NameId{i}, 2}, {NameId{i + 1}, static_cast<std::int64_t>(i)}};
  }
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const Stream stream(seed, "snapshot", Purpose::tie_break);
    std::uint64_t item = 0;
    const auto draw = [&](std::uint64_t count) { return stream.below(count, item++); };
    Snapshot s;
    std::vector<std::pair<Snapshot::Level, Seen>> levels;
    std::uint32_t next_pod = 0, next_node = 0;
    std::map<std::pair<Row, std::uint64_t>, Seen::RowSeen> by_row_version;
    std::map<std::uint64_t, Seen> by_version;
    for (int step = 0; step < 600; ++step) {
      const std::uint64_t before = s.version();
      const Seen was = look(s);
      std::vector<Row> live;
      for (Row r = 0; r < s.rows(); ++r) {
        if (s.alive(r)) live.push_back(r);
      }
      const auto any_row = [&] { return live[draw(live.size())]; };
      const std::uint64_t what = draw(14);
      if (what <= 1 || live.empty()) {
        SnapshotNode node;
        node.id = NodeId{next_node++};
        node.allocatable.v = {1000, 100, 50, 10, 0, 0};
        if (draw(2) == 0) node.images = {{NameId{static_cast<int>(draw(kNames))}, 5}};
        if (draw(3) == 0) node.taints = {{NameId{1}, NameId{}, TaintEffect::prefer_no_schedule}};
        s.add_node(node);
      } else if (what == 2 && draw(3) == 0) {
        s.remove_node(any_row());
      } else if (what <= 5) {
        const std::size_t shape = draw(shapes.size());
        s.add_pod(any_row(), {PodId{next_pod++}, ShapeId{shape}, 0, false, Time{}}, shapes[shape]);
      } else if (what <= 7) {
        const Row row = any_row();
        if (!s.pods(row).empty()) {
          const PodOnNode pod = s.pods(row)[draw(s.pods(row).size())];
          s.remove_pod(row, pod.id, shapes[pod.shape.index()]);
        }
      } else if (what == 8) {
        const Row row = any_row();
        if (!s.pods(row).empty()) s.set_terminating(row, s.pods(row)[draw(s.pods(row).size())].id);
      } else if (what == 9) {
        const Row row = any_row();
        if (draw(2) == 0) {
          s.add_taint(row, {NameId{static_cast<int>(draw(3))}, NameId{}, static_cast<TaintEffect>(draw(3))});
        } else {
          s.remove_taint(row, NameId{static_cast<int>(draw(3))});
        }
      } else if (what == 10) {
        s.add_image(any_row(), {NameId{static_cast<int>(draw(kNames))}, static_cast<std::int64_t>(draw(100))});
      } else if (what == 11) {
        s.set_unschedulable(any_row(), draw(2) == 0);
      } else if (what == 12 && levels.size() < 5) {
        levels.emplace_back(s.checkpoint(), was);
      } else if (what == 13 && !levels.empty()) {
        const std::size_t at = draw(levels.size());
        if (draw(2) == 0) {
          s.rollback(levels[at].first);
          REQUIRE(look(s) == levels[at].second);
        } else {
          s.commit(levels[at].first);
          REQUIRE(look(s) == was);
        }
        levels.resize(at);
      }
      recount(s, shapes);
      // Every row that looks different is among the remembered changes.
      const Seen now = look(s);
      std::vector<bool> told(std::max(was.rows.size(), now.rows.size()) + 10, false);
      std::map<std::pair<Row, ShapeId>, std::pair<int, int>> moved;
      REQUIRE(s.visit_changes(before, [&](const RowChange& c) {
        told[c.row] = true;
        if (c.shape.is_none()) return;
        moved[{c.row, c.shape}].first += c.pods;
        moved[{c.row, c.shape}].second += c.running;
      }));
      // The differences told add up to the pods that came and went.
      for (std::size_t r = 0; r < std::max(was.rows.size(), now.rows.size()); ++r) {
        for (std::size_t k = 0; k < shapes.size(); ++k) {
          const auto count = [&](const Seen& seen) {
            std::pair<int, int> n{0, 0};
            if (r >= seen.rows.size()) return n;
            for (const PodOnNode& p : seen.rows[r].pods) {
              if (p.shape != ShapeId{k}) continue;
              ++n.first;
              n.second += p.terminating ? 0 : 1;
            }
            return n;
          };
          const auto difference = moved[{static_cast<Row>(r), ShapeId{k}}];
          CHECK(count(now).first - count(was).first == difference.first);
          CHECK(count(now).second - count(was).second == difference.second);
        }
      }
      for (std::size_t r = 0; r < std::max(was.rows.size(), now.rows.size()); ++r) {
        const bool same = r < was.rows.size() && r < now.rows.size() && was.rows[r] == now.rows[r];
        if (!same) CHECK(told[r]);
        // A version names a state of its row, for good.
        if (r >= s.rows()) continue;
        const auto known =
            by_row_version.emplace(std::pair{static_cast<Row>(r), s.row_version(static_cast<Row>(r))}, now.rows[r]);
        CHECK(known.first->second == now.rows[r]);
      }
      CHECK(by_version.emplace(s.version(), now).first->second == now);
    }
    s.commit(s.open_levels() == 0 ? s.checkpoint() : 0);
    const Seen full = look(s);
    const std::vector<Row> moved = s.compact();
    CHECK(s.rows() == s.live_rows());
    recount(s, shapes);
    for (std::size_t r = 0; r < moved.size(); ++r) {
      CHECK((moved[r] == kNoRow) == !full.rows[r].alive);
      if (moved[r] != kNoRow) CHECK(look(s).rows[moved[r]] == full.rows[r]);
    }
    CHECK_FALSE(s.visit_changes(0, [](const RowChange&) {}));
  }
}

/// Pods by row and shape, kept up to date by changes alone.
struct Follower {
  std::uint64_t seen = 0;
  std::map<std::pair<Row, ShapeId>, int> pods;
  bool lost = false;

  void follow(const Snapshot& s) {
    if (seen == s.version()) return;
    lost = !s.visit_changes(seen, [&](const RowChange& c) {
      if (!c.shape.is_none() && (pods[{c.row, c.shape}] += c.pods) == 0) pods.erase({c.row, c.shape});
    });
    if (lost) pods = count(s);
    seen = s.version();
  }
  static std::map<std::pair<Row, ShapeId>, int> count(const Snapshot& s) {
    std::map<std::pair<Row, ShapeId>, int> out;
    for (Row r = 0; r < s.rows(); ++r) {
      for (const PodOnNode& p : s.pods(r)) ++out[{r, p.shape}];
    }
    return out;
  }
};

TEST_CASE("whoever follows the changes is right, whenever it looks, and simulations taken back are no work") {
  PodShape shape;
  shape.requests.v = {1, 1, 1, 1, 0, 0};
  const Stream stream(5, "snapshot", Purpose::tie_break);
  std::uint64_t item = 0;
  const auto draw = [&](std::uint64_t count) { return stream.below(count, item++); };
  Snapshot s;
  SnapshotNode node;
  node.allocatable.v = {100, 100, 100, 100, 0, 0};
  for (int i = 0; i < 4; ++i) s.add_node(node);
  std::uint32_t next = 0;
  const auto change = [&] {
    const Row row = static_cast<Row>(draw(4));
    if (draw(2) == 0 || s.pods(row).empty()) {
      s.add_pod(row, {PodId{next++}, ShapeId{static_cast<int>(draw(3))}, 0, false, Time{}}, shape);
    } else {
      s.remove_pod(row, s.pods(row)[0].id, shape);
    }
  };
  Follower often, outside, rarely;
  int lost = 0;
  for (int round = 0; round < 400; ++round) {
    for (std::uint64_t i = draw(4); i > 0; --i) change();
    outside.follow(s);
    CHECK(outside.pods == Follower::count(s));
    CHECK_FALSE(outside.lost);
    const std::uint64_t before = s.version();
    const Snapshot::Level level = s.checkpoint();
    for (std::uint64_t i = draw(6); i > 0; --i) {
      change();
      if (draw(3) == 0) {
        const Snapshot::Level inner = s.checkpoint();
        change();
        if (draw(2) == 0) {
          s.rollback(inner);
        } else {
          s.commit(inner);
        }
      }
      if (draw(2) == 0) {
        often.follow(s);
        CHECK(often.pods == Follower::count(s));
        lost += often.lost ? 1 : 0;
      }
      if (draw(20) == 0) {
        rarely.follow(s);
        CHECK(rarely.pods == Follower::count(s));
      }
    }
    if (draw(5) == 0) {
      s.commit(level);
    } else {
      s.rollback(level);
      CHECK(s.version() == before);
    }
    if (draw(3) == 0) {
      often.follow(s);
      CHECK(often.pods == Follower::count(s));
    }
  }
  CHECK(lost > 0);  // who looked inside an older simulation starts again
  CHECK(lost < 400);
}

TEST_CASE("a larger cluster remembers more changes, and growth loses none of them") {
  PodShape shape;
  shape.requests.v = {1, 1, 1, 1, 0, 0};
  const Stream stream(6, "snapshot", Purpose::tie_break);
  std::uint64_t item = 0;
  const auto draw = [&](std::uint64_t count) { return stream.below(count, item++); };
  Snapshot s;
  SnapshotNode node;
  node.allocatable.v = {100, 100, 100, 100, 0, 0};
  s.add_node(node);
  std::uint32_t next = 0;
  const auto change = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const Row row = static_cast<Row>(draw(s.rows()));
      if (draw(2) == 0 || s.pods(row).empty()) {
        s.add_pod(row, {PodId{next++}, ShapeId{static_cast<int>(draw(3))}, 0, false, Time{}}, shape);
      } else {
        s.remove_pod(row, s.pods(row)[0].id, shape);
      }
    }
  };
  Follower small, through, late;
  change(8'000);
  small.follow(s);
  through.follow(s);
  change(8'193);
  small.follow(s);
  CHECK(small.lost);  // one more than a small cluster remembers
  CHECK(small.pods == Follower::count(s));
  change(5'000);
  through = small;
  for (int i = 0; i < 1'200; ++i) s.add_node(node);  // on the way there is room for 16,384 changes, then for 32,768
  change(20'000);
  through.follow(s);
  CHECK_FALSE(through.lost);
  CHECK(through.pods == Follower::count(s));
  late = through;
  change(32'768);
  late.follow(s);
  CHECK_FALSE(late.lost);
  CHECK(late.pods == Follower::count(s));
  change(32'769);
  late.follow(s);
  CHECK(late.lost);
  CHECK(late.pods == Follower::count(s));
}

TEST_CASE("a copy goes its own way") {
  Snapshot a;
  SnapshotNode node;
  node.allocatable.v = {10, 10, 10, 10, 0, 0};
  a.add_node(node);
  PodShape shape;
  shape.requests.v = {1, 2, 3, 1, 0, 0};
  Snapshot b = a;
  b.add_pod(0, {PodId{0}, ShapeId{0}, 0, false, Time{}}, shape);
  CHECK(a.pods(0).empty());
  CHECK(a.requested(Resource::cpu)[0] == 0);
  CHECK(b.requested(Resource::cpu)[0] == 1);
}

TEST_CASE("removing a node takes its pods along and a rollback brings both back") {
  Snapshot s;
  s.add_node({});
  PodShape shape;
  shape.requests.v = {5, 6, 7, 1, 0, 0};
  s.add_pod(0, {PodId{3}, ShapeId{0}, 0, false, Time{}}, shape);
  const Snapshot::Level level = s.checkpoint();
  s.remove_node(0);
  CHECK(s.live_rows() == 0);
  CHECK(s.pods(0).empty());
  s.rollback(level);
  CHECK(s.live_rows() == 1);
  REQUIRE(s.pods(0).size() == 1);
  CHECK(s.pods(0)[0].id == PodId{3});
  CHECK(s.requested(Resource::memory)[0] == 6);
}

}  // namespace
}  // namespace plimsoll
