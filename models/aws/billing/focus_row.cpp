#include "models/aws/billing/focus_row.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

namespace plimsoll::aws::charges {
namespace {

enum class Kind : std::uint8_t { text, number, instant, json, currency, unit };
struct Column {
  std::string_view name;
  Kind kind;
  bool mandatory;
  bool nullable;
  std::string_view allowed;  // values between bars, empty for any
};
// In alphabetical order.
constexpr Column kColumns[] = {
    {"AvailabilityZone", Kind::text, false, true, ""},
    {"BilledCost", Kind::number, true, false, ""},
    {"BillingAccountId", Kind::text, true, false, ""},
    {"BillingAccountName", Kind::text, true, true, ""},
    {"BillingAccountType", Kind::text, false, false, ""},
    {"BillingCurrency", Kind::currency, true, false, ""},
    {"BillingPeriodEnd", Kind::instant, true, false, ""},
    {"BillingPeriodStart", Kind::instant, true, false, ""},
    {"CapacityReservationId", Kind::text, false, true, ""},
    {"CapacityReservationStatus", Kind::text, false, true, "Used|Unused"},
    {"ChargeCategory", Kind::text, true, false, "Usage|Purchase|Tax|Credit|Adjustment"},
    {"ChargeClass", Kind::text, true, true, "Correction"},
    {"ChargeDescription", Kind::text, true, true, ""},
    {"ChargeFrequency", Kind::text, false, false, "One-Time|Recurring|Usage-Based"},
    {"ChargePeriodEnd", Kind::instant, true, false, ""},
    {"ChargePeriodStart", Kind::instant, true, false, ""},
    {"CommitmentDiscountCategory", Kind::text, false, true, "Spend|Usage"},
    {"CommitmentDiscountId", Kind::text, false, true, ""},
    {"CommitmentDiscountName", Kind::text, false, true, ""},
    {"CommitmentDiscountQuantity", Kind::number, false, true, ""},
    {"CommitmentDiscountStatus", Kind::text, false, true, "Used|Unused"},
    {"CommitmentDiscountType", Kind::text, false, true, ""},
    {"CommitmentDiscountUnit", Kind::unit, false, true, ""},
    {"ConsumedQuantity", Kind::number, false, true, ""},
    {"ConsumedUnit", Kind::unit, false, true, ""},
    {"ContractedCost", Kind::number, true, false, ""},
    {"ContractedUnitPrice", Kind::number, false, true, ""},
    {"EffectiveCost", Kind::number, true, false, ""},
    {"InvoiceId", Kind::text, false, true, ""},
    {"InvoiceIssuerName", Kind::text, true, false, ""},
    {"ListCost", Kind::number, true, false, ""},
    {"ListUnitPrice", Kind::number, false, true, ""},
    {"PricingCategory", Kind::text, false, true, "Standard|Dynamic|Committed|Other"},
    {"PricingCurrency", Kind::currency, false, true, ""},
    {"PricingCurrencyContractedUnitPrice", Kind::number, false, true, ""},
    {"PricingCurrencyEffectiveCost", Kind::number, false, true, ""},
    {"PricingCurrencyListUnitPrice", Kind::number, false, true, ""},
    {"PricingQuantity", Kind::number, true, true, ""},
    {"PricingUnit", Kind::unit, true, true, ""},
    {"ProviderName", Kind::text, true, false, ""},
    {"PublisherName", Kind::text, true, false, ""},
    {"RegionId", Kind::text, false, true, ""},
    {"RegionName", Kind::text, false, true, ""},
    {"ResourceId", Kind::text, false, true, ""},
    {"ResourceName", Kind::text, false, true, ""},
    {"ResourceType", Kind::text, false, true, ""},
    {"ServiceCategory", Kind::text, true, false, ""},
    {"ServiceName", Kind::text, true, false, ""},
    {"ServiceSubcategory", Kind::text, false, false, ""},
    {"SkuId", Kind::text, false, true, ""},
    {"SkuMeter", Kind::text, false, true, ""},
    {"SkuPriceDetails", Kind::json, false, true, ""},
    {"SkuPriceId", Kind::text, false, true, ""},
    {"SubAccountId", Kind::text, false, true, ""},
    {"SubAccountName", Kind::text, false, true, ""},
    {"SubAccountType", Kind::text, false, true, ""},
    {"Tags", Kind::json, false, true, ""},
};

struct Category {
  std::string_view name;
  std::string_view subcategories;
};
constexpr Category kCategories[] = {
    {"AI and Machine Learning",
     "AI Platforms|Bots|Generative AI|Machine Learning|Natural Language Processing|Other (AI and Machine Learning)"},
    {"Analytics",
     "Analytics Platforms|Business Intelligence|Data Processing|Search|Streaming Analytics|Other (Analytics)"},
    {"Business Applications", "Productivity and Collaboration|Other (Business Applications)"},
    {"Compute", "Containers|End User Computing|Quantum Compute|Serverless Compute|Virtual Machines|Other (Compute)"},
    {"Databases",
     "Caching|Data Warehouses|Ledger Databases|NoSQL Databases|Relational Databases|Time Series Databases|Other "
     "(Databases)"},
    {"Developer Tools",
     "Developer Platforms|Continuous Integration and Deployment|Development Environments|Source Code "
     "Management|Quality Assurance|Other (Developer Tools)"},
    {"Identity", "Identity and Access Management|Other (Identity)"},
    {"Integration", "API Management|Messaging|Workflow Orchestration|Other (Integration)"},
    {"Internet of Things", "IoT Analytics|IoT Platforms|Other (Internet of Things)"},
    {"Management and Governance",
     "Architecture|Compliance|Cost Management|Data Governance|Disaster Recovery|Endpoint "
     "Management|Observability|Support|Other (Management and Governance)"},
    {"Media", "Content Creation|Gaming|Media Streaming|Mixed Reality|Other (Media)"},
    {"Migration", "Data Migration|Resource Migration|Other (Migration)"},
    {"Mobile", "Other (Mobile)"},
    {"Multicloud", "Multicloud Integration|Other (Multicloud)"},
    {"Networking",
     "Application Networking|Content Delivery|Network Connectivity|Network Infrastructure|Network Routing|Network "
     "Security|Other (Networking)"},
    {"Security", "Secret Management|Security Posture Management|Threat Detection and Response|Other (Security)"},
    {"Storage", "Backup Storage|Block Storage|File Storage|Object Storage|Storage Platforms|Other (Storage)"},
    {"Web", "Application Platforms|Other (Web)"},
    {"Other", "Other (Other)"},
};

// ISO 4217, active codes.
constexpr std::string_view kCurrencies =
    " AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF"
    " CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL"
    " HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL"
    " MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON"
    " RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH"
    " UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ";

bool listed(std::string_view list, std::string_view value) {
  while (!list.empty()) {
    const std::size_t bar = std::min(list.find('|'), list.size());
    if (list.substr(0, bar) == value) return true;
    list.remove_prefix(std::min(bar + 1, list.size()));
  }
  return false;
}

bool digits(std::string_view& t) {
  std::size_t n = 0;
  while (n < t.size() && t[n] >= '0' && t[n] <= '9') ++n;
  t.remove_prefix(n);
  return n > 0;
}

/// No plus sign, no separators; E notation without plus.
bool is_number(std::string_view t) {
  if (!t.empty() && t[0] == '-') t.remove_prefix(1);
  if (!digits(t)) return false;
  if (!t.empty() && t[0] == '.') {
    t.remove_prefix(1);
    if (!digits(t)) return false;
  }
  if (!t.empty() && (t[0] == 'E' || t[0] == 'e')) {
    t.remove_prefix(1);
    if (!t.empty() && t[0] == '-') t.remove_prefix(1);
    if (!digits(t)) return false;
  }
  return t.empty();
}

/// YYYY-MM-DDTHH:mm:ssZ, a day that exists.
bool is_instant(std::string_view t) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  if (t.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (kShape[i] == 'd' ? t[i] < '0' || t[i] > '9' : t[i] != kShape[i]) return false;
  }
  const auto n = [&](std::size_t at, std::size_t size) {
    int v = 0;
    for (std::size_t i = at; i < at + size; ++i) v = v * 10 + (t[i] - '0');
    return v;
  };
  const int y = n(0, 4), m = n(5, 2), d = n(8, 2);
  if (m < 1 || m > 12 || d < 1 || n(11, 2) > 23 || n(14, 2) > 59 || n(17, 2) > 59) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
  return d <= kDays[m - 1] + (leap && m == 2 ? 1 : 0);
}

/// A JSON object with unique keys and no objects or arrays inside.
bool is_key_value(std::string_view t) {
  using nlohmann::json;
  std::set<std::string> keys;
  bool good = true;
  const json value = json::parse(
      t.begin(), t.end(),
      [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth > 0 && (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start)) {
          good = false;
        }
        if (event == json::parse_event_t::key && depth == 1)
          good = keys.insert(parsed.get<std::string>()).second && good;
        return true;
      },
      /*allow_exceptions=*/false);
  return good && value.is_object();
}

/// Capitalised (vCPU apart), times and requests in the plural.
bool is_unit(std::string_view t) {
  constexpr std::string_view kSingular = "Second|Minute|Hour|Day|Month|Year|Request|Event|Instance|Token";
  std::string_view last;
  while (!t.empty()) {
    const std::size_t end = std::min(t.find_first_of(" -/"), t.size());
    last = t.substr(0, end);
    t.remove_prefix(std::min(end + 1, t.size()));
    if (!last.empty() && std::islower(static_cast<unsigned char>(last[0])) && !last.starts_with("vCPU")) return false;
  }
  return !last.empty() && !listed(kSingular, last);
}

class Check {
 public:
  explicit Check(const FocusRow& row) : row_(row) {}

  std::vector<std::string> run() {
    values();
    services();
    periods();
    costs();
    pricing();
    consumption();
    commitments();
    companions();
    return {bad_.begin(), bad_.end()};
  }

 private:
  std::optional<std::string_view> get(std::string_view column) const {
    const auto it = row_.find(column);
    if (it == row_.end() || !it->second) return std::nullopt;
    return *it->second;
  }
  bool is(std::string_view column, std::string_view value) const { return get(column) == value; }
  bool has(std::string_view column) const { return get(column).has_value(); }
  /// The number, when there is a well-formed one.
  std::optional<double> number(std::string_view column) const {
    const auto v = get(column);
    if (!v || !is_number(*v)) return std::nullopt;
    return std::strtod(std::string(*v).c_str(), nullptr);
  }
  /// What a category demands is not asked of a row whose category is wrong.
  bool known_category() const {
    const auto v = get("ChargeCategory");
    return v && listed("Usage|Purchase|Tax|Credit|Adjustment", *v);
  }
  void flag(std::string_view column) { bad_.emplace(column); }
  void require(std::string_view column, bool good) {
    if (!good) flag(column);
  }

  void values() {
    for (const Column& c : kColumns) {
      if (c.mandatory && !row_.contains(c.name)) flag(c.name);
    }
    for (const auto& [name, value] : row_) {
      const auto* c = std::find_if(std::begin(kColumns), std::end(kColumns), [&](auto& k) { return k.name == name; });
      if (c == std::end(kColumns)) {
        require(name, name.starts_with("x_"));
        continue;
      }
      if (!value) {
        require(name, c->nullable);
        continue;
      }
      const std::string_view v = *value;
      if (v.empty() || v == "N/A" || v == "NULL" || v == "null") flag(name);
      if (!c->allowed.empty()) require(name, listed(c->allowed, v));
      switch (c->kind) {
        case Kind::number:
          require(name, is_number(v));
          break;
        case Kind::instant:
          require(name, is_instant(v));
          break;
        case Kind::json:
          require(name, is_key_value(v));
          break;
        case Kind::unit:
          require(name, is_unit(v));
          break;
        case Kind::currency:
          require(name, v.size() == 3 && kCurrencies.find(" " + std::string(v) + " ") != std::string_view::npos);
          break;
        case Kind::text:
          break;
      }
    }
  }

  void services() {
    const auto category = get("ServiceCategory");
    if (!category) return;
    const auto* known =
        std::find_if(std::begin(kCategories), std::end(kCategories), [&](auto& k) { return k.name == *category; });
    require("ServiceCategory", known != std::end(kCategories));
    const auto sub = get("ServiceSubcategory");
    if (sub && known != std::end(kCategories)) require("ServiceSubcategory", listed(known->subcategories, *sub));
  }

  /// Start inclusive, end exclusive; texts of one format compare as times.
  void periods() {
    for (const std::string_view kind : {"BillingPeriod", "ChargePeriod"}) {
      const std::string start = std::string(kind) + "Start", end = std::string(kind) + "End";
      const auto a = get(start), b = get(end);
      if (a && b && is_instant(*a) && is_instant(*b)) require(end, *a < *b);
    }
  }

  void costs() {
    if (is("ChargeClass", "Correction")) return;
    for (const std::string_view kind : {"List", "Contracted"}) {
      const auto price = number(std::string(kind) + "UnitPrice"), quantity = number("PricingQuantity");
      const std::string cost = std::string(kind) + "Cost";
      const auto stated = number(cost);
      if (!price || !quantity || !stated) continue;
      const double product = *price * *quantity;
      require(cost, std::abs(product - *stated) <= 1e-6 + 1e-9 * std::abs(product));
    }
  }

  void pricing() {
    const bool tax = is("ChargeCategory", "Tax");
    const bool priced = is("ChargeCategory", "Usage") || is("ChargeCategory", "Purchase");
    const bool correction = is("ChargeClass", "Correction");
    for (const std::string_view c :
         {"ListUnitPrice", "ContractedUnitPrice", "PricingQuantity", "PricingCategory", "SkuId", "SkuPriceId"}) {
      if (tax) require(c, !has(c));
      if (priced && !correction) require(c, has(c));
    }
    for (const std::string_view c : {"ListUnitPrice", "ContractedUnitPrice"}) {
      if (const auto price = number(c)) require(c, *price >= 0);
    }
    require("PricingUnit", has("PricingUnit") == has("PricingQuantity"));
  }

  void consumption() {
    if (!known_category()) return;
    const bool usage = is("ChargeCategory", "Usage"), unused = is("CommitmentDiscountStatus", "Unused");
    if (!usage || unused) {
      require("ConsumedQuantity", !has("ConsumedQuantity"));
    } else if (!is("ChargeClass", "Correction")) {
      require("ConsumedQuantity", has("ConsumedQuantity"));
    }
    require("ConsumedUnit", has("ConsumedUnit") == has("ConsumedQuantity"));
  }

  void commitments() {
    const bool usage = is("ChargeCategory", "Usage"), purchase = is("ChargeCategory", "Purchase");
    const bool committed = has("CommitmentDiscountId");
    require("CommitmentDiscountCategory", has("CommitmentDiscountCategory") == committed);
    require("CommitmentDiscountType",
            has("CommitmentDiscountType") == committed || !row_.contains("CommitmentDiscountType"));
    if (!committed) {
      for (const std::string_view c : {"CommitmentDiscountName", "CommitmentDiscountQuantity"}) require(c, !has(c));
    }
    require("CommitmentDiscountUnit", has("CommitmentDiscountUnit") == has("CommitmentDiscountQuantity"));
    if (!known_category()) return;
    if (committed && usage) {
      require("CommitmentDiscountStatus", has("CommitmentDiscountStatus") || is("ChargeClass", "Correction"));
    } else {
      require("CommitmentDiscountStatus", !has("CommitmentDiscountStatus"));
    }
    if (usage && committed) require("PricingCategory", is("PricingCategory", "Committed"));
    if (is("PricingCategory", "Committed")) require("CommitmentDiscountId", committed);
    // What a commitment covers was paid by its purchase, which costs nothing when amortised.
    if (usage && has("CommitmentDiscountStatus")) {
      if (const auto billed = number("BilledCost")) require("BilledCost", *billed == 0);
    }
    if (purchase && committed) {
      if (const auto effective = number("EffectiveCost")) require("EffectiveCost", *effective == 0);
    }
    if (is("CommitmentDiscountStatus", "Unused")) {
      require("ResourceId", get("ResourceId") == get("CommitmentDiscountId"));
    }
  }

  void companions() {
    struct Pair {
      std::string_view follower, leader;
      bool both_ways;
    };
    constexpr Pair kPairs[] = {{"ResourceType", "ResourceId", true},     {"ResourceName", "ResourceId", false},
                               {"RegionName", "RegionId", true},         {"SkuMeter", "SkuId", false},
                               {"SkuPriceDetails", "SkuPriceId", false}, {"SubAccountName", "SubAccountId", false},
                               {"SubAccountType", "SubAccountId", false}};
    for (const Pair& p : kPairs) {
      if (!has(p.leader)) require(p.follower, !has(p.follower));
      if (p.both_ways && has(p.leader)) require(p.follower, has(p.follower));
    }
    if (!has("CapacityReservationId")) {
      require("CapacityReservationStatus", !has("CapacityReservationStatus"));
    } else if (is("ChargeCategory", "Usage")) {
      require("CapacityReservationStatus", has("CapacityReservationStatus"));
    }
  }

  const FocusRow& row_;
  std::set<std::string> bad_;
};

}  // namespace

std::vector<std::string> focus_violations(const FocusRow& row) { return Check(row).run(); }

std::vector<std::string_view> focus_columns() {
  std::vector<std::string_view> out;
  for (const Column& c : kColumns) out.push_back(c.name);
  return out;
}

}  // namespace plimsoll::aws::charges
