#pragma once

namespace plimsoll {

/// Prints "file:line: broken invariant: expression" to stderr and aborts. Never returns.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace plimsoll

/// A programmer's error: on in every build. World outcomes and user input never come through here.
#define PLIMSOLL_ASSERT(expression) \
  (static_cast<bool>(expression) ? static_cast<void>(0) : ::plimsoll::assertion_failed(#expression, __FILE__, __LINE__))
