#include "models/aws/controllers/meters.h"

#include <algorithm>

namespace plimsoll::aws {

namespace {

/// Payloads of wake-ups beside 0, the opening of the window, and 1, an hour of traffic.
constexpr std::uint64_t kMinute = 2, kOpenCredits = 3;

}  // namespace

void Meters::add(const InstanceLines& lines) {
  const bool known =
      std::any_of(instances_.begin(), instances_.end(), [&](const InstanceLines& l) { return l.type == lines.type; });
  instances_.push_back(lines);
  if (!known && !lines.surplus.is_none()) credits_.add(lines.type, lines.credits_milli, lines.surplus);
}

const InstanceLines* Meters::lines_of(const Node& node) const {
  const InstanceLines *plain = nullptr, *waiting = nullptr;
  for (const InstanceLines& l : instances_) {
    if (l.type != node.instance_type) continue;
    if (!l.label.is_none()) {
      const NameId value = node.labels.find(l.label);
      if (std::find(l.label_values.begin(), l.label_values.end(), value) != l.label_values.end()) return &l;
    } else if (!l.group.is_none()) {
      if (l.group == node.group) return &l;
      if (waiting == nullptr && node.group.is_none()) waiting = &l;
    } else if (plain == nullptr) {
      plain = &l;
    }
  }
  return plain != nullptr ? plain : waiting;
}

void Meters::add(WorkloadId workload, const FargateLines& lines) {
  if (fargate_.size() <= workload.index()) fargate_.resize(workload.index() + 1);
  fargate_[workload.index()] = lines;
  fargate_[workload.index()].used = true;
}

void Meters::start(World& world) {
  for (const auto& [line, quantity] : fixed_) bill(world).open(line, quantity, world.now());
  if (!traffic_.empty()) world.wake(handler, world.window_start, Phase::billing, 0);
  if (credits_.empty()) return;
  world.wake(handler, world.window_start, Phase::billing, kOpenCredits);
  world.wake(handler, world.now() + minutes(1), Phase::metrics, kMinute);
}

void Meters::handle(World& world, const Event& event) {
  if (event.payload == kOpenCredits) return credits_.open_window();
  if (event.payload == kMinute) {
    credits_.tick(world, bill(world));
    if (world.now() + minutes(1) <= world.end) world.wake(handler, world.now() + minutes(1), Phase::metrics, kMinute);
    return;
  }
  if (event.payload == 0) {
    // The window opens: what was served before it is not billed.
    if (world.service() != nullptr) world.service()->settle(world);
    for (auto& [line, counted] : traffic_) counted = world.usage[line.workload.index()].served;
  } else {
    count_traffic(world);
  }
  // Ahead of the hourly rows, so that an hour's row holds its own traffic.
  if (world.now() + hours(1) <= world.end) world.wake(handler, world.now() + hours(1), Phase::metrics, 1);
}

void Meters::count_traffic(World& world) {
  if (world.service() != nullptr) world.service()->settle(world);
  for (auto& [line, counted] : traffic_) {
    const std::int64_t served = world.usage[line.workload.index()].served;
    // Whole requests; the rest stays for the next count.
    const std::int64_t whole = (served - counted) / 1'000'000;
    counted += whole * 1'000'000;
    bill(world).add(line.line, static_cast<__int128>(whole) * line.per_request, world.now());
  }
}

void Meters::finish(World& world) {
  count_traffic(world);
  if (!credits_.empty()) credits_.finish(world, bill(world));
}

void Meters::on_fact(World& world, const FactRecord& f) {
  if (!credits_.empty()) credits_.on_fact(world, f, bill(world));
  switch (f.fact) {
    case Fact::node_running: {
      const Node& node = world.node(f.node);
      if (node.host != HostKind::ec2) break;
      const InstanceLines* lines = lines_of(node);
      if (lines == nullptr) break;
      node_meters_.resize(std::max(node_meters_.size(), f.node.index() + 1));
      Open& open = node_meters_[f.node.index()];
      const LineItemId price = node.purchase == PurchaseOption::spot ? lines->spot : lines->on_demand;
      open.meters.push_back(bill(world).open(price, 1, f.at));
      if (open.volumes.empty()) {
        if (!lines->volume.is_none()) open.volumes.push_back(bill(world).open(lines->volume, lines->volume_gib, f.at));
        for (const auto& [line, quantity] : lines->more_volumes)
          open.volumes.push_back(bill(world).open(line, quantity, f.at));
      }
      for (const LineItemId fee : lines->fees) open.meters.push_back(bill(world).open(fee, 1, f.at));
      if (!lines->ec2) break;
      for (const auto& [line, count] : metrics_) open.meters.push_back(bill(world).open(line, count, f.at));
      break;
    }
    case Fact::node_stopped:
      if (f.node.index() >= node_meters_.size()) break;
      for (const billing::MeterId meter : node_meters_[f.node.index()].meters) bill(world).close(meter, f.at);
      node_meters_[f.node.index()].meters.clear();
      break;
    case Fact::node_terminating: {
      if (f.node.index() >= node_meters_.size()) break;
      const Node& node = world.node(f.node);
      std::vector<billing::MeterId>& meters = node_meters_[f.node.index()].meters;
      // A Spot instance that AWS takes back in its first hour costs nothing, unless its user ended it before the notice
      // was over; its disk does cost.
      const bool free = node.purchase == PurchaseOption::spot && f.reason == Reason::spot_interruption &&
                        f.at >= node.notice_deadline && f.at - node.running < hours(1);
      for (std::size_t i = 0; i < meters.size(); ++i) {
        if (free && i == 0) {
          bill(world).cancel(meters[i], f.at);
        } else {
          bill(world).close(meters[i], f.at);
        }
      }
      meters.clear();
      std::vector<billing::MeterId>& volumes = node_meters_[f.node.index()].volumes;
      for (const billing::MeterId volume : volumes) bill(world).close(volume, f.at);
      volumes.clear();
      break;
    }
    case Fact::pod_pulling: {
      const Pod& pod = world.pod(f.pod);
      const Node& node = world.node(f.node);
      if (!pulls_.is_none()) {
        for (const auto& [image, size] : world.template_of(pod).images) {
          const bool cached = world.host_profiles[static_cast<std::size_t>(node.host)].image_cache &&
                              std::any_of(node.image_cache.begin(), node.image_cache.end(),
                                          [name = image](const auto& e) { return e.first == name; });
          if (!cached) bill(world).add(pulls_, size.raw(), f.at);
        }
      }
      if (node.host != HostKind::fargate || f.workload.index() >= fargate_.size() || !fargate_[f.workload.index()].used)
        break;
      const FargateLines& lines = fargate_[f.workload.index()];
      pod_meters_.resize(std::max(pod_meters_.size(), f.pod.index() + 1));
      Open& open = pod_meters_[f.pod.index()];
      const bool spot = node.purchase == PurchaseOption::spot;
      open.meters.push_back(bill(world).open(spot ? lines.spot_vcpu : lines.vcpu, node.capacity.cpu().raw(), f.at));
      open.meters.push_back(
          bill(world).open(spot ? lines.spot_memory : lines.memory, node.capacity.memory().raw(), f.at));
      if (!lines.storage.is_none()) open.meters.push_back(bill(world).open(lines.storage, lines.storage_gib, f.at));
      break;
    }
    case Fact::pod_ended: {
      if (f.pod.index() >= pod_meters_.size()) break;
      for (const auto meter : pod_meters_[f.pod.index()].meters) bill(world).close(meter, f.at);
      pod_meters_[f.pod.index()].meters.clear();
      break;
    }
    default:
      break;
  }
}

}  // namespace plimsoll::aws
