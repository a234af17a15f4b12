#include "models/ecs/scaling_files.h"

#include <algorithm>
#include <string_view>

#include "models/ecs/api/service_cluster.h"
#include "sim/core/text.h"

namespace plimsoll::ecs {

std::vector<bool> leave_out_other_clusters(document::Fields& column, const std::vector<std::string>& names,
                                           const std::vector<api::Service>& services, bool told,
                                           api::Documents& files) {
  const document::Node* said = column.node().find("cluster");
  const std::string own = said != nullptr && said->is_string() ? said->text() : std::string();
  std::vector<std::string> left;
  const auto elsewhere = [&](const std::string& service, const std::string& of) {
    if (std::find(names.begin(), names.end(), service) == names.end()) return false;
    const std::string cluster = own.empty() ? api::cluster_of_service(services, service) : own;
    if (cluster.empty() || of == cluster) return false;
    const std::string what =
        "the files scale service/" + of + "/" + service + ", and " +
        (own.empty() ? "the file of " + service + " says the cluster '" : std::string("the column's cluster is '")) +
        cluster + "': this scaling is left out";
    if (std::find(left.begin(), left.end(), what) == left.end()) left.push_back(what);
    return true;
  };
  std::vector<bool> bounds(names.size(), false);
  std::erase_if(files.scalable_targets, [&](const api::ScalableTarget& t) {
    if (!elsewhere(t.service, t.cluster)) return false;
    bounds[static_cast<std::size_t>(std::find(names.begin(), names.end(), t.service) - names.begin())] = true;
    return true;
  });
  std::erase_if(files.scaling_policies, [&](const api::ScalingPolicy& p) { return elsewhere(p.service, p.cluster); });
  std::erase_if(files.scheduled, [&](const api::ScheduledScaling& a) { return elsewhere(a.service, a.cluster); });
  if (!own.empty() || !told) {
    for (const std::string& what : left) column.warning("", what);
  }
  return bounds;
}

bool asks_for_20_s(const api::Documents& d) {
  return std::any_of(d.services.begin(), d.services.end(), [](const api::Service& s) {
    const document::Node* monitoring = s.node.find("monitoring");
    const document::Node* all = monitoring != nullptr ? monitoring->find("metricConfigurations") : nullptr;
    return all != nullptr && std::any_of(all->items().begin(), all->items().end(), [](const document::Node& c) {
             const document::Node* seconds = c.find("resolutionSeconds");
             return seconds != nullptr && seconds->text() == "20";
           });
  });
}

bool speaks_of(const api::Documents& d, const std::string& service) {
  const auto about = [&](const auto& x) { return x.service == service; };
  return std::any_of(d.scalable_targets.begin(), d.scalable_targets.end(), about) ||
         std::any_of(d.scaling_policies.begin(), d.scaling_policies.end(), about) ||
         std::any_of(d.scheduled.begin(), d.scheduled.end(), about);
}

std::optional<std::int64_t> size_in_files(const api::Documents& files, const std::string& service) {
  const auto at = std::find_if(files.services.begin(), files.services.end(),
                               [&](const api::Service& s) { return s.name == service; });
  return at != files.services.end() ? at->desired_count : std::nullopt;
}

void warn_of_missing_policies(document::Fields& column, const std::vector<const api::Documents*>& files) {
  std::vector<std::string_view> policies;
  for (const api::Documents* d : files) {
    for (const api::ScalingPolicy& p : d->scaling_policies) policies.push_back(p.name);
  }
  for (const api::Documents* d : files) {
    for (const api::MetricAlarm& a : d->alarms) {
      std::vector<std::string> missing;
      for (const auto* actions : {&a.actions, &a.ok_actions, &a.insufficient_data_actions}) {
        for (const std::string& action : *actions) {
          if (action.find("policyName/") == std::string::npos) continue;  // of another service: a topic, a function
          if (action.find("autoScalingGroupName/") != std::string::npos) continue;
          std::string name = api::MetricAlarm::policy_name(action);
          name.resize(std::min(name.size(), name.find(":createdBy/")));  // of an alarm that target tracking made
          if (std::find(policies.begin(), policies.end(), name) != policies.end()) continue;
          if (std::find(missing.begin(), missing.end(), name) == missing.end()) missing.push_back(name);
        }
      }
      for (const std::string& name : missing) {
        const std::string near = nearest(name, policies);
        column.warning("",
                       "alarm " + a.name + " acts on the scaling policy '" + name +
                           "', which no file has: the action does nothing",
                       near.empty() ? "add its put-scaling-policy" : "did you mean '" + near + "'?");
      }
    }
  }
}

namespace {

/// Of one name the last; those of `own` stand above those of `shared`.
template <class T>
std::vector<const T*> last_of_each(const std::vector<T>& own, const std::vector<T>& shared) {
  std::vector<const T*> out;
  for (const std::vector<T>* from : {&shared, &own}) {
    for (const T& item : *from) {
      const auto twin = std::find_if(out.begin(), out.end(), [&](const T* other) { return other->name == item.name; });
      if (twin == out.end()) {
        out.push_back(&item);
      } else {
        *twin = &item;
      }
    }
  }
  return out;
}

}  // namespace

std::vector<const api::MetricAlarm*> alarms_that_count(const api::Documents& own, const api::Documents& shared) {
  return last_of_each(own.alarms, shared.alarms);
}

std::vector<PlannedComposite> plan_composites(document::Fields& column, const api::Documents& own,
                                              const api::Documents& shared, std::vector<std::string_view> alarms) {
  std::vector<const api::CompositeAlarm*> left = last_of_each(own.composites, shared.composites);
  std::vector<PlannedComposite> out;
  const auto is_known = [&](const std::string& name) {
    return std::find(alarms.begin(), alarms.end(), name) != alarms.end();
  };
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t i = 0; i < left.size();) {
      const auto& children = left[i]->rule.alarms();
      if (!std::all_of(children.begin(), children.end(), is_known)) {
        ++i;
        continue;
      }
      out.push_back({left[i]->name, left[i]->rule});
      alarms.push_back(left[i]->name);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
      progress = true;
    }
  }
  for (const api::CompositeAlarm* c : left) {
    for (const std::string& child : c->rule.alarms()) {
      const bool waits = std::any_of(left.begin(), left.end(), [&](const auto* other) { return other->name == child; });
      if (is_known(child)) continue;
      const std::string near = nearest(child, alarms);
      column.error(
          "",
          waits ? "composite alarm " + c->name + " and " + child + " cannot be evaluated: their rules form a ring"
                : "composite alarm " + c->name + " names the alarm '" + child + "', which the column does not have",
          waits          ? "take one of them out of the other's AlarmRule"
          : near.empty() ? "add its put-metric-alarm"
                         : "did you mean '" + near + "'?");
      break;
    }
  }
  return out;
}

}  // namespace plimsoll::ecs
