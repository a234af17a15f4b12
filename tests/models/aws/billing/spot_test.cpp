#include "models/aws/billing/spot.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace plimsoll;
using namespace plimsoll::aws;
using namespace plimsoll::aws::charges;

TEST_CASE("an interruption in the first hour is free, the user's own end is not") {
  const Rate r{35'000'000'000};
  CHECK(spot_charge(r, minutes(20), SpotEnd::interrupted).total == Money{0});
  CHECK(spot_charge(r, minutes(20), SpotEnd::interrupted).billed_seconds == 0);
  CHECK(spot_charge(r, minutes(20), SpotEnd::by_user).total == Money{11'666'667});
  CHECK(spot_charge(r, hours(1), SpotEnd::interrupted).total == Money{35'000'000});
  CHECK(spot_charge(r, seconds(5), SpotEnd::by_user).billed_seconds == 60);
}

TEST_CASE("the estimate takes the saving off") {
  CHECK(spot_price_estimate(Rate{96'000'000'000}, percent(66)) == Rate{32'640'000'000});
}

TEST_CASE("the integral of a price history equals the sum second by second") {
  const std::vector<SpotPriceStep> steps = {
      {"z", 100, Rate{36'000'000'000}}, {"z", 200, Rate{72'000'000'000}}, {"z", 250, Rate{18'000'000'000}}};
  for (const auto& [start, end] :
       {std::pair{50, 300}, std::pair{100, 200}, std::pair{210, 240}, std::pair{260, 900}, std::pair{120, 120}}) {
    std::int64_t nano = 0;  // 36 $/1000 h is 10,000 nano-dollars a second
    for (std::int64_t s = start; s < end; ++s) nano += s < 200 ? 10'000 : s < 250 ? 20'000 : 5'000;
    CHECK(spot_history_cost(steps, start, end) == Money{nano});
  }
  CHECK_FALSE(spot_history_cost({}, 0, 10).has_value());
}

TEST_CASE("steps of a zone are its own") {
  const auto all = Catalogue::built_in().spot_history();
  std::size_t sum = 0;
  for (const char* zone : {"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1f"}) {
    const auto steps = steps_of_zone(all, zone);
    sum += steps.size();
    for (std::size_t i = 1; i < steps.size(); ++i) CHECK(steps[i - 1].effective < steps[i].effective);
  }
  CHECK(sum == all.size());
  CHECK(steps_of_zone(all, "nowhere").empty());
}

TEST_CASE("the hazard gives back the monthly probability") {
  const double h = interruption_hazard_per_hour(0.2);
  CHECK(1 - std::exp(-h * 730) == doctest::Approx(0.2));
  CHECK(interruption_hazard_per_hour(0) == 0);
  for (std::int32_t band = 1; band < 5; ++band) CHECK(band_probability(band) > band_probability(band - 1));
}
