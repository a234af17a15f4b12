// Long because: one topic a vector file, each with its own simulation set-up.
// Queueing vectors: every number is measured by simulating requests, never computed by a formula. A measured number is
// accepted when the expected one lies inside its confidence interval and the interval is narrow. As a file has up to a
// hundred numbers, the interval that must cover is that of 99 % for a hundred of them at once (99.99 % each,
// Bonferroni); the one that must be narrow (the files' `check`: 2 %, or 5 % for quantiles and utilisation 0.95 and
// more) is the plain 99 % interval.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "sim/load/cpu_quota.h"
#include "sim/load/replications.h"
#include "sim/load/request_networks.h"
#include "sim/load/request_simulation.h"
#include "tests/conformance/conformance.h"

namespace plimsoll::conformance {

namespace {

using namespace plimsoll::load;

constexpr double kJoint = 0.9999;
constexpr double kWaitFloor = 2e-5;         // a mean wait, in service times, is narrow enough at this
constexpr double kProbabilityFloor = 1e-4;  // a probability may be this far off, however small it is

double number(const Json& input, const char* key) { return input.at(key).get<double>(); }
std::int64_t whole(const Json& input, const char* key) { return input.at(key).get<std::int64_t>(); }

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

Json interval(double mean, double narrow, double wide, double limit, double floor = 0) {
  return {{"mean", mean}, {"half_width", narrow}, {"joint_half_width", wide}, {"limit", limit}, {"floor", floor}};
}

/// Runs replications until each measure is well inside its limit; answers by name.
std::map<std::string, Json> measured(const std::vector<Measure>& measures,
                                     const std::function<std::vector<double>(std::uint64_t)>& run, std::uint64_t first,
                                     std::uint64_t most) {
  std::vector<Precision> precision;
  for (const Measure& m : measures) {
    precision.push_back({0.85 * m.limit, m.probability ? kProbabilityFloor / 2 : m.floor});
  }
  const Replications r = replicate(run, precision, first, most);
  std::map<std::string, Json> answers;
  for (std::size_t i = 0; i < measures.size(); ++i) {
    const Measure& m = measures[i];
    // Of a probability that was hardly ever seen, little more is known than that it is small.
    const double least = m.probability ? kProbabilityFloor / 2 : 0;
    answers[m.name] = interval(r.mean(i), r.half_width(i, 0.99), std::max(r.half_width(i, kJoint), least), m.limit,
                               m.probability ? kProbabilityFloor : m.floor);
  }
  return answers;
}

/// The answers in the shape that is asked for.
Json select(const Json& expected, const std::map<std::string, Json>& answers) {
  Json result = Json::object();
  for (const auto& [key, value] : expected.items()) {
    const auto found = answers.find(key);
    if (found == answers.end()) throw Unsupported("no measure named '" + key + "'");
    result[key] = found->second;
  }
  return result;
}

bool accepts_number(double expected, const Json& actual) {
  if (actual.is_number()) return std::fabs(expected - actual.get<double>()) <= 1e-6;
  if (actual.contains("every")) {
    return std::all_of(actual.at("every").begin(), actual.at("every").end(),
                       [&](const Json& one) { return accepts_number(expected, one); });
  }
  if (actual.contains("low")) {
    return expected == std::floor(expected) && expected >= number(actual, "low") &&
           expected <= number(actual, "high") && !actual.at("wide").get<bool>();
  }
  const double size = std::fabs(expected);
  const double off = std::fabs(expected - number(actual, "mean"));
  const double narrow = number(actual, "half_width");
  if (actual.contains("tolerance")) {
    const double tolerance = number(actual, "tolerance") * size;
    return off <= tolerance && narrow <= tolerance;
  }
  return off <= number(actual, "joint_half_width") + 1e-9 * size &&
         narrow <= std::max(number(actual, "limit") * size, number(actual, "floor"));
}

bool matches(const Json& expected, const Json& actual) {
  if (expected.is_number()) return accepts_number(expected.get<double>(), actual);
  if (expected.is_array()) {
    return actual.is_array() && expected.size() == actual.size() &&
           std::equal(expected.begin(), expected.end(), actual.begin(), matches);
  }
  if (!expected.is_object() || !actual.is_object()) return false;
  if (actual.contains("$order_holds") && !actual.at("$order_holds").get<bool>()) return false;
  return std::all_of(expected.items().begin(), expected.items().end(), [&](const auto& entry) {
    return actual.contains(entry.key()) && matches(entry.value(), actual.at(entry.key()));
  });
}

SizeLaw size_law(const std::string& name, double mean, double scv) {
  if (name == "exponential") return {SizeLaw::Kind::exponential, mean, 1};
  if (name == "deterministic") return {SizeLaw::Kind::deterministic, mean, 0};
  if (name == "lognormal") return {SizeLaw::Kind::lognormal, mean, scv};
  if (name == "H2") return {SizeLaw::Kind::hyperexponential, mean, scv};
  if (name.rfind("erlang", 0) == 0) return {SizeLaw::Kind::erlang, mean, 1 / std::stod(name.substr(6))};
  throw Unsupported("distribution '" + name + "'");
}

SizeLaw exponential(double rate) { return {SizeLaw::Kind::exponential, 1 / rate, 1}; }

/// Warm-up and length of one replication: several relaxation times, which grow with 1 / (1 - rho)^2.
RunLength run_length(double rho, double scv, double servers) {
  const double idle = std::max(0.03, std::fabs(1 - rho));
  const double relaxation = (1 + scv) / (idle * idle);
  RunLength length;
  length.warm_up = static_cast<std::int64_t>(500 + 20 * relaxation + 30 * servers);
  length.counted = std::max<std::int64_t>(20'000, 15 * length.warm_up);
  return length;
}

std::uint64_t most_replications(const RunLength& length, double requests) {
  return std::max<std::uint64_t>(
      64, static_cast<std::uint64_t>(requests / static_cast<double>(length.counted + length.warm_up)));
}

double limit_at(double rho) { return rho >= 0.95 - 1e-9 ? 0.05 : 0.02; }

// ---- one queue ----

Json open_queue(const Json& input, const Json& expected, const QueueParameters& p, const char* what) {
  const double rho = p.arrival_rate * p.service.mean / static_cast<double>(p.servers);
  const double limit = limit_at(rho);
  const RunLength length = run_length(rho, p.service.scv, static_cast<double>(p.servers));
  const bool many = p.servers >= 8 && p.service.kind == SizeLaw::Kind::exponential;
  const Draws draws(what, input);
  std::vector<Measure> measures = {{"utilization", limit, true},
                                   {"prob_wait", limit, true},
                                   {"mean_wait", limit, false, kWaitFloor * p.service.mean},
                                   {"mean_response", limit},
                                   {"mean_in_queue", limit, false, kWaitFloor * rho},
                                   {"mean_in_system", limit}};
  const std::vector<std::pair<std::string, double>> quantiles = {{"p50", 0.50}, {"p95", 0.95}, {"p99", 0.99}};
  std::vector<std::string> asked;  // quantiles cost time: only those that are asked for
  for (const char* of : {"wait_", "response_"}) {
    for (const auto& [name, p_of] : quantiles) {
      if (expected.contains(of + name)) {
        measures.push_back({of + name, 0.05});
        asked.push_back(of + name);
      }
    }
  }
  const bool lengths = expected.contains("asymptotic_variance_of_wait");
  auto answers = measured(
      measures,
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        const QueueResult r = many ? simulate_memoryless_queue(p, length, random) : simulate_queue(p, length, random);
        std::vector<double> values = {r.utilization,   r.prob_wait,     r.mean_wait,
                                      r.mean_response, r.mean_in_queue, r.mean_in_system};
        for (const std::string& name : asked) {
          const double at = std::stod(name.substr(name.size() - 2)) / 100;
          values.push_back((name[0] == 'w' ? r.waits : r.responses).quantile(at));
        }
        return values;
      },
      64, most_replications(length, 800e6));
  if (lengths) {
    const Draws runs("runs", input);
    const auto variance = measured(
        {{"variance", limit}},
        [&](std::uint64_t i) {
          FastRandom random = runs.replication(i);
          return std::vector{simulate_wait_variance(p.arrival_rate, 1 / p.service.mean, 150, random)};
        },
        32, 2'048);
    const Json& v = variance.at("variance");
    const Json& w = answers.at("mean_wait");
    answers["asymptotic_variance_of_wait"] = v;
    // customers for a half width of 1 % of the mean wait at 95 %: (1.96 / (0.01 W))^2 x variance
    const double customers = std::pow(1.96 / (0.01 * number(w, "mean")), 2) * number(v, "mean");
    const auto relative = [&](const char* key) {
      return std::hypot(number(v, key) / number(v, "mean"), 2 * number(w, key) / number(w, "mean"));
    };
    answers["customers_for_1pct_halfwidth_95"] =
        interval(customers, relative("half_width") * customers, relative("joint_half_width") * customers, 0.05);
  }
  return select(expected, answers);
}

Json mm1(const Json& input, const Json& expected) {
  return open_queue(input, expected, {number(input, "arrival_rate"), exponential(number(input, "service_rate"))},
                    "mm1");
}

Json mmc(const Json& input, const Json& expected) {
  return open_queue(
      input, expected,
      {number(input, "arrival_rate"), exponential(number(input, "service_rate")), whole(input, "servers")}, "mmc");
}

Json mg1_fcfs(const Json& input, const Json& expected) {
  const SizeLaw law =
      size_law(input.at("distribution").get<std::string>(), number(input, "mean_service"), number(input, "scv"));
  return open_queue(input, expected, {number(input, "arrival_rate"), law}, "mg1_fcfs");
}

Json mmck(const Json& input, const Json& expected) {
  QueueParameters p{number(input, "arrival_rate"), exponential(number(input, "service_rate")), whole(input, "servers"),
                    whole(input, "system_limit")};
  const Draws draws("mmck", input);
  const auto room = static_cast<double>(p.system_limit);
  RunLength length;
  length.warm_up = static_cast<std::int64_t>(1'000 + 4 * room * room);
  length.counted = 20 * length.warm_up;
  return select(expected,
                measured(
                    {{"blocking", 0.02, true},
                     {"throughput"},
                     {"mean_in_system"},
                     {"mean_response_of_admitted"},
                     {"utilization", 0.02, true}},
                    [&](std::uint64_t i) {
                      FastRandom random = draws.replication(i);
                      const QueueResult r = simulate_queue(p, length, random);
                      return std::vector{r.blocking, r.throughput, r.mean_in_system, r.mean_response, r.utilization};
                    },
                    64, most_replications(length, 160e6)));
}

Json erlang_a(const Json& input, const Json& expected) {
  QueueParameters p{number(input, "arrival_rate"), exponential(number(input, "service_rate")), whole(input, "servers"),
                    0, number(input, "abandon_rate")};
  const Draws draws("erlang_a", input);
  RunLength length;
  // The queue forgets within some patiences and services.
  length.warm_up = static_cast<std::int64_t>(
      1'000 + 40 * p.arrival_rate * (1 / p.abandon_rate + p.service.mean * static_cast<double>(p.servers) / 4));
  length.counted = 20 * length.warm_up;
  return select(expected,
                measured(
                    {{"prob_abandon", 0.02, true},
                     {"prob_wait", 0.02, true},
                     {"mean_in_queue"},
                     {"mean_wait_all"},
                     {"utilization", 0.02, true}},
                    [&](std::uint64_t i) {
                      FastRandom random = draws.replication(i);
                      const QueueResult r = simulate_queue(p, length, random);
                      return std::vector{r.abandoned, r.prob_wait, r.mean_in_queue, r.mean_wait, r.utilization};
                    },
                    64, most_replications(length, 160e6)));
}

Json erlang_b(const Json& input, const Json& expected) {
  std::map<std::string, Json> every;
  for (const char* name : {"exponential", "deterministic", "lognormal"}) {
    QueueParameters p{number(input, "arrival_rate"), size_law(name, number(input, "mean_service"), 4),
                      whole(input, "servers"), whole(input, "servers")};
    const auto servers = static_cast<double>(p.servers);
    const Draws draws(name, input);
    RunLength length;
    length.warm_up = static_cast<std::int64_t>(1'000 + 40 * p.arrival_rate * p.service.mean);
    length.counted = 20 * length.warm_up;
    const auto one = measured(
        {{"blocking", 0.02, true}, {"mean_busy"}, {"utilization", 0.02, true}},
        [&](std::uint64_t i) {
          FastRandom random = draws.replication(i);
          const QueueResult r = simulate_queue(p, length, random);
          return std::vector{r.blocking, r.utilization * servers, r.utilization};
        },
        64, most_replications(length, 160e6));
    for (const auto& [key, value] : one) every[key]["every"].push_back(value);
  }
  return select(expected, every);
}

// ---- levels: a quantile is a set of whole numbers that the data allow ----

Json level_quantile(const std::vector<LevelShares>& runs, double p) {
  const auto edge = [&](std::int64_t level, double sign) {
    Replications r;
    for (const LevelShares& run : runs) r.add({run.at_most(level)});
    return r.mean(0) + sign * r.half_width(0, kJoint);
  };
  std::int64_t low = 0;
  while (edge(low, 1) < p) ++low;
  std::int64_t high = low;
  while (edge(high, -1) < p && high < 2 * low + 10) ++high;
  const bool wide = high - low > std::max(2.0, 0.1 * static_cast<double>(low));
  return {{"low", low}, {"high", high}, {"wide", wide}};
}

/// A level's interval is not wide up to a tenth of it, which the joint interval spans with 3.89 deviations to each side
/// where this one has 2.58.
constexpr double kLevelLimit = 0.035;

double own_quantile(const LevelShares& run, double p) {
  std::int64_t level = 0;
  while (run.at_most(level) < p) ++level;
  return static_cast<double>(level);
}

Json mg_ps_capped(const Json& input, const Json& expected) {
  SharingRun run;
  const double rate = number(input, "arrival_rate");
  const double demand = number(input, "mean_cpu_demand");
  const SizeLaw law = size_law(input.value("distribution", "exponential"), demand, input.value("scv", 1.0));
  run.classes = {{rate, law, 1}};
  run.cap_cores = number(input, "cpu_cap_cores");
  run.cores_per_request = input.value("max_cores_per_request", 1.0);
  run.max_concurrency = input.value("max_concurrency", std::int64_t{0});
  const double rho = rate * demand / run.cap_cores;
  const double limit = run.max_concurrency > 0 ? 0.02 : limit_at(rho);
  RunLength length = run_length(rho, std::max(1.0, law.scv), run.cap_cores);
  if (run.max_concurrency > 0) {
    const auto room = static_cast<double>(run.max_concurrency);
    length.warm_up = static_cast<std::int64_t>(1'000 + 4 * room * room);
    length.counted = 15 * length.warm_up;
  }
  const Draws draws("mg_ps_capped", input);
  std::vector<LevelShares> levels;
  auto answers = measured(
      {{"mean_in_system", limit},
       {"mean_response", limit},
       {"slowdown", limit},
       {"cpu_used_cores", limit, true},
       {"utilization_of_cap", limit, true},
       {"prob_empty", limit, true},
       {"blocking", limit, true},
       {"own_p99", kLevelLimit}},
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        SharingResult r = simulate_sharing(run, length, random);
        levels.push_back(r.in_system);
        const double response = r.mean_response_all;
        return std::vector{r.in_system.mean(),
                           response,
                           response / demand,
                           r.cpu_used_cores,
                           r.cpu_used_cores / run.cap_cores,
                           r.in_system.share(0),
                           r.blocking,
                           own_quantile(r.in_system, 0.99)};
      },
      64, most_replications(length, 160e6));
  answers["in_system_p99"] = level_quantile(levels, 0.99);
  return select(expected, answers);
}

Json dps(const Json& input, const Json& expected) {
  SharingRun run;
  double rho = 0;
  for (const char* key : {"class1", "class2"}) {
    const Json& c = input.at(key);
    run.classes.push_back({number(c, "arrival_rate"), exponential(number(c, "service_rate")), number(c, "weight")});
    rho += number(c, "arrival_rate") / number(c, "service_rate");
  }
  const double limit = limit_at(rho);
  const RunLength length = run_length(rho, 1, 1);
  const auto responses = [&](const char* what) {
    const Draws draws(what, input);
    return measured(
        {{"mean_response_1", limit}, {"mean_response_2", limit}},
        [&](std::uint64_t i) {
          FastRandom random = draws.replication(i);
          return simulate_sharing(run, length, random).mean_response;
        },
        64, most_replications(length, 160e6));
  };
  auto answers = responses("dps");
  if (expected.contains("mean_response_equal_weights")) {
    for (SharingClass& c : run.classes) c.weight = 1;
    const auto equal = responses("equal");
    answers["mean_response_equal_weights"] = {equal.at("mean_response_1"), equal.at("mean_response_2")};
  }
  return select(expected, answers);
}

// ---- unlimited servers ----

Json mginf_periodic(const Json& input, const Json& expected, const SizeLaw& law) {
  const double rate = number(input, "mean_arrival_rate");
  const double beta = number(input, "relative_amplitude");
  const double period = number(input, "period");
  const auto periods = std::max<std::int64_t>(8, static_cast<std::int64_t>(400'000 / (rate * period)));
  const double warm_up = law.scv > 1.5 ? 200 * law.mean : 40 * law.mean;
  const Draws draws("mginf", input);
  return select(expected,
                measured(
                    {{"mean_at_t0"}, {"mean_at_quarter"}, {"mean_at_half"}, {"peak_mean"}, {"peak_lag_s"}},
                    [&](std::uint64_t i) {
                      FastRandom random = draws.replication(i);
                      const Harmonic h = simulate_unlimited_periodic(rate, beta, period, law, warm_up, periods, random);
                      // m(t) = mean + sine sin(wt) + cosine cos(wt); the rate peaks a quarter period after t = 0
                      const double lag = std::atan2(-h.cosine, h.sine) * period / (2 * std::numbers::pi);
                      return std::vector{h.mean + h.cosine, h.mean + h.sine, h.mean - h.cosine,
                                         h.mean + std::hypot(h.sine, h.cosine), lag};
                    },
                    32,
                    std::max<std::uint64_t>(
                        64, static_cast<std::uint64_t>(320e6 / (rate * period * static_cast<double>(periods))))));
}

Json mginf(const Json& input, const Json& expected) {
  const SizeLaw law =
      size_law(input.at("distribution").get<std::string>(), number(input, "mean_service"), input.value("scv", 1.0));
  if (input.contains("period")) return mginf_periodic(input, expected, law);
  const double rate = number(input, "arrival_rate");
  const double warm_up = law.scv > 1.5 ? 200 * law.mean : (law.scv == 0 ? 2 : 40) * law.mean;
  const std::int64_t samples = 2'000;
  const Draws draws("mginf", input);
  std::vector<LevelShares> levels;
  auto answers = measured(
      {{"mean_in_system"}, {"variance_in_system"}, {"prob_empty", 0.02, true}},
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        levels.push_back(simulate_unlimited(rate, law, warm_up, law.mean, samples, random));
        const LevelShares& s = levels.back();
        return std::vector{s.mean(), s.variance(), s.share(0)};
      },
      64,
      std::max<std::uint64_t>(64,
                              static_cast<std::uint64_t>(240e6 / (rate * law.mean * static_cast<double>(samples)))));
  if (expected.contains("p95_in_system")) answers["p95_in_system"] = level_quantile(levels, 0.95);
  if (expected.contains("p99_in_system")) answers["p99_in_system"] = level_quantile(levels, 0.99);
  return select(expected, answers);
}

// ---- several services ----

Json tandem(const Json& input, const Json& expected) {
  const double rate = number(input, "arrival_rate");
  std::vector<Stage> stages;
  std::vector<Measure> measures = {{"mean_end_to_end"}};
  double rho = 0;
  double servers = 0;
  for (const Json& stage : input.at("stages")) {
    stages.push_back({exponential(number(stage, "service_rate")), whole(stage, "servers")});
    rho = std::max(rho, rate / (number(stage, "service_rate") * number(stage, "servers")));
    servers += number(stage, "servers");
    measures.push_back({"stage" + std::to_string(measures.size())});
  }
  for (Measure& m : measures) m.limit = limit_at(rho);
  const RunLength length = run_length(rho, 1, servers);
  const Draws draws("tandem", input);
  auto answers = measured(
      measures,
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        const ChainResult r = simulate_chain(rate, stages, length, random);
        std::vector<double> values = {r.mean_end_to_end};
        values.insert(values.end(), r.stage_mean_response.begin(), r.stage_mean_response.end());
        return values;
      },
      64, most_replications(length, 100e6));
  Json& by_stage = answers["stage_mean_response"] = Json::array();
  for (std::size_t s = 1; s < measures.size(); ++s) by_stage.push_back(answers.at(measures[s].name));
  return select(expected, answers);
}

Json fork_join(const Json& input, const Json& expected) {
  const bool unlimited = !input.at("arrival_rate").is_number();
  const double rate = unlimited ? 1 : number(input, "arrival_rate");
  const double service_rate = number(input, "service_rate");
  const std::int64_t branches = whole(input, "branches");
  const double rho = unlimited ? 0 : rate / service_rate;
  const double limit = limit_at(rho);
  RunLength length = run_length(rho, 1, 1);
  if (unlimited) length = {0, 20'000};
  const Draws draws("fork_join", input);
  return select(
      expected,
      measured(
          {{"mean_response", limit}, {"branch_mean_response", limit}, {"response_p50", 0.05}, {"response_p99", 0.05}},
          [&](std::uint64_t i) {
            FastRandom random = draws.replication(i);
            const ForkJoinResult r =
                simulate_fork_join(rate, exponential(service_rate), branches, unlimited, length, random);
            return std::vector{r.mean_response, r.branch_mean_response, r.responses.quantile(0.5),
                               r.responses.quantile(0.99)};
          },
          32, most_replications(length, 160e6)));
}

Json load_balancing(const Json& input, const Json& expected) {
  const double rate = number(input, "arrival_rate");
  const SizeLaw law = exponential(number(input, "service_rate"));
  const std::int64_t replicas = whole(input, "replicas");
  const double rho = rate * law.mean / static_cast<double>(replicas);
  const double limit = limit_at(rho);
  RunLength length = run_length(rho, 1, static_cast<double>(replicas));
  // Replicas that do not pool relax each at its own pace, counted in requests of all of them.
  RunLength apart = length;
  apart.warm_up *= replicas;
  apart.counted = 15 * apart.warm_up;
  const auto balanced = [&](Balancing policy, const char* what, const RunLength& run, double wanted, double requests) {
    const Draws draws(what, input);
    return measured(
        {{"mean_response", wanted}, {"prob_wait", wanted, true}, {"utilization", wanted}},
        [&](std::uint64_t i) {
          FastRandom random = draws.replication(i);
          const BalancingResult r = simulate_balancing(policy, rate, law, replicas, run, random);
          return std::vector{r.mean_response, r.prob_wait, r.utilization};
        },
        16,
        std::max<std::uint64_t>(16,
                                static_cast<std::uint64_t>(requests / static_cast<double>(run.counted + run.warm_up))));
  };
  const auto random = balanced(Balancing::random, "random", apart, limit, 100e6);
  const auto in_turn = balanced(Balancing::round_robin, "round_robin", apart, limit, 100e6);
  const auto two = balanced(Balancing::power_of_two, "power_of_two", length, 0.05, 10e6);
  const auto shortest = balanced(Balancing::shortest_queue, "shortest_queue", length, 0.05, 10e6);
  const Draws draws("central", input);
  const auto central = measured(
      {{"mean_response", limit}},
      [&](std::uint64_t i) {
        FastRandom numbers = draws.replication(i);
        return std::vector{simulate_queue({rate, law, replicas}, length, numbers).mean_response};
      },
      32, most_replications(length, 60e6));
  // central <= shortest queue <= power of two <= round robin <= random, as far as the intervals can tell
  bool order_holds = true;
  const Json* before = &central.at("mean_response");
  for (const auto* next : {&shortest, &two, &in_turn, &random}) {
    const Json& after = next->at("mean_response");
    if (number(*before, "mean") - number(*before, "half_width") > number(after, "mean") + number(after, "half_width")) {
      order_holds = false;
    }
    before = &after;
  }
  Json result = select(expected, {{"utilization", random.at("utilization")},
                                  {"round_robin_mean_response", in_turn.at("mean_response")},
                                  {"round_robin_sigma", in_turn.at("prob_wait")},  // GI/M/1: sigma = P(wait)
                                  {"random_mean_response", random.at("mean_response")},
                                  {"central_queue_mean_response", central.at("mean_response")}});
  result["$order_holds"] = order_holds;
  return result;
}

Json within(const Replications& r, std::size_t measure, double tolerance) {
  return {{"mean", r.mean(measure)}, {"half_width", r.half_width(measure, 0.99)}, {"tolerance", tolerance}};
}

/// Mean service times that are counted: levels that one replica in a million reaches are known to 2 % then.
constexpr double kChoicesLength = 100;

Json power_of_two(const Json& input, const Json& expected) {
  const double rho = number(input, "utilization");
  const double service = 1 / number(input, "service_rate");
  // Ever more replicas approach the limit that the values are; fifty times the least number is close enough.
  const std::int64_t replicas = 50 * std::max<std::int64_t>(1'000, whole(input, "replicas"));
  const std::size_t levels = std::max<std::size_t>(1, expected.value("fraction_with_at_least", Json::array()).size());
  const double counted = std::max(kChoicesLength, 20 + 2 / (1 - rho));
  const Draws draws("power_of_two", input);
  Replications r;
  for (std::uint64_t i = 0; i < 16; ++i) {
    FastRandom random = draws.replication(i);
    const ChoicesResult one =
        simulate_choices(rho, replicas, whole(input, "d"), levels, 6 / (1 - rho), counted, random);
    std::vector<double> values = {one.mean_in_system, one.mean_response * service};
    values.insert(values.end(), one.fraction_with_at_least.begin(), one.fraction_with_at_least.end());
    r.add(values);
  }
  // Long queues are very sensitive to the load; the busy part (measure 2) has the known mean rho.
  const auto corrected = [&](std::size_t measure) -> Json {
    const auto c = r.controlled(measure, 2, rho, 0.99);
    return {{"mean", c.mean}, {"half_width", c.half_width}, {"tolerance", 0.02}};
  };
  std::map<std::string, Json> answers = {{"mean_in_system_per_replica", corrected(0)},
                                         {"mean_response", corrected(1)},
                                         {"fraction_with_at_least", Json::array()}};
  for (std::size_t k = 0; k < levels; ++k) {
    answers["fraction_with_at_least"].push_back(k == 0 ? within(r, 2, 0.02) : corrected(2 + k));
  }
  if (expected.contains("random_mean_response")) {
    const RunLength length = run_length(rho, 1, 1);
    const Draws single("random", input);
    const Replications alone = replicate(
        [&](std::uint64_t i) {
          FastRandom random = single.replication(i);
          return std::vector{simulate_queue({rho / service, exponential(1 / service)}, length, random).mean_response};
        },
        {{0.008, 0}}, 64, most_replications(length, 100e6));
    answers["random_mean_response"] = within(alone, 0, 0.02);
  }
  return select(expected, answers);
}

Json retries(const Json& input, const Json& expected) {
  const double p = number(input, "failure_prob");
  const Draws draws("retries", input);
  // Relative variance of a round's failures is (1 - p) / p over the number of requests; enough of them for 0.3 % in
  // all.
  const auto requests = static_cast<std::int64_t>(std::clamp(20'000 * (1 - p) / p, 20'000.0, 4e6));
  const Replications r = replicate(
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        const RetryResult one = simulate_retries(p, whole(input, "max_retries"), requests, random);
        return std::vector{one.mean_attempts, one.prob_final_failure};
      },
      {{0.003, 0}, {0.003, 0}}, 32, 512);
  return select(expected, {{"mean_attempts", within(r, 0, 0.01)}, {"prob_final_failure", within(r, 1, 0.01)}});
}

Json cfs_quota(const Json& input, const Json& expected) {
  const auto nanoseconds = [&](const char* key) { return std::llround(number(input, key) * 1e6); };
  const QuotaResult r = simulate_quota({nanoseconds("cpu_demand_ms"), whole(input, "parallel_threads"),
                                        nanoseconds("quota_ms"), nanoseconds("period_ms"), whole(input, "node_cores")});
  return select(
      expected,
      {{"completion_ms", r.end_ms()}, {"throttled_periods", r.throttled_periods}, {"periods_used", r.periods_used}});
}

}  // namespace

void register_queueing(std::vector<Topic>& topics) {
  const auto add = [&](std::string_view name, Json (*evaluate)(const Json&, const Json&)) {
    topics.push_back({"queueing", name, evaluate, matches});
  };
  add("cfs_quota", cfs_quota);
  add("dps", dps);
  add("erlang_a", erlang_a);
  add("erlang_b", erlang_b);
  add("fork_join", fork_join);
  add("load_balancing", load_balancing);
  add("mg1_fcfs", mg1_fcfs);
  add("mg_ps_capped", mg_ps_capped);
  add("mginf", mginf);
  add("mm1", mm1);
  add("mmc", mmc);
  add("mmck", mmck);
  add("power_of_two", power_of_two);
  add("retries", retries);
  add("tandem", tandem);
}

}  // namespace plimsoll::conformance
