#include "models/aws/billing/commitments.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace plimsoll::aws::charges {
namespace {

std::string_view family_of(std::string_view type) { return type.substr(0, type.find('.')); }
std::string_view size_of(std::string_view type) {
  const std::size_t dot = type.find('.');
  return dot == std::string_view::npos ? std::string_view() : type.substr(dot + 1);
}

/// Accelerated families have no size flexibility. The test looks at the letters before the generation number.
bool size_flexible(std::string_view family) {
  const std::string_view letters = family.substr(0, family.find_first_of("0123456789"));
  return letters != "g" && letters != "p" && letters != "inf" && letters != "trn" && letters != "gr" &&
         letters != "vt" && letters != "dl" && letters != "f";
}

}  // namespace

std::optional<Ratio> normalised_units(std::string_view size) {
  if (size == "nano") return Ratio{1, 4};
  if (size == "micro") return Ratio{1, 2};
  if (size == "small") return Ratio{1};
  if (size == "medium") return Ratio{2};
  if (size == "large") return Ratio{4};
  if (size == "xlarge") return Ratio{8};
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), n);
  const std::string_view rest(end, static_cast<std::size_t>(size.data() + size.size() - end));
  if (error == std::errc{} && n > 0 && rest == "xlarge") return Ratio{8 * n};
  return std::nullopt;
}

ReservedCoverage apply_regional_reservation(const ReservedInstances& reserved, std::span<const TypeUsage> usage,
                                            Ratio hours) {
  ReservedCoverage out;
  const std::string_view family = family_of(reserved.type);
  const bool flexible = size_flexible(family) && normalised_units(size_of(reserved.type)).has_value();
  const auto units_of = [](std::string_view type) { return normalised_units(size_of(type)).value_or(Ratio{0}); };
  // Without units a reservation counts in whole instances of its own type.
  Ratio left = flexible ? units_of(reserved.type) * Ratio{reserved.count} : Ratio{reserved.count};

  std::vector<const TypeUsage*> order;
  for (const TypeUsage& u : usage) order.push_back(&u);
  std::stable_sort(order.begin(), order.end(), [&](auto* a, auto* b) { return units_of(a->type) < units_of(b->type); });

  Ratio usd = in_dollars(reserved.effective_per_hour) * Ratio{reserved.count} * hours;
  for (const TypeUsage* u : order) {
    const Ratio per_instance = units_of(u->type);
    const bool eligible = flexible ? family_of(u->type) == family && !per_instance.is_zero() : u->type == reserved.type;
    const Ratio need = flexible ? per_instance * Ratio{u->count} : Ratio{u->count};
    const Ratio covered = eligible ? min(left, need) : Ratio{0};
    left -= covered;
    const Ratio covered_instances = flexible && eligible ? covered / per_instance : covered;
    const Ratio rest = Ratio{u->count} - covered_instances;
    out.covered_units += covered_instances * per_instance;
    out.uncovered_units += rest * per_instance;
    usd += in_dollars(u->on_demand) * rest * hours;
  }
  out.total = round_money(usd);
  return out;
}

SavingsPlanHour apply_savings_plan(Money commitment, std::span<const SavingsPlanUsage> usage) {
  std::vector<const SavingsPlanUsage*> order;
  for (const SavingsPlanUsage& u : usage) order.push_back(&u);
  const auto discount = [](const SavingsPlanUsage& u) {
    return u.on_demand.raw() == 0 ? Ratio{0} : Ratio{1} - in_dollars(u.plan_rate) / in_dollars(u.on_demand);
  };
  std::stable_sort(order.begin(), order.end(), [&](auto* a, auto* b) {
    const Ratio x = discount(*a), y = discount(*b);
    return x != y ? x > y : a->plan_rate < b->plan_rate;
  });

  SavingsPlanHour out;
  Ratio left = in_dollars(commitment);
  out.total = commitment;
  for (const SavingsPlanUsage* u : order) {
    const Ratio full = in_dollars(u->plan_rate) * u->quantity;
    const Ratio spent = min(left, full);
    left -= spent;
    SavingsPlanLine line{u->name, full.is_zero() ? Ratio{1} : spent / full, round_money(spent), {}};
    line.on_demand = round_money(in_dollars(u->on_demand) * u->quantity * (Ratio{1} - line.covered_fraction));
    out.total += line.on_demand;
    out.lines.push_back(std::move(line));
  }
  out.unused = round_money(left);
  return out;
}

}  // namespace plimsoll::aws::charges
