#include "models/ecs/foreign_alarms.h"

#include <algorithm>

#include "models/ecs/api/service_cluster.h"
#include "models/ecs/published_metrics.h"

namespace plimsoll::ecs {

namespace {

/// So many are named in the warning.
constexpr std::size_t kNamed = 3;

bool has(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

class ForeignAlarms {
 public:
  ForeignAlarms(const document::Fields& column, const AlarmScope& scope, const std::vector<api::Documents*>& files)
      : scope_(scope) {
    const document::Node* said = column.node().find("cluster");
    if (said != nullptr && said->is_string()) clusters_.push_back(said->text());
    said_ = !clusters_.empty();
    for (const api::Documents* d : files) {
      services_.insert(services_.end(), d->services.begin(), d->services.end());
      for (const api::ScalingPolicy& p : d->scaling_policies) {
        if (p.service.empty() || has(scope.apps, p.service)) policies_.push_back(p.name);
      }
    }
    for (const api::Service& s : services_) {
      const std::string cluster = said_ ? "" : api::cluster_of_service(services_, s.name);
      if (!cluster.empty()) clusters_.push_back(cluster);
      for (const api::ServiceLoadBalancer& b : s.load_balancers) {
        const std::string& arn = b.target_group;
        if (!arn.empty()) target_groups_.push_back(arn.substr(arn.rfind(':') + 1));
      }
    }
  }

  bool is_foreign(const api::MetricAlarm& a) const {
    if (!a.described || scales_an_app(a)) return false;
    if (!a.queries) return is_foreign(a.metric);
    const auto& all = a.queries->queries;
    return std::any_of(all.begin(), all.end(), [&](const auto& q) { return q.metric && is_foreign(*q.metric); });
  }

 private:
  /// "...:resource/ecs/service/CLUSTER/SERVICE:policyName/NAME"; alarms of target tracking have :createdBy/ID behind.
  bool scales_an_app(const api::MetricAlarm& a) const {
    for (const auto* actions : {&a.actions, &a.ok_actions, &a.insufficient_data_actions}) {
      for (const std::string& action : *actions) {
        constexpr std::string_view kService = "ecs/service/";
        const std::size_t at = action.find(kService);
        if (at == std::string::npos) continue;
        const std::size_t from = at + kService.size(), slash = action.find('/', from);
        const std::size_t end = action.find(':', from);
        if (slash == std::string::npos || end == std::string::npos || slash > end) continue;
        const std::string service = action.substr(slash + 1, end - slash - 1);
        std::string policy = api::MetricAlarm::policy_name(action);
        policy.resize(std::min(policy.size(), policy.find(":createdBy/")));
        if (has(scope_.apps, service) && has(policies_, policy) &&
            in_cluster(service, action.substr(from, slash - from)))
          return true;
      }
    }
    return false;
  }

  /// `service`: empty for the cluster's own metrics.
  bool in_cluster(const std::string& service, const std::string& cluster) const {
    const std::string of_file = said_ || service.empty() ? "" : api::cluster_of_service(services_, service);
    if (!of_file.empty()) return of_file == cluster;
    return clusters_.empty() || has(clusters_, cluster);
  }

  bool is_foreign(const api::MetricReference& m) const {
    const std::string service = m.dimension("ServiceName"), cluster = m.dimension("ClusterName");
    const std::string provider = m.dimension("CapacityProviderName"), group = m.dimension("TargetGroup");
    if (!service.empty() && !has(scope_.apps, service)) return true;
    if (!cluster.empty() && !in_cluster(service, cluster)) return true;
    if (!provider.empty() && !has(scope_.providers, provider)) return true;
    if (!group.empty() && !target_groups_.empty() && !has(target_groups_, group)) return true;
    // A name that is unknown in a namespace of ECS or of balancers is not foreign: it may be the app's.
    return published_names(m.name_space).empty() && m.name_space != "AWS/ECS/ManagedScaling" &&
           !scope_.publishes(m.name_space, m.name);
  }

  const AlarmScope& scope_;
  std::vector<api::Service> services_;
  std::vector<std::string> clusters_, policies_, target_groups_;
  bool said_ = false;  // the column says its cluster
};

}  // namespace

void leave_out_foreign_alarms(document::Fields& column, const AlarmScope& scope,
                              const std::vector<api::Documents*>& files) {
  const ForeignAlarms foreign(column, scope, files);
  std::vector<std::string> left;
  for (api::Documents* d : files) {
    std::erase_if(d->alarms, [&](const api::MetricAlarm& a) {
      if (!foreign.is_foreign(a)) return false;
      left.push_back(a.name);
      return true;
    });
  }
  // Composite alarms may read each other, in any order.
  for (bool progress = true; progress;) {
    progress = false;
    for (api::Documents* d : files) {
      std::erase_if(d->composites, [&](const api::CompositeAlarm& c) {
        const auto& children = c.rule.alarms();
        if (!c.described ||
            !std::any_of(children.begin(), children.end(), [&](const std::string& child) { return has(left, child); }))
          return false;
        left.push_back(c.name);
        return progress = true;
      });
    }
  }
  std::sort(left.begin(), left.end());
  left.erase(std::unique(left.begin(), left.end()), left.end());
  if (left.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(left.size(), kNamed); ++i) names += (i == 0 ? "" : ", ") + left[i];
  if (left.size() > kNamed) names += ", ...";
  column.warning(
      "", std::to_string(left.size()) + " of the alarms of describe-alarms " + (left.size() == 1 ? "is" : "are") +
              " about clusters, services or resources that the column does not have, and left out: " + names);
}

}  // namespace plimsoll::ecs
