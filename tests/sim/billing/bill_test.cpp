#include "sim/billing/bill.h"

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "sim/core/random.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::billing {
namespace {

using plimsoll::testing::at_ms;
using plimsoll::testing::at_s;
using plimsoll::testing::Script;

constexpr std::int64_t kDollar = 1'000'000'000;          // nano-dollars
constexpr std::int64_t kPicoDollar = 1'000'000'000'000;  // pico-dollars in a dollar

LineItem hourly(const std::string& name, std::int64_t pico_per_hour, Duration minimum = {}) {
  LineItem item;
  item.item = item.label = name;
  item.rate = Rate{pico_per_hour};
  item.unit = "Hours";
  item.minimum = minimum;
  return item;
}

Money sum(const std::vector<Money>& rows) {
  Money s;
  for (const Money m : rows) s += m;
  return s;
}

/// A bill in a world of its own; the script opens and closes.
struct Desk {
  Desk(Time start, Time end) : world(1, start, end) {
    bill_id = world.attach(std::make_unique<Bill>(start, end));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  Bill& bill() { return dynamic_cast<Bill&>(world.component(bill_id)); }
  void span(LineItemId line, std::int64_t quantity, Time from, Time to) {
    script->at(from, [this, line, quantity, to](World& w) {
      const MeterId meter = bill().open(line, quantity, w.now());
      closing.emplace_back(to, meter);
    });
    script->at(to, [this, to](World& w) {
      for (auto& [when, meter] : closing) {
        if (when != to || meter.is_none()) continue;
        bill().close(meter, w.now());
        meter = {};
        return;
      }
    });
  }
  Money total_of(LineItemId line) { return bill().amount(bill().lines()[line.index()]); }

  World world;
  HandlerId bill_id;
  Script* script = nullptr;
  std::vector<std::pair<Time, MeterId>> closing;
};

TEST_CASE("time is rounded up to whole seconds, once a meter") {
  Desk d(kTimeZero, at_s(7200));
  // $3.60 an hour is a tenth of a cent a second.
  const LineItemId line = d.bill().line(hourly("vm", 36 * kPicoDollar / 10));
  d.span(line, 1, at_ms(100), at_ms(90'101));  // 90.001 s: 91 s
  d.world.run();
  CHECK(d.total_of(line) == Money{91 * kDollar / 1000});
}

TEST_CASE("a meter is billed for its minimum, and no more when it runs longer") {
  const std::int64_t rate = 36 * kPicoDollar / 10;
  struct Case {
    std::int64_t from_ms, to_ms, billed_s;
  };
  for (const Case& c : {Case{0, 1, 60}, Case{0, 59'999, 60}, Case{0, 60'000, 60}, Case{0, 60'001, 61},
                        Case{500, 61'600, 62}, Case{10'000, 10'000, 60}}) {
    CAPTURE(c.to_ms);
    Desk d(kTimeZero, at_s(7200));
    const LineItemId line = d.bill().line(hourly("vm", rate, seconds(60)));
    d.span(line, 1, at_ms(c.from_ms), at_ms(c.to_ms));
    d.world.run();
    CHECK(d.total_of(line) == Money{c.billed_s * kDollar / 1000});
  }
}

TEST_CASE("what runs when the window opens is billed from there, without a minimum") {
  Desk d(at_s(3600), at_s(10'800));
  const LineItemId line = d.bill().line(hourly("vm", 36 * kPicoDollar / 10, seconds(60)));
  d.span(line, 1, at_s(10), at_s(3610));        // ten seconds of the window
  d.span(line, 1, at_s(0), at_s(3599));         // all of it before
  d.span(line, 1, at_s(20), at_s(3600));        // ends as the window opens
  d.span(line, 1, at_s(10'790), at_s(20'000));  // ten seconds, then the window is over: its minimum
  d.world.run();
  CHECK(d.total_of(line) == Money{70 * kDollar / 1000});
}

TEST_CASE("usage without duration counts inside the window only") {
  Desk d(at_s(100), at_s(200));
  LineItem item = hourly("gb", 45 * kPicoDollar / 1000);
  item.per_hour = false;
  item.scale = kGiB;
  const LineItemId line = d.bill().line(item);
  for (const std::int64_t s : {99, 100, 150, 200, 201}) {
    d.script->at(at_s(s), [&d, line](World& w) { d.bill().add(line, kGiB / 2, w.now()); });
  }
  d.world.run();
  CHECK(d.total_of(line) == Money{3 * 225 * kDollar / 10'000});  // 3 x 0.5 GB x $0.045
}

TEST_CASE("a span of no length costs nothing") {
  Desk d(at_s(3600), at_s(3600));
  const LineItemId line = d.bill().line(hourly("vm", kPicoDollar, seconds(60)));
  d.span(line, 5, at_s(0), at_s(4000));
  d.script->at(at_s(1), [&](World& w) { d.bill().open(line, 1, w.now()); });
  d.script->at(at_s(3600), [&](World& w) { d.bill().open(line, 1, w.now()); });
  d.world.run();
  CHECK(d.bill().total() == Money{});
  CHECK(sum(d.bill().lines()[0].hourly) == Money{});
}

TEST_CASE("a line keeps its id by its key") {
  Desk d(kTimeZero, at_s(3600));
  const LineItemId a = d.bill().line(hourly("a", 7)), b = d.bill().line(hourly("b", 7));
  CHECK(a != b);
  CHECK(d.bill().line(hourly("a", 7)) == a);
  CHECK(d.bill().lines().size() == 2);
}

TEST_CASE("the running total grows with time and meets the bill at the end") {
  Desk d(kTimeZero, at_s(7200));
  const LineItemId line = d.bill().line(hourly("vm", kPicoDollar));
  d.span(line, 2, at_s(0), at_s(7200));
  d.world.run_until(at_s(0));
  CHECK(d.bill().total_at(at_s(1800)) == dollars(1));
  CHECK(d.bill().total_at(at_s(3600)) == dollars(2));
  CHECK(d.bill().total_at(at_s(99'999)) == dollars(4));  // the window is over
  d.world.run();
  CHECK(d.bill().total() == dollars(4));
  CHECK(d.bill().lines()[0].hourly == std::vector<Money>{dollars(2), dollars(2)});
}

TEST_CASE("hourly rows sum to the line and lines to the bill, and each line to a recount of its meters") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const Stream stream{seed, 5, Purpose::tie_break};
    std::uint64_t item = 0;
    const auto any = [&](std::int64_t n) {
      return static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(n), item++));
    };
    const Time start = at_s(any(3) * 1800), end = start + minutes(any(400));
    Desk d(start, end);
    struct Truth {
      LineItem item;
      __int128 accrued = 0;
    };
    std::vector<Truth> truth;
    for (std::int64_t i = 0; i < 4; ++i) {
      LineItem line = hourly("line-" + std::to_string(i), 1 + any(3 * kPicoDollar), seconds(60 * any(2)));
      line.granularity = any(2) == 0 ? seconds(1) : hours(1);
      line.scale = any(2) == 0 ? 1 : kCpuTicksPerVcpu;
      line.block = any(2) == 0 ? Block::choice : Block::same;
      d.bill().line(line);
      truth.push_back({line, 0});
    }
    for (int m = 0; m < 60; ++m) {
      const auto which = static_cast<std::size_t>(any(4));
      const Time from = at_ms(any(30'000'000)), to = from + milliseconds(any(8'000'000));
      const std::int64_t quantity = 1 + any(5'000'000);
      d.span(LineItemId{which}, quantity, from, to);
      // The rule again, meter by meter: clipped, rounded up, at least the minimum when it began in the window.
      const Time a = std::clamp(from, start, end), b = std::clamp(to, start, end);
      if (to <= start || from >= end || start == end) continue;
      const LineItem& line = truth[which].item;
      Duration billed = b - a;
      const std::int64_t g = line.granularity.count();
      billed = Duration{(billed.count() + g - 1) / g * g};
      if (from >= start) billed = std::max(billed, line.minimum);
      truth[which].accrued += static_cast<__int128>(quantity) * billed.count();
    }
    d.world.run();
    Money lines, choice;
    const std::int64_t hours_of_window = std::max<std::int64_t>(1, div_ceil((end - start).count(), hours(1).count()));
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const Bill::Line& line = d.bill().lines()[i];
      CHECK(line.accrued == truth[i].accrued);
      CHECK(static_cast<std::int64_t>(line.hourly.size()) == hours_of_window);
      CHECK(sum(line.hourly) == d.bill().amount(line));
      lines += d.bill().amount(line);
      if (line.what.block == Block::choice) choice += d.bill().amount(line);
    }
    CHECK(lines == d.bill().total());
    CHECK(choice == d.bill().total(Block::choice));
    CHECK(d.bill().total(Block::choice) + d.bill().total(Block::same) == d.bill().total());
  }
}

TEST_CASE("usage reported at the very end still reaches the last row") {
  /// Reports one unit as the world closes, as the meters of traffic do.
  class Late : public ComponentOf<Late> {
   public:
    Late(HandlerId bill, LineItemId line) : bill_(bill), line_(line) {}
    void handle(World&, const Event&) override {}
    void finish(World& world) override { dynamic_cast<Bill&>(world.component(bill_)).add(line_, 1, world.now()); }

   private:
    HandlerId bill_;
    LineItemId line_;
  };
  Desk d(kTimeZero, at_s(5400));  // an hour and a half: the last row is a part of an hour
  LineItem item = hourly("requests", kPicoDollar);
  item.per_hour = false;
  const LineItemId line = d.bill().line(item);
  d.world.attach(std::make_unique<Late>(d.bill_id, line));
  d.script->at(at_s(5000), [](World&) {});
  d.world.run();
  CHECK(d.total_of(line) == dollars(1));
  CHECK(d.bill().lines()[0].hourly == std::vector<Money>{Money{}, dollars(1)});
}

TEST_CASE("a cancelled meter costs nothing; what an hour has booked of it comes back in the next") {
  Desk d(kTimeZero, at_s(3 * 3600));
  const LineItemId line = d.bill().line(hourly("spot", kPicoDollar));
  MeterId meter;
  d.script->at(at_s(1800), [&](World& w) { meter = d.bill().open(line, 1, w.now()); });
  d.script->at(at_s(4000), [&](World& w) { d.bill().cancel(meter, w.now()); });
  d.world.run();
  CHECK(d.total_of(line).raw() == 0);
  const std::vector<Money>& rows = d.bill().lines()[line.index()].hourly;
  CHECK(rows[0].raw() == kDollar / 2);
  CHECK(rows[1].raw() == -kDollar / 2);
  CHECK(sum(rows).raw() == 0);
}

}  // namespace
}  // namespace plimsoll::billing
