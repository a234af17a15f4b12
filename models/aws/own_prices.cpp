#include "models/aws/own_prices.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/text.h"

namespace plimsoll::aws {

namespace {

struct Parts {
  std::string_view service, item, purchase;
};

Parts parts_of(std::string_view name) {
  Parts p;
  const std::size_t first = name.find('/');
  p.service = name.substr(0, first);
  if (first == std::string_view::npos) return p;
  const std::size_t last = name.rfind('/');
  p.item = name.substr(first + 1, last == first ? std::string_view::npos : last - first - 1);
  if (last != first) p.purchase = name.substr(last + 1);
  return p;
}

std::string join(std::string_view service, std::string_view item) {
  return std::string(service) + "/" + std::string(item);
}

std::vector<std::string> known_items(const Catalogue& catalogue) {
  std::vector<std::string> out;
  for (const ServicePrice& p : catalogue.service_prices()) {
    std::string name = join(p.service, p.item);
    if (out.empty() || out.back() != name) out.push_back(std::move(name));
  }
  return out;
}

/// The row of any region: item and unit are the same in all.
const ServicePrice* any_row(const Catalogue& catalogue, std::string_view service, std::string_view item) {
  const auto rows = catalogue.service_prices();
  const auto at = std::find_if(rows.begin(), rows.end(),
                               [&](const ServicePrice& p) { return p.service == service && p.item == item; });
  return at == rows.end() ? nullptr : &*at;
}

std::optional<Rate> amount_of(const PriceOverride& price, std::string_view unit, document::Diagnostics& diagnostics) {
  const document::Node one = document::Node::mapping({{price.item, price.value.mark(), price.value}});
  document::Fields f(one, document::Reader(diagnostics), "prices");
  return f.optional_rate(price.item, unit, {}, {Rate{}, std::nullopt});
}

}  // namespace

void put_own_prices(Catalogue& catalogue, const std::string& region, std::span<const PriceOverride> prices,
                    document::Diagnostics& diagnostics) {
  for (const PriceOverride& price : prices) {
    const std::string path = document::join_path("prices", price.item);
    const Parts p = parts_of(price.item);
    if (p.service == "ec2" && !p.purchase.empty()) {
      const InstanceType* type = catalogue.find_type(p.item);
      if (type == nullptr) {
        std::string near;
        for (const std::string& n : catalogue.nearest_types(p.item)) near += (near.empty() ? "nearest: " : ", ") + n;
        diagnostics.error(price.value, "unknown instance type '" + std::string(p.item) + "'", near, path);
      } else if (p.purchase != "on-demand" && p.purchase != "spot") {
        diagnostics.error(price.value, "'" + std::string(p.purchase) + "' is not a way to buy an instance",
                          "write " + join("ec2", p.item) + "/on-demand or " + join("ec2", p.item) + "/spot", path);
      } else if (const auto rate = amount_of(price, "h", diagnostics)) {
        p.purchase == "spot" ? catalogue.put_spot(region, *type, *rate) : catalogue.put_on_demand(region, *type, *rate);
      }
      continue;
    }
    const ServicePrice* known = p.purchase.empty() ? any_row(catalogue, p.service, p.item) : nullptr;
    if (known == nullptr) {
      const std::vector<std::string> names = known_items(catalogue);
      const std::string near = nearest(price.item, std::vector<std::string_view>(names.begin(), names.end()));
      diagnostics.error(price.value, "no such price '" + price.item + "'",
                        !near.empty() ? "did you mean '" + near + "'?"
                                      : "plimsoll catalog lists them; an instance is ec2/m5.large/on-demand",
                        path);
      continue;
    }
    const auto rate = amount_of(price, known->unit, diagnostics);
    if (!rate) continue;
    // Its region's name out of the catalogue's own list, which outlives the row.
    const auto regions = catalogue.regions();
    const auto here = std::find(regions.begin(), regions.end(), std::string_view(region));
    if (here == regions.end()) continue;
    catalogue.put({known->service, known->item, *here, *rate, known->unit, "own", Confidence::verified, "prices:"});
  }
}

}  // namespace plimsoll::aws
