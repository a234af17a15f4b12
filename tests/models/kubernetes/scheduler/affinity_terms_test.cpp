#include "models/kubernetes/scheduler/affinity_terms.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/kubernetes/scheduler/match.h"
#include "tests/models/kubernetes/scheduler/plugin_fixture.h"

namespace plimsoll::kubernetes {
namespace {

struct AffinityFixture : PluginFixture {
  AffinityFixture() {
    for (const char* zone : {"z0", "z1"}) snapshot.add_node(node(zone));
    for (const char* team : {"red", "red", "blue"}) {
      NamespaceView n;
      n.name = name("ns" + std::to_string(namespaces.size()));
      n.labels.set(name("team"), name(team));
      namespaces.push_back(n);
    }
  }
  PodShape in(const char* place, const std::string& label = "a") {
    PodShape s = pod(label);
    s.namespace_name = name(place);
    return s;
  }
  PodAffinityTerm of_team(const char* team) {
    PodAffinityTerm t = near("a", "topology.kubernetes.io/zone");
    t.namespace_selector = {true, {{name("team"), SelectorOp::in, {name(team)}, 0}}};
    return t;
  }
  /// Where a pod that has to stand beside others of the term may go.
  std::vector<Row> beside(PodAffinityTerm term, KubernetesVersion version = KubernetesVersion::current) {
    PodShape s = in("ns2", "seeker");
    s.pod_required = {std::move(term)};
    settle_affinity_terms(s, namespaces, names);
    return ask(only(PluginId::inter_pod_affinity, version), s).feasible;
  }
  std::vector<NamespaceView> namespaces;
};

TEST_CASE("a namespace selector means the pods of all namespaces with these labels") {
  AffinityFixture f;
  f.put(0, f.in("ns1"));
  CHECK(f.beside(f.of_team("red")) == std::vector<Row>{0});
  CHECK(f.beside(f.of_team("blue")).empty());  // ns2 alone, where none is
  CHECK(f.beside(f.of_team("green")).empty());
  PodAffinityTerm listed = f.of_team("blue");
  listed.namespaces = {f.name("ns1")};  // beside those selected
  CHECK(f.beside(listed) == std::vector<Row>{0});
  PodAffinityTerm everywhere = f.of_team("red");
  everywhere.namespace_selector = {true, {}};
  CHECK(f.beside(everywhere) == std::vector<Row>{0});
}

TEST_CASE("a selector that selects no namespace is not the pod's own") {
  AffinityFixture f;
  f.put(0, f.in("ns2"));
  PodAffinityTerm own = f.near("a", "topology.kubernetes.io/zone");
  CHECK(f.beside(own) == std::vector<Row>{0});
  CHECK(f.beside(f.of_team("green")).empty());
}

TEST_CASE("whichever rules score, a selector that was kept is followed") {
  AffinityFixture f;
  f.put(0, f.in("ns1"));
  f.put(1, f.in("ns2"));
  CHECK(f.beside(f.of_team("red"), KubernetesVersion::v1_20) == std::vector<Row>{0});
  CHECK(f.beside(f.of_team("red"), KubernetesVersion::v1_26) == std::vector<Row>{0});
}

TEST_CASE("existing pods' terms reach pods of selected namespaces") {
  AffinityFixture f;
  PodShape hermit = f.in("ns0", "hermit");
  hermit.anti_required = {f.of_team("blue")};
  settle_affinity_terms(hermit, f.namespaces, f.names);
  f.put(0, hermit);
  const Profile p = f.only(PluginId::inter_pod_affinity);
  CHECK(f.ask(p, f.in("ns2")).feasible == std::vector<Row>{1});
  CHECK(f.ask(p, f.in("ns1")).feasible.size() == 2);
}

TEST_CASE("matchLabelKeys: with pods of the own value; mismatchLabelKeys: with others, by the rules of each release") {
  AffinityFixture f;
  const auto revision = [&](const char* value) {
    PodShape s = f.in("ns2");
    s.labels.set(f.name("pod-template-hash"), f.name(value));
    return s;
  };
  f.put(0, revision("one"));
  f.put(1, revision("two"));
  const auto beside = [&](bool same, KubernetesVersion version) {
    PodShape s = revision("two");
    PodAffinityTerm t = f.near("a", "topology.kubernetes.io/zone");
    std::vector<NameId>& keys = same ? t.match_label_keys : t.mismatch_label_keys;
    keys = {f.name("pod-template-hash"), f.name("not-a-label-of-it")};
    s.pod_required = {t};
    settle_affinity_terms(s, f.namespaces, f.names);
    return f.ask(f.only(PluginId::inter_pod_affinity, version), s).feasible;
  };
  CHECK(beside(true, KubernetesVersion::current) == std::vector<Row>{1});
  CHECK(beside(false, KubernetesVersion::current) == std::vector<Row>{0});
  // 1.31 has the features and the rules that 1.26 has.
  CHECK(beside(true, KubernetesVersion::v1_26) == std::vector<Row>{1});
  CHECK(beside(false, KubernetesVersion::v1_26) == std::vector<Row>{0});
}

TEST_CASE("label keys add nothing where there is no selector to add to") {
  AffinityFixture f;
  PodAffinityTerm t;
  t.match_label_keys = {f.name("app")};
  CHECK_FALSE(selector_of(t, f.pod("a")).present);
  t.selector.present = true;
  CHECK(selector_of(t, f.pod("a")).requirements.size() == 1);
}

}  // namespace
}  // namespace plimsoll::kubernetes
