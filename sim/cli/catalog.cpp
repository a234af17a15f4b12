#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "models/aws/catalogue.h"
#include "sim/cli/verbs.h"
#include "sim/core/text.h"
#include "sim/results/csv.h"

namespace plimsoll::cli {

namespace {

std::string list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

int bad(const std::string& message, const std::string& hint) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  if (!hint.empty()) std::fprintf(stderr, "  hint: %s\n", hint.c_str());
  return kBadInput;
}

std::string price(const std::optional<Rate>& rate) { return rate ? to_string(*rate) : ""; }

/// What the services cost in a region: of each item the region's row, else that of every region. A row without a price
/// here is an item that only other regions have.
int print_services(const aws::Catalogue& catalogue, const CatalogArguments& a) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  if (a.format == "csv") fmt::print("item,usd,unit,confidence,source,note\n");
  if (a.format == "table") fmt::print("{:<46} {:>13} {:<25} {}\n", "item", "$", "per", "confidence");
  std::size_t priced = 0, missing = 0;
  std::string last;
  for (const aws::ServicePrice& any : catalogue.service_prices()) {
    const std::string item = std::string(any.service) + "/" + std::string(any.item);
    if (item == last) continue;
    last = item;
    const aws::ServicePrice* row = catalogue.service_price(any.service, any.item, a.region);
    ++(row != nullptr ? priced : missing);
    const std::string usd = row != nullptr ? to_string(row->rate) : "";
    const std::string_view trust = row != nullptr ? to_string(row->confidence) : "no price";
    if (a.format == "json") {
      nlohmann::ordered_json out = {{"item", item}, {"usd", usd}, {"unit", any.unit}, {"confidence", trust}};
      if (row != nullptr) {
        out["source"] = row->source;
        if (!row->note.empty()) out["note"] = row->note;
      }
      list.push_back(std::move(out));
    } else if (a.format == "csv") {
      fmt::print("{},{},{},{},{},{}\n", item, usd, any.unit, trust, row != nullptr ? row->source : "",
                 row != nullptr ? results::csv_field(row->note) : "");
    } else {
      fmt::print("{:<46} {:>13} {:<25} {}\n", item, usd.empty() ? "-" : usd, any.unit, trust);
    }
  }
  if (a.format == "json") {
    nlohmann::ordered_json out = {
        {"format_version", "1.0"}, {"region", a.region}, {"currency", "USD"}, {"services", std::move(list)}};
    fmt::print("{}\n", out.dump(2));
  }
  if (a.format == "table") {
    fmt::print(
        "{} prices in {}, {} items without one there; USD before tax. A scenario that needs one of these, or pays\n"
        "less, says it: prices: {{elb/alb_lcu: $0.008/LCU-hour}}\n",
        priced, a.region, missing);
  }
  return kDone;
}

}  // namespace

int run_catalog(const CatalogArguments& a) {
  std::shared_ptr<const aws::Catalogue> owned;
  const aws::Catalogue* catalogue = &aws::Catalogue::built_in();
  if (!a.catalogue_dir.empty()) {
    std::vector<aws::CatalogueProblem> problems;
    owned = aws::Catalogue::load(a.catalogue_dir, problems);
    for (const aws::CatalogueProblem& p : problems) {
      const std::string at = p.line > 0 ? ":" + std::to_string(p.line) + ":" + std::to_string(p.column) : "";
      std::fprintf(stderr, "%s%s: error: %s\n", p.file.c_str(), at.c_str(), p.message.c_str());
    }
    if (owned == nullptr) return kBadInput;
    catalogue = owned.get();
  }
  if (!catalogue->has_region(a.region)) {
    const std::string near = list(catalogue->nearest_regions(a.region));
    const auto all = catalogue->regions();
    return bad("unknown region '" + a.region + "'",
               near.empty() ? "the regions are " + list({all.begin(), all.end()}) : "nearest: " + near);
  }
  if (a.services) return print_services(*catalogue, a);
  aws::TypeFilter filter;
  filter.region = a.region;
  if (!a.family.empty()) filter.family = a.family;
  filter.min_vcpu = a.min_vcpu;
  const auto types = catalogue->types_matching(filter);
  if (types.empty()) {
    std::vector<std::string> families;
    for (const aws::InstanceType& t : catalogue->types()) {
      if (std::find(families.begin(), families.end(), t.family) == families.end()) families.emplace_back(t.family);
    }
    if (a.family.empty() || std::find(families.begin(), families.end(), a.family) != families.end()) {
      return bad("no instance type " + (a.family.empty() ? "" : "of " + a.family + " ") + "with " +
                     std::to_string(a.min_vcpu) + " vCPUs or more in " + a.region,
                 "");
    }
    const std::vector<std::string_view> names(families.begin(), families.end());
    const std::string near = nearest(a.family, names);
    return bad("unknown instance family '" + a.family + "'",
               near.empty() ? "a family is the part before the point, such as m7g" : "did you mean '" + near + "'?");
  }
  if (a.format == "json") {
    nlohmann::ordered_json out;
    out["format_version"] = "1.0";
    out["region"] = a.region;
    out["currency"] = "USD";
    out["price_unit"] = "instance-hour";
    out["types"] = nlohmann::ordered_json::array();
    for (const aws::InstanceType* t : types) {
      nlohmann::ordered_json row;
      row["name"] = t->name;
      row["vcpu"] = t->vcpu;
      row["memory_mib"] = t->memory.raw() / kMiB;
      row["arch"] = aws::to_string(t->arch);
      row["on_demand"] = price(catalogue->on_demand(a.region, *t));
      row["spot"] = price(catalogue->spot_price(a.region, *t));
      row["eks_max_pods"] = t->eks_max_pods;
      row["ecs_awsvpc_tasks"] = t->ecs_awsvpc_tasks;
      if (t->ecs_awsvpc_tasks_trunk) row["ecs_awsvpc_tasks_trunk"] = *t->ecs_awsvpc_tasks_trunk;
      row["source"] = catalogue->on_demand_source(a.region, *t);
      out["types"].push_back(std::move(row));
    }
    fmt::print("{}\n", out.dump(2));
    return kDone;
  }
  const bool csv = a.format == "csv";
  if (csv) {
    fmt::print(
        "type,vcpu,memory_mib,arch,on_demand_usd_per_hour,spot_usd_per_hour,eks_max_pods,ecs_awsvpc_tasks,ecs_awsvpc_"
        "tasks_trunk\n");
  } else {
    fmt::print("{:<18} {:>4} {:>9} {:<6} {:>9} {:>9} {:>5} {:>10}\n", "type", "vCPU", "GiB", "arch", "$/h", "spot $/h",
               "pods", "ECS tasks");
  }
  for (const aws::InstanceType* t : types) {
    const std::string trunk = t->ecs_awsvpc_tasks_trunk ? std::to_string(*t->ecs_awsvpc_tasks_trunk) : "";
    if (csv) {
      fmt::print("{},{},{},{},{},{},{},{},{}\n", t->name, t->vcpu, t->memory.raw() / kMiB, aws::to_string(t->arch),
                 price(catalogue->on_demand(a.region, *t)), price(catalogue->spot_price(a.region, *t)), t->eks_max_pods,
                 t->ecs_awsvpc_tasks, trunk);
    } else {
      fmt::print(
          "{:<18} {:>4} {:>9.1f} {:<6} {:>9} {:>9} {:>5} {:>10}\n", t->name, t->vcpu,
          static_cast<double>(t->memory.raw()) / static_cast<double>(kGiB), aws::to_string(t->arch),
          price(catalogue->on_demand(a.region, *t)), price(catalogue->spot_price(a.region, *t)), t->eks_max_pods,
          trunk.empty() ? std::to_string(t->ecs_awsvpc_tasks) : std::to_string(t->ecs_awsvpc_tasks) + "/" + trunk);
    }
  }
  if (!csv) {
    fmt::print(
        "{} types sold in {}; USD per hour, Linux, shared tenancy; spot = mean of the Spot Advisor's month;\n"
        "ECS tasks: awsvpc tasks without / with ENI trunking. Fargate, EKS, balancers and the like: --services\n",
        types.size(), a.region);
  }
  return kDone;
}

}  // namespace plimsoll::cli
