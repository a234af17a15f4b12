#include "models/ecs/event_catalogue.h"

#include <algorithm>
#include <cstdint>

#include "models/aws/eventbridge/event_pattern.h"
#include "sim/core/hash.h"
#include "sim/core/text.h"

namespace plimsoll::ecs {

namespace {

/// Of every event.
constexpr std::string_view kEnvelope[] = {"source", "detail-type", "account", "region", "resources"};
constexpr std::string_view kTaskFields[] = {"detail.clusterArn",
                                            "detail.taskArn",
                                            "detail.taskDefinitionArn",
                                            "detail.containerInstanceArn",
                                            "detail.group",
                                            "detail.lastStatus",
                                            "detail.desiredStatus",
                                            "detail.healthStatus",
                                            "detail.launchType",
                                            "detail.capacityProviderName",
                                            "detail.startedBy",
                                            "detail.availabilityZone",
                                            "detail.cpu",
                                            "detail.memory",
                                            "detail.stopCode",
                                            "detail.stoppedReason",
                                            "detail.containers.exitCode"};
constexpr std::string_view kInstanceFields[] = {"detail.clusterArn", "detail.containerInstanceArn",
                                                "detail.ec2InstanceId", "detail.status", "detail.agentConnected"};
constexpr std::string_view kServiceFields[] = {"detail.clusterArn", "detail.eventName", "detail.eventType"};
constexpr std::string_view kDeploymentFields[] = {"detail.eventName", "detail.eventType", "detail.deploymentId"};
constexpr std::string_view kAlarmFields[] = {"detail.alarmName", "detail.state.value", "detail.previousState.value"};
constexpr std::string_view kSpotFields[] = {"detail.instance-id", "detail.instance-action"};
constexpr std::string_view kRebalanceFields[] = {"detail.instance-id"};
constexpr std::string_view kStateFields[] = {"detail.instance-id", "detail.state"};
constexpr std::string_view kGroupFields[] = {"detail.AutoScalingGroupName", "detail.EC2InstanceId",
                                             "detail.StatusCode"};
constexpr std::string_view kHealthFields[] = {"detail.service", "detail.eventTypeCode", "detail.eventTypeCategory"};

constexpr KnownEvent kEvents[] = {
    {"aws.ecs", "ECS Task State Change", kTaskFields},
    {"aws.ecs", "ECS Container Instance State Change", kInstanceFields},
    {"aws.ecs", "ECS Deployment State Change", kDeploymentFields},
    {"aws.ecs", "ECS Service Action", kServiceFields},
    {"aws.cloudwatch", "CloudWatch Alarm State Change", kAlarmFields},
    {"aws.ec2", "EC2 Spot Instance Interruption Warning", kSpotFields},
    {"aws.ec2", "EC2 Instance Rebalance Recommendation", kRebalanceFields},
    {"aws.ec2", "EC2 Instance State-change Notification", kStateFields},
    {"aws.autoscaling", "EC2 Instance Launch Successful", kGroupFields},
    {"aws.autoscaling", "EC2 Instance Launch Unsuccessful", kGroupFields},
    {"aws.autoscaling", "EC2 Instance Terminate Successful", kGroupFields},
    {"aws.health", "AWS Health Event", kHealthFields},
};

/// All values that a field can have; a field that is not here has too many.
struct KnownValues {
  std::string_view path;
  std::vector<std::string> values;
};

std::vector<KnownValues> values_of(const EventOrigin& origin) {
  std::vector<KnownValues> out{
      {"account", {origin.account}},
      {"region", {origin.region}},
      {"detail.clusterArn", {origin.cluster_arn()}},
      {"detail.lastStatus",
       {"PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"}},
      {"detail.desiredStatus", {"RUNNING", "STOPPED"}},
      {"detail.healthStatus", {"HEALTHY", "UNHEALTHY", "UNKNOWN"}},
      {"detail.launchType", {"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"}},
      {"detail.stopCode",
       {"EssentialContainerExited", "TaskFailedToStart", "UserInitiated", "SpotInterruption", "TerminationNotice",
        "ServiceSchedulerInitiated"}},
      {"detail.status", {"ACTIVE", "DRAINING", "INACTIVE"}},
      {"detail.eventType", {"INFO", "WARN", "ERROR"}},
      {"detail.eventName",
       {"SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_DEPLOYMENT_FAILED",
        "SERVICE_DESIRED_COUNT_UPDATED", "SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_STEADY_STATE",
        "SERVICE_TASK_START_IMPAIRED"}},
      {"detail.state.value", {"OK", "ALARM", "INSUFFICIENT_DATA"}},
      {"detail.previousState.value", {"OK", "ALARM", "INSUFFICIENT_DATA"}},
      {"detail.instance-action", {"terminate"}},
      {"detail.state", {"pending", "running", "shutting-down", "terminated"}},
      {"detail.StatusCode", {"InProgress", "Failed"}},
      {"detail.service", {"ECS"}},
      {"detail.eventTypeCode", {"AWS_ECS_TASK_PATCHING_RETIREMENT"}},
      {"detail.eventTypeCategory", {"scheduledChange"}}};
  // Revisions count from 1 in a run; so many deployments no scenario has.
  constexpr std::uint32_t kMostRevisions = 200;
  KnownValues definitions{"detail.taskDefinitionArn", {}};
  for (const std::string& family : origin.families) {
    for (std::uint32_t r = 1; r <= kMostRevisions; ++r) definitions.values.push_back(origin.definition_arn(family, r));
  }
  out.push_back(std::move(definitions));
  return out;
}

/// Whether the match values accept `text` at `path`.
bool accepts(const std::string& path, const document::Node& list, const std::string& text) {
  document::Diagnostics ignored;
  const auto one = aws::EventPattern::parse(document::Node::mapping({{path, {}, list}}), ignored, "");
  aws::CloudEvent event;
  event.add(path, std::string_view(text));
  return one && one->matches(event);
}

bool asks_for_absence(const document::Node& list) {
  return std::any_of(list.items().begin(), list.items().end(), [](const document::Node& n) {
    const document::Node* exists = n.find("exists");
    return exists != nullptr && exists->kind() == document::Kind::boolean && !exists->as_boolean();
  });
}

class PatternCheck {
 public:
  PatternCheck(const EventOrigin& origin, document::Diagnostics& diagnostics)
      : values_(values_of(origin)), diagnostics_(diagnostics) {}

  void run(const document::Node& pattern, const std::string& path) {
    for (const KnownEvent& e : kEvents) {
      if (admits(pattern, "source", e.source) && admits(pattern, "detail-type", e.detail_type)) events_.push_back(&e);
    }
    if (events_.empty()) {
      tell_no_event(pattern, path);
    } else {
      group(pattern, "", path);
    }
  }

 private:
  /// Without the key everything is admitted.
  static bool admits(const document::Node& pattern, const char* key, std::string_view text) {
    const document::Node* list = pattern.find(key);
    return list == nullptr || accepts(key, *list, std::string(text));
  }

  static std::string all_of(const std::vector<std::string_view>& texts) {
    std::string out;
    for (const std::string_view t : texts) out += (out.empty() ? "" : ", ") + std::string(t);
    return out;
  }
  static std::string hint_of(const document::Node& list, const std::vector<std::string_view>& known) {
    for (const document::Node& item : list.items()) {
      const std::string near = item.is_string() ? nearest(item.text(), known) : std::string();
      if (!near.empty()) return "did you mean '" + near + "'?";
    }
    return "it is one of " + all_of(known);
  }
  static std::string first_of(const document::Node& list) {
    return list.size() > 0 && list.at(0).is_scalar() ? " '" + list.at(0).text() + "'" : " so";
  }

  void tell_no_event(const document::Node& pattern, const std::string& path) {
    std::vector<std::string_view> sources, types;
    for (const KnownEvent& e : kEvents) {
      if (std::find(sources.begin(), sources.end(), e.source) == sources.end()) sources.push_back(e.source);
      if (admits(pattern, "source", e.source)) types.push_back(e.detail_type);
    }
    const bool wrong_source = types.empty();
    const char* key = wrong_source ? "source" : "detail-type";
    const document::Node* list = pattern.find(key);
    if (list == nullptr) return;
    diagnostics_.warning(*list,
                         "no event of a column has the " + std::string(key) + first_of(*list) +
                             (wrong_source || pattern.find("source") == nullptr ? "" : " beside that source") +
                             ": the pattern never matches",
                         hint_of(*list, wrong_source ? sources : types), document::join_path(path, key));
  }

  void group(const document::Node& node, const std::string& prefix, const std::string& path) {
    for (const document::Entry& e : node.entries()) {
      const std::string at = document::join_path(path, e.key);
      if (e.key == "$or") {
        for (std::size_t i = 0; i < e.value.size(); ++i) group(e.value.at(i), prefix, document::join_path(at, i));
        continue;
      }
      const std::string name = prefix.empty() ? e.key : prefix + "." + e.key;
      if (e.value.is_mapping()) {
        group(e.value, name, at);
      } else if (!asks_for_absence(e.value)) {
        leaf(name, e, at);
      }
    }
  }

  void leaf(const std::string& name, const document::Entry& e, const std::string& at) {
    std::vector<std::string_view> known(std::begin(kEnvelope), std::end(kEnvelope));
    for (const KnownEvent* event : events_) {
      for (const std::string_view f : event->fields) {
        if (std::find(known.begin(), known.end(), f) == known.end()) known.push_back(f);
      }
    }
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = nearest(name, known);
      diagnostics_.warning(e.value,
                           "no event that the pattern could match has the field '" + name + "': it never matches",
                           near.empty() ? "known: " + all_of(known) : "did you mean '" + near + "'?", at);
      return;
    }
    const auto values = std::find_if(values_.begin(), values_.end(), [&](const auto& v) { return v.path == name; });
    if (values == values_.end()) return;
    if (std::any_of(values->values.begin(), values->values.end(),
                    [&](const std::string& v) { return accepts(name, e.value, v); }))
      return;
    std::vector<std::string_view> few;
    for (const std::string& v : values->values) {
      // Of a task definition the first revision stands for all.
      if (name != "detail.taskDefinitionArn" || v.ends_with(":1")) few.push_back(v);
    }
    std::string hint = hint_of(e.value, few);
    if (name == "detail.clusterArn" || name == "account")
      hint = "the events of this column have " + std::string(few[0]) + ": say `cluster` and `accountId` of the column";
    diagnostics_.warning(e.value, name + " is never" + first_of(e.value) + " here: the pattern never matches", hint,
                         at);
  }

  std::vector<KnownValues> values_;
  document::Diagnostics& diagnostics_;
  std::vector<const KnownEvent*> events_;  // that source and detail-type admit
};

}  // namespace

std::string EventOrigin::cluster_arn() const { return "arn:aws:ecs:" + region + ":" + account + ":cluster/" + cluster; }

std::string EventOrigin::arn(std::string_view kind, std::string_view name) const {
  return "arn:aws:ecs:" + region + ":" + account + ":" + std::string(kind) + "/" + cluster + "/" + std::string(name);
}

std::string EventOrigin::definition_arn(std::string_view family, std::uint32_t revision) const {
  return "arn:aws:ecs:" + region + ":" + account + ":task-definition/" + std::string(family) + ":" +
         std::to_string(revision);
}

std::string EventOrigin::deployment_id(std::string_view service, std::uint32_t revision) {
  // 19 digits, as those of AWS have.
  constexpr std::uint64_t kLeast = 1'000'000'000'000'000'000, kSpan = 8'000'000'000'000'000'000;
  return "ecs-svc/" + std::to_string(kLeast + mix64(hash_text(service) + revision) % kSpan);
}

std::span<const KnownEvent> known_events() { return kEvents; }

void check_event_pattern(const document::Node& pattern, const EventOrigin& origin, document::Diagnostics& diagnostics,
                         const std::string& path) {
  PatternCheck(origin, diagnostics).run(pattern, path);
}

}  // namespace plimsoll::ecs
