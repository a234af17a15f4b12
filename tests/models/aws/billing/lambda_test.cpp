#include "models/aws/billing/lambda.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("requests and gigabyte-seconds, with and without the free tier") {
  const Rate per_million{200'000'000'000}, per_gb_s{16'666'700};
  const LambdaCharge c = lambda_charge(100'000, Ratio{350}, 512, per_million, per_gb_s, false);
  CHECK(c.gb_seconds == Ratio{17'500});
  CHECK(c.requests == Money{20'000'000});
  CHECK(c.duration == Money{291'667'250});
  CHECK(lambda_charge(100'000, Ratio{350}, 512, per_million, per_gb_s, true).total() == Money{0});
  const LambdaCharge big = lambda_charge(3'000'000, Ratio{1000}, 1024, per_million, per_gb_s, true);
  CHECK(big.requests == Money{400'000'000});
  CHECK(big.duration == Money{43'333'420'000});  // 2,600,000 GB-s
}
