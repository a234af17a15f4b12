#include "models/aws/billing/ebs.h"

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

EbsCharge ebs_charge(VolumeKind kind, Bytes size, std::int64_t iops, std::int64_t throughput_mbps, Duration provisioned,
                     std::int64_t month_seconds, const EbsRates& rates) {
  const Ratio months{billed_seconds(provisioned), month_seconds};
  EbsCharge charge;
  charge.storage = round_money(in_dollars(rates.gb_month) * in_gb(size) * months);
  std::int64_t paid_iops = 0, paid_mbps = 0;
  if (kind == VolumeKind::gp3) {
    paid_iops = std::max<std::int64_t>(iops - kGp3IncludedIops, 0);
    paid_mbps = std::max<std::int64_t>(throughput_mbps - kGp3IncludedMbps, 0);
  } else if (kind == VolumeKind::io1 || kind == VolumeKind::io2) {
    paid_iops = iops;
  }
  charge.iops = round_money(in_dollars(rates.iops_month) * Ratio{paid_iops} * months);
  charge.throughput = round_money(in_dollars(rates.mbps_month) * Ratio{paid_mbps} * months);
  return charge;
}

}  // namespace plimsoll::aws::charges
