#pragma once

#include <string_view>

#include "models/aws/as_of.h"
#include "sim/document/fields.h"

namespace plimsoll::aws {

/// What did not always exist. General availability, where there was a preview before.
enum class Offer : std::uint8_t {
  ecs,                          ///< 2015-04-09 (AWS News Blog, EC2 Container Service update)
  fargate,                      ///< 2017-11-29 (AWS News Blog, Introducing AWS Fargate)
  eks,                          ///< 2018-06-05 (AWS News Blog, Amazon EKS now generally available)
  karpenter,                    ///< 2021-11-29 (AWS News Blog, Introducing Karpenter: 0.5, ready for production)
  eventbridge_rules,            ///< 2016-01-14 (AWS News Blog, New CloudWatch Events), the same service by another name
  eventbridge_scheduler,        ///< 2022-11-10 (AWS Compute Blog, Introducing Amazon EventBridge Scheduler)
  container_insights,           ///< 2019-08-30 (AWS News Blog, Container Insights generally available)
  container_insights_enhanced,  ///< on ECS 2024-12-01, on EKS 2023-11-06 (What's New); the later counts
  logs_insights,                ///< 2018-11-27 (AWS News Blog, CloudWatch Logs Insights)
};

std::string_view to_string(Offer offer);
Date available_since(Offer offer);

/// Reports at the key that the scenario's date lies before the offer; true when it exists.
bool require(document::Fields& fields, std::string_view key, const AsOf& as_of, Offer offer);

}  // namespace plimsoll::aws
