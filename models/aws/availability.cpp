#include "models/aws/availability.h"

#include <string>

namespace plimsoll::aws {

namespace {

struct Row {
  std::string_view name;
  Date since;
};

Row row_of(Offer offer) {
  switch (offer) {
    case Offer::ecs:
      return {"Amazon ECS", {2015, 4, 9}};
    case Offer::fargate:
      return {"AWS Fargate", {2017, 11, 29}};
    case Offer::eks:
      return {"Amazon EKS", {2018, 6, 5}};
    case Offer::karpenter:
      return {"Karpenter", {2021, 11, 29}};
    case Offer::eventbridge_rules:
      return {"event rules", {2016, 1, 14}};
    case Offer::eventbridge_scheduler:
      return {"EventBridge Scheduler", {2022, 11, 10}};
    case Offer::container_insights:
      return {"Container Insights", {2019, 8, 30}};
    case Offer::container_insights_enhanced:
      return {"Container Insights with enhanced observability", {2024, 12, 1}};
    case Offer::logs_insights:
      return {"CloudWatch Logs Insights", {2018, 11, 27}};
  }
  return {};
}

}  // namespace

std::string_view to_string(Offer offer) { return row_of(offer).name; }
Date available_since(Offer offer) { return row_of(offer).since; }

bool require(document::Fields& fields, std::string_view key, const AsOf& as_of, Offer offer) {
  const Row row = row_of(offer);
  if (as_of.date >= row.since || fields.describing()) return true;
  fields.error(key, std::string(row.name) + " did not exist on " + to_string(as_of.date),
               "it exists from " + to_string(row.since) + ": take a later asOf, or another capacity");
  return false;
}

}  // namespace plimsoll::aws
