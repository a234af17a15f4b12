#pragma once

#include <cstdint>
#include <string_view>

#include "sim/core/units.h"

namespace plimsoll::kubernetes::api {

/// A Kubernetes quantity ("250m", "1.5Gi", "0.5", "2e3", "100k") times 10^`decimals`, rounded up away from zero to a
/// whole number, as Value() (decimals 0) and MilliValue() (3) round. Suffixes n u m k M G T P E and Ki Mi Gi Ti Pi Ei,
/// or a decimal exponent; nothing else ("500MB" is an error, as the API server says). Source: k8s.io/apimachinery
/// pkg/api/resource/quantity.go.
Parsed<std::int64_t> parse_quantity(std::string_view text, int decimals);

/// CPU in whole milliCPU, rounded up.
Parsed<Cpu> parse_cpu_quantity(std::string_view text);
/// Bytes, rounded up.
Parsed<Bytes> parse_bytes_quantity(std::string_view text);

}  // namespace plimsoll::kubernetes::api
