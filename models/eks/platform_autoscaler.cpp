#include "models/eks/platform_autoscaler.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "models/eks/cluster_autoscaler/flag_values.h"
#include "sim/core/text.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {

namespace {

constexpr std::string_view kConfigMap = "cluster-autoscaler-priority-expander";

/// A map of priority to regular expressions.
void read_levels(const document::Node& node, document::Fields& c, ca::PriorityConfig& out) {
  if (!node.is_mapping()) {
    c.reader().diagnostics->error(node, "priorities are a map of a number to a list of regular expressions", "",
                                  c.path_of("priorities"));
    return;
  }
  for (const document::Entry& level : node.entries()) {
    std::int64_t priority = 0;
    const char* end = level.key.data() + level.key.size();
    const auto [stop, error] = std::from_chars(level.key.data(), end, priority);
    if (error != std::errc{} || stop != end || !level.value.is_sequence()) {
      c.reader().diagnostics->error(level.value, "a priority is a whole number with a list of regular expressions",
                                    "write 50: [\".*spot.*\"]", c.path_of("priorities"));
      continue;
    }
    std::vector<std::string> patterns;
    for (const document::Node& pattern : level.value.items()) {
      const std::string fault =
          pattern.is_scalar() ? ca::pattern_fault(pattern.text()) : "a regular expression is one text";
      if (!fault.empty()) {
        // The autoscaler itself would pass over the whole map and keep every option.
        const std::string path = document::join_path(c.path_of("priorities"), level.key);
        c.reader().diagnostics->error(pattern, fault, pattern.is_scalar() ? "" : "write \".*spot.*\"",
                                      path + "[" + std::to_string(&pattern - level.value.items().data()) + "]");
        continue;
      }
      patterns.push_back(pattern.text());
    }
    out.emplace_back(priority, std::move(patterns));
  }
}

/// Inline, or the ConfigMap as it is applied.
ca::PriorityConfig read_priorities(document::Fields& c) {
  ca::PriorityConfig out;
  const auto value =
      c.any("priorities", "a map such as {50: [\".*spot.*\"], 10: [\".*\"]}, or the file of the ConfigMap",
            "what --expander=priority goes by");
  if (!value || c.describing()) return out;
  if (value->is_mapping()) {
    read_levels(*value, c, out);
    return out;
  }
  document::Diagnostics& diagnostics = *c.reader().diagnostics;
  for (const std::string& path : document::find_files(*value, diagnostics, c.path_of("priorities"))) {
    for (const document::Node& document : document::load_file(path, diagnostics)) {
      const document::Node* kind = document.find("kind");
      const document::Node* metadata = document.find("metadata");
      const document::Node* name = metadata != nullptr ? metadata->find("name") : nullptr;
      const document::Node* data = document.find("data");
      const document::Node* text = data != nullptr ? data->find("priorities") : nullptr;
      if (kind == nullptr || kind->text() != "ConfigMap" || text == nullptr) {
        diagnostics.error(document, "not a ConfigMap with data.priorities", "", c.path_of("priorities"));
        continue;
      }
      // The autoscaler looks for this name and passes over any other.
      if (name == nullptr || name->text() != kConfigMap) {
        diagnostics.error(document, "the autoscaler reads a ConfigMap named " + std::string(kConfigMap), "",
                          c.path_of("priorities"));
        continue;
      }
      for (const document::Node& levels : document::load_text(text->text(), path + ":data.priorities", diagnostics)) {
        read_levels(levels, c, out);
      }
    }
  }
  return out;
}

/// Every flag of the release among the effective values: the user's from its line, the others by their default.
void record_flags(document::Fields& c, const std::vector<document::Item>& given, const ca::Options& options) {
  if (c.reader().effective == nullptr) return;
  for (const ca::FlagInfo& flag : ca::flags()) {
    if (options.minor < flag.since || options.minor > flag.until) continue;
    const auto own =
        std::find_if(given.begin(), given.end(), [&](const document::Item& i) { return i.name == flag.name; });
    std::string source = "Cluster Autoscaler 1." + std::to_string(options.minor);
    if (own != given.end()) source = own->mark.path() + ":" + std::to_string(own->mark.line);
    const std::string path = document::join_path(c.path_of("flags"), flag.name);
    c.reader().effective->add({path, ca::flag_value(options, flag.name), std::move(source), own == given.end()});
  }
}

/// Flags that the real program refuses together, or that speak of things that are not there.
void check_together(document::Fields& c, const std::vector<document::Item>& given, const ca::Options& options,
                    const std::vector<NodeGroupPlan>& groups) {
  const auto item = [&](std::string_view name) {
    const auto at = std::find_if(given.begin(), given.end(), [&](const document::Item& i) {
      std::string_view bare = i.name;
      while (bare.starts_with('-')) bare.remove_prefix(1);
      return bare == name;
    });
    return at == given.end() ? nullptr : &*at;
  };
  const auto error = [&](std::string_view name, const std::string& message, const std::string& hint) {
    if (const document::Item* i = item(name)) c.reader().diagnostics->error(i->node, message, hint, i->path);
  };
  if (!options.drain_priority_config.empty() && item("max-graceful-termination-sec") != nullptr)
    error("drain-priority-config", "drain-priority-config and max-graceful-termination-sec exclude each other",
          "leave one of them out");
  if (!options.balancing_label.empty() && !options.balancing_ignore_label.empty())
    error("balancing-label", "balancing-label and balancing-ignore-label exclude each other", "leave one of them out");
  std::vector<std::string_view> known;
  for (const NodeGroupPlan& g : groups) known.push_back(g.name);
  for (const std::string& text : options.nodes) {
    const std::optional<ca::NodeGroupSpec> spec = ca::parse_node_group_spec(text);
    if (!spec) continue;
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.name == spec->name; });
    if (group == groups.end()) {
      const std::string near = nearest(spec->name, known);
      error("nodes", "there is no node group '" + spec->name + "'", near.empty() ? "" : "did you mean '" + near + "'?");
    } else if (spec->maximum > group->maximum || spec->minimum < group->minimum) {
      error("nodes",
            text + ": EC2 Auto Scaling refuses sizes outside the group's own bounds, " +
                std::to_string(group->minimum) + " to " + std::to_string(group->maximum),
            "change min and max of the node group");
    }
  }
}

/// What stands behind a flag. A list is a flag that is given several times, which only some may be.
std::optional<std::string> flag_text(const document::Item& flag, std::string& hint) {
  if (flag.node.is_scalar() || flag.node.is_null()) return flag.node.text();
  if (!flag.node.is_sequence()) return std::nullopt;
  std::string joined;
  for (const document::Node& item : flag.node.items()) {
    if (!item.is_scalar()) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + item.text();
  }
  std::string_view bare = flag.name;
  while (bare.starts_with('-')) bare.remove_prefix(1);
  const auto known = std::find_if(ca::flags().begin(), ca::flags().end(),
                                  [bare](const ca::FlagInfo& info) { return info.name == bare; });
  if (known != ca::flags().end() && known->unit == "list") return joined;
  hint = flag.name == "expander" ? "write expander: " + (joined.empty() ? "least-waste" : joined) : "";
  return std::nullopt;
}

/// `flags` as a manifest's command has them, ["--expander=least-waste", "--v=4"], the program before them or not: each
/// with what stands behind it. A flag that is given several times has its values with commas between them, as the lists
/// of the other form.
std::vector<std::pair<document::Item, std::string>> read_command(document::Fields& c, const document::Node& list) {
  std::vector<std::pair<document::Item, std::string>> out;
  c.ignore("flags");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const document::Node& item = list.at(i);
    const std::string path = c.path_of("flags") + "[" + std::to_string(i) + "]";
    const std::string text = item.is_scalar() ? item.text() : "";
    if (i == 0 && text.ends_with("cluster-autoscaler")) continue;  // the program
    const std::size_t start = text.find_first_not_of('-');
    if (!text.starts_with('-') || start == std::string::npos) {
      c.reader().diagnostics->error(item, "a flag of the command is one text with -- before it",
                                    "write \"--expander=least-waste\", or flags: {expander: least-waste}", path);
      continue;
    }
    const std::size_t equals = text.find('=');
    std::string name = text.substr(start, equals == std::string::npos ? equals : equals - start);
    const std::string value = equals == std::string::npos ? "true" : text.substr(equals + 1);
    const auto again = std::find_if(out.begin(), out.end(), [&](const auto& f) { return f.first.name == name; });
    if (again != out.end()) {
      again->second += "," + value;
    } else {
      out.emplace_back(document::Item{std::move(name), item, path, item.mark()}, value);
    }
  }
  return out;
}

}  // namespace

void parse_autoscaler(document::Fields& c, EksPlan& plan) {
  const std::string_view names[] = {"none", "cluster-autoscaler", "karpenter"};
  const std::size_t which = c.one_of("autoscaler", names, 0, "a node group has none of its own",
                                     "who resizes the node group; karpenter: the nodePools say what it launches");
  if (which == 2 && !c.has("nodePools") && !c.describing()) {
    c.error("autoscaler", "Karpenter resizes no node group: it launches nodes by NodePools, and there are none",
            "write bootstrap: {type: m5.large, count: 2}, which Karpenter itself runs on, and nodePools: [pool.yaml]; "
            "or autoMode: {}");
  }
  if (which != 1 && !c.describing()) {
    for (const char* key : {"autoscalerMinor", "flags", "priorities", "removalSimulation", "packingCheck"}) {
      if (c.has(key)) c.warning(key, "only Cluster Autoscaler reads it", "write autoscaler: cluster-autoscaler");
      c.ignore(key);
    }
    return;
  }
  const std::int64_t minor = c.integer("autoscalerMinor", ca::kDefaultMinor, "Cluster Autoscaler 1.35",
                                       "release 1.x of Cluster Autoscaler", {ca::kOldestMinor, ca::kNewestMinor});
  ca::Options options = ca::options_for_version(static_cast<int>(minor));
  std::vector<document::Item> flags;
  std::vector<std::optional<std::string>> values;
  std::vector<std::string> hints;
  if (const document::Node* list = c.node().find("flags"); list != nullptr && list->is_sequence() && !c.describing()) {
    for (auto& [flag, text] : read_command(c, *list)) {
      flags.push_back(std::move(flag));
      values.emplace_back(std::move(text));
      hints.emplace_back();
    }
  } else {
    flags = c.map("flags", "flags of the autoscaler by their real names; or a list as in a manifest's command");
    for (const document::Item& flag : flags) values.push_back(flag_text(flag, hints.emplace_back()));
  }
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const document::Item& flag = flags[i];
    const std::optional<std::string>& value = values[i];
    const std::string& hint = hints[i];
    const std::string fault =
        value ? ca::set_flag(options, flag.name, *value) : "the flag " + flag.name + " has one value";
    if (!fault.empty()) c.reader().diagnostics->error(flag.node, fault, hint, flag.path);
  }
  if (!c.describing()) check_together(c, flags, options, plan.groups);
  const ca::PriorityConfig priorities = read_priorities(c);
  AutoscalerComputeTime compute;
  compute.removal_per_thousand_nodes =
      c.duration("removalSimulation", compute.removal_per_thousand_nodes, "assumed: no figure is published",
                 "computing time of one removal simulation in a cluster of 1,000 nodes; grows with the nodes");
  compute.packing_check =
      c.duration("packingCheck", compute.packing_check, "assumed: no figure is published",
                 "computing time of one try of a pod on a new node; a scale-up takes pods times new nodes of them");
  if (c.describing()) return;
  record_flags(c, flags, options);
  if (c.has("priorities") && !ca::has_expander(options.expander, "priority"))
    c.warning("priorities", "they have no effect: only --expander=priority reads them",
              "write flags: {expander: \"priority," + options.expander + "\"}");
  if (!c.has("priorities") && ca::has_expander(options.expander, "priority"))
    c.warning("flags", "--expander=priority has no priorities to go by and keeps every option",
              "write priorities: {50: [\".*spot.*\"], 10: [\".*\"]}");
  std::string fault;
  std::shared_ptr<const ca::ExpanderChain> expanders = ca::make_expanders(options.expander, priorities, fault);
  if (expanders == nullptr) {
    c.error("flags", fault);
    return;
  }
  plan.autoscaler = ClusterAutoscalerPlan{std::move(options), std::move(expanders), compute};
}

}  // namespace plimsoll::eks
