#pragma once

#include <memory>

namespace plimsoll::kubernetes {

struct CycleMemory;

/// Memory reused between decisions, so that a cycle allocates nothing. What it holds never changes an answer; it
/// belongs to one Snapshot object with its history, and is copied with it.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch& other);
  Scratch& operator=(const Scratch& other);
  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&& other) noexcept;

  /// Forgets everything, for use with another snapshot.
  void clear();

 private:
  friend class CycleRunner;
  CycleMemory& memory();

  std::unique_ptr<CycleMemory> memory_;  // made at the first use
};

}  // namespace plimsoll::kubernetes
