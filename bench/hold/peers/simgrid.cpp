#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/NetZone.hpp>

#include "bench/clock.h"
#include "bench/hold/peers/peer.h"

namespace plimsoll::bench {

namespace {

using simgrid::kernel::timer::Timer;

struct Run {
  const HoldInput* input = nullptr;
  std::uint64_t done = 0;
  std::uint64_t last = 0;
  std::size_t at = 0;
  double start = 0;
  HoldOutput out;
};

Run run;

void hold() {
  if (run.done >= run.last) return;  // the rest only drains
  const auto& steps = run.input->steps;
  const double step = 1e-6 * static_cast<double>(steps[run.at++ & (steps.size() - 1)]);
  Timer::set(simgrid::s4u::Engine::get_clock() + step, [] { hold(); });
  ++run.done;
  if (run.done == run.input->pending) run.start = cpu_seconds();
  if (run.done == run.last) {
    run.out.nanoseconds = (cpu_seconds() - run.start) * 1e9 / static_cast<double>(run.input->holds);
  }
}

}  // namespace

/// Timers keep dates as doubles, so there is no checksum.
HoldOutput hold_simgrid(const HoldInput& input) {
  // One engine a process is what the library allows.
  static int argc = 1;
  static char name[] = "hold";
  static char* argv[] = {name, nullptr};
  static simgrid::s4u::Engine engine(&argc, argv);
  static simgrid::s4u::NetZone* zone = nullptr;
  if (zone == nullptr) {  // an engine does not run without a platform
    zone = simgrid::s4u::create_full_zone("world");
    zone->create_host("host", 1e9);
    zone->seal();
  }
  run = Run{};
  run.input = &input;
  run.last = input.pending + input.holds;
  const double now = simgrid::s4u::Engine::get_clock();
  for (std::size_t i = 0; i < input.pending; ++i) {
    Timer::set(now + 1e-6 * static_cast<double>(input.first[i]), [] { hold(); });
  }
  engine.run();
  return run.out;
}

}  // namespace plimsoll::bench

int main(int argc, char** argv) {
  return plimsoll::bench::run_peer(argc, argv, [](const plimsoll::bench::HoldInput& input, const char*) {
    return plimsoll::bench::hold_simgrid(input);
  });
}
