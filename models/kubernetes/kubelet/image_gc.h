#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::kubernetes {

/// SOURCE: KubeletConfiguration, pkg/kubelet/apis/config/v1beta1/defaults.go; pkg/kubelet/kubelet.go (ImageGCPeriod).
struct ImageGcPolicy {
  std::int64_t high_percent = 85;     ///< imageGCHighThresholdPercent
  std::int64_t low_percent = 80;      ///< imageGCLowThresholdPercent
  Duration minimum_age = minutes(2);  ///< imageMinimumGCAge
  Duration period = minutes(5);
};

/// An image on a node's disk.
struct ImageRecord {
  NameId image;
  Bytes size;
  Time detected{};   ///< when the kubelet first saw it
  Time last_used{};  ///< kTimeZero: never seen in use
  bool in_use = false;
};

/// Which images the kubelet removes when the disk is used to the high threshold: those that nobody uses, the one that
/// was used longest ago first (of equals the one seen first), none younger than the minimum age, until what is used is
/// down to the low threshold. Answers indices, in the order of removal. SOURCE:
/// pkg/kubelet/images/image_gc_manager.go GarbageCollect, freeSpace (1.20 to 1.34). @pre capacity > 0.
std::vector<std::size_t> images_to_remove(const ImageGcPolicy& policy, std::span<const ImageRecord> images,
                                          Bytes capacity, Bytes available, Time now);

/// The same without a threshold, as under disk pressure: every image that may go. SOURCE: DeleteUnusedImages.
std::vector<std::size_t> unused_images(const ImageGcPolicy& policy, std::span<const ImageRecord> images, Time now);

}  // namespace plimsoll::kubernetes
