#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

// libFuzzer's own mutation of bytes (a function of its library).
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace plimsoll::fuzz {

/// Mutates YAML by lines, so that most of what comes of it is still YAML and gets past the loader into the readers: a
/// value gives way to a hostile one, a line is dropped, said twice, moved or indented anew. One time in four the bytes
/// are mutated as ever. Returns the new size.
inline std::size_t mutate_lines(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  std::uint64_t state = seed * 0x9E3779B97F4A7C15ull + 1;
  const auto draw = [&state](std::size_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<std::size_t>(state >> 11) % below;
  };
  if (draw(4) == 0) return LLVMFuzzerMutate(data, size, max_size);
  static constexpr std::string_view kValues[] = {"0",
                                                 "-1",
                                                 "1",
                                                 "\"\"",
                                                 "null",
                                                 "true",
                                                 "[]",
                                                 "{}",
                                                 "~",
                                                 "9223372036854775807",
                                                 "-9223372036854775808",
                                                 "18446744073709551616",
                                                 "1e308",
                                                 ".nan",
                                                 "1e-9",
                                                 "0.5",
                                                 "100%",
                                                 "-5%",
                                                 "101%",
                                                 "999999999999%",
                                                 "1ns",
                                                 "0s",
                                                 "292y",
                                                 "9e18s",
                                                 "106751d",
                                                 "8Ei",
                                                 "9223372036854775807Ki",
                                                 "0.1m",
                                                 "-100m",
                                                 "1e9",
                                                 "$9e15/h",
                                                 "$-1/h",
                                                 "x99999999999",
                                                 "[a, a]",
                                                 "{a: {a: {a: 1}}}",
                                                 "[[]]",
                                                 "a.b",
                                                 "\"*\"",
                                                 "\"1-0\"",
                                                 "2026-02-30",
                                                 "24:00",
                                                 "normal(1s, 9e9s)",
                                                 "uniform(5s, 1s)",
                                                 "65536",
                                                 "2147483648",
                                                 "\"\\u0000\"",
                                                 "web",
                                                 "IfNotPresent"};
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += static_cast<char>(data[i]);
    }
  }
  for (std::size_t times = 1 + draw(3); times > 0; --times) {
    const std::size_t at = draw(lines.size());
    std::string& line = lines[at];
    switch (draw(7)) {
      case 0:
        if (lines.size() > 1) lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1: {
        const std::string again = line;
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(draw(lines.size())), again);
        break;
      }
      case 2:
        if (draw(2) == 0) {
          line.insert(0, "  ");
        } else if (line.starts_with("  ")) {
          line.erase(0, 2);
        }
        break;
      case 3:
        lines[at].swap(lines[draw(lines.size())]);
        break;
      default: {  // one of the line's values, of those after a colon, a comma, a bracket or a dash
        std::vector<std::size_t> ends;
        for (std::size_t i = 0; i < line.size(); ++i) {
          if (std::string_view(":,[-").find(line[i]) != std::string_view::npos) ends.push_back(i + 1);
        }
        const std::size_t from = ends.empty() ? 0 : ends[draw(ends.size())];
        const std::size_t to = line.find_first_of(",]}", from);
        line.replace(from, to == std::string::npos ? to : to - from,
                     " " + std::string(kValues[draw(std::size(kValues))]));
      }
    }
  }
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i > 0 ? "\n" : "") + lines[i];
  if (text.empty() || text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  text.copy(reinterpret_cast<char*>(data), text.size());
  return text.size();
}

}  // namespace plimsoll::fuzz

/// The entry that libFuzzer calls instead of its own mutation.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return plimsoll::fuzz::mutate_lines(data, size, max_size, seed);
}
