#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/document/fields.h"
#include "sim/policy/registry.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::scenario {

/// What the real files named under `files` say, in order of file and document.
std::vector<ManifestFacts> read_manifests(document::Fields& scenario, const Registry& registry);

/// What documents of real files say, each read by the reader that accepts it (of one side, when told); a document that
/// none accepts is one warning. A file of another tool is read as the documents that it amounts to, of each side asked
/// for; what that loses is added to `lossy`, each sentence once.
std::vector<ManifestFacts> read_documents(const std::vector<document::Node>& documents, std::optional<Side> side,
                                          const Registry& registry, const document::Reader& reader,
                                          std::vector<std::string>& lossy);

/// What read_apps found out.
struct Apps {
  std::vector<WorkloadSpec> workloads;  ///< those without a fault, in the order written
  std::vector<std::string> names;       ///< all, faulty ones too
  std::vector<CustomMetric> metrics;
  std::vector<std::string> assumed, remarks;
  /// `sizes: as-written`: apps whose sides differ, as "app: ECS, Kubernetes"; remarks about a side without a size of
  /// its own.
  std::vector<std::string> differing;
  std::vector<std::pair<Side, std::string>> borrowed;
};

/// Reads `sizes`, `each` and `apps`, completed by the real files. Precedence: the app, `each`, its real files, built
/// in.
Apps read_apps(document::Fields& scenario, const std::vector<ManifestFacts>& facts);

}  // namespace plimsoll::scenario
