#include "tests/conformance/queueing_topics.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::conformance {

namespace queueing {

double number(const Json& input, const char* key) { return input.at(key).get<double>(); }
std::int64_t whole(const Json& input, const char* key) { return input.at(key).get<std::int64_t>(); }

Json interval(double mean, double narrow, double wide, double limit, double floor) {
  return {{"mean", mean}, {"half_width", narrow}, {"joint_half_width", wide}, {"limit", limit}, {"floor", floor}};
}

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

Json select(const Json& expected, const std::map<std::string, Json>& answers) {
  Json result = Json::object();
  for (const auto& [key, value] : expected.items()) {
    const auto found = answers.find(key);
    if (found == answers.end()) throw Unsupported("no measure named '" + key + "'");
    result[key] = found->second;
  }
  return result;
}

namespace {

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

}  // namespace

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

}  // namespace queueing

void register_queueing(std::vector<Topic>& topics) {
  const auto add = [&](std::string_view name, Json (*evaluate)(const Json&, const Json&)) {
    topics.push_back({"queueing", name, evaluate, queueing::matches});
  };
  add("cfs_quota", queueing::cfs_quota);
  add("dps", queueing::dps);
  add("erlang_a", queueing::erlang_a);
  add("erlang_b", queueing::erlang_b);
  add("fork_join", queueing::fork_join);
  add("load_balancing", queueing::load_balancing);
  add("mg1_fcfs", queueing::mg1_fcfs);
  add("mg_ps_capped", queueing::mg_ps_capped);
  add("mginf", queueing::mginf);
  add("mm1", queueing::mm1);
  add("mmc", queueing::mmc);
  add("mmck", queueing::mmck);
  add("power_of_two", queueing::power_of_two);
  add("retries", queueing::retries);
  add("tandem", queueing::tandem);
}

}  // namespace plimsoll::conformance
