// Also tests: traffic_sharing
#include "sim/load/traffic.h"

#include <doctest/doctest.h>

#include <tuple>

#include "sim/cluster/host_agent.h"
#include "sim/core/random.h"
#include "sim/load/rate_series.h"
#include "sim/load/request_simulation.h"
#include "tests/sim/load/traffic_stage.h"

namespace plimsoll::load {
namespace {

using namespace testing;

TEST_CASE("within capacity everything is served and uses the CPU that its work says") {
  TrafficStage s(100);
  const auto web = s.app("web", 500, 5);
  const NodeId node = ready_node(s.world, 4000, 8192);
  s.serve_at(0, web, node, 2);
  s.go();
  s.world.run();
  const Usage& u = s.usage();
  check_balance(u);
  CHECK(u.lost == 0);
  // 100/s for 1800 s, within 5 standard deviations of a Poisson count: 180,000 +- 2,120.
  CHECK(std::abs(u.arrived / kMicroRequests - 180'000) < 2'120);
  // Each request takes 5 ms of a core: served x 5 ms, exact to the rounding of segments.
  const double core_seconds = static_cast<double>(u.cpu_serving) / static_cast<double>(kCpuTicksPerVcpu) / 1e6;
  CHECK(core_seconds == doctest::Approx(static_cast<double>(u.served) / kMicroRequests * 0.005).epsilon(1e-6));
  CHECK(u.serving_time == static_cast<__int128>(2) * minutes(30).count());
  CHECK(u.cpu_reserved == static_cast<__int128>(2) * cpu_millis(500).raw() * minutes(30).count());
}

TEST_CASE("whoever looks at the counters within a step changes nothing") {
  // 197 requests/s of 7 ms want 69 % of the two cores, and the calls of 3 ms 41 % of a core; looks at odd instants.
  const auto run = [](Duration every, Duration from, Duration until) {
    TrafficStage s(197);
    const auto web = s.app("web", 500, 7), api = s.app("api", 300, 3, 0.7);
    const NodeId node = ready_node(s.world, 2000, 8192);
    s.serve_at(0, web, node, 2);
    s.serve_at(400, api, node, 2);
    for (Duration at = from; at < until; at += every)
      s.script->at(kTimeZero + at, [](World& w) { w.service()->settle(w); });
    s.go();
    s.world.run();
    check_balance(s.usage());
    const LatencyWindow last = s.traffic().windows().back();
    return std::tuple(s.usage(0).served, s.usage(0).in_flight, s.usage(1).in_flight, last.p50_us, last.p99_us);
  };
  const auto unseen = run(seconds(1), {}, {});
  CHECK(std::get<0>(unseen) > 0);
  CHECK(run(milliseconds(611), {}, minutes(30)) == unseen);
  // In 97 us two cores serve 0.0277 requests, which is rounded to a millionth: the law is not read at that.
  CHECK(run(Duration{97}, seconds(500), seconds(501)) == unseen);
}

TEST_CASE("without a pod in traffic everything is lost at once") {
  TrafficStage s(100);
  s.app("web", 500, 5);
  s.go();
  s.world.run();
  CHECK(s.usage().lost == s.usage().arrived);
  CHECK(s.usage().arrived > 0);
  CHECK(s.usage().cpu_serving == 0);
}

TEST_CASE("a full node serves what its cores can do, no more") {
  // 400/s of 5 ms is two cores; the node has one: 200/s go through, the rest waits two seconds at most and is lost.
  TrafficStage s(400);
  const auto web = s.app("web", 500, 5);
  const NodeId node = ready_node(s.world, 1000, 8192);
  s.serve_at(0, web, node, 2);
  s.go();
  s.world.run();
  const Usage& u = s.usage();
  check_balance(u);
  CHECK(static_cast<double>(u.served) / kMicroRequests / 1800 == doctest::Approx(200).epsilon(0.005));
  CHECK(u.cpu_serving <= static_cast<__int128>(kCpuTicksPerVcpu) * minutes(30).count());
  CHECK(u.backlog <= 2 * 200 * kMicroRequests + kMicroRequests);
}

TEST_CASE("the most that one pod can use caps it while the node has room") {
  TrafficStage s(400);
  const auto web = s.app("web", 250, 5);
  s.plan->workloads[web].pod_most = cpu_millis(250);
  const NodeId node = ready_node(s.world, 16'000, 8192);
  s.serve_at(0, web, node, 4);
  s.go();
  s.world.run();
  // Four pods of a quarter core: 1 core, 200/s.
  CHECK(static_cast<double>(s.usage().served) / kMicroRequests / 1800 == doctest::Approx(200).epsilon(0.005));
  check_balance(s.usage());
}

TEST_CASE("a crowded node is shared by request") {
  // Both want two cores of two; web asks for three times what api asks for: 1.5 and 0.5 cores, 300/s and 100/s.
  TrafficStage s(400);
  const auto web = s.app("web", 900, 5), api = s.app("api", 300, 5);
  const NodeId node = ready_node(s.world, 2000, 8192);
  s.serve_at(0, web, node);
  s.serve_at(0, api, node);
  s.go();
  s.world.run();
  CHECK(static_cast<double>(s.usage(web).served) / kMicroRequests / 1800 == doctest::Approx(300).epsilon(0.01));
  CHECK(static_cast<double>(s.usage(api).served) / kMicroRequests / 1800 == doctest::Approx(100).epsilon(0.02));
}

TEST_CASE("a pod that is asked to stop leaves at that instant") {
  TrafficStage s(100);
  const auto web = s.app("web", 500, 5);
  const NodeId node = ready_node(s.world, 4000, 8192);
  s.serve_at(0, web, node, 2);
  s.script->at(at_s(601), [](World& w) { w.stop_pod(PodId{0}, Reason::scale_in); });
  s.script->at(at_s(630), [](World& w) { w.pod_ended(PodId{0}, Reason::none); });
  s.go();
  s.world.run();
  CHECK(s.usage().serving_time == static_cast<__int128>((1800 + 601) * 1'000'000ll));
  CHECK(s.usage().cpu_reserved == static_cast<__int128>((1800 + 601) * 1'000'000ll) * cpu_millis(500).raw());
  check_balance(s.usage());
}

TEST_CASE("when the last pod leaves, what arrives after it is lost") {
  TrafficStage s(100);
  const auto web = s.app("web", 500, 5);
  const NodeId node = ready_node(s.world, 4000, 8192);
  s.serve_at(0, web, node);
  s.script->at(at_s(901), [node](World& w) { w.terminate_node(node, Reason::node_lost); });
  s.go();
  s.world.run();
  const Usage& u = s.usage();
  check_balance(u);
  CHECK(u.serving_time == static_cast<__int128>(901'000'000));
  CHECK(static_cast<double>(u.served) / static_cast<double>(u.arrived) == doctest::Approx(901.0 / 1800).epsilon(0.02));
  CHECK(u.backlog == 0);
}

TEST_CASE("visits scale the arrivals of a workload") {
  TrafficStage s(200);
  const auto web = s.app("web", 500, 1), api = s.app("api", 500, 1, 0.25);
  const NodeId node = ready_node(s.world, 8000, 8192);
  s.serve_at(0, web, node);
  s.serve_at(0, api, node);
  s.go();
  s.world.run();
  CHECK(static_cast<double>(s.usage(api).arrived) / static_cast<double>(s.usage(web).arrived) ==
        doctest::Approx(0.25).epsilon(0.02));
}

TEST_CASE("start-up work gets the room there is, at least its request, at most its parallelism") {
  TrafficStage s(0);
  const auto web = s.app("web", 500, 5);
  const WorkloadId id = s.plan->workloads[web].workload;
  s.world.edit_workload(id).start_cpu_seconds = 8;
  s.world.edit_workload(id).start_cores = 2;
  s.world.host_profiles.assign(2, plain_host());
  const NodeId node = ready_node(s.world, 3000, 8192);
  s.world.attach(std::make_unique<HostAgent>());
  for (int i = 0; i < 3; ++i) s.script->at(at_s(10), [id, node](World& w) { w.bind_pod(w.create_pod(id), node); });
  s.go();
  s.world.run();
  // All start at 12.5 s. The first gets 2 cores: 4 s; the second the 1 that is left: 8 s; the third its request: 16 s.
  // Probes tick every 10 s from the start: seen at 22.5, 22.5 and 32.5 s.
  CHECK(s.world.pod(PodId{0}).ready == at_ms(22'500));
  CHECK(s.world.pod(PodId{1}).ready == at_ms(22'500));
  CHECK(s.world.pod(PodId{2}).ready == at_ms(32'500));
  CHECK(static_cast<double>(s.usage().cpu_starting) / static_cast<double>(kCpuTicksPerVcpu) / 1e6 ==
        doctest::Approx(24).epsilon(0.001));
}

TEST_CASE("what arrived is served, lost or waiting, whatever happens to the pods") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    TrafficStage s(350, minutes(20), seed);
    const auto web = s.app("web", 400, 4), api = s.app("api", 200, 7, 0.5);
    std::vector<NodeId> nodes;
    for (int i = 0; i < 3; ++i) nodes.push_back(ready_node(s.world, 2000, 8192, i));
    const Stream stream{seed, 3, Purpose::tie_break};
    for (std::uint64_t k = 0; k < 80; ++k) {
      const Time when = kTimeZero + Duration{static_cast<std::int64_t>(stream.below(1'199'000'000, k, 0))};
      const auto app = stream.below(2, k, 1) == 0 ? web : api;
      const NodeId node = nodes[stream.below(3, k, 2)];
      const bool leaves = stream.below(2, k, 3) == 0;
      s.script->at(when, [&s, app, node, leaves](World& w) {
        const WorkloadId id = s.plan->workloads[app].workload;
        if (!leaves) {
          const PodId pod = w.create_pod(id);
          if (w.bind_pod(pod, node) != Applied::yes) return;
          w.pod_started(pod);
          w.pod_ready(pod);
          w.pod_serving(pod);
          return;
        }
        for (const PodId pod : w.workload(id).pods) {
          if (w.pod(pod).state != PodState::serving) continue;
          w.stop_pod(pod, Reason::scale_in);
          break;
        }
      });
    }
    s.go();
    // At many instants, also between grid steps.
    for (std::int64_t t = 7; t < 1200; t += 97) {
      s.world.run_until(at_s(t));
      s.traffic().settle(s.world);
      for (const auto app : {web, api}) check_balance(s.usage(app));
    }
    s.world.run();
    for (const auto app : {web, api}) check_balance(s.usage(app));
    CHECK(s.usage(web).served > 0);
    // The windows hold what the entry served and lost.
    std::int64_t served = 0, lost = 0;
    for (const LatencyWindow& w : s.traffic().windows()) {
      served += w.served;
      lost += w.lost;
    }
    CHECK(served == s.usage(web).served);
    CHECK(lost == s.usage(web).lost);
    CHECK(s.traffic().windows().size() == 4);
  }
}

TEST_CASE("pods of a lost node serve nothing from that instant on, and are not taken off twice") {
  TrafficStage s(100);
  const auto web = s.app("web", 500, 5);
  const NodeId lost = ready_node(s.world, 4000, 8192), stays = ready_node(s.world, 4000, 8192);
  s.serve_at(0, web, lost);
  s.serve_at(0, web, stays);
  s.script->at(at_s(600), [lost](World& w) { w.lose_node(lost); });
  s.script->at(at_s(700), [](World& w) { w.pod_unready(PodId{0}, Reason::node_lost); });
  s.script->at(at_s(800), [](World& w) { w.stop_pod(PodId{0}, Reason::node_lost); });
  s.script->at(at_s(900), [lost](World& w) { w.terminate_node(lost, Reason::node_lost); });
  s.script->at(at_s(1000), [](World& w) { w.pod_failed(PodId{1}, Reason::container_exit, 1); });
  s.script->at(at_s(1100), [](World& w) {
    w.pod_restarted(PodId{1});
    w.pod_ready(PodId{1});
    w.pod_serving(PodId{1});
  });
  s.go();
  s.world.run();
  // 600 s on both, then on one alone but for 100 s of its own failure.
  const std::int64_t end = to_microseconds(s.world.end) / 1'000'000;
  CHECK(static_cast<std::int64_t>(s.usage(web).serving_time / 1'000'000) == 600 + end - 100);
  CHECK(s.usage(web).lost > 0);
  check_balance(s.usage(web));
}

TEST_CASE("the arrivals of a workload do not depend on its pods or on the other workloads") {
  TrafficStage a(100), b(100);
  a.app("web", 500, 5);
  b.app("web", 250, 50);
  b.app("api", 100, 1);
  const NodeId node = ready_node(b.world, 4000, 8192);
  b.serve_at(100, 0, node);
  a.go();
  b.go();
  a.world.run();
  b.world.run();
  CHECK(a.usage().arrived == b.usage().arrived);
  CHECK(a.usage().arrived > 0);
}

TEST_CASE("latency grows with utilisation and waits show up in it") {
  const auto p99_at = [](double rate) {
    TrafficStage s(rate);
    const auto web = s.app("web", 500, 5);
    const NodeId node = ready_node(s.world, 1000, 8192);
    s.serve_at(0, web, node);
    s.go();
    s.world.run();
    return s.traffic().latency().quantile(0.99);
  };
  const std::int64_t low = p99_at(20), middle = p99_at(150), over = p99_at(300);
  CHECK(low < middle);
  CHECK(middle < over);
  CHECK(over > 1'500'000);  // the wait of two seconds at which requests are given up
}

TEST_CASE("requests to a dead host are lost until its callers notice") {
  // Two nodes with one pod each; one host dies at 600 s and is noticed at 645 s: half of 45 s x 100/s is lost.
  TrafficStage s(100, minutes(20));
  const auto web = s.app("web", 500, 5);
  const NodeId good = ready_node(s.world, 4000, 8192), bad = ready_node(s.world, 4000, 8192);
  s.serve_at(0, web, good);
  s.serve_at(0, web, bad);
  s.script->at(at_s(600), [bad](World& w) { w.lose_node(bad); });
  s.script->at(at_s(645), [](World& w) { w.pod_unready(PodId{1}, Reason::node_lost); });
  s.go();
  s.world.run();
  check_balance(s.usage());
  CHECK(static_cast<double>(s.usage().lost) / kMicroRequests == doctest::Approx(2250).epsilon(0.05));
}

TEST_CASE("pods that are published before they answer lose their share of the requests") {
  // Beside one that serves, a second runs from 600 s on and answers from 660 s on: half of 60 s x 100/s is lost. At 900
  // s it fails and answers again from 930 s on: 1500 more. It is told to stop at 1000 s, holds SIGTERM back for 10 s
  // and is gone at 1020 s, which its callers know a second later: 11 s x 50/s. Behind a balancer none of that is sent.
  for (const bool balanced : {false, true}) {
    CAPTURE(balanced);
    TrafficStage s(100, minutes(20));
    const auto web = s.app("web", 500, 5);
    Workload& w = s.world.edit_workload(s.plan->workloads[web].workload);
    s.world.host_profiles.assign(2, plain_host());
    s.world.host_profiles[0].stop_leaves_after = seconds(1);
    s.world.host_profiles[0].stop_balanced = seconds(5);
    s.world.host_profiles[0].stop_plain = seconds(10);
    w.publish_not_ready = true;
    w.behind_balancer = balanced;
    w.pre_stop = seconds(10);
    const NodeId node = ready_node(s.world, 4000, 8192);
    s.serve_at(0, web, node);
    s.script->at(at_s(600), [node, id = w.id](World& x) {
      const PodId pod = x.create_pod(id);
      CHECK(x.bind_pod(pod, node) == Applied::yes);
      x.pod_started(pod);
    });
    s.script->at(at_s(660), [](World& x) { x.pod_published(PodId{1}); });
    s.script->at(at_s(700), [](World& x) {
      x.pod_ready(PodId{1});
      x.pod_serving(PodId{1});
    });
    s.script->at(at_s(900), [](World& x) { x.pod_failed(PodId{1}, Reason::container_exit, 1); });
    s.script->at(at_s(920), [](World& x) { x.pod_restarted(PodId{1}); });
    s.script->at(at_s(930), [](World& x) { x.pod_published(PodId{1}); });
    s.script->at(at_s(1000), [](World& x) { CHECK(x.stop_pod(PodId{1}, Reason::scale_in) == Applied::yes); });
    s.script->at(at_s(1020), [](World& x) { x.pod_ended(PodId{1}, Reason::none); });
    s.go();
    s.world.run();
    check_balance(s.usage());
    const double lost = balanced ? 0 : 3000 + 1500 + 550;
    CHECK(static_cast<double>(s.usage().lost) / kMicroRequests == doctest::Approx(lost).epsilon(0.05));
  }
}

TEST_CASE("a pod that is asked to stop gets no more requests, dead host or not") {
  TrafficStage s(100, minutes(20));
  const auto web = s.app("web", 500, 5);
  const NodeId good = ready_node(s.world, 4000, 8192), bad = ready_node(s.world, 4000, 8192);
  s.serve_at(0, web, good);
  s.serve_at(0, web, bad);
  s.script->at(at_s(600), [bad](World& w) { w.lose_node(bad); });
  s.script->at(at_s(630), [](World& w) { w.stop_pod(PodId{1}, Reason::node_lost); });
  s.script->at(at_s(900), [bad](World& w) { w.terminate_node(bad, Reason::node_lost); });
  s.go();
  s.world.run();
  check_balance(s.usage());
  CHECK(static_cast<double>(s.usage().lost) / kMicroRequests == doctest::Approx(1500).epsilon(0.06));
}

TEST_CASE("a host that is ended under its pods leaves dead targets behind too") {
  TrafficStage s(100, minutes(20));
  const auto web = s.app("web", 500, 5);
  const NodeId good = ready_node(s.world, 4000, 8192), bad = ready_node(s.world, 4000, 8192);
  s.serve_at(0, web, good);
  s.serve_at(0, web, bad);
  s.script->at(at_s(600), [bad](World& w) { w.terminate_node(bad, Reason::spot_interruption); });
  s.script->at(at_s(660), [](World& w) { w.target_removed(PodId{1}); });
  s.go();
  s.world.run();
  check_balance(s.usage());
  CHECK(static_cast<double>(s.usage().lost) / kMicroRequests == doctest::Approx(3000).epsilon(0.05));
}

/// The p-quantile of a law that is half the one and half the other.
double mixed_quantile(const ValueHistogram& a, const ValueHistogram& b, double p) {
  const auto part_below = [](const ValueHistogram& h, double x) {
    double low = 0, high = 1;
    for (int i = 0; i < 40; ++i) {
      const double middle = (low + high) / 2;
      (h.quantile(middle) <= x ? low : high) = middle;
    }
    return low;
  };
  double low = 0, high = std::max(a.quantile(0.9999), b.quantile(0.9999));
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (part_below(a, middle) + part_below(b, middle) < 2 * p ? low : high) = middle;
  }
  return low;
}

TEST_CASE("a crowded node slows its own share of the requests, as single requests on it are slowed") {
  // Two pods of web, one on a node of its own, one beside a hog that wants more than there is. By request, web has
  // w / (w + 500) of the two cores there; the hog is never idle. Request by request: two replicas, each with half of
  // the arrivals; the one with as many cores as a request can use is free, the other has web's share.
  std::uint64_t seed = 0;
  for (const std::int64_t request : {250, 500, 1000}) {
    for (const double use : {0.3, 0.6, 0.8}) {
      CAPTURE(request);
      CAPTURE(use);
      const double share = 2.0 * static_cast<double>(request) / static_cast<double>(request + 500);
      const double rate = 2 * use * share / 0.010;  // both pods together; 10 ms each
      TrafficStage s(rate, hours(2), ++seed);
      const auto web = s.app("web", request, 10), hog = s.app("hog", 500, 10, 1000 / rate);
      const NodeId free = ready_node(s.world, 16'000, 8192), crowded = ready_node(s.world, 2'000, 8192);
      s.serve_at(0, web, free);
      s.serve_at(0, web, crowded);
      s.serve_at(0, hog, crowded);
      s.go();
      s.world.run();
      check_balance(s.usage(web));
      CHECK(s.usage(web).lost == 0);
      CHECK(s.usage(hog).lost > 0);
      FastRandom random(Stream(seed, "crowded", Purpose::arrivals), 0);
      const SizeLaw work{SizeLaw::Kind::exponential, 0.01, 1};
      SharingRun slow, fast;
      slow.classes = fast.classes = {{rate / 2, work, 1}};
      slow.cap_cores = share;
      fast.cap_cores = 15;
      const SharingResult a = simulate_sharing(slow, {5'000, 200'000}, random);
      const SharingResult b = simulate_sharing(fast, {5'000, 200'000}, random);
      const LogLinearHistogram& latency = s.traffic().latency();
      CHECK(latency.mean() * 1e-6 == doctest::Approx((a.mean_response_all + b.mean_response_all) / 2).epsilon(0.1));
      CHECK(static_cast<double>(latency.quantile(0.99)) * 1e-6 ==
            doctest::Approx(mixed_quantile(a.responses, b.responses, 0.99)).epsilon(0.2));
    }
  }
}

TEST_CASE("a pod that gets less than it needs loses requests, the others none") {
  // 300/s for two pods: 150/s of 10 ms are 1.5 cores. Beside the hog web has 1 core: 100/s go through there, 50/s are
  // lost after two seconds; the other pod serves all of its own.
  TrafficStage s(300);
  const auto web = s.app("web", 500, 10), hog = s.app("hog", 500, 10, 2);
  const NodeId free = ready_node(s.world, 16'000, 8192), crowded = ready_node(s.world, 2'000, 8192);
  s.serve_at(0, web, free);
  s.serve_at(0, web, crowded);
  s.serve_at(0, hog, crowded);
  s.go();
  s.world.run();
  const Usage& u = s.usage(web);
  check_balance(u);
  CHECK(static_cast<double>(u.lost) / static_cast<double>(u.arrived) == doctest::Approx(1.0 / 6).epsilon(0.02));
  CHECK(s.traffic().latency().quantile(0.5) < 30'000);
  CHECK(s.traffic().latency().quantile(0.95) > 1'500'000);
}

TEST_CASE("when a crowded node has room again, what waited there is served") {
  TrafficStage s(150);
  const auto web = s.app("web", 500, 10), hog = s.app("hog", 500, 10, 2);
  const NodeId free = ready_node(s.world, 16'000, 8192), crowded = ready_node(s.world, 1'000, 8192);
  s.plan->workloads[web].timeout = hours(1);
  s.serve_at(0, web, free);
  s.serve_at(0, web, crowded);
  s.serve_at(0, hog, crowded);
  s.script->at(at_s(600), [](World& w) { w.stop_pod(PodId{2}, Reason::scale_in); });
  s.go();
  s.world.run_until(at_s(599));
  s.traffic().settle(s.world);
  // 75/s of 10 ms want 0.75 cores and get a half: 25/s wait.
  CHECK(static_cast<double>(s.usage(web).backlog) / kMicroRequests == doctest::Approx(25 * 599).epsilon(0.05));
  s.world.run();
  check_balance(s.usage(web));
  CHECK(s.usage(web).lost == 0);
  CHECK(s.usage(web).backlog < kMicroRequests);
}

TEST_CASE("calls of lost requests are not made") {
  TrafficStage s(400);
  const auto web = s.app("web", 500, 5), api = s.app("api", 500, 1);
  const NodeId small = ready_node(s.world, 1'000, 8192), large = ready_node(s.world, 16'000, 8192);
  s.serve_at(0, web, small);
  s.serve_at(0, api, large);
  s.calls.push_back({web, api, 1});
  s.go();
  s.world.run();
  // web can serve 200/s of 400/s, and so many calls reach api (but for the first step, which knows of no loss yet).
  CHECK(static_cast<double>(s.usage(api).arrived) / static_cast<double>(s.usage(web).served) ==
        doctest::Approx(1.0).epsilon(0.02));
}

TEST_CASE("a request whose call finds nobody is answered with an error") {
  TrafficStage s(100);
  const auto web = s.app("web", 500, 5), api = s.app("api", 500, 1, 0.3), deep = s.app("deep", 500, 1, 0.06);
  const NodeId node = ready_node(s.world, 16'000, 8192);
  s.serve_at(0, web, node, 2);
  s.serve_at(0, api, node);  // deep has no pod at all
  s.calls = {{web, api, 0.3}, {api, deep, 0.2}};
  s.go();
  s.world.run();
  for (const auto app : {web, api, deep}) check_balance(s.usage(app));
  CHECK(s.usage(web).lost == 0);
  CHECK(s.usage(deep).lost == s.usage(deep).arrived);
  CHECK(s.usage(deep).failed == 0);
  // A fifth of the requests of api fail, and 0.3 x 0.2 of those of web; shares are exact at each step.
  const auto share = [&](std::uint32_t app) {
    return static_cast<double>(s.usage(app).failed) / static_cast<double>(s.usage(app).served);
  };
  CHECK(share(api) == doctest::Approx(0.2).epsilon(1e-6));
  CHECK(share(web) == doctest::Approx(0.06).epsilon(1e-6));
}

TEST_CASE("the grant of a start that is cut short is free again at once") {
  TrafficStage s(0);
  const auto web = s.app("web", 500, 5);
  const WorkloadId id = s.plan->workloads[web].workload;
  s.world.edit_workload(id).start_cpu_seconds = 100;
  s.world.edit_workload(id).start_cores = 2;
  s.world.host_profiles.assign(2, plain_host());
  const NodeId node = ready_node(s.world, 2000, 8192);
  s.world.attach(std::make_unique<HostAgent>());
  s.script->at(at_s(10), [id, node](World& w) { w.bind_pod(w.create_pod(id), node); });
  s.script->at(at_ms(22'500), [](World& w) { w.pod_ended(PodId{0}, Reason::node_lost); });
  s.script->at(at_s(30), [id, node](World& w) { w.bind_pod(w.create_pod(id), node); });
  s.go();
  s.world.run();
  // The first has both cores from 12.5 to 22.5 s; the second, from 32.5 s (the image is there: 32.5), both for 50 s.
  const double core_seconds = static_cast<double>(s.usage().cpu_starting) / static_cast<double>(kCpuTicksPerVcpu) / 1e6;
  CHECK(core_seconds == doctest::Approx(20 + 100).epsilon(0.001));
  CHECK(s.world.pod(PodId{1}).ready <= at_s(95));
}

TEST_CASE("a pod that closes before its callers know of it loses its share meanwhile") {
  struct Row {
    bool balanced;
    std::int64_t pre_stop_ms, lost_ms;
  };
  // Callers inside learn of it after 2 s, the balancer after 5 s; a preStop hook holds the application open meanwhile.
  for (const Row row : {Row{false, 0, 2'000}, Row{false, 500, 1'500}, Row{false, 2'000, 0}, Row{true, 0, 5'000},
                        Row{true, 4'000, 1'000}, Row{true, 10'000, 0}}) {
    CAPTURE(row.balanced);
    CAPTURE(row.pre_stop_ms);
    TrafficStage s(1000);
    s.app("web", 1000, 1);
    HostProfile host = plain_host();
    host.endpoint_propagation = Delay::constant(seconds(2));
    host.stop_leaves_after = seconds(5);
    host.stop_balanced = host.stop_plain;
    s.world.host_profiles.assign(2, host);
    Workload& w = s.world.edit_workload(WorkloadId{0});
    w.behind_balancer = row.balanced;
    w.pre_stop = milliseconds(row.pre_stop_ms);
    const NodeId node = ready_node(s.world, 8000, 16384);
    s.serve_at(0, 0, node, 4);
    s.script->at(at_s(600), [](World& world) { world.stop_pod(PodId{0}, Reason::scale_in); });
    s.go();
    s.world.run();
    check_balance(s.usage());
    // A quarter of 1,000 requests a second; the grid step's arrivals are drawn, hence some percent.
    const double lost = static_cast<double>(s.usage().lost) / 1e6;
    CHECK(lost == doctest::Approx(250.0 * static_cast<double>(row.lost_ms) / 1000).epsilon(0.1));
  }
}

TEST_CASE("where no delay is said a pod that stops loses nothing") {
  TrafficStage s(1000);
  s.app("web", 1000, 1);
  s.world.host_profiles.assign(2, plain_host());
  s.serve_at(0, 0, ready_node(s.world, 8000, 16384), 4);
  s.script->at(at_s(600), [](World& world) { world.stop_pod(PodId{0}, Reason::scale_in); });
  s.go();
  s.world.run();
  CHECK(s.usage().lost == 0);
}

TEST_CASE("response times are kept for who asks, the warm-up included, and given away once") {
  TrafficStage s(100);
  const auto web = s.app("web", 500, 5);
  const NodeId node = ready_node(s.world, 4000, 8192);
  s.serve_at(0, web, node, 2);
  s.go();
  Traffic& traffic = s.traffic();
  traffic.keep_response_times();
  s.world.run();
  const LogLinearHistogram kept = traffic.take_response_times();
  CHECK(kept.count() == s.usage().served);
  CHECK(kept.quantile(0.99) >= traffic.latency().quantile(0.5));
  CHECK(traffic.take_response_times().empty());
}

}  // namespace
}  // namespace plimsoll::load
