#include "models/ecs/container_lifecycle.h"

#include <algorithm>
#include <memory>

#include "models/ecs/controllers/start_timeouts.h"

namespace plimsoll::ecs {

namespace {

using api::ContainerDefinition;
using api::DependencyCondition;
using api::TaskDefinition;

/// From the container's own start to the condition.
Duration condition_time(const ContainerDefinition& c, DependencyCondition condition, Duration run_once) {
  switch (condition) {
    case DependencyCondition::start:
      return Duration{};
    case DependencyCondition::complete:
    case DependencyCondition::success:
      return run_once;
    case DependencyCondition::healthy:
      return c.health_check ? c.health_check->interval : Duration{};
  }
  return Duration{};
}

class Starts {
 public:
  Starts(const TaskDefinition& d, Duration container_start, Duration run_once)
      : d_(d), container_start_(container_start), run_once_(run_once), known_(d.containers.size()) {}

  /// When `c`, one of the definition's containers, is started, after the start of a container that waits for none. Each
  /// is worked out once; a ring, which the reader of the file refuses, ends where it began.
  Duration of(const ContainerDefinition& c) {
    const auto place = static_cast<std::size_t>(&c - d_.containers.data());
    if (known_[place]) return *known_[place];
    known_[place] = Duration{};
    Duration begin{};
    for (const api::Dependency& dependency : c.depends_on) {
      const ContainerDefinition* other = d_.find(dependency.container);
      if (other == nullptr) continue;
      const Duration after = condition_time(*other, dependency.condition, run_once_);
      if (other->start_timeout && after > *other->start_timeout && never_.empty()) {
        never_ = "container '" + c.size.name + "' waits for '" + other->size.name + "', whose condition takes " +
                 plimsoll::to_string(after) + ", more than its startTimeout of " +
                 plimsoll::to_string(*other->start_timeout);
        gives_up_ = of(*other) + *other->start_timeout;
      }
      begin = std::max(begin, of(*other) + container_start_ + after);
    }
    known_[place] = begin;
    return begin;
  }
  const std::string& never() const { return never_; }
  Duration gives_up() const { return gives_up_; }

 private:
  const TaskDefinition& d_;
  Duration container_start_, run_once_;
  std::vector<std::optional<Duration>> known_;
  std::string never_;
  Duration gives_up_{};
};

bool names_app(std::string_view family, std::string_view app) {
  if (family == app) return true;
  return family.size() > app.size() && family.ends_with(app) &&
         (family[family.size() - app.size() - 1] == '-' || family[family.size() - app.size() - 1] == '_');
}

}  // namespace

const TaskDefinition* definition_of_app(const api::Documents& documents, const std::string& name) {
  for (const api::Service& s : documents.services) {
    if (s.name == name) return documents.definition_of(s);
  }
  for (const TaskDefinition& d : documents.task_definitions) {
    if (names_app(d.family, name)) return &d;
  }
  return nullptr;
}

ContainerLifecycle container_lifecycle(const TaskDefinition& definition, Duration container_start, Duration run_once) {
  ContainerLifecycle out;
  out.windows = definition.windows();
  out.gpus = definition.gpus();
  out.arm64 = definition.arm64;
  out.unchecked = std::none_of(definition.containers.begin(), definition.containers.end(),
                               [](const ContainerDefinition& c) { return c.size.essential && c.health_check; });
  out.insight.containers = static_cast<std::int64_t>(definition.containers.size());
  for (const ContainerDefinition& c : definition.containers) {
    out.insight.checked += c.health_check ? 1 : 0;
    out.insight.restarting += c.restart && c.restart->enabled ? 1 : 0;
  }
  const api::NetworkMode mode = definition.effective_network_mode();
  out.insight.network = mode == api::NetworkMode::awsvpc || mode == api::NetworkMode::bridge;
  out.ephemeral_gib = definition.ephemeral_gib.value_or(out.ephemeral_gib);
  out.further_images = further_images(definition);
  Starts starts(definition, container_start, run_once);
  const ContainerDefinition* main = nullptr;
  for (const ContainerDefinition& c : definition.containers) {
    if (c.size.essential && main == nullptr) main = &c;
    out.start_wait = std::max(out.start_wait, starts.of(c));
  }
  out.never_starts = starts.never();
  out.gives_up = starts.gives_up();
  if (main == nullptr || !main->restart || !main->restart->enabled) return out;
  RestartRule rule;
  rule.final_exit_codes = main->restart->ignored_exit_codes;
  rule.kind = RestartRule::Kind::once_a_period;
  rule.period = main->restart->attempt_period;
  out.restart = rule;
  return out;
}

PodPreparation preparation_of(const ContainerLifecycle& lifecycle, Duration container_start) {
  PodPreparation out;
  if (!lifecycle.never_starts.empty() || lifecycle.start_wait <= Duration{}) return out;
  // The agent starts two containers then, one before and one after the wait: the first is part of it.
  out.before.push_back(Delay::constant(std::max(lifecycle.start_wait - container_start, Duration{})));
  return out;
}

void complete_job(World& world, HostAgent& agent, WorkloadId job, const ContainerLifecycle& lifecycle,
                  const TaskImages& images, Duration container_start) {
  Workload& w = world.edit_workload(job);
  w.restart = lifecycle.restart.value_or(RestartRule{});
  images.add(lifecycle.further_images, {}, w, world.names);
  agent.prepare(job, preparation_of(lifecycle, container_start));
}

void attach_start_timeouts(World& world, const std::vector<ContainerLifecycle>& lifecycles,
                           const std::vector<WorkloadId>& workloads) {
  auto timeouts = std::make_unique<StartTimeouts>();
  for (std::size_t i = 0; i < lifecycles.size(); ++i) {
    if (!lifecycles[i].never_starts.empty()) timeouts->add(workloads[i], lifecycles[i].gives_up);
  }
  if (!timeouts->empty()) world.attach(std::move(timeouts));
}

void warn_of_lifecycles(document::Fields& column, const std::vector<std::string>& names, std::size_t apps,
                        const std::vector<ContainerLifecycle>& lifecycles) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& never = lifecycles[i].never_starts;
    if (!never.empty())
      column.warning("", "no task of " + names[i] + " will ever be ready, each is stopped before: " + never,
                     "raise startTimeout or check more often");
    if (i < apps || !lifecycles[i].restart) continue;
    const std::vector<std::int64_t>& ignored = lifecycles[i].restart->final_exit_codes;
    if (std::find(ignored.begin(), ignored.end(), 0) == ignored.end())
      column.warning("",
                     "restartPolicy of " + names[i] + " restarts its container after success too: a run of " +
                         plimsoll::to_string(lifecycles[i].restart->period) + " or longer never ends",
                     "add 0 to ignoredExitCodes");
  }
}

std::vector<ContainerLifecycle> read_lifecycles(const Setting& setting, const std::vector<std::string>& names,
                                                Duration container_start) {
  api::Documents documents;
  document::Diagnostics ignored;  // faults of the files were reported when they were read
  for (const ScalingDocument& d : setting.scaling) {
    if (d.side == Side::ecs) api::read_document(d.node, ignored, documents);
  }
  std::vector<ContainerLifecycle> out;
  for (const std::string& name : names) {
    const TaskDefinition* d = definition_of_app(documents, name);
    out.push_back(d != nullptr ? container_lifecycle(*d, container_start) : ContainerLifecycle{});
  }
  return out;
}

}  // namespace plimsoll::ecs
