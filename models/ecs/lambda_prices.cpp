#include "models/ecs/lambda_prices.h"

#include "sim/billing/bill.h"

namespace plimsoll::ecs {

void LambdaLines::call(World& world, Duration duration, std::int64_t memory) const {
  auto& to = dynamic_cast<billing::Bill&>(world.component(bill));
  const std::int64_t billed_ms = div_ceil(duration.count(), 1000);
  to.add(requests, 1, world.now());
  to.add(gb_seconds, static_cast<__int128>(billed_ms) * memory, world.now());
}

LambdaPrices LambdaPrices::read(aws::PriceBook& prices, document::Fields& column) {
  return {prices.service(column, "lambda", "requests"), prices.service(column, "lambda", "duration_x86_64")};
}

LambdaLines LambdaPrices::lines(BuildContext& context) const {
  LambdaLines out;
  out.bill = context.bill.handler;
  billing::LineItem line;
  line.item = "lambda/requests";
  line.label = "Lambda requests";
  line.rate = million_requests;
  line.per_hour = false;
  line.scale = 1'000'000;
  line.unit = "Million Requests";
  line.service = "AWS Lambda";
  line.category = "Compute";
  line.resource_type = "Function";
  line.sku = "Request";
  out.requests = context.bill.line(line);
  line.item = "lambda/duration";
  line.label = "Lambda duration";
  line.rate = gb_second;
  line.scale = 1024 * 1000;  // quantity in MB x ms
  line.unit = "GB-Seconds";
  line.sku = "Lambda-GB-Second";
  out.gb_seconds = context.bill.line(line);
  return out;
}

}  // namespace plimsoll::ecs
