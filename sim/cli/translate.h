#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"
#include "sim/policy/readers.h"

/// What `plimsoll import` makes of real files. Each step that loses something is one sentence in `lossy`.
namespace plimsoll::cli {

struct Translation {
  std::vector<document::Node> documents;
  std::vector<std::string> lossy;
};

/// A scenario over these files that `plimsoll validate` accepts; what no file says is a plain assumption.
Translation to_scenario(const std::vector<ManifestFacts>& facts);

/// ECS task definitions and services (the ECS documents among `sources`) as Deployments, HorizontalPodAutoscalers and
/// PodDisruptionBudgets.
Translation to_kubernetes(const std::vector<document::Node>& sources, document::Diagnostics& diagnostics);

/// Kubernetes workloads as task definitions, services and scaling policies, for container instances.
Translation to_ecs(const std::vector<document::Node>& sources, document::Diagnostics& diagnostics);

/// One line of JSON.
std::string facts_line(const ManifestFacts& facts);

/// Builders of documents.
using Pairs = std::vector<std::pair<std::string, document::Node>>;
document::Node object(const Pairs& pairs);
inline document::Node text(std::string_view value) { return document::Node::string(std::string(value)); }
inline document::Node number(std::int64_t value) { return document::Node::integer(value); }
/// The value under a chain of keys; null pointer when a link is missing.
const document::Node* at_path(const document::Node& node, std::initializer_list<std::string_view> keys);

}  // namespace plimsoll::cli
