#include "models/aws/autoscaling/scheduled_action.h"

#include <algorithm>

namespace plimsoll::aws {

ParsedRecurrence parse_recurrence(std::string_view crontab) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < crontab.size();) {
    const std::size_t end = std::min(crontab.find(' ', at), crontab.size());
    if (end > at) fields.emplace_back(crontab.substr(at, end - at));
    at = end + 1;
  }
  ParsedRecurrence out;
  const auto add = [&](const std::string& day, const std::string& weekday) {
    const std::string text = fields[0] + " " + fields[1] + " " + day + " " + fields[3] + " " + weekday;
    ParsedSchedule one = schedule_of_crontab(text);
    if (one.schedule) {
      out.schedules.push_back(std::move(*one.schedule));
    } else if (out.error.empty()) {
      out.error = one.error;
    }
  };
  if (fields.size() != 5) return {{}, "five fields required: minute hour day-of-month month day-of-week"};
  const bool both = fields[2] != "*" && fields[4] != "*";
  add(fields[2], both ? "*" : fields[4]);
  if (both) add("*", fields[4]);
  if (!out.error.empty()) out.schedules.clear();
  return out;
}

std::optional<EpochSeconds> GroupAction::next(EpochSeconds after) const {
  if (begins && after < *begins) return begins;
  std::optional<EpochSeconds> first;
  for (const Schedule& s : recurrence) {
    const auto one = next_occurrence(s, 0, after, zone);
    if (one && (!first || *one < *first)) first = one;
  }
  return first && (!ends || *first <= *ends) ? first : std::nullopt;
}

std::string group_action_error(const GroupAction& a) {
  if (!a.minimum && !a.maximum && !a.desired) return "a scheduled action sets min, max or desired";
  if (a.minimum && a.maximum && *a.minimum > *a.maximum) return "min is above max";
  if (a.desired && ((a.minimum && *a.desired < *a.minimum) || (a.maximum && *a.desired > *a.maximum)))
    return "desired is outside of min and max";
  if (a.begins && a.ends && *a.ends <= *a.begins) return "its end is not after its start";
  return {};
}

GroupAction read_group_action(document::Fields& f) {
  GroupAction a;
  const bool dated = f.has("recurrence") || f.has("startTime");
  if (f.describing() || !dated) {
    const auto at = f.optional_duration(
        "at", "after the start of the counted window; recurrence or startTime in its place go by the calendar",
        {Duration{}, std::nullopt});
    if (!at && !f.describing())
      f.error("", "a scheduled action has 'at', 'recurrence' or 'startTime'", "recurrence: \"0 6 * * 1-5\"");
    a.at = at.value_or(Duration{});
    a.every = f.duration("every", Duration{}, "once", "again after so long; 0: once");
  } else {
    for (const char* key : {"at", "every"}) {
      if (!f.has(key)) continue;
      f.error(key, "'" + std::string(key) +
                       "' counts from the start of the window, recurrence and startTime go by the " +
                       "calendar: give one of the two");
      f.ignore(key);
    }
  }
  const auto recurrence = f.optional_text("recurrence", "five-field Unix cron: 0 6 * * 1-5");
  const std::string zone = f.text("timeZone", "UTC", "EC2 Auto Scaling API default", "IANA zone of the recurrence");
  const auto instant = [&](const char* key, const char* doc) -> std::optional<EpochSeconds> {
    const auto text = f.optional_text(key, doc);
    if (!text || f.describing()) return std::nullopt;
    const auto at = parse_instant(*text);
    if (!at) f.error(key, "'" + *text + "' is no instant", "write 2026-03-02T06:00:00Z, in UTC");
    return at;
  };
  a.begins = instant("startTime", "first run, UTC, on the scenario's calendar; without a recurrence the only one");
  a.ends = instant("endTime", "no recurring run after it, UTC");
  a.minimum = f.optional_integer("min", "MinSize", {0, 5000});
  a.maximum = f.optional_integer("max", "MaxSize", {0, 5000});
  a.desired = f.optional_integer("desired", "DesiredCapacity", {0, 5000});
  if (f.describing()) return a;
  a.on_calendar = dated;
  if (recurrence) {
    ParsedRecurrence parsed = parse_recurrence(*recurrence);
    if (!parsed.error.empty()) f.error("recurrence", "'" + *recurrence + "': " + parsed.error);
    a.recurrence = std::move(parsed.schedules);
  } else if (f.has("endTime") || f.has("timeZone")) {
    f.error(f.has("endTime") ? "endTime" : "timeZone", "it goes with a recurrence");
  }
  if (const auto found = TimeZone::find(zone)) {
    a.zone = *found;
  } else {
    const std::string near = nearest_time_zone(zone);
    f.error("timeZone", "unknown time zone '" + zone + "'", near.empty() ? "" : "did you mean '" + near + "'?");
  }
  const std::string fault = group_action_error(a);
  if (!fault.empty()) f.error(recurrence ? "recurrence" : dated ? "startTime" : f.has("at") ? "at" : "", fault);
  return a;
}

}  // namespace plimsoll::aws
