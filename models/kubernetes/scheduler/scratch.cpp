#include "models/kubernetes/scheduler/scratch.h"

#include <utility>

#include "models/kubernetes/scheduler/shape_cache.h"

namespace plimsoll::kubernetes {

Scratch::Scratch() = default;
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&& other) noexcept = default;
Scratch& Scratch::operator=(Scratch&& other) noexcept = default;

Scratch::Scratch(const Scratch& other)
    : memory_(other.memory_ ? std::make_unique<CycleMemory>(*other.memory_) : nullptr) {}

Scratch& Scratch::operator=(const Scratch& other) {
  if (this != &other) *this = Scratch(other);
  return *this;
}

void Scratch::clear() { memory_.reset(); }

CycleMemory& Scratch::memory() {
  if (!memory_) memory_ = std::make_unique<CycleMemory>();
  return *memory_;
}

}  // namespace plimsoll::kubernetes
