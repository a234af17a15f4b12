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

bool ImageLocality::held_sizes(const Cycle& cycle, Row row, std::vector<std::int64_t>& sizes) const {
  const std::span<const NameId> images = counted_images(cycle);
  const auto& held = cycle.snapshot().node(row).images;
  sizes.assign(images.size(), -1);
  bool any = false;
  for (std::size_t i = 0; i < images.size() && !held.empty(); ++i) {
    for (const ImageOnNode& h : held) {
      if (h.name != images[i]) continue;
      sizes[i] = h.size;
      any = true;
      break;
    }
  }
  return any;
}

std::int64_t ImageLocality::score_of(const Cycle& cycle, std::span<const std::int64_t> sizes) const {
  constexpr std::int64_t kLeast = 23 * kMiB, kMostPerContainer = 1000 * kMiB;
  const Snapshot& s = cycle.snapshot();
  const std::span<const NameId> images = counted_images(cycle);
  const std::int64_t most =
      kMostPerContainer * static_cast<std::int64_t>(std::max(images.size(), cycle.pod.container_count));
  if (most <= kLeast) return 0;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 0) continue;
    const double spread = static_cast<double>(s.rows_with_image(images[i])) / static_cast<double>(s.live_rows());
    sum += static_cast<std::int64_t>(static_cast<double>(sizes[i]) * spread);
  }
  return 100 * (std::clamp(sum, kLeast, most) - kLeast) / (most - kLeast);
}

void ImageLocality::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scores[i] = held_sizes(cycle, rows[i], sizes) ? score_of(cycle, sizes) : 0;
  }
}

std::uint64_t ImageLocality::cluster_key(const Cycle& cycle) const {
  TraceHash hash;
  hash.add(static_cast<std::uint64_t>(cycle.snapshot().live_rows()));
  for (const NameId image : cycle.pod.images) hash.add(cycle.snapshot().rows_with_image(image));
  return hash.value();
}

}  // namespace plimsoll::kubernetes
