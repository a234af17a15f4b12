#include "models/kubernetes/controllers/admission.h"

#include <utility>

namespace plimsoll::kubernetes {

namespace {

constexpr Duration kReplenishment = milliseconds(100);

}  // namespace

void Admission::manage(WorkloadId workload, QuotaPod pod, std::string range_fault, std::string rejected) {
  if (workloads_.size() <= workload.index()) workloads_.resize(workload.index() + 1);
  Managed& m = workloads_[workload.index()];
  m.managed = true;
  for (std::size_t i = 0; i < quotas_.size(); ++i) {
    if (quota_matches(quotas_[i], pod)) m.quotas.push_back(i);
  }
  m.pod = std::move(pod);
  m.range_fault = std::move(range_fault);
  m.rejected = std::move(rejected);
}

QuotaPod Admission::pod_of(const World& world, const Managed& m, ShapeId shape) {
  QuotaPod pod = m.pod;
  const ResourceVector& requests = world.shapes[shape].requests;
  pod.amounts[static_cast<std::size_t>(api::QuotaResource::requests_cpu)] = to_millis_ceil(requests.cpu());
  pod.amounts[static_cast<std::size_t>(api::QuotaResource::requests_memory)] = requests.memory().raw();
  return pod;
}

bool Admission::admit(World& world, WorkloadId id) {
  if (id.index() >= workloads_.size() || !workloads_[id.index()].managed) return true;
  Managed& m = workloads_[id.index()];
  const Workload& w = world.workload(id);
  // Plug-ins that change pods come before those that only look at them.
  std::string fault = m.rejected.empty() ? m.range_fault : m.rejected;
  if (fault.empty() && !m.quotas.empty()) {
    const QuotaPod pod = pod_of(world, m, w.shape);
    for (std::size_t n = 0; n < m.quotas.size() && fault.empty(); ++n) {
      const std::size_t i = m.quotas[n];
      fault = quota_fault(quotas_[i], used_[i], pod);
      if (fault.empty() && m.binding.empty()) continue;
      m.binding.resize(m.quotas.size());
      if (m.binding[n].binds() != !fault.empty()) m.binding[n].set(world, !fault.empty());
    }
  }
  if (fault.empty()) {
    m.refusal = {};
    return true;
  }
  if (m.refusal.count++ == 0) m.refusal.first = world.now();
  m.refusal.message =
      "pods \"" + std::string(world.names.text(w.name)) + "-" + std::to_string(w.created) + "\" is forbidden: " + fault;
  world.record({.at = world.now(),
                .fact = Fact::creation_refused,
                .reason = m.rejected.empty() ? plimsoll::Reason::quota : plimsoll::Reason::none,
                .workload = id,
                .value = 1});
  return false;
}

std::vector<BindingLimits::Limit> Admission::binding_limits(const World& world) const {
  std::vector<Limit> out;
  for (std::size_t w = 0; w < workloads_.size(); ++w) {
    for (std::size_t n = 0; n < workloads_[w].binding.size(); ++n) {
      const double share = workloads_[w].binding[n].share(world);
      if (share == 0) continue;
      out.push_back({"ResourceQuota " + quotas_[workloads_[w].quotas[n]].name + " of " +
                         std::string(world.names.text(world.workloads()[w].name)),
                     share});
    }
  }
  return out;
}

const CreationRefusals::Refusal* Admission::refused(WorkloadId id) const {
  if (id.index() >= workloads_.size() || workloads_[id.index()].refusal.count == 0) return nullptr;
  return &workloads_[id.index()].refusal;
}

void Admission::on_fact(World& world, const FactRecord& f) {
  if (f.fact != Fact::pod_created && f.fact != Fact::pod_ended) return;
  if (f.workload.index() >= workloads_.size() || workloads_[f.workload.index()].quotas.empty()) return;
  const Managed& m = workloads_[f.workload.index()];
  if (f.fact == Fact::pod_ended) {
    world.wake(handler, world.now() + kReplenishment, Phase::controllers, f.pod.value());
    return;
  }
  if (charged_.size() <= f.pod.index()) charged_.resize(f.pod.index() + 1);
  const QuotaAmounts amounts = pod_of(world, m, world.pod(f.pod).shape).amounts;
  charged_[f.pod.index()] = amounts;
  for (const std::size_t i : m.quotas) {
    for (std::size_t r = 0; r < amounts.size(); ++r) used_[i][r] += amounts[r];
  }
}

void Admission::handle(World& world, const Event& event) {
  const PodId pod{static_cast<std::uint32_t>(event.payload)};
  const QuotaAmounts amounts = std::exchange(charged_[pod.index()], {});
  for (const std::size_t i : workloads_[world.pod(pod).workload.index()].quotas) {
    for (std::size_t r = 0; r < amounts.size(); ++r) used_[i][r] -= amounts[r];
  }
}

bool admitted(World& world, HandlerId admission, WorkloadId workload) {
  if (admission.is_none()) return true;
  return dynamic_cast<Admission&>(world.component(admission)).admit(world, workload);
}

}  // namespace plimsoll::kubernetes
