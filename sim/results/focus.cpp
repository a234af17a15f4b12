#include "sim/results/focus.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "sim/results/csv.h"
#include "sim/results/summary.h"

namespace plimsoll::results {

namespace {

constexpr char kHeader[] =
    "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,"
    "ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,"
    "ContractedCost,ContractedUnitPrice,EffectiveCost,InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,"
    "PricingQuantity,PricingUnit,ProviderName,PublisherName,RegionId,RegionName,ResourceId,ResourceName,ResourceType,"
    "ServiceCategory,ServiceName,ServiceSubcategory,SkuId,SkuMeter,SkuPriceId,SubAccountId,SubAccountName,x_Block,x_"
    "Item,"
    "x_Platform,x_Replication,x_ResourceType,x_RunId,x_Scenario,x_Simulated\n";

/// First instants of the month of `seconds` (Unix, UTC) and of the next one.
std::pair<std::string, std::string> billing_period(std::int64_t seconds) {
  using namespace std::chrono;
  const year_month_day day{sys_days{days{seconds / 86'400 - (seconds % 86'400 < 0 ? 1 : 0)}}};
  const auto first = [](year_month m) {
    return fmt::format("{:04d}-{:02d}-01T00:00:00Z", static_cast<int>(m.year()), static_cast<unsigned>(m.month()));
  };
  const year_month month = day.year() / day.month();
  return {first(month), first(month + months{1})};
}

const char* subcategory(const BillLine& line) {
  if (line.category == "Compute") return line.item.starts_with("ec2/") ? "Virtual Machines" : "Containers";
  if (line.category == "Storage") return "Block Storage";
  if (line.category == "Networking") {
    return line.service == "Elastic Load Balancing" ? "Application Networking" : "Network Connectivity";
  }
  if (line.category == "Management and Governance") return "Observability";
  if (line.category == "Developer Tools") return "Other (Developer Tools)";
  return "";
}

/// SOURCE: AWS General Reference, regions and their names.
std::string region_name(const std::string& region) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"us-east-1", "US East (N. Virginia)"},
                                                                      {"us-east-2", "US East (Ohio)"},
                                                                      {"us-west-1", "US West (N. California)"},
                                                                      {"us-west-2", "US West (Oregon)"},
                                                                      {"ca-central-1", "Canada (Central)"},
                                                                      {"sa-east-1", "South America (Sao Paulo)"},
                                                                      {"eu-west-1", "Europe (Ireland)"},
                                                                      {"eu-west-2", "Europe (London)"},
                                                                      {"eu-west-3", "Europe (Paris)"},
                                                                      {"eu-central-1", "Europe (Frankfurt)"},
                                                                      {"eu-north-1", "Europe (Stockholm)"},
                                                                      {"eu-south-1", "Europe (Milan)"},
                                                                      {"ap-south-1", "Asia Pacific (Mumbai)"},
                                                                      {"ap-southeast-1", "Asia Pacific (Singapore)"},
                                                                      {"ap-southeast-2", "Asia Pacific (Sydney)"},
                                                                      {"ap-northeast-1", "Asia Pacific (Tokyo)"},
                                                                      {"ap-northeast-2", "Asia Pacific (Seoul)"},
                                                                      {"ap-northeast-3", "Asia Pacific (Osaka)"},
                                                                      {"ap-east-1", "Asia Pacific (Hong Kong)"},
                                                                      {"me-south-1", "Middle East (Bahrain)"},
                                                                      {"af-south-1", "Africa (Cape Town)"},
                                                                      {"il-central-1", "Israel (Tel Aviv)"}};
  for (const auto& [id, name] : kNames) {
    if (id == region) return std::string(name);
  }
  return region;
}

/// amount / rate with twelve digits after the point, trailing zeros cut.
std::string quantity_of(Money amount, Rate rate) {
  constexpr std::int64_t kTwelve = 1'000'000'000'000;
  const __int128 q = div_round(static_cast<__int128>(amount.raw()) * 1'000 * kTwelve, rate.raw());
  const auto whole = static_cast<std::int64_t>(q / kTwelve);
  std::string text = fmt::format("{}.{:012d}", whole, static_cast<std::int64_t>(q % kTwelve));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

class Writer {
 public:
  explicit Writer(const Comparison& comparison) : c_(comparison) {
    run_id_ = hash_hex(c_.hash);
    region_ = csv_field(c_.region);
    region_name_ = c_.region.empty() ? "" : csv_field(region_name(c_.region));
  }

  std::string text() {
    out_ = kHeader;
    for (const ColumnResult& column : c_.columns) {
      if (column.replications.empty()) continue;
      const RunResult& run = column.replications.front();
      for (const BillLine& line : run.lines) {
        if (line.rate.raw() <= 0) continue;
        for (std::size_t hour = 0; hour < line.hourly.size(); ++hour) {
          if (line.hourly[hour].raw() != 0) row(column, run, line, static_cast<std::int64_t>(hour), line.hourly[hour]);
        }
      }
    }
    return std::move(out_);
  }

 private:
  void field(std::string_view text) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += text;
  }

  void row(const ColumnResult& column, const RunResult& run, const BillLine& line, std::int64_t hour, Money amount) {
    const std::int64_t into = hour * 3600, start = c_.calendar + into;
    const std::int64_t last = std::max((run.window_us + 999'999) / 1'000'000, into + 1);
    const std::int64_t end = c_.calendar + std::min(into + 3600, last);
    const auto [period_start, period_end] = billing_period(start);
    const std::string usd = to_string(amount), price = to_string(line.rate), quantity = quantity_of(amount, line.rate);
    const std::string sku = csv_field(line.sku.empty() ? line.item : line.sku);
    const std::string platform = csv_field(column.name);
    const std::string unit = csv_field(line.unit);
    first_ = true;
    field(usd);           // BilledCost
    field("simulated");   // BillingAccountId
    field("");            // BillingAccountName
    field("USD");         // BillingCurrency
    field(period_end);    // BillingPeriodEnd
    field(period_start);  // BillingPeriodStart
    field("Usage");       // ChargeCategory
    field("");            // ChargeClass
    field(csv_field(line.label));
    field("Usage-Based");    // ChargeFrequency
    field(utc_text(end));    // ChargePeriodEnd
    field(utc_text(start));  // ChargePeriodStart
    field(quantity);         // ConsumedQuantity
    field(unit);             // ConsumedUnit
    field(usd);              // ContractedCost
    field(price);            // ContractedUnitPrice
    field(usd);              // EffectiveCost
    field("AWS");            // InvoiceIssuerName
    field(usd);              // ListCost
    field(price);            // ListUnitPrice
    field(line.sku.starts_with("SpotUsage") ? "Dynamic" : "Standard");
    field(quantity);      // PricingQuantity
    field(unit);          // PricingUnit
    field("AWS");         // ProviderName
    field("AWS");         // PublisherName
    field(region_);       // RegionId
    field(region_name_);  // RegionName
    field("");            // ResourceId
    field("");            // ResourceName
    field("");            // ResourceType
    field(csv_field(line.category.empty() ? "Other" : line.category));
    field(csv_field(line.service.empty() ? "AWS" : line.service));
    field(line.category.empty() ? "Other (Other)" : subcategory(line));
    field(sku);  // SkuId
    field(sku);  // SkuMeter
    field(csv_field((line.sku.empty() ? line.item : line.sku) + "@" + c_.region));
    field(platform);  // SubAccountId
    field(platform);  // SubAccountName
    field(line.block == billing::Block::choice ? "choice" : "same");
    field(csv_field(line.item));
    field(platform);
    field(fmt::format("{}", run.replication));
    field(csv_field(line.resource_type));
    field(run_id_);
    field(csv_field(c_.scenario));
    field("true");
    out_ += '\n';
  }

  const Comparison& c_;
  std::string out_, run_id_, region_, region_name_;
  bool first_ = true;
};

}  // namespace

std::string focus_csv(const Comparison& comparison) { return Writer(comparison).text(); }

}  // namespace plimsoll::results
