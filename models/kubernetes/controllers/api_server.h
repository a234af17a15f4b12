#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::kubernetes {

struct ApiServerParameters {
  std::int64_t seats = 1200;            ///< requests that are executed at once, over all API servers
  Duration request = milliseconds(10);  ///< that a write holds its seat, admission webhooks included
};

/// The API servers of a cluster as a limit: a request holds a seat while it is executed, those beyond the seats queue
/// (API Priority and Fairness), and the controllers' calls wait as long. The seats are --max-requests-inflight and
/// --max-mutating-requests-inflight together (400 and 200 a server by default). A fluid queue in exact integers: each
/// fact is worth the requests that clients make of it (a pod's life: creation, binding, the kubelet's status and
/// events, EndpointSlices; a node that joins: its objects, and the lists that its agents begin with), a node that is
/// there renews its lease every 10 s. A burst that the seats hold at once waits for nothing.
/// SOURCE: kubernetes/kubernetes staging/src/k8s.io/apiserver pkg/util/flowcontrol (a request's width is its seats);
/// Kubernetes documentation, "API Priority and Fairness". How many requests a fact is worth is counted from the calls
/// of the components (assumed: no client beside them). Left out: priority levels and their borrowing (one queue for
/// all), lists wider than one seat, rejections (429) of full queues, what waits of kubelets and agents.
class ApiServer : public ComponentOf<ApiServer>, public BindingLimits {
 public:
  explicit ApiServer(ApiServerParameters parameters) : parameters_(parameters) {}

  /// How long a request that arrives now waits for its seat.
  Duration wait(const World& world);
  void set_seats(const World& world, std::int64_t seats);
  std::int64_t seats() const { return parameters_.seats; }
  /// Seats held now, at most all of them.
  std::int64_t seats_in_use(const World& world);

  bool watches() const override { return true; }
  void handle(World& /*world*/, const Event& /*event*/) override {}
  void on_fact(World& world, const FactRecord& fact) override;
  std::vector<Limit> binding_limits(const World& world) const override;

 private:
  /// Thousandths of seats that the steady calls of nodes leave free; never below a tenth of all.
  std::int64_t free_milliseats() const;
  std::int64_t wait_us() const;
  void advance(const World& world);

  ApiServerParameters parameters_;
  std::int64_t backlog_ = 0;  ///< seat-microseconds of work not done
  std::int64_t nodes_ = 0;
  Time at_{};
  Duration bound_{};  ///< of the window: requests waited
};

/// `handler`: an ApiServer, none for one that never holds anything up.
Duration api_wait(World& world, HandlerId handler);

}  // namespace plimsoll::kubernetes
