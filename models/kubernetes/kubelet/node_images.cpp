#include "models/kubernetes/kubelet/node_images.h"

#include <algorithm>
#include <string_view>

#include "models/kubernetes/scheduler/image_locality.h"

namespace plimsoll::kubernetes {

namespace {

bool tells(const Node& node) { return node.host == HostKind::ec2 && node.row != kNoRow && !node.is_lost(); }

Time tick_after(Time from, Duration period, Time t) { return from + period * ((t - from) / period + 1); }

}  // namespace

/// The first image of a template is cut into its own part and the layers that it shares with others (image_layers.h).
void NodeImages::learn(World& world, const Pod& pod) {
  constexpr std::string_view kLayer = "layer ";
  const auto& images = world.template_of(pod).images;
  std::int64_t layers = 0;
  for (const auto& [name, size] : images) {
    if (world.names.text(name).starts_with(kLayer)) layers += size.raw();
  }
  bool first = true;
  for (const auto& [name, size] : images) {
    if (images_.size() <= name.index()) images_.resize(name.index() + 1);
    const bool layer = world.names.text(name).starts_with(kLayer);
    if (!layer && images_[name.index()].name.is_none())
      images_[name.index()].name = world.names.intern(normalized_image_name(world.names.text(name)));
    images_[name.index()].size = size.raw() + (first ? layers : 0);
    first = false;
  }
}

void NodeImages::on_fact(World& world, const FactRecord& f) {
  if (f.fact != Fact::pod_pulling) return;
  const Node& node = world.node(f.node);
  if (!tells(node)) return;
  const Pod& pod = world.pod(f.pod);
  learn(world, pod);
  const std::vector<ImageOnNode>& known = world.placement.node(node.row).images;
  for (const auto& [name, size] : world.template_of(pod).images) {
    const NameId image = images_[name.index()].name;
    const auto same = [image](const ImageOnNode& i) { return i.name == image; };
    if (!image.is_none() && std::none_of(known.begin(), known.end(), same)) {
      schedule(world, f.node);
      return;
    }
  }
}

Time NodeImages::told(const World& world, const Node& node, Time since) const {
  const Stream stream =
      world.stream(hash_text(world.names.text(node.name), hash_text("status.images")), Purpose::loop_offset);
  const auto offset = [&](Duration period, std::uint64_t item) {
    return Duration{static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(period.count()), item))};
  };
  const Duration list = parameters_.list_period, status = parameters_.status_period;
  const Time listed = tick_after(node.ready + offset(list, 0) - list, list, since);
  return tick_after(node.ready + offset(status, 1) - status, status, listed);
}

void NodeImages::schedule(World& world, NodeId id) {
  if (pending_.size() <= id.index()) pending_.resize(id.index() + 1, 0);
  if (pending_[id.index()] != 0) return;
  pending_[id.index()] = 1;
  const std::uint64_t payload = std::uint64_t{id.value()} << 8 | kReport;
  world.wake(handler, told(world, world.node(id), world.now()), Phase::controllers, payload);
}

void NodeImages::handle(World& world, const Event& event) {
  const NodeId id{static_cast<std::uint32_t>(event.payload >> 8)};
  if ((event.payload & 0xffu) == kChanged) {
    if (tells(world.node(id))) schedule(world, id);
    return;
  }
  pending_[id.index()] = 0;
  if (tells(world.node(id))) report(world, id);
}

void NodeImages::report(World& world, NodeId id) {
  const Node& node = world.node(id);
  std::vector<ImageOnNode> images;
  bool more = false;
  for (const auto& [name, since] : node.image_cache) {
    if (since > world.now() || told(world, node, since) > world.now()) {
      more = true;  // on its way, or not listed yet
      continue;
    }
    if (name.index() >= images_.size() || images_[name.index()].name.is_none()) continue;
    images.push_back({images_[name.index()].name, images_[name.index()].size});
  }
  std::stable_sort(images.begin(), images.end(),
                   [](const ImageOnNode& a, const ImageOnNode& b) { return a.size > b.size; });
  if (parameters_.most >= 0 && images.size() > static_cast<std::size_t>(parameters_.most))
    images.resize(static_cast<std::size_t>(parameters_.most));
  world.placement.set_images(node.row, std::move(images));
  if (more) schedule(world, id);
}

}  // namespace plimsoll::kubernetes
