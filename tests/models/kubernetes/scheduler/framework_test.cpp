// Also tests: cycle_runner, cycle_decision, cycle_images, cycle_news, scratch, shape_cache
#include "models/kubernetes/scheduler/framework.h"

#include <doctest/doctest.h>

#include <string>

#include "models/kubernetes/scheduler/pod_requests.h"

namespace plimsoll::kubernetes {
namespace {

/// Draws in order from one stream.
struct Dice {
  Stream stream;
  std::uint64_t item = 0;
  explicit Dice(std::uint64_t seed) : stream(seed, "framework_test", Purpose::tie_break) {}
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(stream.below(count, item++)); }
  bool one_in(std::size_t n) { return below(n) == 0; }
};

struct Cluster {
  Names names;
  ShapeTable shapes;
  Snapshot snapshot;
  std::vector<ShapeId> templates;
  std::uint32_t next_pod = 0, next_node = 0;
  bool twins = false;
  NameId last_host;
  ClusterView view() const { return {snapshot, shapes, names}; }
};

LabelSelector app_selector(Cluster& c, std::size_t app) {
  return {true, {{c.names.intern("app"), SelectorOp::in, {c.names.intern("a" + std::to_string(app))}, 0}}};
}

SnapshotNode random_node(Cluster& c, Dice& dice) {
  SnapshotNode n;
  n.id = NodeId{c.next_node};
  const std::string name = "n" + std::to_string(dice.below(90) + 10) + "-" + std::to_string(c.next_node++);
  n.name = c.names.intern(name);
  // Now and then two nodes claim one host name; the rules must hold for them too.
  const bool twin = c.twins && c.next_node > 1 && dice.one_in(6);
  n.labels.set(c.names.intern("kubernetes.io/hostname"), twin ? c.last_host : n.name);
  c.last_host = n.name;
  n.labels.set(c.names.intern("rack"), c.names.intern("r" + std::to_string(dice.below(9))));
  if (!dice.one_in(8)) {
    n.labels.set(c.names.intern("topology.kubernetes.io/zone"), c.names.intern("z" + std::to_string(dice.below(3))));
  }
  if (dice.one_in(2)) n.labels.set(c.names.intern("disk"), c.names.intern(dice.one_in(2) ? "ssd" : "hdd"));
  n.allocatable.v = {static_cast<std::int64_t>(1 + dice.below(8)) * kCpuTicksPerVcpu,
                     static_cast<std::int64_t>(1 + dice.below(16)) * kGiB,
                     100 * kGiB,
                     static_cast<std::int64_t>(4 + dice.below(20)),
                     0,
                     0};
  if (dice.one_in(5)) n.extended = {{c.names.intern("example.com/widget"), 3}};
  if (dice.one_in(6)) {
    n.taints.push_back({c.names.intern("dedicated"), {}, static_cast<TaintEffect>(dice.below(3))});
  }
  for (int i = 0; i < 3; ++i) {
    if (dice.one_in(3)) {
      n.images.push_back(
          {c.names.intern("img" + std::to_string(i) + ":1"), static_cast<std::int64_t>(dice.below(900)) * kMiB});
    }
  }
  return n;
}

ShapeId random_shape(Cluster& c, Dice& dice, bool simple) {
  PodShape s;
  const std::size_t app = dice.below(4);
  s.labels.set(c.names.intern("app"), c.names.intern("a" + std::to_string(app)));
  // Some differ from one that there is in nothing that a node would see but images.
  if (!c.templates.empty() && dice.one_in(3)) {
    PodShape twin = c.shapes[c.templates[dice.below(c.templates.size())]];
    twin.labels = s.labels;
    twin.images = {c.names.intern("img" + std::to_string(dice.below(3)) + ":1")};
    if (dice.one_in(2)) twin.spread.clear();
    return c.shapes.intern(std::move(twin));
  }
  ContainerRequests request;
  if (!dice.one_in(5)) request.cpu = cpu_millis(static_cast<std::int64_t>(dice.below(1500)));
  if (!dice.one_in(5)) request.memory = mebibytes(static_cast<std::int64_t>(dice.below(2000)));
  if (dice.one_in(8)) request.extended = {{c.names.intern("example.com/widget"), 1}};
  set_requests(s, {&request, 1}, {}, {});
  if (dice.one_in(3)) s.images = {c.names.intern("img" + std::to_string(dice.below(3)) + ":1")};
  if (dice.one_in(5)) s.host_ports = {{static_cast<std::int32_t>(8000 + dice.below(2)), {}, {}}};
  if (simple) return c.shapes.intern(std::move(s));
  if (dice.one_in(3)) s.tolerations.push_back({c.names.intern("dedicated"), {}, true, {}, {}});
  if (dice.one_in(5)) s.node_selector = {{c.names.intern("disk"), c.names.intern("ssd")}};
  if (dice.one_in(4)) {
    s.node_preferred.push_back({static_cast<std::int32_t>(1 + dice.below(50)),
                                {{{c.names.intern("disk"), SelectorOp::in, {c.names.intern("hdd")}, 0}}, {}}});
  }
  const auto key = [&] {
    return c.names.intern(dice.one_in(5)   ? "rack"
                          : dice.one_in(2) ? "topology.kubernetes.io/zone"
                                           : "kubernetes.io/hostname");
  };
  if (dice.one_in(3)) {
    TopologySpreadConstraint t;
    t.max_skew = static_cast<std::int32_t>(1 + dice.below(3));
    t.topology_key = key();
    t.when = dice.one_in(2) ? WhenUnsatisfiable::do_not_schedule : WhenUnsatisfiable::schedule_anyway;
    t.selector = app_selector(c, app);
    if (dice.one_in(3)) t.node_taints_policy = InclusionPolicy::honor;
    if (dice.one_in(3)) t.min_domains = 3;
    s.spread.push_back(t);
  }
  const auto term = [&] { return PodAffinityTerm{app_selector(c, dice.below(4)), key(), {}}; };
  if (dice.one_in(6)) s.pod_required.push_back(term());
  if (dice.one_in(6)) s.anti_required.push_back(term());
  if (dice.one_in(4)) s.pod_preferred.push_back({static_cast<std::int32_t>(1 + dice.below(80)), term()});
  if (dice.one_in(4)) s.anti_preferred.push_back({static_cast<std::int32_t>(1 + dice.below(80)), term()});
  return c.shapes.intern(std::move(s));
}

void run_random_cluster(std::uint64_t seed, KubernetesVersion version, Tie tie, bool simple, std::size_t first_nodes,
                        std::int32_t percentage, bool twins = false) {
  CAPTURE(seed);
  Dice dice(seed);
  Cluster c;
  c.twins = twins;
  for (int i = 0; i < 8; ++i) c.templates.push_back(random_shape(c, dice, simple));
  for (std::size_t i = 0; i < first_nodes; ++i) c.snapshot.add_node(random_node(c, dice));
  Profile profile = default_profile(version);
  profile.tie = tie;
  profile.percentage_of_nodes_to_score = percentage;
  Framework framework(profile, c.names);
  const NameId app = c.names.intern("app");
  framework.set_services({{{}, {{app, c.names.intern("a1")}}}});
  Scratch fast, plain;
  SearchState fast_search, plain_search;
  std::vector<Snapshot::Level> levels;
  std::vector<std::pair<Row, PodOnNode>> placed;
  for (std::uint64_t step = 0; step < 250; ++step) {
    std::vector<Row> live;
    for (Row r = 0; r < c.snapshot.rows(); ++r) {
      if (c.snapshot.alive(r)) live.push_back(r);
    }
    const std::size_t what = dice.below(20);
    if (what == 0) {
      c.snapshot.add_node(random_node(c, dice));
    } else if (what == 1 && live.size() > 3) {
      c.snapshot.remove_node(live[dice.below(live.size())]);
    } else if (what == 2) {
      c.snapshot.set_unschedulable(live[dice.below(live.size())], dice.one_in(2));
    } else if (what == 3) {
      const Row row = live[dice.below(live.size())];
      if (dice.one_in(2)) {
        c.snapshot.add_taint(row, {c.names.intern("dedicated"), {}, static_cast<TaintEffect>(dice.below(3))});
      } else {
        c.snapshot.remove_taint(row, c.names.intern("dedicated"));
      }
    } else if (what == 4) {
      c.snapshot.add_image(live[dice.below(live.size())], {c.names.intern("img1:1"), 500 * kMiB});
    } else if (what <= 6) {
      const Row row = live[dice.below(live.size())];
      if (!c.snapshot.pods(row).empty()) {
        const PodOnNode pod = c.snapshot.pods(row)[dice.below(c.snapshot.pods(row).size())];
        if (dice.one_in(3)) {
          c.snapshot.set_terminating(row, pod.id);
        } else {
          c.snapshot.remove_pod(row, pod.id, c.shapes[pod.shape]);
        }
      }
    } else if (what == 7 && levels.size() < 3) {
      levels.push_back(c.snapshot.checkpoint());
    } else if (what == 8 && !levels.empty()) {
      const std::size_t at = dice.below(levels.size());
      if (dice.one_in(2)) {
        c.snapshot.rollback(levels[at]);
      } else {
        c.snapshot.commit(levels[at]);
      }
      levels.resize(at);
    } else if (what == 9 && step % 50 == 9) {
      framework.set_services({{{}, {{app, c.names.intern("a" + std::to_string(dice.below(4)))}}}});
    } else if (what == 10 && step % 40 == 10 && levels.empty()) {
      c.snapshot.compact();
    }
    // Some are asked about seldom, and learn of much at once.
    const ShapeId shape = c.templates[dice.below(dice.one_in(8) ? c.templates.size() : 1 + c.templates.size() / 2)];
    const TieDraw draw{dice.stream, 1'000'000 + step};
    const Decision a = framework.schedule_one(c.view(), shape, fast_search, draw, fast);
    const Decision b = framework.schedule_one(c.view(), shape, plain_search, draw, plain, Path::plain);
    CAPTURE(step);
    REQUIRE(a.row == b.row);
    REQUIRE(a.total == b.total);
    REQUIRE(a.runner_up == b.runner_up);
    REQUIRE(a.runner_up_total == b.runner_up_total);
    REQUIRE(a.failed == b.failed);
    REQUIRE(a == b);
    REQUIRE(fast_search.next_start == plain_search.next_start);
    // One row asked alone gets the same answer as in the whole.
    std::vector<Row> rows;
    std::vector<Verdict> verdicts;
    framework.filter_all(c.view(), shape, plain, rows, verdicts, Path::plain);
    for (std::size_t i = 0; i < rows.size(); i += 1 + dice.below(5)) {
      REQUIRE(framework.filter_row(c.view(), shape, rows[i], fast) == verdicts[i]);
    }
    if (!a.placed()) continue;
    c.snapshot.add_pod(a.row, {PodId{c.next_pod++}, shape, 0, false, Time{}}, c.shapes[shape]);
  }
}

TEST_CASE("the fast path decides as the plain path on random clusters, all nodes scored") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (const auto version : {KubernetesVersion::v1_20, KubernetesVersion::v1_26, KubernetesVersion::current}) {
      run_random_cluster(seed, version, Tie::random, false, 12, 0);
      run_random_cluster(seed + 100, version, Tie::first, false, 12, 0);
      run_random_cluster(seed + 200, version, Tie::random, true, 12, 0);
      run_random_cluster(seed + 300, version, Tie::first, true, 12, 0);
      run_random_cluster(seed + 350, version, Tie::random, false, 12, 0, true);
    }
  }
}

TEST_CASE("the fast path decides as the plain path on larger clusters, all nodes scored") {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    run_random_cluster(seed + 600, KubernetesVersion::current, Tie::random, false, 200, 100);
    run_random_cluster(seed + 700, KubernetesVersion::v1_20, Tie::first, false, 130, 100);
  }
}

TEST_CASE("the fast path decides as the plain path when only a share of the nodes is looked at") {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    run_random_cluster(seed + 400, KubernetesVersion::current, Tie::random, false, 160, 0);
    run_random_cluster(seed + 500, KubernetesVersion::v1_20, Tie::random, true, 160, 5);
    run_random_cluster(seed + 800, KubernetesVersion::v1_26, Tie::first, false, 140, 0);
    run_random_cluster(seed + 900, KubernetesVersion::current, Tie::random, false, 200, 20);
  }
}

Cluster equal_nodes(int count) {
  Cluster c;
  for (int i = 0; i < count; ++i) {
    SnapshotNode n;
    n.name = c.names.intern("n" + std::to_string(i));
    n.labels.set(c.names.intern("kubernetes.io/hostname"), n.name);
    n.labels.set(c.names.intern("topology.kubernetes.io/zone"), c.names.intern("z" + std::to_string(i % 3)));
    n.allocatable.v = {4 * kCpuTicksPerVcpu, 8 * kGiB, 0, 10, 0, 0};
    c.snapshot.add_node(std::move(n));
  }
  return c;
}

ShapeId plain_pod(Cluster& c, std::int64_t millis) {
  PodShape s;
  ContainerRequests r;
  r.cpu = cpu_millis(millis);
  r.memory = mebibytes(256);
  set_requests(s, {&r, 1}, {}, {});
  return c.shapes.intern(std::move(s));
}

TEST_CASE("a tie is broken by one draw over the equals, or by the lowest name") {
  Cluster c = equal_nodes(12);
  const ShapeId pod = plain_pod(c, 500);
  std::vector<int> hits(12, 0);
  Scratch scratch;
  SearchState search;
  const Framework framework(default_profile(KubernetesVersion::current), c.names);
  for (std::uint64_t i = 0; i < 1200; ++i) {
    const TieDraw draw{Stream(7, "tie", Purpose::tie_break), i};
    const Decision d = framework.schedule_one(c.view(), pod, search, draw, scratch);
    CHECK(d.row == draw.below(12));
    ++hits[d.row];
  }
  for (const int h : hits) CHECK(h > 60);
  Profile first = default_profile(KubernetesVersion::current);
  first.tie = Tie::first;
  const Framework lowest(first, c.names);
  Scratch other;
  // Names in text order: n0 n1 n10 n11 n2 ...
  CHECK(lowest.schedule_one(c.view(), pod, search, {}, other).row == 0);
  CHECK(lowest.schedule_one(c.view(), pod, search, {}, other).runner_up == 1);
}

TEST_CASE("reasons are counted per node and resource") {
  Cluster c = equal_nodes(3);
  const ShapeId big = plain_pod(c, 5000);
  c.snapshot.set_unschedulable(0, true);
  Scratch scratch;
  SearchState search;
  const Framework framework(default_profile(KubernetesVersion::current), c.names);
  const Decision d = framework.schedule_one(c.view(), big, search, {}, scratch);
  CHECK_FALSE(d.placed());
  CHECK(d.looked_at == 3);
  CHECK(d.failed[static_cast<std::size_t>(Reason::unschedulable)] == 1);
  CHECK(d.failed[static_cast<std::size_t>(Reason::insufficient_cpu)] == 2);
  // 5 vCPU is more than any node has at all, so nothing that is removed helps.
  CHECK(framework.filter_row(c.view(), big, 1, scratch).code == Code::unresolvable);
  const Framework old(default_profile(KubernetesVersion::v1_26), c.names);
  Scratch other;
  CHECK(old.filter_row(c.view(), big, 1, other).code == Code::unschedulable);
}

TEST_CASE("the search goes on where the last one stopped, zone by zone") {
  Cluster c = equal_nodes(300);
  const ShapeId pod = plain_pod(c, 100);
  Profile p = default_profile(KubernetesVersion::current);
  p.percentage_of_nodes_to_score = 40;  // 120 of 300
  const Framework framework(p, c.names);
  Scratch scratch;
  SearchState search;
  Decision counts;
  const auto rows = framework.find_feasible(c.view(), pod, search, scratch, counts);
  CHECK(rows.size() == 120);
  CHECK(search.next_start == 120);
  CHECK(rows[0] == 0);  // one of each zone in turn, and row i lies in zone i % 3
  CHECK(rows[1] == 1);
  const auto more = framework.find_feasible(c.view(), pod, search, scratch, counts);
  CHECK(more[0] == 120);
  CHECK(search.next_start == 240);
}

}  // namespace
}  // namespace plimsoll::kubernetes
