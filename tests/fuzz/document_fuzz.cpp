// libFuzzer entry: no input may crash the loader, and what it accepts must survive being written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/document/emit.h"
#include "sim/document/loader.h"
#include "sim/document/overrides.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::document;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Limits limits;
  limits.nodes = 20'000;
  limits.alias_nodes = 2'000;
  for (const char* name : {"input.yaml", "input.json"}) {
    Diagnostics diagnostics;
    const auto documents = load_text(text, name, diagnostics, limits);
    if (diagnostics.text().empty() == diagnostics.has_errors()) std::abort();
    for (const Node& document : documents) {
      Diagnostics again;
      const auto back = load_text(to_yaml(document), "again.yaml", again);
      if (again.has_errors() || back.size() != 1 || !same_value(back[0], document)) std::abort();
    }
  }
  Diagnostics diagnostics;
  const std::size_t line = text.find('\n');
  if (line != text.npos) {
    const auto documents = load_text(text.substr(line + 1), "input.yaml", diagnostics, limits);
    if (!documents.empty()) set_path(documents[0], text.substr(0, line), diagnostics);
  }
  return 0;
}
