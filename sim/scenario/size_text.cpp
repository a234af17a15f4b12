#include "sim/scenario/size_text.h"

#include "sim/core/text.h"

namespace plimsoll::scenario {

namespace {

constexpr std::string_view kHint = "write CPU/memory such as 500m/2Gi";

bool is_bare(std::string_view number) {
  return !number.empty() && number.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// The unit that makes a bare number the size of a pod.
std::string with_unit(std::string_view number) {
  constexpr std::size_t kGibibytes = 2;  // digits of a number of GiB, at most
  constexpr std::size_t kMebibytes = 6;
  const std::size_t digits = number.substr(0, number.find('.')).size();
  return std::string(number) + (digits <= kGibibytes ? "Gi" : digits <= kMebibytes ? "Mi" : "B");
}

}  // namespace

SizeText parse_size(std::string_view text) {
  SizeText out;
  const std::string quoted = "'" + std::string(text) + "'";
  const auto fail = [&](std::string what, std::string hint = std::string(kHint)) {
    out.fault = std::move(what);
    out.hint = std::move(hint);
    return out;
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return fail(quoted + " is not a size");
  const std::string_view first = trim(text.substr(0, slash)), second = trim(text.substr(slash + 1));
  const Parsed<Cpu> cpu = parse_cpu(first);
  if (!cpu) return fail(quoted + " is not a size: " + cpu.error);
  if (is_bare(second)) {
    return fail(quoted + " is not a size: memory needs its unit",
                "did you mean '" + std::string(first) + "/" + with_unit(second) + "'?");
  }
  const Parsed<Bytes> memory = parse_bytes(second);
  if (!memory) return fail(quoted + " is not a size: " + memory.error);
  if (cpu.value->raw() <= 0 || memory.value->raw() <= 0)
    return fail(quoted + " is not a size: CPU and memory must be above zero");
  out.cpu = *cpu.value;
  out.memory = *memory.value;
  return out;
}

}  // namespace plimsoll::scenario
