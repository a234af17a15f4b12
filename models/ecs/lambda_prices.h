#pragma once

#include "models/aws/price_book.h"
#include "sim/cluster/world.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// The bill's lines for functions of the user: requests and GB-seconds, one line each for all that a column calls.
struct LambdaLines {
  HandlerId bill;
  LineItemId requests, gb_seconds;

  /// One call of so long, of a function of so many MB: milliseconds are rounded up.
  void call(World& world, Duration duration, std::int64_t memory) const;
};

/// SOURCE: AWS Lambda pricing page (x86). The free tier is not counted.
struct LambdaPrices {
  Rate million_requests, gb_second;
  static LambdaPrices read(aws::PriceBook& prices, document::Fields& column);
  LambdaLines lines(BuildContext& context) const;
};

}  // namespace plimsoll::ecs
