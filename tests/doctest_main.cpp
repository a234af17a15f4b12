// main() of the programs of test cases: doctest's, and a part of the cases by its number.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

namespace {

/// How many cases pass the filters of the command line; none runs. -1: doctest did not say.
int count_cases(int argc, char** argv) {
  std::ostringstream told;
  std::vector<const char*> arguments(argv, argv + argc);
  arguments.insert(arguments.end(), {"--count", "--no-colors=true"});
  doctest::Context context(static_cast<int>(arguments.size()), arguments.data());
  context.setCout(&told);
  context.run();
  int cases = -1;
  const std::string text = told.str(), before = "passing the current filters: ";
  const std::size_t at = text.find(before);
  if (at != text.npos) std::sscanf(text.c_str() + at + before.size(), "%d", &cases);
  return cases;
}

}  // namespace

/// Beside doctest's options, `--shard=K/N` runs the K-th of N parts of the cases that pass the filters, 1 <= K <= N:
/// all parts together run each case once. The order is shuffled, always alike, so that long cases of one file part.
int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  const std::string option = "--shard=";
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (!argument.starts_with(option)) continue;
    int shard = 0, shards = 0, end = 0;
    if (std::sscanf(argument.c_str() + option.size(), "%d/%d%n", &shard, &shards, &end) != 2 ||
        option.size() + static_cast<std::size_t>(end) != argument.size() || shard < 1 || shard > shards) {
      std::fprintf(stderr, "%s: K/N with 1 <= K <= N is wanted\n", argument.c_str());
      return 2;
    }
    const int cases = count_cases(argc, argv);
    const int first = cases * (shard - 1) / shards + 1, last = cases * shard / shards;
    if (cases < 0 || first > last) {
      std::fprintf(stderr, "%s: no part of %d cases\n", argument.c_str(), cases);
      return 2;
    }
    context.setOption("order-by", "rand");
    context.setOption("rand-seed", 1);
    context.setOption("first", first);
    context.setOption("last", last);
  }
  return context.run();
}
