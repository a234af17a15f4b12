#pragma once

#include <cstdint>

#include "models/aws/billing/meter.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::aws::charges {

enum class VolumeKind : std::uint8_t { gp3, gp2, io1, io2, st1, sc1, standard };
struct EbsRates {
  Rate gb_month{};
  Rate iops_month{};
  Rate mbps_month{};
};
struct EbsCharge {
  Money storage{}, iops{}, throughput{};
  constexpr Money total() const { return storage + iops + throughput; }
};
inline constexpr std::int64_t kGp3IncludedIops = 3000;
inline constexpr std::int64_t kGp3IncludedMbps = 125;

/// A volume from creation to deletion, attached or not: price x size x seconds / seconds of the calendar month, by the
/// second with 60 s. gp3 pays IOPS above 3,000 and MB/s above 125; io1 and io2 pay all IOPS; the others pay size only.
/// SOURCE: Amazon EBS pricing page.
EbsCharge ebs_charge(VolumeKind kind, Bytes size, std::int64_t iops, std::int64_t throughput_mbps, Duration provisioned,
                     std::int64_t month_seconds, const EbsRates& rates);

}  // namespace plimsoll::aws::charges
