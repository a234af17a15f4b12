#include "models/kubernetes/api/admission.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

struct Read {
  document::Diagnostics diagnostics;
  AdmissionObjects objects;
  Objects others;
  explicit Read(std::string_view text) {
    for (const document::Node& node : document::load_text(text, "test.yaml", diagnostics)) {
      if (is_admission_object(node)) {
        read_admission(node, diagnostics, objects);
      } else {
        read_object(node, diagnostics, others);
      }
    }
  }
  bool says(std::string_view part) const { return diagnostics.text().find(part) != std::string::npos; }
};

TEST_CASE("a quota as it is written") {
  const Read r(R"(
apiVersion: v1
kind: ResourceQuota
metadata: {name: compute, namespace: shop}
spec:
  hard: {requests.cpu: "4", memory: 8Gi, limits.cpu: 7500m, pods: "12", count/deployments.apps: 3}
  scopes: [NotTerminating]
  scopeSelector:
    matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]
)");
  CHECK(r.diagnostics.error_count() == 1);  // a scoped quota counts pods only
  CHECK(r.says("spec.scopes"));
  CHECK(r.says("unsupported scope applied to resource count/deployments.apps"));
  REQUIRE(r.objects.quotas.size() == 1);
  const ResourceQuota& q = r.objects.quotas[0];
  CHECK(q.namespace_name == "shop");
  REQUIRE(q.hard.size() == 5);
  CHECK(q.hard[1].name == "limits.cpu");
  CHECK(q.hard[1].hard == 7500);
  CHECK(q.hard[2].resource == QuotaResource::requests_memory);
  CHECK(q.hard[2].hard == std::int64_t{8} << 30);
  CHECK(q.hard[3].resource == QuotaResource::pods);
  REQUIRE(q.scopes.size() == 2);
  CHECK(q.scopes[1].values == std::vector<std::string>{"high"});
}

TEST_CASE("a quota of huge pages is taken, and said to be without effect") {
  const Read r(
      "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: huge}\n"
      "spec: {hard: {hugepages-2Mi: 1Gi, requests.hugepages-1Gi: 2Gi}}\n");
  CHECK_FALSE(r.diagnostics.has_errors());
  CHECK(r.says("a quota of hugepages-2Mi is not modelled"));
}

TEST_CASE("a limit range fills its own defaults: limit from max, request from limit, else from min") {
  const Read r(R"(
apiVersion: v1
kind: LimitRange
metadata: {name: bounds}
spec:
  limits:
    - {type: Container, max: {cpu: "2"}, min: {memory: 64Mi}, default: {memory: 256Mi}}
    - {type: Pod, max: {cpu: "4"}, maxLimitRequestRatio: {cpu: 1.5}}
)");
  CHECK(r.diagnostics.text() == "");
  const LimitRangeItem& c = r.objects.ranges[0].items[0];
  CHECK(c.default_limit.cpu == cpu_millis(2000));
  CHECK(c.default_request.cpu == cpu_millis(2000));
  CHECK(c.default_request.memory == Bytes{std::int64_t{256} << 20});
  CHECK(r.objects.ranges[0].items[1].cpu_ratio == 1500);
  CHECK_FALSE(r.objects.ranges[0].items[1].default_limit.cpu.has_value());
}

TEST_CASE("what the API server rejects has its rule and path") {
  struct Case {
    const char* spec;
    const char* kind;
    const char* path;
    const char* rule;
  };
  const Case cases[] = {
      {"{hard: {cpus: 4}}", "ResourceQuota", "spec.hard.cpus", "must be a standard resource for quota"},
      {"{hard: {pods: -1}}", "ResourceQuota", "spec.hard.pods", "must be greater than or equal to 0"},
      {"{hard: {pods: 1500m}}", "ResourceQuota", "spec.hard.pods", "must be an integer"},
      {"{hard: {cpu: 4x}}", "ResourceQuota", "spec.hard.cpu", "must be a quantity"},
      {"{scopes: [Terminating, NotTerminating]}", "ResourceQuota", "spec.scopes", "conflicting scopes"},
      {"{scopes: [Sometimes]}", "ResourceQuota", "spec.scopes", "unsupported scope"},
      {"{hard: {cpu: 1}, scopes: [BestEffort]}", "ResourceQuota", "spec.scopes",
       "unsupported scope applied to resource cpu"},
      {"{scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In}]}}", "ResourceQuota",
       "spec.scopeSelector.matchExpressions[0].values", "must be at least one value"},
      {"{limits: [{max: {cpu: 1}}]}", "LimitRange", "spec.limits[0].type", "Required value"},
      {"{limits: [{type: Container, min: {cpu: 2}, max: {cpu: 1}}]}", "LimitRange", "spec.limits[0].min",
       "min value 2 is greater than max value 1"},
      {"{limits: [{type: Container, default: {memory: 2Gi}, max: {memory: 1Gi}}]}", "LimitRange",
       "spec.limits[0].default", "default value 2Gi is greater than max value 1Gi"},
      {"{limits: [{type: Pod, default: {cpu: 1}}]}", "LimitRange", "spec.limits[0].default",
       "may not be specified when `type` is 'Pod'"},
      {"{limits: [{type: Container}, {type: Container}]}", "LimitRange", "spec.limits[1].type", "Duplicate value"},
      {"{limits: [{type: Container, maxLimitRequestRatio: {cpu: 500m}}]}", "LimitRange",
       "spec.limits[0].maxLimitRequestRatio.cpu", "ratio 500m is less than 1"},
  };
  for (const Case& c : cases) {
    INFO(c.spec);
    const Read r("apiVersion: v1\nkind: " + std::string(c.kind) + "\nmetadata: {name: q}\nspec: " + c.spec + "\n");
    CHECK(r.diagnostics.has_errors());
    CHECK(r.says(c.path));
    CHECK(r.says(c.rule));
  }
}

TEST_CASE("objects beyond a quota are refused in the order of the files") {
  Read r(R"(
apiVersion: v1
kind: ResourceQuota
metadata: {name: edges}
spec: {hard: {services.loadbalancers: "1", count/services: "9"}}
---
apiVersion: v1
kind: Service
metadata: {name: first}
spec: {type: LoadBalancer, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: second}
spec: {type: LoadBalancer, ports: [{port: 80}]}
)");
  CHECK(r.diagnostics.text() == "");
  check_object_counts(r.others, r.objects, r.diagnostics);
  CHECK(r.diagnostics.error_count() == 1);
  CHECK(
      r.says("services \"second\" is forbidden: exceeded quota: edges, requested: services.loadbalancers=1, used: "
             "services.loadbalancers=1, limited: services.loadbalancers=1"));
}

TEST_CASE("quantities in the API server's canonical form") {
  CHECK(quantity_text(cpu_millis(3500)) == "3500m");
  CHECK(quantity_text(cpu_millis(4000)) == "4");
  CHECK(quantity_text(Bytes{std::int64_t{1536} << 20}) == "1536Mi");
  CHECK(quantity_text(Bytes{std::int64_t{2} << 30}) == "2Gi");
  CHECK(quantity_text(Bytes{1000}) == "1000");
  CHECK(quantity_text(Bytes{0}) == "0");
  CHECK(quantity_text(QuotaResource::pods, 2000) == "2k");
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
