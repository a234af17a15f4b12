#include "models/eks/cluster_autoscaler/registry.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {
namespace {

Time at(std::int64_t s) { return kTimeZero + seconds(s); }

/// One group and its instances, and the state that lives between loops.
struct Bench {
  explicit Bench(int minor = 35) : options(options_for_version(minor)) {
    group.id = NodeGroupId{0};
    group.minimum = 1;
    group.maximum = 50;
  }
  void instance(std::int64_t seen, std::int64_t registered = -1, bool ready = true) {
    RegistryInstance i;
    i.node = NodeId{instances.size()};
    i.seen = at(seen);
    if (registered >= 0) {
      i.registered = at(registered);
      i.ready = ready;
    }
    instances.push_back(i);
  }
  RegistryView update(std::int64_t now) { return registry.update({&group, 1}, instances, at(now), options, backoff); }

  Options options;
  NodeGroup group;
  std::vector<RegistryInstance> instances;
  Registry registry;
  Backoff backoff;
};

TEST_CASE("upcoming is the target less ready, unready and long unregistered") {
  Bench b;
  b.group.target = 5;
  b.registry.scale_up(b.group.id, 3, at(0), minutes(15));
  b.instance(0, 40);
  b.instance(0, 40);
  b.instance(0);             // launched
  b.instance(0, 50, false);  // registered, starting
  const RegistryView v = b.update(60);
  CHECK(v.readiness[0].ready == 2);
  CHECK(v.readiness[0].not_started == 1);
  CHECK(v.readiness[0].unregistered == 1);
  CHECK(v.upcoming[0] == 3);  // 5 - 2
}

TEST_CASE("an instance that never registers is deleted after the provision time, never below the minimum") {
  Bench b;
  b.group.target = 3;
  b.registry.scale_up(b.group.id, 2, at(0), minutes(15));
  b.instance(0, 40);
  b.instance(0);
  b.instance(0);
  CHECK(b.update(900).long_unregistered.empty());  // exactly 15 minutes: not yet
  CHECK(b.update(901).long_unregistered == std::vector<NodeId>{NodeId{1}, NodeId{2}});
  b.group.minimum = 2;
  CHECK(b.update(901).long_unregistered == std::vector<NodeId>{NodeId{1}});
}

TEST_CASE("a group's own provision time counts") {
  Bench b;
  b.group.target = 2;
  b.group.options.max_node_provision_time = minutes(5);
  b.instance(0);
  CHECK(b.update(300).long_unregistered.empty());
  CHECK(b.update(301).long_unregistered.size() == 1);
}

TEST_CASE("a scale-up that is not done in time backs its group off, one that is done clears the back-off") {
  Bench b;
  b.group.target = 2;
  b.registry.scale_up(b.group.id, 1, at(0), minutes(15));
  b.instance(0, 30);
  CHECK(b.update(900).timed_out.empty());
  CHECK(b.update(901).timed_out == std::vector<NodeGroupId>{b.group.id});
  CHECK(b.backoff.is_backed_off(b.group.id, at(901)));
  CHECK_FALSE(b.registry.has_open_scale_up(b.group.id));

  b.registry.scale_up(b.group.id, 1, at(1'300), minutes(15));
  b.instance(1'300, 1'350);
  CHECK(b.update(1'360).timed_out.empty());
  CHECK_FALSE(b.registry.has_open_scale_up(b.group.id));
  CHECK_FALSE(b.backoff.is_backed_off(b.group.id, at(902)));
}

TEST_CASE("growing again moves the deadline") {
  Bench b;
  b.group.target = 4;
  b.registry.scale_up(b.group.id, 1, at(0), minutes(15));
  b.registry.scale_up(b.group.id, 2, at(600), minutes(15));
  CHECK(b.update(901).timed_out.empty());
  CHECK(b.update(1'501).timed_out.size() == 1);
}

TEST_CASE("a refusal of the provider ends the scale-up and bars the group for five minutes") {
  Bench b;
  b.registry.scale_up(b.group.id, 1, at(0), minutes(15));
  b.registry.creation_failed(b.group.id, at(60), b.backoff);
  CHECK_FALSE(b.registry.has_open_scale_up(b.group.id));
  CHECK(b.backoff.is_backed_off(b.group.id, at(359)));
  CHECK_FALSE(b.backoff.is_backed_off(b.group.id, at(360)));
}

TEST_CASE("from 1.37 nodes without an open scale-up are not awaited") {
  for (const int minor : {36, 37}) {
    Bench b(minor);
    b.group.target = 4;
    b.instance(0, 30);
    CHECK(b.update(60).upcoming[0] == (minor == 36 ? 3 : 0));
  }
}

TEST_CASE("more than three nodes and more than 45 % unready stop the cluster") {
  Bench b;
  b.group.target = 10;
  for (int i = 0; i < 10; ++i) b.instance(0, 30, i >= 4);
  // Not ready within 15 minutes of registering: unready. 4 > 3, but 4 <= 4.5.
  CHECK(b.update(931).readiness[0].unready == 4);
  CHECK(b.update(931).cluster_healthy);
  b.instances[4].ready = false;  // 5 > 4.5
  CHECK_FALSE(b.update(931).cluster_healthy);
  CHECK_FALSE(b.update(931).healthy[0]);
  CHECK(b.update(900).cluster_healthy);  // still starting
}

}  // namespace
}  // namespace plimsoll::eks::ca
