#pragma once

#include <cstdint>
#include <string>

#include "models/aws/billing/ebs.h"

namespace plimsoll::aws {

/// An EBS volume that each instance of a group has, from launch to end.
struct NodeVolume {
  std::int64_t gib = 20;
  charges::VolumeKind kind = charges::VolumeKind::gp3;  ///< gp3 or gp2
  std::int64_t iops = charges::kGp3IncludedIops;        ///< of a gp3 volume
  std::int64_t mibps = charges::kGp3IncludedMbps;       ///< likewise

  std::int64_t paid_iops() const { return kind == charges::VolumeKind::gp3 ? iops - charges::kGp3IncludedIops : 0; }
  std::int64_t paid_mibps() const { return kind == charges::VolumeKind::gp3 ? mibps - charges::kGp3IncludedMbps : 0; }
};

/// What EC2 would say against it, or empty. SOURCE: Amazon EBS user guide, "General Purpose SSD volumes": gp3 has 3,000
/// to 80,000 IOPS, at most 500 for each GiB, and 125 to 2,000 MiB/s, at most a quarter of one for each of its IOPS.
inline std::string fault_of(const NodeVolume& volume) {
  if (volume.kind != charges::VolumeKind::gp3) return {};
  if (volume.iops < charges::kGp3IncludedIops || volume.iops > 80'000) return "a gp3 volume has 3000 to 80000 IOPS";
  if (volume.iops > charges::kGp3IncludedIops && volume.iops > 500 * volume.gib)
    return "a gp3 volume has at most 500 IOPS for each GiB: " + std::to_string(500 * volume.gib);
  if (volume.mibps < charges::kGp3IncludedMbps || volume.mibps > 2000)
    return "a gp3 volume has a throughput of 125 to 2000 MiB/s";
  if (4 * volume.mibps > volume.iops)
    return "a gp3 volume of " + std::to_string(volume.iops) + " IOPS has at most " + std::to_string(volume.iops / 4) +
           " MiB/s";
  return {};
}

}  // namespace plimsoll::aws
