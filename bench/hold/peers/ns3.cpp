#include <ns3/nstime.h>
#include <ns3/object-factory.h>
#include <ns3/simulator.h>

#include <string>

#include "bench/clock.h"
#include "bench/hold/peers/peer.h"

namespace plimsoll::bench {

namespace {

struct Run {
  const HoldInput* input = nullptr;
  std::uint64_t done = 0;
  std::uint64_t last = 0;
  std::size_t at = 0;
  double start = 0;
  HoldOutput out;
};

Run run;

void hold(std::uint64_t payload) {
  const std::int64_t now = ns3::Simulator::Now().GetMicroSeconds();
  run.out.checksum = mix_in(run.out.checksum, now, payload);
  const auto& steps = run.input->steps;
  ns3::Simulator::Schedule(ns3::MicroSeconds(steps[run.at++ & (steps.size() - 1)]), &hold, payload);
  ++run.done;
  if (run.done == run.input->pending) run.start = cpu_seconds();
  if (run.done == run.last) {
    run.out.nanoseconds = (cpu_seconds() - run.start) * 1e9 / static_cast<double>(run.input->holds);
    ns3::Simulator::Stop();
  }
}

}  // namespace

/// `scheduler` is the type name of ns-3's event set, such as "ns3::MapScheduler" (its default).
HoldOutput hold_ns3(const HoldInput& input, const std::string& scheduler) {
  ns3::ObjectFactory factory;
  factory.SetTypeId(scheduler);
  ns3::Simulator::SetScheduler(factory);
  run = Run{};
  run.input = &input;
  run.last = input.pending + input.holds;
  for (std::size_t i = 0; i < input.pending; ++i) {
    ns3::Simulator::Schedule(ns3::MicroSeconds(input.first[i]), &hold, static_cast<std::uint64_t>(i));
  }
  ns3::Simulator::Run();
  ns3::Simulator::Destroy();
  return run.out;
}

}  // namespace plimsoll::bench

int main(int argc, char** argv) { return plimsoll::bench::run_peer(argc, argv, plimsoll::bench::hold_ns3); }
