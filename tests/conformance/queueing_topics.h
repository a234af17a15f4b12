#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/load/replications.h"
#include "sim/load/request_networks.h"
#include "sim/load/request_simulation.h"
#include "tests/conformance/conformance.h"

/// What the families of queues share. Every number is measured by simulating requests, never computed by a formula. A
/// measured number is accepted when the expected one lies inside its confidence interval and the interval is narrow. As
/// a file has up to a hundred numbers, the interval that must cover is that of 99 % for a hundred of them at once
/// (99.99 % each, Bonferroni); the one that must be narrow (the files' `check`: 2 %, or 5 % for quantiles and
/// utilisation 0.95 and more) is the plain 99 % interval.
namespace plimsoll::conformance::queueing {

using namespace plimsoll::load;

inline constexpr double kJoint = 0.9999;
inline constexpr double kWaitFloor = 2e-5;         // a mean wait, in service times, is narrow enough at this
inline constexpr double kProbabilityFloor = 1e-4;  // a probability may be this far off, however small it is

double number(const Json& input, const char* key);
std::int64_t whole(const Json& input, const char* key);

/// Streams of a case: named by its parameters, so that order and selection of cases change nothing.
class Draws {
 public:
  Draws(const char* what, const Json& input) : stream_(20'240'501, name(what, input), Purpose::arrivals) {}
  FastRandom replication(std::uint64_t item) const { return {stream_, item}; }

 private:
  static std::string name(const char* what, Json input) {
    input.erase("$file");
    return std::string(what) + input.dump();
  }
  Stream stream_;
};

/// What is measured: its name, how narrow it must be, and whether it is a probability (or the like: something of size
/// one of which only rare events are left to see).
struct Measure {
  std::string name;
  double limit = 0.02;
  bool probability = false;
  double floor = 0;  ///< half width that is narrow enough whatever the mean
};

Json interval(double mean, double narrow, double wide, double limit, double floor = 0);

/// Runs replications until each measure is well inside its limit; answers by name.
std::map<std::string, Json> measured(const std::vector<Measure>& measures,
                                     const std::function<std::vector<double>(std::uint64_t)>& run, std::uint64_t first,
                                     std::uint64_t most);

/// The answers in the shape that is asked for.
Json select(const Json& expected, const std::map<std::string, Json>& answers);

bool matches(const Json& expected, const Json& actual);

SizeLaw size_law(const std::string& name, double mean, double scv);
SizeLaw exponential(double rate);

/// Warm-up and length of one replication: several relaxation times, which grow with 1 / (1 - rho)^2.
RunLength run_length(double rho, double scv, double servers);
std::uint64_t most_replications(const RunLength& length, double requests);
double limit_at(double rho);

// The topics, by family.

// one queue with its servers: queueing_topics_one_queue.cpp
Json erlang_a(const Json& input, const Json& expected);
Json erlang_b(const Json& input, const Json& expected);
Json mg1_fcfs(const Json& input, const Json& expected);
Json mm1(const Json& input, const Json& expected);
Json mmc(const Json& input, const Json& expected);
Json mmck(const Json& input, const Json& expected);

// servers that are shared, unlimited or throttled: queueing_topics_sharing.cpp
Json cfs_quota(const Json& input, const Json& expected);
Json dps(const Json& input, const Json& expected);
Json mg_ps_capped(const Json& input, const Json& expected);
Json mginf(const Json& input, const Json& expected);

// several services: queueing_topics_networks.cpp
Json fork_join(const Json& input, const Json& expected);
Json load_balancing(const Json& input, const Json& expected);
Json power_of_two(const Json& input, const Json& expected);
Json retries(const Json& input, const Json& expected);
Json tandem(const Json& input, const Json& expected);

}  // namespace plimsoll::conformance::queueing
