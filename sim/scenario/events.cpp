#include "sim/scenario/events.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "sim/core/text.h"
#include "sim/core/units.h"

namespace plimsoll::scenario {

namespace {

using document::Fields;

constexpr std::array<std::string_view, 7> kKinds = {
    "deploy", "rollback", "scale", "fail", "upgrade", "updateClusterVersion", "removeSchedulingGates"};

/// "06:00": hours may have any number of digits, minutes two. Nothing when the text is of another form.
std::optional<Duration> parse_clock(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == text.npos || colon > 4 || text.size() != colon + 3) return std::nullopt;
  std::int64_t hour = 0, minute = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == colon) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    (i < colon ? hour : minute) = (i < colon ? hour : minute) * 10 + (text[i] - '0');
  }
  if (minute > 59) return std::nullopt;
  return hours(hour) + minutes(minute);
}

/// Reads one item of the list.
class EventReader {
 public:
  EventReader(Fields& f, const std::vector<std::string>& apps, const std::vector<std::string>& daemons,
              const std::vector<std::string>& zones, const std::vector<std::string>& jobs)
      : f_(f), apps_(apps), revised_(apps), gated_(apps), zones_(zones) {
    revised_.insert(revised_.end(), daemons.begin(), daemons.end());
    gated_.insert(gated_.end(), jobs.begin(), jobs.end());
  }

  std::optional<TimelineEvent> run() {
    TimelineEvent out;
    const bool timed = read_at(out.at);
    std::vector<std::string_view> said;
    for (const std::string_view kind : kKinds) {
      if (f_.has(kind)) said.push_back(kind);
    }
    if (f_.describing()) {
      read_deploy();
      read_rollback();
      read_scale();
      read_fail();
      read_upgrade();
      read_cluster_version();
      read_gates();
      return std::nullopt;
    }
    if (said.size() != 1) {
      for (const std::string_view kind : kKinds) f_.ignore(kind);
      f_.allow_unknown();
      if (said.empty()) {
        f_.error("",
                 "what happens? an event needs one of deploy, rollback, scale, fail, upgrade, updateClusterVersion, "
                 "removeSchedulingGates");
      } else {
        f_.error(said[1], "one kind an event, not " + std::string(said[0]) + " and " + std::string(said[1]),
                 "write two events");
      }
      return std::nullopt;
    }
    std::optional<What> what;
    if (said[0] == "deploy") what = read_deploy();
    if (said[0] == "rollback") what = read_rollback();
    if (said[0] == "scale") what = read_scale();
    if (said[0] == "fail") what = read_fail();
    if (said[0] == "upgrade") what = read_upgrade();
    if (said[0] == "updateClusterVersion") what = read_cluster_version();
    if (said[0] == "removeSchedulingGates") what = read_gates();
    if (!timed || !what) return std::nullopt;
    out.what = std::move(*what);
    return out;
  }

 private:
  using What = decltype(TimelineEvent::what);

  bool read_at(Duration& at) {
    const std::string text = f_.required_text("at", "from the window's start: 6h, 1h30m, or 06:00");
    if (text.empty() || f_.describing()) return false;
    if (const auto clock = parse_clock(text)) {
      at = *clock;
      return true;
    }
    const Parsed<Duration> duration = parse_duration(text);
    if (!duration || duration.value->count() < 0) {
      f_.error("at", "'" + text + "' is not an instant", "write 6h, 1h30m or 06:00, counted from the window's start");
      return false;
    }
    at = *duration.value;
    return true;
  }

  /// The app under `key`, one of `all`; empty after an error.
  std::string read_app(std::string_view key, std::string_view doc, const std::vector<std::string>& all) {
    const auto name = f_.optional_text(key, doc);
    if (!name || f_.describing()) return {};
    return known(f_, key, "app", *name, all) ? *name : std::string();
  }

  static bool known(Fields& f, std::string_view key, std::string_view kind, const std::string& name,
                    const std::vector<std::string>& all) {
    if (std::find(all.begin(), all.end(), name) != all.end()) return true;
    const std::string near = nearest(name, std::vector<std::string_view>(all.begin(), all.end()));
    std::string hint = near.empty() ? "known:" : "did you mean '" + near + "'?";
    if (near.empty()) {
      for (const std::string& a : all) hint += " " + a;
    }
    f.error(key, "no " + std::string(kind) + " '" + name + "'", hint);
    return false;
  }

  std::optional<What> read_deploy() {
    DeployEvent e;
    e.workload = read_app("deploy", "the app, DaemonSet or DAEMON service that gets a new revision", revised_);
    e.image = f_.optional_bytes("image", "deploy: compressed size of the new image", {Bytes{}, gibibytes(1024)});
    {
      Fields start = f_.child("start", "deploy: how the new revision starts; what is not said stays");
      const document::Range<Duration> week{Duration{}, hours(24 * 7)};
      e.start_cpu = start.optional_duration("cpu", "CPU time of the start-up work", week);
      e.start_wait = start.optional_duration("wait", "start-up time that no CPU shortens", week);
      e.start_cores = start.optional_number("cores", "cores that the start-up work can use", {0.01, 1024});
    }
    e.work_scale = f_.optional_ratio("work", "deploy: CPU time of a request, of what the app says (100%)",
                                     {percent(1), percent(10'000)});
    if (const auto errors = f_.optional_ratio("errors", "deploy: requests that the new revision answers with an error",
                                              {Ppm{}, percent(100)}))
      e.errors = *errors;
    if (auto fails = f_.optional_child("fails", "deploy: what is wrong with the new revision")) {
      e.fails.kind = fails->choice<FailureKind>("how",
                                                {{"exit", FailureKind::exit},
                                                 {"memory", FailureKind::memory},
                                                 {"health", FailureKind::health},
                                                 {"pull", FailureKind::pull}},
                                                FailureKind::exit, "the usual crash",
                                                "exit: the container exits with an error; memory: it is killed for "
                                                "memory; health: its checks fail; pull: its image cannot be pulled");
      e.fails.share = fails->ratio("share", percent(100), "a build that does not work",
                                   "of container starts that fail so", {Ppm{}, percent(100)});
      e.fails.after = fails->duration("after", Duration{}, "at once", "from the container's start to the failure",
                                      {Duration{}, hours(24 * 366)});
      if (e.fails.kind == FailureKind::pull && e.fails.after.count() > 0)
        fails->error("after", "an image that cannot be pulled fails before its container starts", "remove `after`");
    }
    if (f_.describing() || e.workload.empty()) return std::nullopt;
    return e;
  }

  std::optional<What> read_rollback() {
    RollbackEvent e;
    e.workload =
        read_app("rollback", "the app, DaemonSet or DAEMON service that goes back to an older revision", revised_);
    e.to = f_.optional_integer("to",
                               "rollback: the revision (1 is the scenario's own); without it, the one before the "
                               "newest",
                               {1, 1'000'000});
    if (f_.describing() || e.workload.empty()) return std::nullopt;
    return e;
  }

  std::optional<What> read_gates() {
    SchedulingGatesRemoval e;
    e.workload =
        read_app("removeSchedulingGates",
                 "the app or job whose pods of this instant lose their scheduling gates (EKS columns; pods made later "
                 "have those of the template)",
                 gated_);
    if (f_.describing() || e.workload.empty()) return std::nullopt;
    return e;
  }

  std::optional<What> read_scale() {
    ScaleEvent e;
    e.workload = read_app("scale", "the app whose replicas get new bounds", apps_);
    const document::Range<std::int64_t> range{0, 1'000'000};
    e.minimum = f_.optional_integer("min", "scale: least replicas from now on", range);
    e.maximum = f_.optional_integer("max", "scale: most replicas from now on", range);
    if (const auto fixed = f_.optional_integer("replicas", "scale: exactly so many, in place of min and max", range)) {
      if (e.minimum || e.maximum) f_.error("replicas", "replicas, or min and max, not both");
      e.minimum = e.maximum = fixed;
    }
    if (f_.describing() || e.workload.empty()) return std::nullopt;
    if (!e.minimum && !e.maximum) {
      f_.error("scale", "what to? add replicas, min or max", "write {at: 6h, scale: " + e.workload + ", min: 10}");
      return std::nullopt;
    }
    if (e.minimum && e.maximum && *e.minimum > *e.maximum) {
      f_.error("min", "min " + std::to_string(*e.minimum) + " is above max " + std::to_string(*e.maximum));
      return std::nullopt;
    }
    return e;
  }

  std::optional<What> read_fail() {
    const auto lasts =
        f_.optional_duration("for", "fail zone: how long it is away; without it, to the end", {microseconds(1), {}});
    Fields fail = f_.child("fail", "what fails at once: {node: any}, {node: NAME} or {zone: NAME}");
    const auto node = fail.optional_text("node", "any (one that carries application pods), or a name as in events.csv");
    const std::int64_t count = fail.integer("count", 1, "one node", "how many nodes, when node is any", {1, 10'000});
    const auto zone = fail.optional_text("zone", "an availability zone of the scenario");
    if (f_.describing()) return std::nullopt;
    if (node.has_value() == zone.has_value()) {
      fail.error("", "node or zone, one of the two", "write fail: {node: any} or fail: {zone: " + zones_[0] + "}");
      return std::nullopt;
    }
    if (zone) {
      if (!known(fail, "zone", "zone", *zone, zones_)) return std::nullopt;
      return ZoneFailure{*zone, lasts};
    }
    if (lasts) f_.error("for", "a node that fails does not come back", "for belongs to fail: {zone: ...}");
    if (*node == "any") return NodeFailure{{}, count};
    if (count != 1) fail.error("count", "a node of this name is one", "write node: any");
    return NodeFailure{*node, 1};
  }

  std::optional<What> read_upgrade() {
    constexpr std::array<std::string_view, 1> kWhat = {"nodes"};
    f_.optional_one_of("upgrade", kWhat, "nodes: a new machine image is out; node groups are updated, NodePools drift");
    if (f_.describing()) return std::nullopt;
    return ImageRelease{};
  }

  std::optional<What> read_cluster_version() {
    const auto version = f_.optional_text("updateClusterVersion",
                                          "kubernetesVersion that EKS columns update their control plane to: \"1.34\"");
    if (!version || f_.describing()) return std::nullopt;
    const bool minor = version->starts_with("1.") && version->size() > 2 && version->size() < 6 &&
                       version->find_first_not_of("0123456789", 2) == version->npos;
    if (!minor) {
      f_.error("updateClusterVersion", "'" + *version + "' is not a Kubernetes version", "write \"1.34\"");
      return std::nullopt;
    }
    return ControlPlaneUpdate{*version};
  }

  Fields& f_;
  const std::vector<std::string>& apps_;
  std::vector<std::string> revised_, gated_;
  const std::vector<std::string>& zones_;
};

/// Of an app only its deploy events make revisions; 1 is the scenario's own. What is wrong with a rollback.
std::string revision_fault(const TimelineEvent& event, const std::vector<TimelineEvent>& all) {
  const auto* back = std::get_if<RollbackEvent>(&event.what);
  if (back == nullptr || !back->to) return {};
  std::int64_t newest = 1;
  for (const TimelineEvent& e : all) {
    const auto* deploy = std::get_if<DeployEvent>(&e.what);
    newest += deploy != nullptr && deploy->workload == back->workload && e.at <= event.at ? 1 : 0;
  }
  if (*back->to <= newest) return {};
  return "unable to find the revision " + std::to_string(*back->to) + " of " + back->workload + ": " +
         (newest == 1 ? "it has only the scenario's own then" : "the newest then is " + std::to_string(newest));
}

}  // namespace

std::vector<TimelineEvent> read_events(Fields& scenario, const std::vector<std::string>& apps,
                                       const std::vector<std::string>& daemons, const std::vector<std::string>& zones,
                                       Duration window, const std::vector<std::string>& jobs) {
  std::vector<TimelineEvent> out;
  std::vector<document::Item> items;
  for (const document::Item& item : scenario.list("events", "what happens at given instants, on every column alike")) {
    Fields f(item.node, scenario.reader(), item.path);
    auto event = EventReader(f, apps, daemons, zones, jobs).run();
    if (!event) continue;
    if (event->at > window) {
      f.warning("at", "this is after the end of the window (" + to_string(window) + "); it never happens");
    }
    items.push_back(item);
    out.push_back(std::move(*event));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto* back = std::get_if<RollbackEvent>(&out[i].what);
    if (back == nullptr || std::find(apps.begin(), apps.end(), back->workload) == apps.end()) continue;
    if (std::string fault = revision_fault(out[i], out); !fault.empty())
      scenario.reader().diagnostics->error(items[i].mark, std::move(fault), "revisions come from deploy events",
                                           document::join_path(items[i].path, "to"));
  }
  return out;
}

}  // namespace plimsoll::scenario
