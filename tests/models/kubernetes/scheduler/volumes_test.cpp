// Also tests: volume_restrictions, node_volume_limits, volume_binding, volume_zone
#include <doctest/doctest.h>

#include "models/kubernetes/scheduler/reason_text.h"
#include "models/kubernetes/scheduler/volume_binding.h"
#include "tests/models/kubernetes/scheduler/plugin_fixture.h"

namespace plimsoll::kubernetes {
namespace {

struct Volumes : PluginFixture {
  PodVolume claim(const std::string& claim_name) {
    PodVolume v;
    if (!claim_name.empty()) v.claim = name(claim_name);
    v.driver = name("ebs.csi.aws.com");
    return v;
  }
  PodShape with(std::vector<PodVolume> volumes, const std::string& app = "a") {
    PodShape s = pod(app);
    s.volumes = std::move(volumes);
    return s;
  }
  std::vector<bool> fits(PodShape shape, KubernetesVersion version = KubernetesVersion::current) {
    std::vector<bool> out;
    for (const Verdict& v : ask(default_profile(version), std::move(shape)).verdicts) out.push_back(v.ok());
    return out;
  }
  Code code(PodShape shape) {
    return ask(default_profile(KubernetesVersion::current), std::move(shape)).verdicts[0].code;
  }
};

using Fits = std::vector<bool>;

TEST_CASE("a bound volume is reached from its zone only, an unbound one waits or goes along") {
  Volumes f;
  f.snapshot.add_node(f.node("z1"));
  f.snapshot.add_node(f.node("z2"));
  PodVolume v = f.claim("data");
  CHECK(f.fits(f.with({v})) == Fits{true, true});
  v.zone = f.name("z2");
  CHECK(f.fits(f.with({v})) == Fits{false, true});
  CHECK(f.code(f.with({v})) == Code::unresolvable);
  v.zone_is_label = true;
  CHECK(f.fits(f.with({v})) == Fits{false, true});
  v = f.claim("data");
  v.unbound = true;
  CHECK(f.fits(f.with({v})) == Fits{false, false});
}

TEST_CASE("a volume is made where its class allows it, and stays where it was made") {
  Volumes f;
  f.snapshot.add_node(f.node("z1"));
  f.snapshot.add_node(f.node("z2"));
  f.snapshot.add_node(f.node(""));
  const auto term = [&](const std::string& key, std::vector<NameId> values) {
    return NodeSelectorTerm{{{f.name(key), SelectorOp::in, std::move(values), 0}}, {}};
  };
  PodVolume v = f.claim("data");
  v.allowed = {term("topology.kubernetes.io/zone", {f.name("z2"), f.name("z9")})};
  CHECK(f.fits(f.with({v})) == Fits{false, true, false});
  CHECK(f.code(f.with({v})) == Code::unresolvable);
  v.allowed.push_back(term("topology.kubernetes.io/zone", {f.name("z1")}));  // or there
  CHECK(f.fits(f.with({v})) == Fits{true, true, false});
  v.allowed = {NodeSelectorTerm{}};  // a term without expressions matches nothing
  CHECK(f.fits(f.with({v})) == Fits{false, false, false});
  // The words of both are told when both volumes of a pod are out of reach.
  v.allowed = {term("topology.kubernetes.io/zone", {f.name("z2")})};
  PodVolume bound = f.claim("old");
  bound.zone = f.name("z2");
  const PodShape both = f.with({bound, v});
  const Grid grid = f.ask(default_profile(KubernetesVersion::current), both);
  CHECK(grid.verdicts[1].ok());
  CHECK(grid.verdicts[0].has(Reason::volume_node_affinity));
  CHECK(grid.verdicts[0].has(Reason::no_volume_to_bind));
  Framework framework(default_profile(KubernetesVersion::current), f.names);
  CHECK(reason_texts(framework, {f.snapshot, f.shapes, f.names}, f.shapes.intern(f.with({v})), 0,
                     f.ask(default_profile(KubernetesVersion::current), f.with({v})).verdicts[0]) ==
        std::vector<std::string>{"node(s) didn't find available persistent volumes to bind"});
}

TEST_CASE("a zone that is only a label is not asked of nodes without one") {
  Volumes f;
  f.snapshot.add_node(f.node(""));
  PodVolume v = f.claim("data");
  v.zone = f.name("z2");
  CHECK(f.fits(f.with({v})) == Fits{false});
  v.zone_is_label = true;
  CHECK(f.fits(f.with({v})) == Fits{true});
}

TEST_CASE("no more volumes than the node attaches; a shared claim is attached once") {
  Volumes f;
  SnapshotNode limited = f.node("z1");
  limited.extended = {{f.name("attachable-volumes-csi-ebs.csi.aws.com"), 2}};
  f.snapshot.add_node(std::move(limited));
  f.snapshot.add_node(f.node("z1"));  // names no limit
  f.put(0, f.with({f.claim("shared")}, "b"));
  f.put(0, f.with({f.claim("")}, "c"));
  CHECK(f.fits(f.with({f.claim("other")})) == Fits{false, true});
  CHECK(f.code(f.with({f.claim("other")})) == Code::unschedulable);
  CHECK(f.fits(f.with({f.claim("shared")})) == Fits{true, true});
  CHECK(f.fits(f.with({f.claim("")})) == Fits{false, true});
}

TEST_CASE("a ReadWriteOncePod claim serves one pod in the cluster") {
  Volumes f;
  f.snapshot.add_node(f.node("z1"));
  f.snapshot.add_node(f.node("z1"));
  PodVolume v = f.claim("single");
  v.once_pod = true;
  CHECK(f.fits(f.with({v})) == Fits{true, true});
  f.put(1, f.with({v}, "b"));
  CHECK(f.fits(f.with({v})) == Fits{false, false});
  CHECK(f.fits(f.with({v}), KubernetesVersion::v1_26) == Fits{false, false});  // 1.27 to 1.31
  CHECK(f.code(f.with({v})) == Code::unschedulable);
}

TEST_CASE("the use of an exclusive claim is followed change by change") {
  Volumes f;
  f.snapshot.add_node(f.node("z1"));
  PodVolume v = f.claim("single");
  v.once_pod = true;
  const ShapeId shape = f.shapes.intern(f.with({v}));
  Profile profile = default_profile(KubernetesVersion::current);
  profile.percentage_of_nodes_to_score = 100;
  const Framework framework(profile, f.names);
  Scratch scratch;
  const auto placed = [&] {
    SearchState search;
    return framework.schedule_one({f.snapshot, f.shapes, f.names}, shape, search, {}, scratch).placed();
  };
  CHECK(placed());
  f.put(0, f.with({v}, "b"));
  CHECK_FALSE(placed());
  const PodOnNode there = f.snapshot.pods(0)[0];
  f.snapshot.remove_pod(0, there.id, f.shapes[there.shape]);
  CHECK(placed());
}

}  // namespace
}  // namespace plimsoll::kubernetes
