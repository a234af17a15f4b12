// libFuzzer entry: no text may crash the reader of scenarios; it gives a scenario or tells at least one error.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/cli/verbs.h"
#include "sim/scenario/scenario.h"
#include "tests/fuzz/line_mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  static const Registry registry = cli::make_registry();
  static const int file = memfd_create("scenario.yaml", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The files that a scenario names are no part of the input: none outside of this folder, and no search for any.
  for (const char* elsewhere : {"..", "*", " /", "'/", "\"/", "[/", ",/", ":/", "-/"}) {
    if (text.find(elsewhere) != text.npos) return 0;
  }
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  document::Diagnostics diagnostics;
  const auto scenario = scenario::read_scenario(path, registry, {}, diagnostics);
  if (scenario.has_value() == diagnostics.has_errors()) std::abort();
  return 0;
}
