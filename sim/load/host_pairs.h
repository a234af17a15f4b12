#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::load {

/// Pods of one set that take traffic on one host.
struct SetOnHost {
  std::uint32_t index = 0;  ///< of the set
  std::int32_t serving = 0;
};

/// How often the pods of two sets share a host, kept up to date pod by pod: with it the CPU that the hosts leave to
/// each set is found without a look at the hosts.
///
/// On a host with room for what its pods want, each of them may use its want and all of the slack, the room less the
/// wants of all pods there. Summed over the hosts, with s pods of set i on host h:
///   capacity(i) = want(i) * pods(i) + sum over h of s(h,i) * room(h) - sum over j of want(j) * pairs(i,j)
///   pairs(i,j) = sum over h of s(h,i) * s(h,j)
/// which is exact in whole numbers. That no host is crowded is known from the last look at all of them: none is as long
/// as no want has grown by more than the least of room over wants was then. Hosts that are nearer to it may be left out
/// of that least by a caller who looks at them each time; those that are crowded leave altogether.
class HostPairs {
 public:
  /// Memory and time grow with the square of the sets: not for more than these.
  static constexpr std::size_t kMostSets = 1024;

  /// @pre sets <= kMostSets.
  void start(std::size_t sets);

  /// `delta` pods of a set come to a host with these pods (or leave it, below zero); `room`: CPU ticks that its pods in
  /// traffic can share. Returns room over wants there now, the wants being those of the last look: the caller either
  /// says so by `bound` or looks at the host each time. Infinite where there is no need.
  double move(std::span<const SetOnHost> there, std::uint32_t index, std::int32_t delta, std::int64_t room);
  /// The room of a host has changed by `change` to `room`. Returns as `move` does.
  double change_room(std::span<const SetOnHost> there, std::int64_t change, std::int64_t room);
  /// A host with these pods is no longer counted, or is counted again (`sign` 1, else -1).
  void count_host(std::span<const SetOnHost> there, std::int64_t room, std::int32_t sign);
  /// Room over wants of a host, the wants being those of the last look.
  double room_over_wants(std::span<const SetOnHost> there, std::int64_t room) const;
  /// Some host has this much room over its wants.
  void bound(double ratio) { least_ = std::min(least_, ratio); }

  /// Every host was looked at, and none that is counted is crowded, under these wants: CPU ticks of one pod, by set.
  /// `least` is the least of room over the wants there together; 0: some host may be crowded.
  void looked(std::span<const std::int64_t> want, double least);

  /// CPU ticks of all pods of a set, by set. False, with nothing written, when some host may be crowded, or when a look
  /// at the hosts is no more work.
  bool capacities(std::span<const std::int64_t> want, std::span<std::int64_t> capacity);
  /// Whether `add_capacities` may be asked under these wants.
  bool follows(std::span<const std::int64_t> want);
  /// Adds to what is in `capacity`. @pre follows(want); hosts may have come and left by count_host since.
  void add_capacities(std::span<const std::int64_t> want, std::span<std::int64_t> capacity) const;

 private:
  void add_pairs(std::size_t i, std::size_t j, std::int64_t by);

  std::size_t sets_ = 0;
  std::size_t places_ = 0;                    // (host, set) with pods
  std::vector<std::uint32_t> pairs_;          // sets_ x sets_
  std::vector<std::int64_t> serving_, room_;  // by set: pods; sum over them of the room of their host
  std::vector<std::int64_t> reference_;       // wants at the last look
  double least_ = 0;                          // by how much they may grow; 0: not known
  bool broken_ = false;                       // some number does not fit
  std::vector<std::uint32_t> want_;           // in follows
};

}  // namespace plimsoll::load
