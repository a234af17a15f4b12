#pragma once

#include <span>

#include "models/aws/catalogue.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::aws {

/// Puts the prices of a scenario's `prices:` into a catalogue, for one region: "service/item" as service_prices.csv
/// has them, "ec2/TYPE/on-demand" and "ec2/TYPE/spot"; the amount is per unit of the item ("$0.008/LCU-hour"). An
/// unknown item, another unit and a negative amount are errors at the price, each once however many columns read it.
void put_own_prices(Catalogue& catalogue, const std::string& region, std::span<const PriceOverride> prices,
                    document::Diagnostics& diagnostics);

}  // namespace plimsoll::aws
