#include "models/kubernetes/vpa/vertical_pod_autoscaler.h"

#include <algorithm>
#include <cmath>

#include "models/kubernetes/api/object.h"
#include "models/kubernetes/api/quantity.h"

namespace plimsoll::kubernetes {

bool is_vertical_pod_autoscaler(const document::Node& node) {
  const document::Node* version = node.find("apiVersion");
  const document::Node* kind = node.find("kind");
  return version != nullptr && version->is_scalar() && version->text().starts_with("autoscaling.k8s.io/") &&
         kind != nullptr && kind->is_scalar() && kind->text() == "VerticalPodAutoscaler";
}

namespace {

void read_amounts(api::Object& parent, std::string_view key, std::optional<Cpu>& cpu, std::optional<Bytes>& memory) {
  const document::Node* node = parent.get(key);
  if (node == nullptr) return;
  api::Object o(*node, parent.diagnostics(), parent.path_of(key));
  if (const auto text = o.scalar("cpu")) {
    const auto value = api::parse_quantity(*text, 3);
    if (value) {
      cpu = cpu_millis(*value.value);
    } else {
      o.error("cpu", value.error);
    }
  }
  if (const auto text = o.scalar("memory")) {
    const auto value = api::parse_bytes_quantity(*text);
    if (value) {
      memory = *value.value;
    } else {
      o.error("memory", value.error);
    }
  }
}

}  // namespace

std::optional<VerticalPodAutoscaler> read_vertical_pod_autoscaler(const document::Node& node,
                                                                  document::Diagnostics& diagnostics) {
  api::Object o(node, diagnostics, "");
  o.ignore({"apiVersion", "kind", "status"});
  VerticalPodAutoscaler v;
  v.mark = o.mark();
  if (const document::Node* metadata = o.get("metadata")) {
    api::Object m(*metadata, diagnostics, o.path_of("metadata"));
    m.allow_unknown();
    v.name = m.text_or("name", "");
    v.namespace_said = m.has("namespace");
    v.namespace_name = m.text_or("namespace", "default");
  }
  const document::Node* body = o.get("spec");
  if (body == nullptr) {
    o.error("spec", "Required value");
    return std::nullopt;
  }
  api::Object spec(*body, diagnostics, o.path_of("spec"));
  if (const document::Node* target = spec.get("targetRef")) {
    api::Object t(*target, diagnostics, spec.path_of("targetRef"));
    t.ignore({"apiVersion"});
    v.target_kind = t.text_or("kind", "");
    v.target_name = t.text_or("name", "");
  }
  if (v.target_name.empty()) spec.error("targetRef", "Required value: name");
  if (spec.list("recommenders").size() > 1)
    spec.error("recommenders", "the current version of VPA object shouldn't specify more than one recommenders");
  if (const document::Node* policy = spec.get("updatePolicy")) {
    api::Object p(*policy, diagnostics, spec.path_of("updatePolicy"));
    v.mode = p.choice<UpdateMode>("updateMode", {{"Off", UpdateMode::off},
                                                 {"Initial", UpdateMode::initial},
                                                 {"Recreate", UpdateMode::recreate},
                                                 {"InPlaceOrRecreate", UpdateMode::recreate},
                                                 {"Auto", UpdateMode::recreate}})
                 .value_or(UpdateMode::recreate);
    v.min_replicas = p.integer("minReplicas", 1);
    p.not_modelled("evictionRequirements", "a condition on the direction of an eviction");
  }
  if (const document::Node* policy = spec.get("resourcePolicy")) {
    api::Object p(*policy, diagnostics, spec.path_of("resourcePolicy"));
    std::size_t index = 0;
    for (const document::Node& item : p.list("containerPolicies")) {
      api::Object c(item, diagnostics, document::join_path(p.path_of("containerPolicies"), index++));
      VerticalPodAutoscaler::ContainerPolicy out;
      out.container = c.text_or("containerName", "*");
      if (!c.has("containerName")) c.error("containerName", "containerPolicies.containerName is required");
      out.off = c.choice<bool>("mode", {{"Auto", false}, {"Off", true}}).value_or(false);
      out.policy.requests_only =
          c.choice<bool>("controlledValues", {{"RequestsAndLimits", false}, {"RequestsOnly", true}}).value_or(false);
      if (out.off && c.has("controlledValues") && !out.policy.requests_only)
        c.error("controlledValues",
                "Forbidden: controlledValues shouldn't be specified if container scaling mode is off");
      read_amounts(c, "minAllowed", out.policy.least_cpu, out.policy.least_memory);
      read_amounts(c, "maxAllowed", out.policy.most_cpu, out.policy.most_memory);
      // SOURCE: kubernetes/autoscaler vertical-pod-autoscaler/pkg/admission-controller/resource/vpa ValidateVPA.
      if (out.policy.most_cpu && out.policy.least_cpu.value_or(Cpu{}) > *out.policy.most_cpu)
        c.error("maxAllowed", "max resource for cpu is lower than min");
      if (out.policy.most_memory && out.policy.least_memory.value_or(Bytes{}) > *out.policy.most_memory)
        c.error("maxAllowed", "max resource for memory is lower than min");
      if (c.has("controlledResources")) {
        const std::vector<std::string> resources = c.texts("controlledResources");
        out.policy.controls_cpu = std::find(resources.begin(), resources.end(), "cpu") != resources.end();
        out.policy.controls_memory = std::find(resources.begin(), resources.end(), "memory") != resources.end();
      } else {
        c.ignore({"controlledResources"});
      }
      v.policies.push_back(std::move(out));
    }
  }
  if (v.target_name.empty()) return std::nullopt;
  v.choose_policy("*");
  return v;
}

VerticalPodAutoscaler::ContainerPolicy VerticalPodAutoscaler::policy_of(std::string_view container) const {
  for (const std::string_view wanted : {container, std::string_view("*")}) {
    for (const ContainerPolicy& p : policies) {
      if (p.container == wanted) return p;
    }
  }
  return {"*", left_alone, policy};
}

void VerticalPodAutoscaler::choose_policy(std::string_view container) {
  const ContainerPolicy chosen = policy_of(container);
  policy = chosen.policy;
  left_alone = chosen.off;
}

void VerticalPodAutoscalers::manage(WorkloadId workload, const VerticalPodAutoscaler& autoscaler,
                                    const std::vector<ContainerUsage>& containers) {
  Managed m{workload, autoscaler, {}, {}, {}, 0, 0};
  if (containers.size() < 2) {
    m.containers.push_back({autoscaler.left_alone, autoscaler.policy, 1, 1, {}, {}, Recommender(recommender_)});
    managed_.push_back(std::move(m));
    return;
  }
  // SOURCE: pkg/recommender/logic/recommender.go: the least of a pod is split evenly over its containers.
  RecommenderParameters p = recommender_;
  const auto count = static_cast<std::int64_t>(containers.size());
  p.least_cpu = Cpu{p.least_cpu.raw() / count};
  p.least_memory = Bytes{p.least_memory.raw() / count};
  std::int64_t growth = 0;
  for (const ContainerUsage& c : containers) growth += c.per_request.raw();
  for (const ContainerUsage& c : containers) {
    const VerticalPodAutoscaler::ContainerPolicy policy = autoscaler.policy_of(c.name);
    const double part = growth > 0 ? static_cast<double>(c.per_request.raw()) / static_cast<double>(growth)
                                   : (&c == containers.data() ? 1 : 0);
    m.containers.push_back({policy.off,
                            policy.policy,
                            static_cast<double>(c.cpu.raw()) / 1e6,
                            part,
                            c.memory,
                            {c.size.cpu, c.size.memory},
                            Recommender(p)});
  }
  managed_.push_back(std::move(m));
}

std::optional<VerticalRecommendation> VerticalPodAutoscalers::recommend(const Managed& m, Time now) const {
  if (m.containers.size() == 1) return m.containers[0].recommender.recommend(m.containers[0].policy, now);
  VerticalRecommendation sum;
  for (const Container& c : m.containers) {
    std::optional<VerticalRecommendation> r = VerticalRecommendation{c.request, c.request, c.request};
    if (!c.off) r = c.recommender.recommend(c.policy, now);
    if (!r) return std::nullopt;
    for (const auto& [of, to] :
         {std::pair{&r->target, &sum.target}, std::pair{&r->lower, &sum.lower}, std::pair{&r->upper, &sum.upper}}) {
      to->cpu += c.policy.controls_cpu ? of->cpu : c.request.cpu;
      to->memory += c.policy.controls_memory ? of->memory : c.request.memory;
    }
  }
  return sum;
}

std::optional<VerticalRecommendation> VerticalPodAutoscalers::recommendation(WorkloadId workload) const {
  for (const Managed& m : managed_) {
    if (m.workload == workload) return m.newest;
  }
  return std::nullopt;
}

void VerticalPodAutoscalers::start(World& world) {
  if (managed_.empty()) return;
  for (Managed& m : managed_) {
    const Workload& w = world.workload(m.workload);
    m.before = read_workload(world, m.workload);
    if (w.cpu_limit.raw() > 0 && w.requests.cpu().raw() > 0)
      m.limit_share = static_cast<double>(w.cpu_limit.raw()) / static_cast<double>(w.requests.cpu().raw());
    if (w.memory_limit.raw() > 0 && w.requests.memory().raw() > 0)
      m.memory_limit_share = static_cast<double>(w.memory_limit.raw()) / static_cast<double>(w.requests.memory().raw());
  }
  const Stream stream = world.stream(hash_text("vpa"), Purpose::loop_offset);
  const auto interval = static_cast<std::uint64_t>(updater_.interval.count());
  world.wake(handler, world.now() + Duration{static_cast<std::int64_t>(stream.below(interval, 0)) + 1},
             Phase::controllers);
}

void VerticalPodAutoscalers::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::pod_failed || fact.reason != plimsoll::Reason::out_of_memory) return;
  for (Managed& m : managed_) {
    if (m.workload != fact.workload) continue;
    // It had what its limit gave it, and no less than its request.
    const Workload& w = world.workload(m.workload);
    const std::int64_t request = world.shapes[world.pod(fact.pod).shape].requests.memory().raw();
    if (m.containers.size() == 1) {
      m.containers[0].recommender.add_out_of_memory(static_cast<double>(std::max(request, w.memory_limit.raw())),
                                                    world.now());
      continue;
    }
    const auto scaled =
        std::find_if(m.containers.begin(), m.containers.end(), [](const Container& c) { return !c.off; });
    if (scaled != m.containers.end())
      scaled->recommender.add_out_of_memory(static_cast<double>(scaled->request.memory.raw()), world.now());
  }
}

void VerticalPodAutoscalers::handle(World& world, const Event&) {
  if (world.service() != nullptr) world.service()->settle(world);
  for (Managed& m : managed_) {
    sample(world, m);
    m.newest = recommend(m, world.now());
    const bool left_alone =
        std::all_of(m.containers.begin(), m.containers.end(), [](const Container& c) { return c.off; });
    if (!m.newest || m.autoscaler.mode == UpdateMode::off || left_alone) continue;
    admit(world, m);
    if (m.autoscaler.mode == UpdateMode::recreate) update(world, m);
  }
  world.wake(handler, world.now() + updater_.interval, Phase::controllers);
}

void VerticalPodAutoscalers::sample(World& world, Managed& m) {
  const Workload& w = world.workload(m.workload);
  const WorkloadReading now = read_workload(world, m.workload);
  const auto span = static_cast<double>((now.at - m.before.at).count());
  const double pods = static_cast<double>(now.usage.started_time - m.before.usage.started_time) / span;
  if (pods > 0) {
    const auto count = static_cast<std::int64_t>(pods + 0.5);
    const double cpu = measure(Measure::cpu, w, m.before, now) / pods, memory = mean_memory(w, m.before, now) / pods;
    const bool one = m.containers.size() == 1;
    double resident = 0;
    for (const Container& c : m.containers) resident += static_cast<double>(c.memory.raw());
    for (Container& c : m.containers) {
      const double own = static_cast<double>(c.memory.raw()) + std::max(0.0, memory - resident) * c.growth;
      c.recommender.add_cpu(cpu * c.cpu, to_cores(one ? w.requests.cpu() : c.request.cpu),
                            std::max<std::int64_t>(count, 1), now.at);
      c.recommender.add_memory(one ? memory : own, std::max<std::int64_t>(count, 1), now.at);
    }
  }
  m.before = now;
}

void VerticalPodAutoscalers::admit(World& world, Managed& m) {
  Workload& w = world.edit_workload(m.workload);
  PodShape shape = world.shapes[w.shape];
  const PodResources& target = m.newest->target;
  const auto controls = [&](bool ResourcePolicy::*resource) {
    return std::any_of(m.containers.begin(), m.containers.end(),
                       [&](const Container& c) { return !c.off && c.policy.*resource; });
  };
  if (controls(&ResourcePolicy::controls_cpu)) {
    shape.requests.set_cpu(target.cpu);
    shape.nonzero_cpu = target.cpu.raw();
    if (m.limit_share > 0 && !m.autoscaler.policy.requests_only)
      w.cpu_limit = Cpu{static_cast<std::int64_t>(static_cast<double>(target.cpu.raw()) * m.limit_share)};
  }
  if (controls(&ResourcePolicy::controls_memory)) {
    shape.requests.set_memory(target.memory);
    shape.nonzero_memory = target.memory.raw();
    if (m.memory_limit_share > 0 && !m.autoscaler.policy.requests_only)
      w.memory_limit =
          Bytes{static_cast<std::int64_t>(static_cast<double>(target.memory.raw()) * m.memory_limit_share)};
  }
  if (shape == world.shapes[w.shape]) return;
  w.requests = shape.requests;
  w.shape = world.shapes.intern(std::move(shape));
}

void VerticalPodAutoscalers::update(World& world, Managed& m) {
  const Workload& w = world.workload(m.workload);
  const VerticalRecommendation& r = *m.newest;
  const std::int64_t least = m.autoscaler.min_replicas.value_or(updater_.min_replicas);
  const auto alive = static_cast<std::int64_t>(w.pods.size()) - w.stopping;
  if (alive < least) return;
  const Time now = world.now();
  const auto controls = [&](bool ResourcePolicy::*resource) {
    return std::any_of(m.containers.begin(), m.containers.end(),
                       [&](const Container& c) { return !c.off && c.policy.*resource; });
  };
  struct Candidate {
    PodId pod;
    bool up = false;
    double difference = 0;
  };
  std::vector<Candidate> candidates;
  std::int64_t running = 0;
  for (const PodId id : w.pods) {
    const Pod& p = world.pod(id);
    if (p.state == PodState::stopping || p.state == PodState::pending) continue;
    if (p.state >= PodState::starting) ++running;
    const ResourceVector& has = world.shapes[p.shape].requests;
    Candidate c{id, false, 0};
    bool outside = false;
    const auto compare = [&](std::int64_t request, std::int64_t target, std::int64_t low, std::int64_t high) {
      outside = outside || request < low || request > high;
      c.up = c.up || request < target;
      c.difference +=
          std::fabs(static_cast<double>(request - target)) / static_cast<double>(std::max<std::int64_t>(request, 1));
    };
    if (controls(&ResourcePolicy::controls_cpu))
      compare(has.cpu().raw(), r.target.cpu.raw(), r.lower.cpu.raw(), r.upper.cpu.raw());
    if (controls(&ResourcePolicy::controls_memory))
      compare(has.memory().raw(), r.target.memory.raw(), r.lower.memory.raw(), r.upper.memory.raw());
    const bool old = p.bound != kTimeNever && now >= p.bound + updater_.long_lived;
    if (c.difference > 0 && (outside || (old && c.difference >= updater_.least_change))) candidates.push_back(c);
  }
  // Those that need more come first, then the largest difference; the order of creation decides the rest.
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.up != b.up ? a.up : a.difference > b.difference;
  });
  const auto away = static_cast<std::int64_t>(static_cast<double>(w.desired) * updater_.eviction_tolerance);
  std::int64_t evicted = 0;
  for (const Candidate& c : candidates) {
    // With a tolerance below one pod, one may go while all run.
    const bool room = away > 0 ? running - evicted > w.desired - away : evicted == 0 && running >= w.desired;
    if (!room) break;
    if (budgets_.evict(world, c.pod, plimsoll::Reason::resized) == Applied::yes) ++evicted;
  }
}

}  // namespace plimsoll::kubernetes
