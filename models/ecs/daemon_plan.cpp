#include "models/ecs/daemon_plan.h"

#include <algorithm>
#include <charconv>

#include "models/ecs/api/documents.h"
#include "models/ecs/controllers/daemon_scheduler.h"
#include "models/ecs/instants.h"
#include "models/ecs/placement_rules.h"
#include "models/ecs/task_images.h"
#include "sim/policy/unholdable.h"

namespace plimsoll::ecs {

namespace {

/// Use of an agent as a share of what it asks for. Assumed, as of system pods on Kubernetes.
constexpr std::int64_t kUsePercent = 20;
constexpr Bytes kAgentImage = Bytes{50'000'000};
/// Start-up of an agent. Assumed, as of system pods on Kubernetes.
constexpr Duration kAgentStart = seconds(2);

Cpu share_of(Cpu cpu) { return Cpu{cpu.raw() * kUsePercent / 100}; }

/// "9100", "8125/udp".
std::optional<PortKey> parse_host_port(std::string_view text) {
  const auto slash = text.find('/');
  const std::string_view protocol = slash == std::string_view::npos ? "tcp" : text.substr(slash + 1);
  if (protocol != "tcp" && protocol != "udp") return std::nullopt;
  std::uint32_t port = 0;
  const std::string_view digits = text.substr(0, slash);
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (fault != std::errc() || end != digits.data() + digits.size() || port < 1 || port > 65535) return std::nullopt;
  return port_key(static_cast<std::uint16_t>(port), protocol == "udp" ? PortProtocol::udp : PortProtocol::tcp);
}

/// SOURCE: ECS developer guide, "Daemon deployments", "Daemon auto repair".
ManagedDaemon read_managed_daemon(document::Fields& f) {
  ManagedDaemon m;
  m.drain = f.ratio("drainPercent", m.drain, "ECS API default", "of the instances, drained together by a deployment",
                    {percent(1), percent(100)});
  m.bake = minutes(f.integer("bakeTimeInMinutes", 0, "ECS API default",
                             "after the last instance, until a deployment is complete", {0, 1440}));
  m.alarms = f.texts("alarms", "CloudWatch alarms, any of which fails a deployment and rolls it back");
  m.critical = f.boolean("critical", true, "ECS API default", "its failure drains the instance");
  return m;
}

DaemonService read_one(document::Fields& f, const std::string& name, bool managed) {
  DaemonService d;
  d.name = name;
  d.cpu = f.required_cpu("cpu", "of its task on each instance");
  d.memory = f.required_bytes("memory", "of its task");
  d.used = f.cpu("use", share_of(d.cpu), "assumed: 20 % of cpu", "CPU use of a running task");
  d.image = f.bytes("image", kAgentImage, "assumed: a small agent", "compressed size of its image");
  d.enis = f.choice<std::int64_t>("networkMode", {{"host", 0}, {"bridge", 0}, {"awsvpc", 1}}, 0,
                                  "agents of AWS's samples", "awsvpc takes a network interface of the instance");
  for (const std::string& text : f.texts("hostPorts", "host ports that its task holds: 8125/udp, 9100")) {
    const auto port = parse_host_port(text);
    if (port) d.host_ports.push_back(*port);
    if (!port) f.error("hostPorts", "'" + text + "' is no host port", "a number from 1 to 65535, with /udp or /tcp");
  }
  std::sort(d.host_ports.begin(), d.host_ports.end());
  d.deployments = read_instants(f, "deployments", "when a new revision of it is deployed");
  if (managed || f.describing()) d.managed = read_managed_daemon(f);
  if (managed && !f.describing()) return d;
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
    d.host_ports = definition->host_ports();
    d.used = share_of(d.cpu);
    d.image = kAgentImage;
    if (!definition->containers.empty()) d.image_name = main_container(*definition).image;
    for (const auto& [container, image] : further_images(*definition)) d.further_images.push_back(image);
    d.minimum_healthy_percent = s.minimum_healthy_percent;
    d.guard = {s.breaker, s.alarms, s.alarms_rollback};
    for (const auto* constraints : {&s.constraints, &definition->constraints}) {
      for (const api::ConstraintSpec& c : *constraints) {
        if (c.query) d.member_of.push_back(*c.query);
      }
    }
    if (definition->runtime_platform) {
      const QueryParse parsed = ClusterQuery::parse(std::string("attribute:") + std::string(kArchitectureAttribute) +
                                                    (definition->arm64 ? " == arm64" : " == x86_64"));
      d.member_of.push_back(*parsed.query);
    }
    out.push_back(std::move(d));
  }
}

}  // namespace

DaemonPlan DaemonPlan::read(document::Fields& column, const Setting& setting, const CapacityPlan& capacity) {
  DaemonPlan plan;
  for (const document::Item& item :
       column.map("daemons", "services with schedulingStrategy DAEMON: one task on each instance, by name")) {
    document::Fields f(item.node, column.reader(), item.path);
    const bool managed = capacity.has(ProviderKind::managed_instances);
    DaemonService service = read_one(f, item.name, managed);
    if (!managed || f.describing()) service.member_of = read_constraints(f, "placementConstraints").member_of;
    plan.services.push_back(std::move(service));
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
  for (DaemonService& d : plan.services) {
    for (ClusterQuery& q : d.member_of) q = q.by_calendar(setting.calendar);
  }
  for (const DaemonService& d : plan.services) {
    const bool app = std::any_of(setting.workloads.begin(), setting.workloads.end(),
                                 [&](const WorkloadSpec& w) { return w.name == d.name; });
    if (app)
      column.error("daemons", "'" + d.name + "' is an app and a daemon service", "give one of them another name");
  }
  const bool groups = capacity.has(ProviderKind::auto_scaling_group) || capacity.has(ProviderKind::external);
  for (DaemonService& d : plan.services) {
    for (const CapacityProvider& p : capacity.providers) {
      const bool its = d.managed ? p.managed.has_value() : p.asg || p.external;
      if (its && groups && capacity.has(ProviderKind::managed_instances)) d.providers.push_back(p.name);
    }
  }
  const char* obstacle = capacity.on_fargate ? "Fargate does not support daemon services"
                         : capacity.has(ProviderKind::managed_instances) && !groups
                             ? "Managed Instances have managed daemons in their place: say it under daemons"
                             : nullptr;
  if (obstacle != nullptr) {
    if (said > 0 && capacity.on_fargate)
      column.error("daemons", obstacle, "remove `daemons`, or put the agent into the tasks as a sidecar");
    for (std::size_t i = said; i < plan.services.size(); ++i)
      column.warning("", "the DAEMON service " + plan.services[i].name + " is left out: " + obstacle);
    plan.services.resize(capacity.on_fargate ? 0 : said);
  }
  for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
    const CapacityProvider& p = capacity.providers[lane];
    const ResourceVector taken = plan.taken(p.name);
    if (p.managed && !plan.services.empty()) {
      const auto& types = p.managed->types;
      for (std::size_t i = 0; i < setting.workloads.size(); ++i) {
        if (!capacity.uses(i, lane)) continue;
        const WorkloadSpec& w = setting.workloads[i];
        const bool held = std::any_of(types.begin(), types.end(), [&](const ManagedType& t) {
          return t.registered.cpu() >= w.ecs.cpu + taken.cpu() &&
                 t.registered.memory() >= w.ecs.memory + taken.memory();
        });
        if (!held)
          add_unholdable(plan.unholdable, column, w.name,
                         "no type that the requirements admit can hold a task of " + w.name + " beside the daemons (" +
                             to_string(taken.cpu()) + " / " + to_string(taken.memory()) + ")",
                         "admit larger types or take smaller daemons");
      }
    }
    if (!p.asg || p.asg->options.empty() || plan.services.empty()) continue;
    for (std::size_t i = 0; i < setting.workloads.size(); ++i) {
      if (!capacity.uses(i, lane)) continue;
      const WorkloadSpec& w = setting.workloads[i];
      if (!p.asg->holds(w.ecs.cpu, w.ecs.memory) ||  // said by the capacity
          p.asg->holds(w.ecs.cpu + taken.cpu(), w.ecs.memory + taken.memory()))
        continue;
      add_unholdable(plan.unholdable, column, w.name,
                     "no " + std::string(p.asg->options.front().type->name) + " can hold a task of " + w.name +
                         " beside the daemons (" + to_string(taken.cpu()) + " / " + to_string(taken.memory()) + ")",
                     "take a larger type or smaller daemons");
    }
  }
  return plan;
}

ResourceVector DaemonPlan::taken(std::string_view provider) const {
  ResourceVector out;
  for (const DaemonService& d : services) {
    if (!d.providers.empty() && std::find(d.providers.begin(), d.providers.end(), provider) == d.providers.end())
      continue;
    out.set_cpu(out.cpu() + d.cpu);
    out.set_memory(out.memory() + d.memory);
    out[Resource::enis] += d.enis;
  }
  return out;
}

HeldPorts DaemonPlan::build(World& world, const HeldPorts& others) const {
  HeldPorts ports;
  if (services.empty()) return ports;
  DaemonSchedulerParameters parameters;
  parameters.throttle = throttle;
  auto scheduler = std::make_unique<DaemonScheduler>(parameters);
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
    for (const std::string& image : d.further_images) w.images.emplace_back(world.names.intern(image), kAgentImage);
    w.start_wait = kAgentStart;
    w.idle_cores = to_cores(d.used);
    w.memory_used = Bytes{d.memory.raw() / 5 * 4};
    const WorkloadId id = world.add_workload(std::move(w));
    scheduler->manage(id, d.minimum_healthy_percent, d.member_of);
    std::vector<NameId> on;
    for (const std::string& provider : d.providers) on.push_back(world.names.intern(provider));
    scheduler->stay_on(id, std::move(on));
    if (!d.host_ports.empty()) {
      ports.emplace_back(id, d.host_ports);
      scheduler->hold_ports(id, d.host_ports);
    }
    if (d.managed) {
      scheduler->manage_instances(id, *d.managed);
    } else {
      DaemonDeploymentGuard guard = d.guard;
      guard.breaker.minimum = breaker_minimum;
      scheduler->guard_deployments(id, std::move(guard));
    }
    for (const Duration after : d.deployments) scheduler->deploy_at(id, world.window_start + after);
  }
  for (const auto& [workload, held] : others) scheduler->hold_ports(workload, held);
  world.attach(std::move(scheduler));
  return ports;
}

}  // namespace plimsoll::ecs
