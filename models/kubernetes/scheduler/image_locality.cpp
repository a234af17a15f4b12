#include "models/kubernetes/scheduler/image_locality.h"

#include <algorithm>

#include "sim/core/hash.h"

namespace plimsoll::kubernetes {

std::string normalized_image_name(std::string_view image) {
  const std::size_t slash = image.rfind('/'), colon = image.rfind(':');
  const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  std::string name(image);
  if (!tagged) name += ":latest";
  return name;
}

namespace {

/// Images that count: of the containers, which come first, and in the newest releases of the init containers too.
std::span<const NameId> counted_images(const Cycle& cycle) {
  const std::span<const NameId> all = cycle.pod.images;
  return cycle.version == KubernetesVersion::current ? all : all.first(std::min(all.size(), cycle.pod.container_count));
}

}  // namespace

bool ImageLocality::scores(const Cycle& cycle) const {
  const auto images = counted_images(cycle);
  return std::any_of(images.begin(), images.end(),
                     [&](NameId image) { return cycle.snapshot().rows_with_image(image) > 0; });
}

void ImageLocality::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  constexpr std::int64_t kLeast = 23 * kMiB, kMostPerContainer = 1000 * kMiB;
  const Snapshot& s = cycle.snapshot();
  const std::span<const NameId> images = counted_images(cycle);
  const std::int64_t most =
      kMostPerContainer * static_cast<std::int64_t>(std::max(images.size(), cycle.pod.container_count));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& held = s.node(rows[i]).images;
    std::int64_t sum = 0;
    if (!held.empty()) {
      for (const NameId image : images) {
        for (const ImageOnNode& h : held) {
          if (h.name != image) continue;
          const double spread = static_cast<double>(s.rows_with_image(image)) / static_cast<double>(s.live_rows());
          sum += static_cast<std::int64_t>(static_cast<double>(h.size) * spread);
          break;
        }
      }
    }
    scores[i] = most <= kLeast ? 0 : 100 * (std::clamp(sum, kLeast, most) - kLeast) / (most - kLeast);
  }
}

std::uint64_t ImageLocality::cluster_key(const Cycle& cycle) const {
  TraceHash hash;
  hash.add(static_cast<std::uint64_t>(cycle.snapshot().live_rows()));
  for (const NameId image : cycle.pod.images) hash.add(cycle.snapshot().rows_with_image(image));
  return hash.value();
}

}  // namespace plimsoll::kubernetes
