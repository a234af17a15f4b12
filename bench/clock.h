#pragma once

namespace plimsoll::bench {

/// CPU time of this process, all threads, seconds.
double cpu_seconds();
/// Monotonic time, seconds.
double wall_seconds();
/// The most memory that was resident so far, MiB.
double peak_megabytes();

}  // namespace plimsoll::bench
