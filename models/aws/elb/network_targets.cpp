#include "models/aws/elb/network_targets.h"

namespace plimsoll::aws {

std::int64_t capacity_bytes(std::int64_t reply_bytes, std::int64_t requests_per_connection, Duration lifetime,
                            bool network) {
  const std::int64_t new_a_second = network ? 800 : 25, active = network ? 100'000 : 3'000;
  // One connection is 1 / (3,600 x new) of a unit-hour, and lifetime / (3,600 s x active) of one.
  const __int128 of_new = kGiB / (3'600 * new_a_second * requests_per_connection);
  const __int128 of_active = static_cast<__int128>(kGiB) * lifetime.count() /
                             (static_cast<__int128>(3'600'000'000) * active * requests_per_connection);
  return std::max({reply_bytes, static_cast<std::int64_t>(of_new), static_cast<std::int64_t>(of_active)});
}

}  // namespace plimsoll::aws
