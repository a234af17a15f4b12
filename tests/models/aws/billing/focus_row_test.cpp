#include "models/aws/billing/focus_row.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace plimsoll::aws::charges;

namespace {

FocusRow good_row() {
  return {{"BilledCost", "0.192"},
          {"BillingAccountId", "000000000000"},
          {"BillingAccountName", std::nullopt},
          {"BillingCurrency", "USD"},
          {"BillingPeriodEnd", "2026-02-01T00:00:00Z"},
          {"BillingPeriodStart", "2026-01-01T00:00:00Z"},
          {"ChargeCategory", "Usage"},
          {"ChargeClass", std::nullopt},
          {"ChargeDescription", "node"},
          {"ChargeFrequency", "Usage-Based"},
          {"ChargePeriodEnd", "2026-01-01T01:00:00Z"},
          {"ChargePeriodStart", "2026-01-01T00:00:00Z"},
          {"ConsumedQuantity", "1"},
          {"ConsumedUnit", "Hours"},
          {"ContractedCost", "0.192"},
          {"ContractedUnitPrice", "0.192"},
          {"EffectiveCost", "0.192"},
          {"InvoiceIssuerName", "AWS"},
          {"ListCost", "0.192"},
          {"ListUnitPrice", "0.192"},
          {"PricingCategory", "Standard"},
          {"PricingQuantity", "1"},
          {"PricingUnit", "Hours"},
          {"ProviderName", "AWS"},
          {"PublisherName", "AWS"},
          {"ServiceCategory", "Compute"},
          {"ServiceName", "Amazon Elastic Compute Cloud"},
          {"ServiceSubcategory", "Virtual Machines"},
          {"SkuId", "BoxUsage:m5.xlarge"},
          {"SkuPriceId", "BoxUsage:m5.xlarge.OnDemand"},
          {"Tags", R"({"team":"a","n":1})"},
          {"x_Simulated", "true"}};
}

using Bad = std::vector<std::string>;

}  // namespace

TEST_CASE("a proper row breaks nothing") { CHECK(focus_violations(good_row()).empty()); }

TEST_CASE("one wrong value is named by its column") {
  struct Change {
    const char* column;
    std::optional<std::string> value;
    Bad expected;
  };
  const Change changes[] = {{"ChargeCategory", "usage", {"ChargeCategory"}},
                            {"ChargePeriodStart", "2026-01-01 00:00:00", {"ChargePeriodStart"}},
                            {"ChargePeriodStart", "2026-02-30T00:00:00Z", {"ChargePeriodStart"}},
                            {"ChargePeriodEnd", "2026-01-01T00:00:00Z", {"ChargePeriodEnd"}},
                            {"PricingUnit", std::nullopt, {"PricingUnit"}},
                            {"PricingUnit", "hours", {"PricingUnit"}},
                            {"ConsumedUnit", "Hour", {"ConsumedUnit"}},
                            {"Tags", R"({"a":{"b":1}})", {"Tags"}},
                            {"Tags", R"({"a":1,"a":2})", {"Tags"}},
                            {"Tags", "a=1", {"Tags"}},
                            {"BillingCurrency", "usd", {"BillingCurrency"}},
                            {"BillingCurrency", "XXZ", {"BillingCurrency"}},
                            {"BilledCost", "+0.192", {"BilledCost"}},
                            {"BilledCost", "1,000", {"BilledCost"}},
                            {"BilledCost", std::nullopt, {"BilledCost"}},
                            {"ProviderName", "", {"ProviderName"}},
                            {"ListCost", "0.2", {"ListCost"}},
                            {"ContractedUnitPrice", "0.1", {"ContractedCost"}},
                            {"ServiceSubcategory", "Block Storage", {"ServiceSubcategory"}},
                            {"ServiceCategory", "Computing", {"ServiceCategory"}},
                            {"SkuId", std::nullopt, {"SkuId"}},
                            {"ConsumedQuantity", std::nullopt, {"ConsumedQuantity", "ConsumedUnit"}},
                            {"RegionName", "somewhere", {"RegionName"}},
                            {"ResourceType", "Instance", {"ResourceType"}},
                            {"CommitmentDiscountStatus", "Used", {"BilledCost", "CommitmentDiscountStatus"}},
                            {"PricingCategory", "Committed", {"CommitmentDiscountId"}},
                            {"MyColumn", "1", {"MyColumn"}}};
  for (const Change& c : changes) {
    CAPTURE(c.column);
    CAPTURE(c.value.value_or("null"));
    FocusRow row = good_row();
    row[c.column] = c.value;
    CHECK(focus_violations(row) == c.expected);
  }
}

TEST_CASE("a mandatory column must stand there, a conditional one may be missing") {
  FocusRow row = good_row();
  row.erase("ChargeClass");
  CHECK(focus_violations(row) == Bad{"ChargeClass"});
  row = good_row();
  row.erase("Tags");
  CHECK(focus_violations(row).empty());
}

TEST_CASE("usage under a commitment is billed by its purchase") {
  FocusRow row = good_row();
  row["BilledCost"] = "0";
  row["EffectiveCost"] = "0.121";
  row["PricingCategory"] = "Committed";
  row["CommitmentDiscountId"] = "sp-1";
  row["CommitmentDiscountCategory"] = "Spend";
  row["CommitmentDiscountType"] = "Compute Savings Plan";
  row["CommitmentDiscountStatus"] = "Used";
  CHECK(focus_violations(row).empty());
  row["BilledCost"] = "0.1";
  CHECK(focus_violations(row) == Bad{"BilledCost"});
  row["BilledCost"] = "0";
  row["CommitmentDiscountStatus"] = "Unused";
  CHECK(focus_violations(row) == Bad{"ConsumedQuantity", "ResourceId"});
}

TEST_CASE("a tax row has no price") {
  FocusRow row = good_row();
  row["ChargeCategory"] = "Tax";
  for (const char* c : {"ListUnitPrice", "ContractedUnitPrice", "PricingQuantity", "PricingUnit", "PricingCategory",
                        "SkuId", "SkuPriceId", "ConsumedQuantity", "ConsumedUnit"}) {
    row[c] = std::nullopt;
  }
  CHECK(focus_violations(row).empty());
  row["SkuId"] = "x";
  CHECK(focus_violations(row) == Bad{"SkuId"});
}

TEST_CASE("there are 57 columns in alphabetical order") {
  const auto columns = focus_columns();
  CHECK(columns.size() == 57);
  CHECK(std::is_sorted(columns.begin(), columns.end()));
}
