#include <cstdio>
#include <exception>
#include <string_view>

#include "bench/bench.h"

namespace {

struct Verb {
  const char* name;
  const char* about;
  int (*run)(int argc, char** argv);
};

constexpr Verb kVerbs[] = {
    {"hold", "the agenda of events against heaps and other simulators: ns per hold, bytes per event, ratios",
     plimsoll::bench::run_hold},
    {"macro", "a synthetic day on an ECS and an EKS column: seconds, us per column-step, memory, counts, hash",
     plimsoll::bench::run_macro},
    {"batch", "tasks placed first-fit and run out under processor sharing, against a plain program",
     plimsoll::bench::run_batch},
    {"policies", "every registered policy that decides by itself: ns per decision", plimsoll::bench::run_policies},
    {"scheduler", "kube-scheduler's decisions on four mixes of pods: pods a second, against a plain rescoring",
     plimsoll::bench::run_scheduler},
};

int print_usage(std::FILE* out) {
  std::fprintf(out, "usage: plimsoll-bench VERB [options]\n\nVerbs (each takes --help):\n");
  for (const Verb& verb : kVerbs) std::fprintf(out, "  %-10s %s\n", verb.name, verb.about);
  return out == stdout ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return print_usage(stderr);
  const std::string_view name = argv[1];
  if (name == "--help" || name == "-h") return print_usage(stdout);
  for (const Verb& verb : kVerbs) {
    if (name != verb.name) continue;
    try {
      return verb.run(argc - 1, argv + 1);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "plimsoll-bench %s: %s\n", verb.name, error.what());
      return 1;
    }
  }
  std::fprintf(stderr, "plimsoll-bench: unknown verb \"%s\"\n", argv[1]);
  return print_usage(stderr);
}
