// libFuzzer entry: no table of rates may crash its reader; it gives a series or tells at least one fault.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "models/workload/trace_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  if (size == 0) return 0;
  workload::TraceOptions options;
  options.value_is_count = (data[0] & 1U) != 0;
  options.fill_gaps = (data[0] & 2U) != 0;
  const auto trace = workload::parse_trace({reinterpret_cast<const char*>(data) + 1, size - 1}, options);
  if (trace.ok() == trace.series.empty()) std::abort();
  return 0;
}
