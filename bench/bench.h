#pragma once

namespace plimsoll::bench {

/// One function per verb of plimsoll-bench, in a folder of its own. argv[0] is the verb; the answer is the exit code:
/// 0 when everything ran, 1 when a result was wrong, 2 when the command line was.
int run_hold(int argc, char** argv);
int run_macro(int argc, char** argv);
int run_batch(int argc, char** argv);
int run_policies(int argc, char** argv);
int run_scheduler(int argc, char** argv);

}  // namespace plimsoll::bench
