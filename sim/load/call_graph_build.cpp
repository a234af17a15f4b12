// The call graph solved: order and rings by Boost.Graph, the traffic equations by Eigen. Done once a platform.
#define EIGEN_DONT_VECTORIZE  // same operations in the same order on every machine
#include <Eigen/Dense>
#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/strong_components.hpp>
#include <cmath>
#include <set>
#include <utility>

#include "sim/core/assert.h"
#include "sim/load/call_graph.h"

namespace plimsoll::load {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

/// The shortest ring through `start` inside its strongly connected group; the lowest caller wins ties.
Cycle ring_through(std::uint32_t start, const Graph& graph, const std::vector<int>& group) {
  const std::size_t n = boost::num_vertices(graph);
  std::vector<std::uint32_t> caller(n, static_cast<std::uint32_t>(n));
  std::vector<std::uint32_t> queue{start};
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const std::uint32_t at = queue[head];
    for (const auto& edge : boost::make_iterator_range(boost::out_edges(at, graph))) {
      const auto to = static_cast<std::uint32_t>(boost::target(edge, graph));
      if (group[to] != group[start]) continue;
      if (to == start) {
        Cycle ring;
        for (std::uint32_t back = at; back != start; back = caller[back]) ring.push_back(back);
        ring.push_back(start);
        std::reverse(ring.begin(), ring.end());
        return ring;
      }
      if (caller[to] == n) {
        caller[to] = at;
        queue.push_back(to);
      }
    }
  }
  return {start};
}

}  // namespace

Parsed<CallGraph> CallGraph::build(std::vector<std::string> names, std::vector<Call> calls,
                                   std::vector<double> entry_share) {
  PLIMSOLL_ASSERT(names.size() == entry_share.size());
  const std::size_t n = names.size();
  CallGraph graph;
  graph.names_ = std::move(names);
  for (std::size_t i = 0; i < n; ++i) {
    if (!(entry_share[i] >= 0) || !std::isfinite(entry_share[i])) {
      return {std::nullopt, "the entry share of '" + graph.names_[i] + "' is not a number >= 0"};
    }
  }
  for (const Call& call : calls) {
    if (call.from >= n || call.to >= n) return {std::nullopt, "a call names a service that does not exist"};
    const std::string pair = "'" + graph.names_[call.from] + "' to '" + graph.names_[call.to] + "'";
    if (!(call.per_request >= 0) || !std::isfinite(call.per_request)) {
      return {std::nullopt, "the number of calls from " + pair + " is not a number >= 0"};
    }
    if (!(call.failure_probability >= 0 && call.failure_probability < 1) || call.max_retries < 0) {
      return {std::nullopt,
              "the retries of the calls from " + pair + " need a failure probability in [0, 1) and a count >= 0"};
    }
  }
  std::erase_if(calls, [](const Call& call) { return call.per_request == 0; });
  std::stable_sort(calls.begin(), calls.end(),
                   [](const Call& a, const Call& b) { return std::pair(a.from, a.to) < std::pair(b.from, b.to); });
  graph.calls_ = std::move(calls);
  for (const Call& call : graph.calls_) {
    const double part = call.per_request - std::floor(call.per_request);
    graph.times_.push_back(call.per_request * call.attempts());
    graph.chance_.push_back(part * (1 - part));
    graph.calls_fail_ = graph.calls_fail_ || call.final_failure() != 0;
  }
  graph.first_call_.assign(n + 1, 0);
  for (const Call& call : graph.calls_) ++graph.first_call_[call.from + 1];
  for (std::size_t i = 0; i < n; ++i) graph.first_call_[i + 1] += graph.first_call_[i];

  Graph edges(n);
  for (const Call& call : graph.calls_) boost::add_edge(call.from, call.to, edges);
  std::vector<int> group(n);
  const int groups =
      n == 0 ? 0
             : boost::strong_components(
                   edges, boost::make_iterator_property_map(group.begin(), boost::get(boost::vertex_index, edges)));

  // Callers first: groups without an unplaced caller, the one with the lowest member first.
  std::vector<std::vector<std::uint32_t>> members(static_cast<std::size_t>(groups));
  for (std::uint32_t i = 0; i < n; ++i) members[static_cast<std::size_t>(group[i])].push_back(i);
  std::vector<std::uint32_t> callers(static_cast<std::size_t>(groups), 0);
  std::vector<char> ringed(static_cast<std::size_t>(groups), 0);
  for (const Call& call : graph.calls_) {
    const auto from = static_cast<std::size_t>(group[call.from]);
    const auto to = static_cast<std::size_t>(group[call.to]);
    if (from == to) {
      ringed[from] = 1;
    } else {
      ++callers[to];
    }
  }
  std::set<std::pair<std::uint32_t, std::size_t>> open;  // lowest member, group
  for (std::size_t g = 0; g < members.size(); ++g) {
    if (callers[g] == 0) open.emplace(members[g].front(), g);
  }
  while (!open.empty()) {
    const std::size_t g = open.begin()->second;
    open.erase(open.begin());
    for (const std::uint32_t service : members[g]) {
      graph.order_.push_back(service);
      for (std::uint32_t c = graph.first_call_[service]; c < graph.first_call_[service + 1]; ++c) {
        const auto to = static_cast<std::size_t>(group[graph.calls_[c].to]);
        if (to != g && --callers[to] == 0) open.emplace(members[to].front(), to);
      }
    }
  }
  PLIMSOLL_ASSERT(graph.order_.size() == n);

  for (std::uint32_t i = 0; i < n; ++i) {
    const auto g = static_cast<std::size_t>(group[i]);
    if (ringed[g] && members[g].front() == i) graph.cycles_.push_back(ring_through(i, edges, group));
  }

  // Calls per request in the order of order_, where an acyclic graph is strictly upper triangular.
  std::vector<Eigen::Index> place(n);
  for (std::size_t i = 0; i < n; ++i) place[graph.order_[i]] = static_cast<Eigen::Index>(i);
  const auto rows = static_cast<Eigen::Index>(n);
  Eigen::MatrixXd system = Eigen::MatrixXd::Identity(rows, rows);
  for (const Call& call : graph.calls_) {
    system(place[call.from], place[call.to]) -= call.per_request * call.attempts();
  }
  Eigen::VectorXd entry(rows);
  for (std::size_t i = 0; i < n; ++i) entry(place[i]) = entry_share[i];
  Eigen::VectorXd visits;
  if (graph.cycles_.empty()) {
    visits = system.transpose().triangularView<Eigen::UnitLower>().solve(entry);
  } else {
    const Eigen::MatrixXd counts = Eigen::MatrixXd::Identity(rows, rows) - system;
    for (const Cycle& cycle : graph.cycles_) {
      const auto& inside = members[static_cast<std::size_t>(group[cycle.front()])];
      const auto first = place[inside.front()];
      const auto size = static_cast<Eigen::Index>(inside.size());
      const Eigen::MatrixXd block = counts.block(first, first, size, size);
      double radius = 0;
      const Eigen::EigenSolver<Eigen::MatrixXd> solver(block, false);
      for (Eigen::Index i = 0; i < size; ++i) radius = std::max(radius, std::abs(solver.eigenvalues()(i)));
      graph.spectral_radius_ = std::max(graph.spectral_radius_, radius);
      if (!(radius < 1 - 1e-9)) {
        return {std::nullopt, "the calls " + graph.describe(cycle) + " multiply without end: each round makes " +
                                  std::to_string(radius) + " new rounds (must be below 1)"};
      }
    }
    const Eigen::MatrixXd inverse = system.partialPivLu().inverse();
    visits = inverse.transpose() * entry;
    graph.inverse_.resize(n * n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) graph.inverse_[i * n + j] = inverse(place[i], place[j]);
    }
  }
  graph.visits_.resize(n);
  for (std::size_t i = 0; i < n; ++i) graph.visits_[i] = visits(place[i]);
  return {std::move(graph), ""};
}

}  // namespace plimsoll::load
