#include "models/aws/instance_network.h"

namespace plimsoll::aws {

NetworkRate InstanceNetworks::of(std::string_view instance_type) const {
  const InstanceType* type = catalogue_->find_type(instance_type);
  constexpr std::int64_t kBytesPerMegabit = 125'000;
  if (type == nullptr) return {};
  return {type->net_baseline_mbps * kBytesPerMegabit, type->net_peak_mbps * kBytesPerMegabit};
}

std::shared_ptr<const NetworkRates> networks_of(const std::shared_ptr<const PriceBook>& prices) {
  return std::make_shared<InstanceNetworks>(std::shared_ptr<const Catalogue>(prices, &prices->catalogue()));
}

}  // namespace plimsoll::aws
