#include "models/aws/billing/commitments.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("sizes have normalised units") {
  CHECK(normalised_units("nano") == Ratio{1, 4});
  CHECK(normalised_units("large") == Ratio{4});
  CHECK(normalised_units("xlarge") == Ratio{8});
  CHECK(normalised_units("24xlarge") == Ratio{192});
  CHECK_FALSE(normalised_units("metal").has_value());
  CHECK_FALSE(normalised_units("0xlarge").has_value());
}

TEST_CASE("a reservation of an xlarge covers two of three larges") {
  const std::vector<TypeUsage> usage = {{"m5.large", 3, Rate{96'000'000'000}}};
  const ReservedCoverage c = apply_regional_reservation({"m5.xlarge", 1, Rate{121'000'000'000}}, usage, Ratio{1});
  CHECK(c.covered_units == Ratio{8});
  CHECK(c.uncovered_units == Ratio{4});
  CHECK(c.total == Money{217'000'000});
}

TEST_CASE("the smallest size is covered first, other families never") {
  const std::vector<TypeUsage> usage = {{"m5.xlarge", 1, Rate{192'000'000'000}},
                                        {"m5.large", 1, Rate{96'000'000'000}},
                                        {"c5.large", 1, Rate{85'000'000'000}}};
  // One large of units covers the large; the xlarge and the c5 stay on demand.
  const ReservedCoverage c = apply_regional_reservation({"m5.large", 1, Rate{60'000'000'000}}, usage, Ratio{1});
  CHECK(c.covered_units == Ratio{4});
  CHECK(c.total == Money{60'000'000 + 192'000'000 + 85'000'000});
}

TEST_CASE("accelerated families have no size flexibility") {
  const std::vector<TypeUsage> usage = {{"g5.xlarge", 2, Rate{1'006'000'000'000}}};
  CHECK(apply_regional_reservation({"g5.2xlarge", 1, Rate{700'000'000'000}}, usage, Ratio{1}).covered_units ==
        Ratio{0});
  CHECK(apply_regional_reservation({"g5.xlarge", 1, Rate{600'000'000'000}}, usage, Ratio{1}).total ==
        Money{1'606'000'000});
}

TEST_CASE("a savings plan takes the highest discount first and loses what is unused") {
  const std::vector<SavingsPlanUsage> usage = {{"m5.large", Ratio{10}, Rate{96'000'000'000}, Rate{60'500'000'000}},
                                               {"c6g.large", Ratio{8}, Rate{68'000'000'000}, Rate{40'800'000'000}}};
  const SavingsPlanHour tight = apply_savings_plan(Money{400'000'000}, usage);
  REQUIRE(tight.lines.size() == 2);
  CHECK(tight.lines[0].name == "c6g.large");
  CHECK(tight.lines[0].covered_fraction == Ratio{1});
  CHECK(tight.lines[1].plan == Money{73'600'000});  // 0.4 - 0.3264
  CHECK(tight.unused == Money{0});
  const SavingsPlanHour loose = apply_savings_plan(dollars(1), usage);
  CHECK(loose.unused == Money{68'600'000});  // 1 - 0.3264 - 0.605
  CHECK(loose.total == dollars(1));
  CHECK(apply_savings_plan(dollars(1), {}).unused == dollars(1));
}
