#include "models/ecs/api/timestamp.h"

#include <string>

#include "sim/core/time_zone.h"

namespace plimsoll::ecs::api {

namespace {

/// "+01:00", "-0530" in seconds; none for anything else.
std::optional<std::int64_t> utc_offset(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -1; };
  if (text.size() == 6 && text[3] == ':') {
    const std::string short_form = std::string(text.substr(0, 3)) + std::string(text.substr(4));
    return utc_offset(short_form);
  }
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  for (std::size_t i = 1; i < 5; ++i) {
    if (digit(i) < 0) return std::nullopt;
  }
  const std::int64_t seconds = (digit(1) * 10 + digit(2)) * 3600 + (digit(3) * 10 + digit(4)) * 60;
  return text[0] == '-' ? -seconds : seconds;
}

std::optional<aws::EpochSeconds> parse_timestamp(std::string text) {
  std::int64_t offset = 0;
  const std::size_t time = text.find('T');
  const std::size_t sign = time == std::string::npos ? time : text.find_first_of("+-", time);
  if (sign != std::string::npos) {
    const auto found = utc_offset(std::string_view(text).substr(sign));
    if (!found) return std::nullopt;
    offset = *found;
    text.resize(sign);
  }
  if (const std::size_t dot = text.find('.'); dot != std::string::npos) {
    const std::size_t end = text.find_first_not_of("0123456789", dot + 1);
    text.erase(dot, (end == std::string::npos ? text.size() : end) - dot);
  }
  const auto at = parse_instant(text);
  return at ? std::optional(*at - offset) : std::nullopt;
}

}  // namespace

std::optional<aws::EpochSeconds> read_timestamp(Object& o, std::string_view key) {
  const document::Node* value = o.get(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_scalar() && !value->is_string()) {
    if (const auto seconds = o.number(key)) return static_cast<aws::EpochSeconds>(*seconds);
    return std::nullopt;
  }
  const auto text = o.text(key);
  if (!text) return std::nullopt;
  auto at = parse_timestamp(*text);
  if (!at) o.error(key, "'" + *text + "' is no instant", "write 2026-03-02T06:00:00Z");
  return at;
}

}  // namespace plimsoll::ecs::api
