#pragma once

#include <cstdint>
#include <string>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::scenario {

/// What a file is, by the keys of its root.
enum class DocumentKind : std::uint8_t {
  unknown,
  scenario,
  sweep,
  curves,           ///< of validate-curves
  manifest,         ///< Kubernetes: apiVersion and kind
  task_definition,  ///< ECS: containerDefinitions
  service,          ///< ECS: serviceName
  composition,      ///< Compose: services
  result,           ///< summary.json of a run
};

DocumentKind kind_of(const document::Node& root);

/// Whether a file that was given as `wanted` is plainly of another kind: one error that says so and what to do with
/// it, in place of a fault for every key.
bool is_of_another_kind(const document::Node& root, DocumentKind wanted, const std::string& path,
                        document::Diagnostics& diagnostics);

}  // namespace plimsoll::scenario
