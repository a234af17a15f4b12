#include "models/ecs/task_architecture.h"

#include <algorithm>

#include "models/ecs/api/documents.h"
#include "models/ecs/container_lifecycle.h"
#include "models/ecs/service_files.h"

namespace plimsoll::ecs {

namespace {

using aws::Architecture;

constexpr std::string_view kArchitectureKey = "cpuArchitecture";

/// As task definitions spell it.
std::string written_as(Architecture a) { return a == Architecture::arm64 ? "ARM64" : "X86_64"; }

struct Said {
  std::string name;
  bool has_definition = false, is_windows = false;
  std::optional<Architecture> architecture;  ///< of runtimePlatform
};

std::vector<Said> tasks_of(const Setting& setting) {
  api::Documents documents;
  document::Diagnostics ignored;  // faults of the files were reported when they were read
  for (const ScalingDocument& d : setting.scaling) {
    if (d.side == Side::ecs) api::read_document(d.node, ignored, documents);
  }
  std::vector<Said> out;
  const auto add = [&](const std::string& name) {
    Said s;
    s.name = name;
    if (const api::TaskDefinition* d = definition_of_app(documents, name)) {
      s.has_definition = true;
      s.is_windows = d->windows();
      const document::Node* platform = d->node.find("runtimePlatform");
      if (platform != nullptr && platform->find("cpuArchitecture") != nullptr)
        s.architecture = d->arm64 ? Architecture::arm64 : Architecture::x86_64;
    }
    out.push_back(std::move(s));
  };
  for (const WorkloadSpec& w : setting.workloads) add(w.name);
  for (const JobSpec& j : setting.jobs) add(j.name);
  return out;
}

/// `written_key`: whether the column says its architecture, `usual`.
Architecture architecture_of(const Said& s, bool written_key, Architecture usual) {
  if (s.architecture) return *s.architecture;
  if (s.is_windows || (s.has_definition && !written_key)) return Architecture::x86_64;
  return usual;
}

bool has_type_of(const AsgCapacity& group, Architecture a) {
  return std::any_of(group.options.begin(), group.options.end(),
                     [a](const InstanceOption& o) { return o.type->arch == a; });
}

}  // namespace

TaskArchitectures TaskArchitectures::read(document::Fields& column, const Setting& setting,
                                          const CapacityPlan& capacity) {
  TaskArchitectures out;
  std::vector<const CapacityProvider*> groups;
  for (const CapacityProvider& p : capacity.providers) {
    if (p.asg && !p.asg->options.empty()) groups.push_back(&p);
  }
  const bool graviton = !groups.empty() && std::none_of(groups.begin(), groups.end(), [](const CapacityProvider* p) {
    return has_type_of(*p->asg, Architecture::x86_64);
  });
  const bool said = column.has(kArchitectureKey);
  const Architecture usual = column.choice<Architecture>(
      kArchitectureKey, {{"X86_64", Architecture::x86_64}, {"ARM64", Architecture::arm64}},
      graviton ? Architecture::arm64 : Architecture::x86_64,
      graviton ? "as all instances of the column; files without runtimePlatform: X86_64" : "ECS API default",
      "of tasks whose definition does not say runtimePlatform.cpuArchitecture");
  if (column.describing()) return out;
  for (const Said& s : tasks_of(setting)) {
    const Architecture a = architecture_of(s, said, usual);
    out.of.push_back(a);
    const std::string what = s.name + " is an " + written_as(a) + " task";
    const std::size_t task = out.of.size() - 1;
    for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
      const CapacityProvider& p = capacity.providers[lane];
      if (p.managed && capacity.uses(task, lane) && p.managed->requirements.architecture != a)
        column.error("capacity",
                     what +
                         ", and others of the column are not: Managed Instances are modelled with one "
                         "architecture of tasks",
                     "give all of them the same runtimePlatform.cpuArchitecture");
    }
    const auto lacks = [a](const CapacityProvider* p) { return !has_type_of(*p->asg, a); };
    const Architecture other = a == Architecture::arm64 ? Architecture::x86_64 : Architecture::arm64;
    out.instances_differ = out.instances_differ || std::any_of(groups.begin(), groups.end(), [&](const auto* p) {
                             return has_type_of(*p->asg, other);
                           });
    std::vector<const CapacityProvider*> its;
    for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
      const CapacityProvider& p = capacity.providers[lane];
      if (p.asg && !p.asg->options.empty() && capacity.uses(task, lane)) its.push_back(&p);
    }
    if (its.empty() || std::none_of(its.begin(), its.end(), lacks)) continue;
    if (std::all_of(its.begin(), its.end(), lacks)) {
      const bool by_default = s.has_definition && !s.architecture && !said;
      column.error("capacity",
                   what + (by_default ? ", as its definition does not say cpuArchitecture" : "") +
                       ": the container instances of this column are " +
                       std::string(aws::to_string(its.front()->asg->options.front().type->arch)),
                   by_default ? "its image is for ARM64 too? write runtimePlatform: {cpuArchitecture: ARM64} there, or "
                                "cpuArchitecture: ARM64 here"
                   : a == Architecture::arm64 ? "choose a Graviton type such as m7g.large, or capacity: fargate"
                                              : "choose a type of x86_64 such as m7i.large, or capacity: fargate");
      continue;
    }
    for (const CapacityProvider* p : its) {
      if (lacks(p) && !capacity.tasks[task].plain)
        column.warning("capacity", what + ": what the strategy gives to the provider '" + p->name +
                                       "' waits for ever, as its instances are " + std::string(aws::to_string(other)));
    }
  }
  return out;
}

Architecture managed_architecture(const document::Fields& column, const Setting& setting, std::string_view provider) {
  const document::Node* key = column.node().find(kArchitectureKey);
  const Architecture usual = key != nullptr && key->text() == "ARM64" ? Architecture::arm64 : Architecture::x86_64;
  const std::vector<Said> tasks = tasks_of(setting);
  if (tasks.empty()) return usual;
  std::vector<std::string> names;
  for (const Said& s : tasks) names.push_back(s.name);
  const std::vector<ServiceFile> files = read_service_files(setting, names);
  // The first that says so, else the first whose file leaves it to the column.
  std::size_t first = 0;
  bool open = false;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::vector<ProviderShare>& named = files[i].providers;
    const bool its = std::any_of(named.begin(), named.end(), [&](const auto& s) { return s.provider == provider; });
    if (its || files[i].launch_type == api::LaunchType::managed_instances)
      return architecture_of(tasks[i], key != nullptr, usual);
    if (open || !named.empty() || files[i].launch_type) continue;
    open = true;
    first = i;
  }
  return architecture_of(tasks[first], key != nullptr, usual);
}

}  // namespace plimsoll::ecs
