#pragma once

#include <span>

#include "sim/load/processor_sharing.h"

namespace plimsoll::load {

/// One replica whose times are asked for: as the arguments of sharing_latency.
struct SharingCase {
  const RequestShape* shape = nullptr;
  Cpu cap;
  double utilization = 0;
};

/// out[i] = sharing_latency(*cases[i].shape, cases[i].cap, cases[i].utilization), to the bit: by stages, so that the
/// processor works at several while one waits for a division or for its place in the table. @pre sizes equal.
void sharing_latencies(std::span<const SharingCase> cases, std::span<LatencyMoments> out);

}  // namespace plimsoll::load
