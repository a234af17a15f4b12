#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll {

/// What a machine's network carries, in bytes a second: for ever, and while its credits last. 0: not known.
struct NetworkRate {
  std::int64_t baseline = 0, burst = 0;
};

/// The networks of instance types.
class NetworkRates {
 public:
  virtual ~NetworkRates() = default;
  virtual NetworkRate of(std::string_view instance_type) const = 0;
};

/// Image pulls of one node that go on side by side. A pull costs the time of its requests to the registry, then its
/// bytes at `each`, the rate at which one image is downloaded and unpacked, or at an equal share of the node's network
/// where that is less. Downloads beyond the network's baseline spend credits; with none left the baseline is all there
/// is, and unused baseline earns them back. A pull takes a slot from its first request to its end; those that find none
/// wait in the order in which they came. Copyable.
///
/// SOURCE: "Amazon EC2 instance network bandwidth" (EC2 user guide): instances up to 4xlarge burst on network I/O
/// credits for 5 to 60 minutes, and start with all of them. What a credit is AWS does not say: taken as 5 minutes of
/// the difference between burst and baseline. Left out: other traffic of the node, the 5 Gbit/s of a single flow, the
/// layers of one image side by side (containerd's and Docker's three are part of `each`).
class ImagePulls {
 public:
  struct Limits {
    std::int64_t slots = 1;  ///< at least 1
    std::int64_t each = 1;   ///< bytes/s of one pull
    NetworkRate network;     ///< not known: all pulls of the node share `each`
  };
  ImagePulls() = default;
  ImagePulls(const Limits& limits, Time now);

  /// How long a full burst lasts.
  static constexpr Duration kBurst = minutes(5);

  /// Whether the image is on its way or waits.
  bool has(NameId image) const;
  /// Asks for an image at `now`, the instant of the last `advance`; it starts when `after` is there, if given.
  /// @pre !has(image).
  void add(NameId image, Bytes size, Duration overhead, NameId after);
  /// Goes on to `now` and starts what may start. The images that have come, in the order of their completion.
  std::vector<NameId> advance(Time now);
  /// When `advance` has something to do next; kTimeNever when nothing is on its way.
  Time next() const;
  bool empty() const { return pulls_.empty(); }
  void clear() { pulls_.clear(); }

 private:
  struct Pull {
    NameId image, after;
    std::int64_t left = 0;  ///< millionths of a byte
    Duration overhead{};
    Time begins = kTimeNever;  ///< of the transfer; never: it has no slot yet
  };
  struct Share {
    std::int64_t each = 0;   ///< bytes/s of one transfer
    std::int64_t drain = 0;  ///< credits it takes a microsecond; below 0: it earns them
  };
  bool transfers(const Pull& pull) const { return pull.begins <= updated_; }
  Share share() const;
  void run_to(Time t);
  void finish(std::vector<NameId>& done);
  void start();

  Limits limits_;
  std::vector<Pull> pulls_;                      ///< in the order in which they came
  std::int64_t credits_ = 0, most_credits_ = 0;  ///< millionths of a byte
  Time updated_ = kTimeZero;
};

}  // namespace plimsoll
