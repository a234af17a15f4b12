// libFuzzer entry: no document may crash the readers of real files: task definitions, services, manifests, NodePools,
// Compose files. Reading it twice says the same twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/verbs.h"
#include "sim/document/loader.h"
#include "tests/fuzz/line_mutator.h"

namespace {

using namespace plimsoll;

std::string read_all(const Registry& registry, std::string_view text, const char* name) {
  document::Limits limits;
  limits.nodes = 20'000;
  limits.alias_nodes = 2'000;
  document::Diagnostics diagnostics;
  const std::vector<document::Node> documents = document::load_text(text, name, diagnostics, limits);
  std::vector<ManifestFacts> facts;
  for (const document::Node& node : documents) {
    for (const auto& translator : registry.translators()) {
      // What a Compose file includes is no part of the input.
      if (!translator->accepts(node) || text.find("include") != text.npos || text.find("extends") != text.npos)
        continue;
      for (const Side side : {Side::ecs, Side::kubernetes}) {
        std::vector<std::string> lossy;
        translator->translate(node, side, diagnostics, lossy);
      }
    }
    for (const auto& reader : registry.readers()) {
      if (!reader->accepts(node)) continue;
      reader->read(node, diagnostics, facts);
      break;
    }
  }
  for (const auto& reader : registry.readers()) reader->read_all(documents, diagnostics, facts);
  return diagnostics.text();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Registry registry = cli::make_registry();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"file.yaml", "file.json"}) {
    if (read_all(registry, text, name) != read_all(registry, text, name)) std::abort();
  }
  return 0;
}
