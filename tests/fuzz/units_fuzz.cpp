// libFuzzer entry: no text may crash a parser of quantities; a fault is told, and a value is read back as it is
// written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/core/distributions.h"
#include "sim/core/text.h"
#include "sim/core/time_zone.h"
#include "sim/core/units.h"

namespace {

template <class T>
void check(const plimsoll::Parsed<T>& read, plimsoll::Parsed<T> (*parse)(std::string_view)) {
  if (read.value.has_value() == !read.error.empty()) std::abort();
  using plimsoll::to_string;  // of a Duration, which is the standard library's
  if (read && parse(to_string(*read.value)).value != read.value) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(parse_cpu(text), parse_cpu);
  check(parse_bytes(text), parse_bytes);
  check(parse_duration(text), parse_duration);
  check(parse_rate(text), parse_rate);
  check(parse_ratio(text), parse_ratio);
  check(parse_delay(text), parse_delay);
  const auto count = parse_count(text);
  if (count.value.has_value() == !count.error.empty()) std::abort();
  if (const auto zone = TimeZone::find(text)) {
    if (const auto at = parse_instant("2026-03-29T02:30:00Z")) zone->to_utc(zone->to_local(*at));
  }
  parse_instant(text);
  return 0;
}
