#include <algorithm>
#include <array>
#include <utility>

#include "sim/document/files.h"
#include "sim/document/loader.h"
#include "sim/scenario/apps.h"

namespace plimsoll::scenario {

namespace {

using document::Node;

std::string described(const Node& doc) {
  const Node* kind = doc.find("kind");
  const Node* version = doc.find("apiVersion");
  if (kind == nullptr || !kind->is_scalar()) return "this document";
  return "kind " + kind->text() + (version != nullptr && version->is_scalar() ? " (" + version->text() + ")" : "");
}

void read_one(const std::string& path, Side side, const Registry& registry, const document::Reader& reader,
              std::vector<ManifestFacts>& out) {
  for (const Node& doc : document::load_file(path, *reader.diagnostics)) {
    const ManifestReader* chosen = nullptr;
    for (const auto& candidate : registry.readers()) {
      if (candidate->side() == side && candidate->accepts(doc)) {
        chosen = candidate.get();
        break;
      }
    }
    if (chosen == nullptr) {
      reader.diagnostics->warning(doc, described(doc) + " is not modelled and is left out");
      continue;
    }
    const std::size_t first = out.size();
    chosen->read(doc, reader, out);
    for (std::size_t i = first; i < out.size(); ++i) {
      if (out[i].file.empty()) out[i].file = path;
    }
  }
}

}  // namespace

std::vector<ManifestFacts> read_manifests(document::Fields& scenario, const Registry& registry) {
  std::vector<ManifestFacts> out;
  document::Fields files = scenario.child("files", "real files, read unmodified; paths are relative to this file");
  const document::Reader quiet(*scenario.reader().diagnostics);
  constexpr std::array<std::pair<std::string_view, Side>, 2> kSides = {
      {{"ecs", Side::ecs}, {"kubernetes", Side::kubernetes}}};
  for (const auto& [key, side] : kSides) {
    const auto node =
        files.any(key, "a file, a pattern with * or a list of them",
                  side == Side::ecs ? "task definitions and services (JSON of the ECS API)" : "Kubernetes manifests");
    if (!node || scenario.describing()) continue;
    std::vector<std::string> seen;
    const auto add = [&](const Node& pattern, const std::string& path) {
      for (const std::string& file : document::find_files(pattern, *quiet.diagnostics, path)) {
        if (std::find(seen.begin(), seen.end(), file) != seen.end()) continue;
        seen.push_back(file);
        read_one(file, side, registry, quiet, out);
      }
    };
    if (!node->is_sequence()) {
      add(*node, files.path_of(key));
      continue;
    }
    for (std::size_t i = 0; i < node->size(); ++i) add(node->at(i), document::join_path(files.path_of(key), i));
  }
  return out;
}

}  // namespace plimsoll::scenario
