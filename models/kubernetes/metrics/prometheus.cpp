#include "models/kubernetes/metrics/prometheus.h"

#include <algorithm>

#include "sim/cluster/host_agent.h"
#include "sim/core/assert.h"

namespace plimsoll::kubernetes {

QueryId Prometheus::add_query(std::shared_ptr<const MetricExpression> expression, std::vector<WorkloadId> apps,
                              Duration range) {
  if (range == Duration{}) range = parameters_.rate_window;
  for (std::size_t i = 0; i < queries_.size(); ++i) {
    if (queries_[i].expression == expression && queries_[i].range == range) return QueryId{i};
  }
  queries_.push_back({std::move(expression), std::move(apps), range});
  depth_ = std::max(depth_, range / parameters_.scrape_interval + 2);
  return QueryId{queries_.size() - 1};
}

Time Prometheus::last_scrape() const {
  return scrapes_ > 0 ? times_[static_cast<std::size_t>((scrapes_ - 1) % depth_)] : kTimeZero;
}

Time Prometheus::scrape_before_last() const {
  return scrapes_ > 1 ? times_[static_cast<std::size_t>((scrapes_ - 2) % depth_)] : kTimeZero;
}

void Prometheus::start(World& world) {
  workloads_ = world.workloads().size();
  ring_.resize(static_cast<std::size_t>(depth_) * workloads_);
  times_.resize(static_cast<std::size_t>(depth_));
  kinds_.resize(workloads_);
  for (std::size_t i = 0; i < workloads_; ++i) {
    kinds_[i].memory_used = world.workloads()[i].memory_used;
    kinds_[i].memory_per_request = world.workloads()[i].memory_per_request;
  }
  const Stream stream = world.stream(hash_text("prometheus"), Purpose::loop_offset);
  const auto interval = static_cast<std::uint64_t>(parameters_.scrape_interval.count());
  world.wake(handler, world.now() + Duration{static_cast<std::int64_t>(stream.below(interval, 0)) + 1}, Phase::metrics);
}

void Prometheus::handle(World& world, const Event&) {
  if (up_) {
    scrape(world);
    count_series(world);
    check_memory(world);
  }
  world.wake(handler, world.now() + parameters_.scrape_interval, Phase::metrics);
}

void Prometheus::scrape(World& world) {
  if (world.service() != nullptr) world.service()->settle(world);
  const auto slot = static_cast<std::size_t>(scrapes_ % depth_);
  times_[slot] = world.now();
  for (std::size_t i = 0; i < workloads_; ++i) ring_[slot * workloads_ + i] = read_workload(world, WorkloadId{i});
  ++scrapes_;
}

void Prometheus::count_series(World& world) {
  while (first_ended_ < ended_.size() && ended_[first_ended_] + kHead <= world.now()) ++first_ended_;
  if (first_ended_ > ended_.size() / 2) {
    ended_.erase(ended_.begin(), ended_.begin() + static_cast<std::ptrdiff_t>(first_ended_));
    first_ended_ = 0;
  }
  auto pods = static_cast<std::int64_t>(ended_.size() - first_ended_);
  for (const Workload& w : world.workloads()) pods += w.started + w.stopping;
  std::erase_if(begun_, [&](Time at) { return at + parameters_.discovery <= world.now(); });
  pods = std::max<std::int64_t>(0, pods - static_cast<std::int64_t>(begun_.size()));
  const auto nodes =
      static_cast<std::int64_t>(std::count_if(world.live_nodes().begin(), world.live_nodes().end(), [&](NodeId id) {
        const Node& n = world.node(id);
        return n.host == HostKind::ec2 && (n.state == NodeState::ready || n.state == NodeState::draining);
      }));
  series_ = pods * parameters_.series_per_pod + nodes * parameters_.series_per_node;
  peak_series_ = std::max(peak_series_, series_);
  if (!self_.is_none()) world.edit_workload(self_).memory_used = parameters_.base + series_ * parameters_.per_series;
}

/// The kernel kills it when it outgrows its limit, and again after each start while it does.
void Prometheus::check_memory(World& world) const {
  if (self_.is_none()) return;
  const Workload& self = world.workload(self_);
  if (self.memory_limit.raw() == 0 || self.memory_used <= self.memory_limit) return;
  const std::vector<PodId> pods = self.pods;
  for (const PodId id : pods) {
    const PodState state = world.pod(id).state;
    if (state != PodState::ready && state != PodState::serving) continue;
    if (auto* agent = world.find_component<HostAgent>(); agent != nullptr) agent->kill_for_memory(world, id);
  }
}

void Prometheus::on_fact(World& world, const FactRecord& fact) {
  if (fact.pod.is_none()) return;
  if (fact.fact == Fact::pod_ended) ended_.push_back(fact.at);
  if (fact.fact == Fact::pod_started) begun_.push_back(fact.at);
  if (fact.workload == self_) up_ = world.workload(self_).ready > 0;
}

std::optional<double> Prometheus::value(QueryId id, Time now) const {
  if (!up_) return std::nullopt;
  const Query& q = queries_[id.index()];
  const std::int64_t oldest = std::max<std::int64_t>(scrapes_ - depth_, 0);
  std::int64_t first = scrapes_;
  while (first > oldest && times_[static_cast<std::size_t>((first - 1) % depth_)] > now - q.range) --first;
  const std::int64_t last = scrapes_ - 1;
  if (first >= last) return std::nullopt;
  return q.expression->evaluate([&](std::size_t app, Measure what) {
    const WorkloadId w = q.apps[app];
    return measure(what, kinds_[w.index()], reading(first, w), reading(last, w));
  });
}

}  // namespace plimsoll::kubernetes
