#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::billing {

/// What a line depends on: the choice of platform, or nothing that the comparison changes.
enum class Block : std::uint8_t { choice, same };

/// One line of a bill: a price and how its quantity is counted.
struct LineItem {
  std::string item;   ///< stable key: "ec2/m5.xlarge/on-demand"
  std::string label;  ///< for people: "EC2 m5.xlarge on-demand"
  Block block = Block::choice;
  Rate rate;                          ///< pico-dollars per unit
  std::string unit;                   ///< "Hours", "vCPU-Hours", "GB-Hours", "GB", "Requests"
  bool per_hour = true;               ///< true: quantity x time; false: quantity
  std::int64_t scale = 1;             ///< quantity units in one unit: kCpuTicksPerVcpu, kGiB, 1
  Duration granularity = seconds(1);  ///< a meter's time is rounded up to it
  Duration minimum{};                 ///< least time billed for one meter
  std::string service;                ///< FOCUS ServiceName
  std::string category;               ///< FOCUS ServiceCategory
  std::string resource_type;          ///< FOCUS ResourceType
  std::string sku;                    ///< AWS usage type: "BoxUsage:m5.xlarge"
};

using MeterId = Id<struct MeterTag>;

/// Meters and line items of one column. Accruals are exact 128-bit integers (quantity units x microseconds); money is
/// rounded once, on the cumulative amount, so that hourly rows sum to the line and lines to the bill. Only the window
/// [window_start, end) counts: a meter that runs at the start of the window is billed from there, without a minimum.
class Bill : public ComponentOf<Bill> {
 public:
  Bill(Time window_start, Time end) : window_start_(window_start), end_(end) {}

  /// The id of the line with this key, made when new. @pre an existing line has the same rate.
  LineItemId line(const LineItem& item);
  MeterId open(LineItemId line, std::int64_t quantity, Time now);
  /// Closes once; a second call is a broken invariant.
  void close(MeterId meter, Time now);
  /// Closes and takes back all that the meter has accrued: the seller gives it for nothing. What earlier hours booked
  /// of it becomes a credit in the present one.
  void cancel(MeterId meter, Time now);
  /// Usage that has no duration. Ignored outside the window.
  void add(LineItemId line, __int128 quantity, Time now);

  struct Line {
    LineItem what;
    __int128 accrued = 0;  ///< quantity units (x us when per_hour), closed part and open part up to `at`
    std::int64_t open_quantity = 0;
    Time at{};
    std::vector<Money> hourly;  ///< rows of the finished hours of the window
    Money booked{};             ///< sum of `hourly`
  };
  const std::vector<Line>& lines() const { return lines_; }
  /// Amount of a line accrued so far, rounded half away from zero.
  Money amount(const Line& line) const;
  Money total() const;
  Money total(Block block) const;
  /// Amount accrued up to `now`, open meters included (for traces of dollars per hour).
  Money total_at(Time now) const;

  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void finish(World& world) override;

 private:
  struct Meter {
    LineItemId line;
    std::int64_t quantity = 0;
    Time start{};
    bool open = true;
    bool from_before = false;
  };
  void accrue(Line& line, Time now) const;
  void book_hour(Time now);

  Time window_start_, end_;
  std::vector<Line> lines_;
  std::vector<Meter> meters_;
};

}  // namespace plimsoll::billing
