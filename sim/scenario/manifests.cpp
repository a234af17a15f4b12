#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sim/document/files.h"
#include "sim/document/loader.h"
#include "sim/document/object_list.h"
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

/// What the document may have been meant to be.
std::string hint_for(const Node& doc) {
  if (const Node* version = doc.find("apiVersion");
      version != nullptr && version->is_scalar() && version->text().starts_with("plimsoll/"))
    return "it is a scenario; the files are task definitions, services and manifests";
  if (doc.find("kind") != nullptr || !doc.is_mapping()) return {};
  return "a task definition has family and containerDefinitions, a service serviceName, a manifest apiVersion and kind";
}

/// The documents of one side, or of both, in the place of files of another tool.
std::vector<Node> translated(const std::vector<Node>& documents, std::optional<Side> side, const Registry& registry,
                             document::Diagnostics& diagnostics, std::vector<std::string>& lossy) {
  std::vector<Node> out;
  for (const Node& doc : documents) {
    const auto& all = registry.translators();
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& t) { return t->accepts(doc); });
    if (at == all.end()) {
      out.push_back(doc);
      continue;
    }
    for (const Side to : {Side::ecs, Side::kubernetes}) {
      if (side && *side != to) continue;
      std::vector<std::string> lost;
      for (Node& made : (*at)->translate(doc, to, diagnostics, lost)) out.push_back(std::move(made));
      for (std::string& sentence : lost) {
        if (std::find(lossy.begin(), lossy.end(), sentence) == lossy.end()) lossy.push_back(std::move(sentence));
      }
    }
  }
  return out;
}

}  // namespace

std::vector<ManifestFacts> read_documents(const std::vector<Node>& files, std::optional<Side> side,
                                          const Registry& registry, const document::Reader& reader,
                                          std::vector<std::string>& lossy) {
  const std::vector<Node> documents =
      document::without_lists(translated(files, side, registry, *reader.diagnostics, lossy));
  // Each reader gets its documents together; the facts come in the order of readers, then of files.
  std::vector<std::vector<Node>> shares(registry.readers().size());
  for (const Node& doc : documents) {
    bool taken = false;
    for (std::size_t i = 0; i < shares.size() && !taken; ++i) {
      const ManifestReader& candidate = *registry.readers()[i];
      taken = (!side || candidate.side() == *side) && candidate.accepts(doc);
      if (taken) shares[i].push_back(doc);
    }
    if (!taken) reader.diagnostics->warning(doc, described(doc) + " is not modelled and is left out", hint_for(doc));
  }
  std::vector<ManifestFacts> out;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (!shares[i].empty()) registry.readers()[i]->read_all(shares[i], reader, out);
  }
  return out;
}

std::vector<ManifestFacts> read_manifests(document::Fields& scenario, const Registry& registry) {
  std::vector<ManifestFacts> out;
  document::Fields files = scenario.child("files", "real files, read unmodified; paths are relative to this file");
  const document::Reader quiet(*scenario.reader().diagnostics);
  struct Key {
    std::string_view name;
    std::optional<Side> side;
    std::string_view what;
  };
  constexpr std::array<Key, 3> kKeys = {{{"ecs", Side::ecs, "task definitions and services (JSON of the ECS API)"},
                                         {"kubernetes", Side::kubernetes, "Kubernetes manifests"},
                                         {"compose", std::nullopt, "Docker Compose files, for both sides"}}};
  std::vector<std::string> lossy;
  for (const auto& [key, side, what] : kKeys) {
    const auto node = files.any(key, "a file, a pattern with * or a list of them", what);
    if (!node || scenario.describing()) continue;
    std::vector<std::string> seen;
    std::vector<Node> documents;
    const auto add = [&](const Node& pattern, const std::string& path) {
      for (const std::string& file : document::find_files(pattern, *quiet.diagnostics, path)) {
        if (std::find(seen.begin(), seen.end(), file) != seen.end()) continue;
        seen.push_back(file);
        const std::size_t before = documents.size();
        const std::size_t errors = quiet.diagnostics->error_count();
        for (Node& doc : document::load_file(file, *quiet.diagnostics)) documents.push_back(std::move(doc));
        if (documents.size() == before && quiet.diagnostics->error_count() == errors) {
          document::Diagnostic empty;
          empty.severity = document::Severity::warning;
          empty.file = file;
          empty.message = "the file is empty";
          quiet.diagnostics->add(std::move(empty));
        }
      }
    };
    if (!node->is_sequence()) add(*node, files.path_of(key));
    for (std::size_t i = 0; i < node->size() && node->is_sequence(); ++i) {
      add(node->at(i), document::join_path(files.path_of(key), i));
    }
    for (ManifestFacts& fact : read_documents(documents, side, registry, quiet, lossy)) out.push_back(std::move(fact));
  }
  for (const std::string& sentence : lossy) quiet.diagnostics->note(files.node().mark(), "lossy: " + sentence);
  return out;
}

}  // namespace plimsoll::scenario
