#include "models/ecs/controllers/task_retirement.h"

#include <algorithm>

#include "models/ecs/instants.h"

namespace plimsoll::ecs {

namespace {

constexpr std::int64_t kHour = 3'600, kWeek = 7 * 24 * kHour;
/// Tasks run for so long at least before they are retired in an event window.
constexpr Duration kLeastLife = hours(3 * 24);

std::vector<EventWindow> read_windows(document::Fields& f) {
  std::vector<EventWindow> out;
  std::int64_t sum = 0;
  for (const document::Item& item :
       f.list("fargateEventWindows", "EC2 event windows (UTC, weekly) in which tasks are retired, for all tasks")) {
    document::Fields w(item.node, f.reader(), item.path);
    const auto instant = [&](std::string_view day_key, std::string_view hour_key) {
      const auto day = w.required_choice<std::int64_t>(day_key,
                                                       {{"sunday", 0},
                                                        {"monday", 1},
                                                        {"tuesday", 2},
                                                        {"wednesday", 3},
                                                        {"thursday", 4},
                                                        {"friday", 5},
                                                        {"saturday", 6}},
                                                       "day of the week");
      return (day * 24 + w.integer(hour_key, 0, "midnight", "hour of the day, UTC", {0, 23})) * kHour;
    };
    EventWindow window;
    window.from = instant("StartWeekDay", "StartHour");
    window.to = instant("EndWeekDay", "EndHour");
    const std::int64_t lasts = (window.to - window.from + kWeek) % kWeek;
    if (lasts < 2 * kHour && !w.describing())
      w.error("EndHour", "a time range of an event window has at least 2 hours");
    sum += lasts;
    out.push_back(window);
  }
  if (!out.empty() && sum < 4 * kHour && !f.describing())
    f.error("fargateEventWindows", "the time ranges of an event window have at least 4 hours a week");
  return out;
}

}  // namespace

Time next_in_windows(const std::vector<EventWindow>& windows, std::int64_t calendar, Time at) {
  // 1970-01-01 was a Thursday.
  constexpr std::int64_t kMicros = 1'000'000;
  const std::int64_t epoch = calendar * kMicros + to_microseconds(at);
  const std::int64_t in_week =
      ((epoch + 4 * 24 * kHour * kMicros) % (kWeek * kMicros) + kWeek * kMicros) % (kWeek * kMicros);
  std::int64_t wait = kWeek * kMicros;
  for (const EventWindow& w : windows) {
    const std::int64_t since = ((in_week - w.from * kMicros) + kWeek * kMicros) % (kWeek * kMicros);
    const std::int64_t lasts = ((w.to - w.from + kWeek) % kWeek) * kMicros;
    wait = std::min(wait, since < lasts ? 0 : kWeek * kMicros - since);
  }
  return at + microseconds(wait);
}

TaskRetirementPlan TaskRetirementPlan::read(document::Fields& column, bool on_fargate) {
  TaskRetirementPlan out;
  if (!on_fargate && column.has("fargatePlatform") && !column.describing())
    column.error("fargatePlatform", "no task of this column runs on Fargate", "remove fargatePlatform");
  document::Fields f = column.child("fargatePlatform", "retirement of revisions of the Fargate platform version");
  out.retired_after = read_instants(f, "retiredAfter", "when AWS retires the revision that is in use then");
  out.wait = hours(24 * f.choice<std::int64_t>("fargateTaskRetirementWaitPeriod", {{"0", 0}, {"7", 7}, {"14", 14}}, 7,
                                               "account setting's default", "days from the notice to the retirement"));
  out.windows = read_windows(f);
  return out;
}

void TaskRetirement::start(World& world) {
  for (std::size_t i = 0; i < plan_.retired_after.size(); ++i) {
    const Time notice = world.window_start + plan_.retired_after[i];
    if (notice > world.end) continue;
    world.wake(handler, notice, Phase::facts, (i << 8) | kNotice);
    if (due(notice) <= world.end) world.wake(handler, due(notice), Phase::controllers, (i << 8) | kRetire);
  }
}

void TaskRetirement::handle(World& world, const Event& event) {
  const Time notice = world.window_start + plan_.retired_after[event.payload >> 8];
  if ((event.payload & 0xffu) == kRetire) {
    const Time again = retire(world, notice);
    if (again <= world.end) world.wake(handler, again, Phase::controllers, event.payload);
  } else {
    world.record({.at = world.now(),
                  .fact = Fact::retirement_notice,
                  .reason = Reason::retired,
                  .value = to_microseconds(due(notice))});
  }
}

Time TaskRetirement::due(Time notice) const {
  return plan_.windows.empty() ? notice + plan_.wait : next_in_windows(plan_.windows, calendar_, notice);
}

Time TaskRetirement::retire(World& world, Time launched_before) {
  Time again = kTimeNever;
  const std::vector<NodeId> hosts(world.live_nodes().begin(), world.live_nodes().end());
  for (const NodeId id : hosts) {
    const Node& host = world.node(id);
    if (host.host != HostKind::fargate || host.state != NodeState::ready || host.requested >= launched_before) continue;
    if (!plan_.windows.empty() && host.requested + kLeastLife > world.now()) {
      again = std::min(again, next_in_windows(plan_.windows, calendar_, host.requested + kLeastLife));
      continue;
    }
    const PodId task{static_cast<std::uint32_t>(host.tag)};
    if (std::find(services_.begin(), services_.end(), world.pod(task).workload) != services_.end()) {
      world.drain_node(id, Reason::retired);
    } else {
      world.stop_pod(task, Reason::retired);
    }
  }
  return again;
}

}  // namespace plimsoll::ecs
