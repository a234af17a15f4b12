#pragma once

#include <string>
#include <string_view>

#include "sim/document/diagnostics.h"
#include "sim/document/loader.h"
#include "tests/source_dir.h"

namespace plimsoll::ecs::api {

/// Parses JSON of a test; single quotes stand for double ones.
inline document::Node json(std::string text) {
  for (char& c : text) {
    if (c == '\'') c = '"';
  }
  document::Diagnostics diagnostics;
  auto nodes = document::load_text(text, "test.json", diagnostics);
  return nodes.empty() ? document::Node() : nodes.front();
}

inline document::Node manifest(const std::string& name, document::Diagnostics& diagnostics) {
  return document::load_single(std::string(PLIMSOLL_SOURCE_DIR) + "/tests/models/ecs/api/manifests/" + name,
                               diagnostics);
}

inline bool says(const document::Diagnostics& diagnostics, std::string_view part) {
  return diagnostics.text().find(part) != std::string::npos;
}

}  // namespace plimsoll::ecs::api
