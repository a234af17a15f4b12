#include "models/ecs/daemon_plan.h"

#include <algorithm>

#include "models/ecs/api/documents.h"
#include "models/ecs/controllers/daemon_scheduler.h"

namespace plimsoll::ecs {

namespace {

/// Use of an agent as a share of what it asks for. Assumed, as of system pods on Kubernetes.
constexpr std::int64_t kUsePercent = 20;
constexpr Bytes kAgentImage = Bytes{50'000'000};
/// Start-up of an agent. Assumed, as of system pods on Kubernetes.
constexpr Duration kAgentStart = seconds(2);

Cpu share_of(Cpu cpu) { return Cpu{cpu.raw() * kUsePercent / 100}; }

DaemonService read_one(document::Fields& f, const std::string& name) {
  DaemonService d;
  d.name = name;
  d.cpu = f.required_cpu("cpu", "of its task on each instance");
  d.memory = f.required_bytes("memory", "of its task");
  d.used = f.cpu("use", share_of(d.cpu), "assumed: 20 % of cpu", "CPU use of a running task");
  d.image = f.bytes("image", kAgentImage, "assumed: a small agent", "compressed size of its image");
  d.enis = f.choice<std::int64_t>("networkMode", {{"host", 0}, {"bridge", 0}, {"awsvpc", 1}}, 0,
                                  "agents of AWS's samples", "awsvpc takes a network interface of the instance");
  d.minimum_healthy_percent = f.integer("minimumHealthyPercent", 0, "CreateService default for DAEMON",
                                        "of the tasks, while they are replaced", {0, 100});
  const std::int64_t maximum =
      f.integer("maximumPercent", 100, "CreateService default for DAEMON", "must be 100", {0, 200});
  if (maximum != 100)
    f.error("maximumPercent", "a daemon service has one task an instance", "maximumPercent must be 100");
  if (d.minimum_healthy_percent == 100)
    f.warning("minimumHealthyPercent", "with 100 no task of a daemon service can ever be replaced",
              "its deployments would hang: take less");
  return d;
}

/// The daemon services among the real files. Their faults were reported when they were read.
void read_files(const Setting& setting, std::vector<DaemonService>& out) {
  api::Documents documents;
  document::Diagnostics ignored;
  for (const ScalingDocument& d : setting.scaling) {
    if (d.side == Side::ecs) api::read_document(d.node, ignored, documents);
  }
  for (const api::Service& s : documents.services) {
    const api::TaskDefinition* definition = s.daemon ? documents.definition_of(s) : nullptr;
    if (definition == nullptr) continue;
    const TaskReservation r = definition->reservation();
    DaemonService d;
    d.name = s.name;
    d.cpu = cpu_ecs_units(r.cpu);
    d.memory = mebibytes(r.memory);
    d.enis = definition->enis();
    d.used = share_of(d.cpu);
    d.image = kAgentImage;
    if (!definition->containers.empty()) d.image_name = definition->containers[0].image;
    d.minimum_healthy_percent = s.minimum_healthy_percent;
    out.push_back(std::move(d));
  }
}

}  // namespace

DaemonPlan DaemonPlan::read(document::Fields& column, const Setting& setting, const CapacityPlan& capacity) {
  DaemonPlan plan;
  for (const document::Item& item :
       column.map("daemons", "services with schedulingStrategy DAEMON: one task on each instance, by name")) {
    document::Fields f(item.node, column.reader(), item.path);
    plan.services.push_back(read_one(f, item.name));
  }
  if (column.describing()) return plan;
  const std::size_t said = plan.services.size();
  read_files(setting, plan.services);
  // What the column says of a daemon service stands above its file.
  for (std::size_t i = plan.services.size(); i-- > said;) {
    const auto same = [&](const DaemonService& d) { return d.name == plan.services[i].name; };
    if (std::any_of(plan.services.begin(), plan.services.begin() + static_cast<std::ptrdiff_t>(said), same))
      plan.services.erase(plan.services.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const DaemonService& d : plan.services) {
    const bool app = std::any_of(setting.workloads.begin(), setting.workloads.end(),
                                 [&](const WorkloadSpec& w) { return w.name == d.name; });
    if (app)
      column.error("daemons", "'" + d.name + "' is an app and a daemon service", "give one of them another name");
  }
  const char* obstacle = capacity.on_fargate ? "Fargate does not support daemon services"
                         : capacity.has(ProviderKind::managed_instances)
                             ? "daemons of Managed Instances are not modelled"
                             : nullptr;
  if (obstacle != nullptr) {
    if (said > 0) column.error("daemons", obstacle, "remove `daemons`, or put the agent into the tasks as a sidecar");
    for (std::size_t i = said; i < plan.services.size(); ++i)
      column.warning("", "the DAEMON service " + plan.services[i].name + " is left out: " + obstacle);
    plan.services.clear();
    return plan;
  }
  ResourceVector taken;
  for (const DaemonService& d : plan.services) {
    taken.set_cpu(taken.cpu() + d.cpu);
    taken.set_memory(taken.memory() + d.memory);
  }
  for (const CapacityProvider& p : capacity.providers) {
    if (!p.asg || p.asg->options.empty() || plan.services.empty()) continue;
    for (const WorkloadSpec& w : setting.workloads) {
      if (!p.asg->holds(w.ecs.cpu, w.ecs.memory) ||  // said by the capacity
          p.asg->holds(w.ecs.cpu + taken.cpu(), w.ecs.memory + taken.memory()))
        continue;
      column.error("daemons",
                   "no " + std::string(p.asg->options.front().type->name) + " can hold a task of " + w.name +
                       " beside the daemons (" + to_string(taken.cpu()) + " / " + to_string(taken.memory()) + ")",
                   "take a larger type or smaller daemons");
    }
  }
  return plan;
}

void DaemonPlan::build(World& world) const {
  if (services.empty()) return;
  auto scheduler = std::make_unique<DaemonScheduler>(DaemonSchedulerParameters{});
  for (const DaemonService& d : services) {
    PodShape shape;
    shape.requests.set_cpu(d.cpu);
    shape.requests.set_memory(d.memory);
    shape.requests[Resource::pods] = 1;
    shape.requests[Resource::enis] = d.enis;
    shape.requests_anything = true;
    shape.is_daemon = true;
    Workload w;
    w.name = world.names.intern(d.name);
    w.system = w.daemon = true;
    w.requests = shape.requests;
    w.shape = world.shapes.intern(std::move(shape));
    w.images = {{world.names.intern(d.image_name.empty() ? d.name : d.image_name), d.image}};
    w.start_wait = kAgentStart;
    w.idle_cores = to_cores(d.used);
    w.memory_used = Bytes{d.memory.raw() / 5 * 4};
    scheduler->manage(world.add_workload(std::move(w)), d.minimum_healthy_percent);
  }
  world.attach(std::move(scheduler));
}

}  // namespace plimsoll::ecs
