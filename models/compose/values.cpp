#include "models/compose/values.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sim/core/text.h"

namespace plimsoll::compose {

namespace {

using document::Node;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

/// Millionths of a plain decimal number; nothing when it is none or too large.
std::optional<std::int64_t> millionths(std::string_view text) {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  constexpr std::size_t kDigits = 6;
  std::int64_t whole = 0;
  std::size_t i = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) {
    whole = whole * 10 + (text[i] - '0');
    if (whole > kMost) return std::nullopt;
  }
  std::size_t digits = i;
  std::int64_t part = 0;
  std::size_t decimals = 0;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && is_digit(text[i]); ++i, ++digits) {
      if (decimals < kDigits) part = part * 10 + (text[i] - '0');
      decimals = std::min(decimals + 1, kDigits);
    }
  }
  if (digits == 0 || i != text.size()) return std::nullopt;
  for (; decimals < kDigits; ++decimals) part *= 10;
  return whole * 1'000'000 + part;
}

/// FIRST or FIRST-LAST within 0 and 65535.
std::optional<std::pair<std::int64_t, std::int64_t>> port_range(std::string_view text) {
  std::int64_t first = 0, last = 0;
  const char* const end = text.data() + text.size();
  const auto [at, e1] = std::from_chars(text.data(), end, first);
  if (e1 != std::errc{} || first < 0 || first > 65'535) return std::nullopt;
  if (at == end) return std::pair{first, first};
  if (*at != '-') return std::nullopt;
  const auto [stop, e2] = std::from_chars(at + 1, end, last);
  if (e2 != std::errc{} || stop != end || last < first || last > 65'535) return std::nullopt;
  return std::pair{first, last};
}

/// Replaces variables in one text.
class Interpolation {
 public:
  explicit Interpolation(std::vector<std::string>& unset) : unset_(unset) {}

  std::string fault;

  std::string replace(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size() && fault.empty();) {
      if (text[i] != '$') {
        out += text[i++];
        continue;
      }
      if (i + 1 < text.size() && text[i + 1] == '$') {
        out += '$';
        i += 2;
      } else if (i + 1 < text.size() && text[i + 1] == '{') {
        out += braced(text, i);
      } else if (i + 1 < text.size() && is_name_start(text[i + 1])) {
        std::size_t end = i + 1;
        while (end < text.size() && is_name(text[end])) ++end;
        blank(text.substr(i + 1, end - i - 1));
        i = end;
      } else {
        fault = "a $ that begins no variable";
      }
    }
    return out;
  }

 private:
  void blank(std::string_view name) {
    if (std::find(unset_.begin(), unset_.end(), name) == unset_.end()) unset_.emplace_back(name);
  }

  /// `${...}` at i; moves behind it.
  std::string braced(std::string_view text, std::size_t& i) {
    std::size_t depth = 0, end = i + 1;
    for (; end < text.size(); ++end) {
      if (text[end] == '{') ++depth;
      if (text[end] == '}' && --depth == 0) break;
    }
    if (end >= text.size()) {
      fault = "a ${ that is not closed";
      return {};
    }
    const std::string_view inner = text.substr(i + 2, end - i - 2);
    i = end + 1;
    std::size_t split = 0;
    while (split < inner.size() && is_name(inner[split])) ++split;
    const std::string_view name = inner.substr(0, split);
    if (name.empty() || !is_name_start(name[0])) {
      fault = "'" + std::string(inner) + "' names no variable";
      return {};
    }
    std::string_view rest = inner.substr(split);
    if (rest.empty()) {
      blank(name);
      return {};
    }
    if (rest[0] == ':') rest.remove_prefix(1);
    const char kind = rest.empty() ? ' ' : rest[0];
    if (kind == '-') return replace(rest.substr(1));
    if (kind == '+') return {};
    if (kind == '?') {
      fault = "required variable " + std::string(name) + " is missing a value" +
              (rest.size() > 1 ? ": " + std::string(rest.substr(1)) : "");
    } else {
      fault = "'" + std::string(inner) + "' is no variable with a default";
    }
    return {};
  }

  std::vector<std::string>& unset_;
};

}  // namespace

Parsed<Bytes> parse_size(std::string_view text) {
  Parsed<Bytes> out;
  const std::string lower = to_lower(trim(text));
  std::size_t split = 0;
  while (split < lower.size() && (is_digit(lower[split]) || lower[split] == '.')) ++split;
  const auto number = millionths(std::string_view(lower).substr(0, split));
  std::string_view unit = trim(std::string_view(lower).substr(split));
  if (unit.size() == 3 && unit.substr(1) == "ib") unit = unit.substr(0, 1);
  if (unit.size() == 2 && unit[1] == 'b') unit = unit.substr(0, 1);
  constexpr std::string_view kUnits = "bkmgtp";
  const std::size_t power = unit.empty() ? 0 : unit.size() == 1 ? kUnits.find(unit[0]) : std::string_view::npos;
  if (!number || power == std::string_view::npos) {
    out.error = "'" + std::string(text) + "' is no size: a number with b, k, m or g, such as 512m";
    return out;
  }
  __int128 bytes = *number;
  for (std::size_t i = 0; i < power; ++i) bytes *= 1024;
  bytes /= 1'000'000;
  if (bytes > INT64_MAX) {
    out.error = "'" + std::string(text) + "' is larger than any memory";
    return out;
  }
  out.value = Bytes{static_cast<std::int64_t>(bytes)};
  return out;
}

Parsed<Cpu> parse_cpus(std::string_view text) {
  Parsed<Cpu> out;
  const auto number = millionths(trim(text));
  constexpr std::int64_t kMost = 100'000;
  if (!number || *number > kMost * 1'000'000) {
    out.error = "'" + std::string(text) + "' is no number of CPUs such as 0.5";
    return out;
  }
  out.value = Cpu{static_cast<std::int64_t>(static_cast<__int128>(*number) * kCpuTicksPerVcpu / 1'000'000)};
  return out;
}

std::optional<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  bool open = false;  // a word has begun
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < text.size();
    if (escapes) {
      if (quote == '"' && text[i + 1] != '"' && text[i + 1] != '\\') word += c;
      word += text[++i];
      open = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (open) out.push_back(std::exchange(word, {}));
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote != 0) return std::nullopt;
  if (open) out.push_back(word);
  return out;
}

std::vector<Port> parse_port(std::string_view text, std::string& fault) {
  std::vector<Port> out;
  Port like;
  std::string_view rest = text;
  if (const std::size_t slash = rest.rfind('/'); slash != std::string_view::npos) {
    const std::string protocol = to_lower(rest.substr(slash + 1));
    if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") {
      fault = "invalid proto: " + protocol;
      return out;
    }
    like.udp = protocol == "udp";
    rest = rest.substr(0, slash);
  }
  std::string_view container = rest, host, address;
  if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
    container = rest.substr(colon + 1);
    host = rest.substr(0, colon);
    const std::size_t bracket = host.rfind(']');  // of an IPv6 address
    const std::size_t second = host.rfind(':');
    if (second != std::string_view::npos && (bracket == std::string_view::npos || second > bracket)) {
      address = host.substr(0, second);
      host = host.substr(second + 1);
    }
  }
  like.local = address == "127.0.0.1" || address == "localhost" || address == "[::1]" || address == "::1";
  if (container.empty()) {
    fault = "no port specified: " + std::string(text);
    return out;
  }
  const auto inside = port_range(container);
  if (!inside || inside->first == 0) {
    fault = "invalid containerPort: " + std::string(container);
    return out;
  }
  std::optional<std::pair<std::int64_t, std::int64_t>> outside;
  if (!host.empty()) {
    outside = port_range(host);
    if (!outside) {
      fault = "invalid hostPort: " + std::string(host);
      return out;
    }
    const bool one = inside->first == inside->second;  // Docker picks a host port of the range
    if (!one && outside->second - outside->first != inside->second - inside->first) {
      fault = "invalid ranges specified for container and host Ports: " + std::string(container) + " and " +
              std::string(host);
      return out;
    }
  }
  for (std::int64_t port = inside->first; port <= inside->second; ++port) {
    out.push_back(like);
    out.back().target = port;
    if (outside) out.back().published = outside->first + (port - inside->first);
    // Without a host port it is published all the same, on one that Docker picks.
    if (!outside) out.back().published = 0;
  }
  return out;
}

Node interpolate(const Node& tree, document::Diagnostics& diagnostics, std::vector<std::string>& unset) {
  if (tree.is_mapping()) {
    std::vector<document::Entry> entries;
    for (const document::Entry& e : tree.entries())
      entries.push_back({e.key, e.key_mark, interpolate(e.value, diagnostics, unset)});
    return Node::mapping(std::move(entries), tree.mark());
  }
  if (tree.is_sequence()) {
    std::vector<Node> items;
    for (const Node& item : tree.items()) items.push_back(interpolate(item, diagnostics, unset));
    return Node::sequence(std::move(items), tree.mark());
  }
  if (!tree.is_string() || tree.text().find('$') == std::string::npos) return tree;
  Interpolation work(unset);
  std::string text = work.replace(tree.text());
  if (!work.fault.empty()) {
    diagnostics.error(tree, "invalid interpolation format: " + work.fault,
                      "write its value, or '$$' for a dollar sign; `docker compose config` prints the file with all "
                      "values in");
    return tree;
  }
  // A plain text reads as what it has become: ${REPLICAS:-2} is a number.
  if (tree.style() == document::Style::plain && !text.empty()) return Node::plain(std::move(text), tree.mark());
  return Node::string(std::move(text), tree.mark(), tree.style());
}

}  // namespace plimsoll::compose
