#include "models/aws/controllers/surplus_credits.h"

#include <algorithm>

namespace plimsoll::aws {

namespace {

/// Earnings are kept, and may be borrowed, for as long.
constexpr std::int64_t kMinutesKept = 24 * 60;

}  // namespace

void SurplusCredits::add(NameId type, std::int64_t credits_milli, LineItemId line) {
  for (const Type& t : types_) {
    if (t.name == type) return;
  }
  // A credit is 60 s of a vCPU: thousandths an hour x ticks x 60,000,000 us / (1,000 x 60 minutes).
  types_.push_back({type, credits_milli * kCpuTicksPerVcpu * 1'000, line});
}

void SurplusCredits::count(Account& account, WorkloadId workload, std::int64_t change) {
  const auto at =
      std::find_if(account.pods.begin(), account.pods.end(), [&](const auto& e) { return e.first == workload; });
  if (at != account.pods.end()) {
    at->second += change;
  } else {
    account.pods.emplace_back(workload, change);
  }
}

void SurplusCredits::close(Account& account, World& world, billing::Bill& bill) {
  if (account.type && account.surplus > 0) bill.add(types_[*account.type].line, account.surplus, world.now());
  account.type.reset();
  account.balance = account.surplus = 0;
}

void SurplusCredits::on_fact(World& world, const FactRecord& f, billing::Bill& bill) {
  switch (f.fact) {
    case Fact::node_running: {
      const NameId name = world.node(f.node).instance_type;
      const auto type = std::find_if(types_.begin(), types_.end(), [&](const Type& t) { return t.name == name; });
      if (type == types_.end()) break;
      accounts_.resize(std::max(accounts_.size(), f.node.index() + 1));
      accounts_[f.node.index()].type = static_cast<std::size_t>(type - types_.begin());
      break;
    }
    case Fact::node_stopped:
    case Fact::node_terminating:
      if (f.node.index() < accounts_.size()) close(accounts_[f.node.index()], world, bill);
      break;
    case Fact::pod_started: {
      started_.resize(std::max(started_.size(), f.pod.index() + 1));
      if (started_[f.pod.index()]) break;  // its containers began anew
      started_[f.pod.index()] = true;
      const Pod& pod = world.pod(f.pod);
      running_.resize(std::max(running_.size(), pod.workload.index() + 1));
      ++running_[pod.workload.index()];
      accounts_.resize(std::max(accounts_.size(), pod.node.index() + 1));
      count(accounts_[pod.node.index()], pod.workload, 1);
      break;
    }
    case Fact::pod_ended: {
      if (f.pod.index() >= started_.size() || !started_[f.pod.index()]) break;
      started_[f.pod.index()] = false;
      const Pod& pod = world.pod(f.pod);
      --running_[pod.workload.index()];
      count(accounts_[pod.node.index()], pod.workload, -1);
      break;
    }
    default:
      break;
  }
}

void SurplusCredits::open_window() {
  for (Account& a : accounts_) a.surplus = 0;
}

void SurplusCredits::tick(World& world, billing::Bill& bill) {
  if (world.service() != nullptr) world.service()->settle(world);
  used_.resize(world.usage.size());
  running_.resize(std::max(running_.size(), world.usage.size()));
  std::vector<std::int64_t> of_one(world.usage.size(), 0);  // by a pod of the workload in this minute
  for (std::size_t w = 0; w < world.usage.size(); ++w) {
    const __int128 used = world.usage[w].cpu_serving + world.usage[w].cpu_starting;
    if (running_[w] > 0) of_one[w] = static_cast<std::int64_t>((used - used_[w]) / running_[w]);
    used_[w] = used;
  }
  for (Account& a : accounts_) {
    if (!a.type) continue;
    const Type& type = types_[*a.type];
    const std::int64_t most = kMinutesKept * type.earned_a_minute;
    std::int64_t net = type.earned_a_minute;
    for (const auto& [workload, pods] : a.pods) net -= of_one[workload.index()] * pods;
    if (net >= 0) {
      const std::int64_t back = std::min(net, a.surplus);
      a.surplus -= back;
      a.balance = std::min(a.balance + net - back, most);
      continue;
    }
    const std::int64_t saved = std::min(-net, a.balance);
    a.balance -= saved;
    a.surplus += -net - saved;
    if (a.surplus > most) {
      bill.add(type.line, a.surplus - most, world.now());
      a.surplus = most;
    }
  }
}

void SurplusCredits::finish(World& world, billing::Bill& bill) {
  for (Account& a : accounts_) close(a, world, bill);
}

}  // namespace plimsoll::aws
