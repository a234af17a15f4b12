#include "bench/hold/hold.h"
#include "sim/core/distributions.h"

namespace plimsoll::bench {

HoldInput make_input(std::size_t pending, std::uint64_t holds, HoldSteps steps) {
  HoldInput input;
  input.pending = pending;
  input.holds = holds;
  const Stream stream(1, "bench/hold", Purpose::work);
  const auto grid = static_cast<std::int64_t>(kHoldMeanStep) / 16;
  for (std::size_t i = 0; i < pending; ++i) {
    const auto first = 1 + static_cast<std::int64_t>(draw::exponential(stream, i, kHoldMeanStep));
    input.first.push_back(steps == HoldSteps::ties ? (first / grid + 1) * grid : first);
  }
  for (std::size_t i = 0; i < 8'192; ++i) {
    switch (steps) {
      case HoldSteps::exponential:
        input.steps.push_back(1 + static_cast<std::int64_t>(draw::exponential(stream, i, kHoldMeanStep, 1)));
        break;
      case HoldSteps::constant:
        input.steps.push_back(static_cast<std::int64_t>(kHoldMeanStep));
        break;
      case HoldSteps::ties:
        input.steps.push_back(grid * (1 + static_cast<std::int64_t>(stream.below(31, i, 1))));
        break;
    }
  }
  return input;
}

}  // namespace plimsoll::bench
