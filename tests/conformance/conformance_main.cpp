#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "tests/conformance/runner.h"

namespace {

constexpr const char* kUsage =
    "usage: plimsoll-conformance DIR... [--only NAME] [--mutate] [--json] [--allow-unsupported]\n"
    "\n"
    "Runs vector files (.json or .json.zst) through the policies of this program and compares.\n"
    "  DIR                  a folder of vectors, a parent of such folders, or a file\n"
    "  --only NAME          a folder, file, topic or case\n"
    "  --mutate             also alter each expected value in turn: every alteration must be noticed\n"
    "  --json               the report as JSON\n"
    "  --allow-unsupported  cases without a model do not fail the run\n"
    "\n"
    "Prints 'file passed/total', the first failures with expected and got, and last\n"
    "'N passed, N failed, N unsupported'. Exit code: 0 nothing failed or is unsupported; 1 something did; 2 bad "
    "usage.\n";

}  // namespace

int main(int argc, char** argv) {
  using namespace plimsoll::conformance;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) {
    std::cout << kUsage;
    return 0;
  }
  Options options;
  if (!parse_arguments(arguments, options, std::cerr)) {
    std::cerr << kUsage;
    return 2;
  }
  std::vector<Topic> topics;
#ifdef PLIMSOLL_HAVE_COST
  register_cost(topics);
#endif
#ifdef PLIMSOLL_HAVE_ECS
  register_ecs(topics);
#endif
#ifdef PLIMSOLL_HAVE_KUBERNETES
  register_kubernetes(topics);
#endif
#ifdef PLIMSOLL_HAVE_NODE_AUTOSCALING
  register_node_autoscaling(topics);
#endif
#ifdef PLIMSOLL_HAVE_QUEUEING
  register_queueing(topics);
#endif
  return run(options, topics, std::cout, std::cerr);
}
