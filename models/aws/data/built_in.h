#pragma once

#include <cstddef>
#include <cstdint>

namespace plimsoll::aws::data {

/// The packed price tables, made when the program is built (pack_main.cpp).
extern const std::uint64_t kBuiltInWords[];
extern const std::size_t kBuiltInCount;

}  // namespace plimsoll::aws::data
