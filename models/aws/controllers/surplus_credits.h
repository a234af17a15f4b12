#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/billing/bill.h"
#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// CPU credits of burstable instances (T3, T3a, T4g) in unlimited mode, which is their default: an instance earns
/// credits all the time, a credit is a minute of one vCPU, spends them above its baseline and borrows surplus credits
/// when it has none. Later earnings pay surplus credits back; what exceeds a day's earnings is charged at once, the
/// rest when the instance ends or is stopped, or when the window closes. Credits are counted each minute. A pod's use
/// is the mean of its workload's: the load model knows no finer. SOURCE: EC2 user guide, "Unlimited mode for burstable
/// performance instances" and "Earn CPU credits". Left out: the operating system's own use; standard mode, which
/// throttles (T2's default); that credits outlive a stop by seven days.
class SurplusCredits {
 public:
  /// Instances of `type` earn `credits_milli` thousandths of a credit an hour; `line` is a price of a vCPU-hour whose
  /// quantities are Cpu ticks x us.
  void add(NameId type, std::int64_t credits_milli, LineItemId line);
  bool empty() const { return types_.empty(); }

  void on_fact(World& world, const FactRecord& fact, billing::Bill& bill);
  /// What is borrowed before the window is not the window's.
  void open_window();
  /// A minute has passed.
  void tick(World& world, billing::Bill& bill);
  /// The window closes.
  void finish(World& world, billing::Bill& bill);

 private:
  struct Type {
    NameId name;
    std::int64_t earned_a_minute = 0;  ///< tick-microseconds
    LineItemId line;
  };
  struct Account {
    std::optional<std::size_t> type;  ///< while the instance runs
    std::int64_t balance = 0, surplus = 0;
    std::vector<std::pair<WorkloadId, std::int64_t>> pods;  ///< started ones, by workload
  };
  void close(Account& account, World& world, billing::Bill& bill);
  static void count(Account& account, WorkloadId workload, std::int64_t change);

  std::vector<Type> types_;
  std::vector<Account> accounts_;      // by node
  std::vector<bool> started_;          // by pod
  std::vector<std::int64_t> running_;  // started pods, by workload
  std::vector<__int128> used_;         // by workload, at the last minute
};

}  // namespace plimsoll::aws
