#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/cli/verbs.h"

namespace plimsoll::cli {

int run_policies(const Registry& registry, const std::string& format) {
  if (format == "json") {
    nlohmann::ordered_json out;
    out["format_version"] = "1.0";
    for (const auto& p : registry.policies()) {
      nlohmann::ordered_json row{
          {"interface", p.interface_name}, {"name", p.name}, {"summary", p.summary}, {"source", p.source}};
      row["parameters"] = nlohmann::ordered_json::array();
      for (const auto& q : p.parameters) {
        row["parameters"].push_back({{"name", q.name},
                                     {"unit", q.unit},
                                     {"range", q.range},
                                     {"default", q.default_value},
                                     {"source", q.source}});
      }
      out["policies"].push_back(std::move(row));
    }
    fmt::print("{}\n", out.dump(2));
    return kDone;
  }
  std::string heading;
  for (const auto& p : registry.policies()) {
    if (p.interface_name != heading) {
      heading = p.interface_name;
      fmt::print("{}\n", heading);
    }
    fmt::print("  {:<26} {}\n  {:<26} source: {}\n", p.name, p.summary, "", p.source);
    for (const auto& q : p.parameters) {
      fmt::print("    {:<38} {:<9} default {:<12} {}\n", q.name, q.unit, q.default_value, q.range);
    }
  }
  return kDone;
}

}  // namespace plimsoll::cli
