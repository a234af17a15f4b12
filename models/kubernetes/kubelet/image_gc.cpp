#include "models/kubernetes/kubelet/image_gc.h"

#include <algorithm>
#include <tuple>

namespace plimsoll::kubernetes {

std::vector<std::size_t> unused_images(const ImageGcPolicy& policy, std::span<const ImageRecord> images, Time now) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const ImageRecord& r = images[i];
    if (!r.in_use && r.last_used < now && now - r.detected >= policy.minimum_age) out.push_back(i);
  }
  std::sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(images[a].last_used, images[a].detected, a) <
           std::tuple(images[b].last_used, images[b].detected, b);
  });
  return out;
}

std::vector<std::size_t> images_to_remove(const ImageGcPolicy& policy, std::span<const ImageRecord> images,
                                          Bytes capacity, Bytes available, Time now) {
  const std::int64_t size = capacity.raw(), left = std::max<std::int64_t>(available.raw(), 0);
  const auto part = [size](std::int64_t hundredths) {
    return static_cast<std::int64_t>(static_cast<__int128>(size) * hundredths / 100);
  };
  const auto used_percent = 100 - static_cast<std::int64_t>(static_cast<__int128>(left) * 100 / size);
  if (used_percent < policy.high_percent) return {};
  std::int64_t to_free = part(100 - policy.low_percent) - left;
  std::vector<std::size_t> order = unused_images(policy, images, now);
  std::size_t n = 0;
  for (; n < order.size() && to_free > 0; ++n) to_free -= images[order[n]].size.raw();
  order.resize(n);
  return order;
}

}  // namespace plimsoll::kubernetes
