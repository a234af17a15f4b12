#include <algorithm>
#include <set>

#include "models/compose/documents.h"

namespace plimsoll::compose {

namespace {

using document::Node;

/// The smallest memory of a container, MiB. SOURCE: API ContainerDefinition (Docker 20.10 and later).
constexpr std::int64_t kLeastMemory = 6;
/// The smallest CPU size of a task outside Fargate, CPU units. SOURCE: API RegisterTaskDefinition.
constexpr std::int64_t kLeastTaskCpu = 128;
/// The longest stopTimeout on Fargate, s. SOURCE: API ContainerDefinition.
constexpr std::int64_t kLongestStop = 120;
/// Target groups of a service. SOURCE: "Amazon ECS service quotas".
constexpr std::size_t kMostBalanced = 5;

std::int64_t units(Cpu cpu) { return (cpu.raw() + kCpuTicksPerEcsUnit - 1) / kCpuTicksPerEcsUnit; }

class EcsWriter {
 public:
  EcsWriter(const Project& project, Losses& losses) : project_(project), losses_(losses) {}

  void task(const Task& t, std::vector<Node>& out) {
    const Service& main = project_.services[t.main];
    const Writer w(main.node.mark());
    std::vector<Node> containers;
    for (const Member& m : t.members) containers.push_back(container(w, t, m));
    Writer::Pairs p = {{"family", w.text(t.name)}, {"networkMode", w.text("awsvpc")}};
    if (main.host_network) losses_.add(main.name, "network_mode host becomes an address of its own");
    task_cap(w, main, t.members.size() == 1, p);
    p.emplace_back("containerDefinitions", w.list(std::move(containers)));
    out.push_back(w.object(p));
    if (main.job) {
      losses_.add(main.name, "it runs to completion: run its task definition with run-task, " +
                                 std::to_string(main.replicas) + " at once");
      return;
    }
    out.push_back(service(t, main));
  }

 private:
  /// A cap of the task's CPU is what it reserves, too.
  void task_cap(const Writer& w, const Service& main, bool alone, Writer::Pairs& p) {
    if (!main.cpu_limit) return;
    const bool equal = !main.cpu_reservation || *main.cpu_reservation == *main.cpu_limit;
    if (alone && equal && units(*main.cpu_limit) >= kLeastTaskCpu) {
      p.emplace_back("cpu", w.text(std::to_string(units(*main.cpu_limit))));
    } else {
      losses_.add(main.name,
                  "its CPU limit is left out: CPU of a container is a share without a cap, and a cap of the "
                  "task would be reserved too");
    }
  }

  Node container(const Writer& w, const Task& t, const Member& m) {
    const Service& s = project_.services[m.service];
    const bool main = m.part == Member::Part::main;
    const Size size = size_of(s, losses_);
    Writer::Pairs p = {{"name", w.text(s.name)}, {"image", w.text(s.image)}, {"essential", w.boolean(main)}};
    p.emplace_back("cpu", w.number(units(size.cpu)));
    const auto memory = [&](Bytes b) { return w.number(std::max(b.raw() / kMiB, kLeastMemory)); };
    if (size.memory_limit.raw() > 0) p.emplace_back("memory", memory(size.memory_limit));
    if (size.memory_limit.raw() == 0 || size.memory < size.memory_limit)
      p.emplace_back("memoryReservation", memory(size.memory));
    if (!s.entrypoint.empty()) p.emplace_back("entryPoint", w.texts(s.entrypoint));
    if (!s.command.empty()) p.emplace_back("command", w.texts(s.command));
    if (!s.working_directory.empty()) p.emplace_back("workingDirectory", w.text(s.working_directory));
    if (!s.user.empty()) p.emplace_back("user", w.text(s.user));
    if (!s.environment.empty()) p.emplace_back("environment", w.list(w.environment(s.environment)));
    ports(w, s, p);
    if (s.gpus > 0)
      p.emplace_back("resourceRequirements",
                     w.list({w.object({{"type", w.text("GPU")}, {"value", w.text(std::to_string(s.gpus))}})}));
    health(w, s, p);
    depends_on(w, t, s, p);
    // A container is started again within its task.
    if (s.restart != Restart::no && m.part != Member::Part::before) {
      Writer::Pairs policy = {{"enabled", w.boolean(true)}};
      if (s.restart == Restart::on_failure) policy.emplace_back("ignoredExitCodes", w.list({w.number(0)}));
      p.emplace_back("restartPolicy", w.object(policy));
    }
    if (m.part != Member::Part::before)
      p.emplace_back("stopTimeout", bounded(w, s, "stop_grace_period", seconds_up(s.stop_grace), 0, kLongestStop));
    return w.object(p);
  }

  Node bounded(const Writer& w, const Service& s, const std::string& what, std::int64_t value, std::int64_t least,
               std::int64_t most) {
    const std::int64_t kept = std::clamp(value, least, most);
    if (kept != value)
      losses_.add(s.name, what + " " + std::to_string(value) + " becomes " + std::to_string(kept) +
                              ", the nearest that ECS takes");
    return w.number(kept);
  }

  void ports(const Writer& w, const Service& s, Writer::Pairs& p) {
    std::vector<Node> list;
    std::set<std::pair<std::int64_t, bool>> seen;
    const auto add = [&](std::int64_t port, bool udp) {
      if (!seen.insert({port, udp}).second) return;
      list.push_back(w.object({{"containerPort", w.number(port)}, {"protocol", w.text(udp ? "udp" : "tcp")}}));
    };
    for (const Port& port : s.ports) {
      add(port.target, port.udp);
      if (port.published.value_or(0) != 0 && port.published != port.target)
        losses_.add(s.name,
                    "published ports are those of a listener: a task has an address of its own and listens on "
                    "the port of the container");
    }
    for (const std::int64_t port : s.exposed) add(port, false);
    if (!list.empty()) p.emplace_back("portMappings", w.list(std::move(list)));
  }

  void health(const Writer& w, const Service& s, Writer::Pairs& p) {
    if (!s.health) return;
    const HealthCheck& h = *s.health;
    losses_.add(s.name, "a failed healthcheck only marks a container of Compose; ECS replaces its task");
    p.emplace_back(
        "healthCheck",
        w.object({{"command", w.texts(h.test)},
                  {"interval", bounded(w, s, "healthcheck.interval", seconds_up(h.interval), 5, 300)},
                  {"timeout", bounded(w, s, "healthcheck.timeout", seconds_up(h.timeout), 2, 60)},
                  {"retries", bounded(w, s, "healthcheck.retries", h.retries, 1, 10)},
                  {"startPeriod", bounded(w, s, "healthcheck.start_period", seconds_up(h.start_period), 0, 300)}}));
  }

  /// Within the task, each condition has its counterpart.
  void depends_on(const Writer& w, const Task& t, const Service& s, Writer::Pairs& p) {
    std::vector<Node> list;
    for (const Dependency& d : s.depends_on) {
      for (const Member& m : t.members) {
        const Service& other = project_.services[m.service];
        if (other.name != d.service) continue;
        const bool healthy = d.condition == Condition::healthy && other.health.has_value();
        if (d.condition == Condition::healthy && !healthy)
          losses_.add(s.name, "it waits for the health of " + other.name +
                                  ", which has no healthcheck here: it waits for its start");
        list.push_back(w.object({{"containerName", w.text(other.name)},
                                 {"condition", w.text(d.condition == Condition::completed ? "SUCCESS"
                                                      : healthy                           ? "HEALTHY"
                                                                                          : "START")}}));
      }
    }
    if (!list.empty()) p.emplace_back("dependsOn", w.list(std::move(list)));
  }

  Node service(const Task& t, const Service& s) {
    const Writer w(s.mark);
    Writer::Pairs p = {{"serviceName", w.text(t.name)}, {"taskDefinition", w.text(t.name)}};
    if (s.global) {
      p.emplace_back("schedulingStrategy", w.text("DAEMON"));
    } else {
      p.emplace_back("desiredCount", w.number(s.replicas));
    }
    losses_.add(s.name, "subnets are made up: put in your own");
    p.emplace_back(
        "networkConfiguration",
        w.object({{"awsvpcConfiguration", w.object({{"subnets", w.texts({"subnet-a", "subnet-b", "subnet-c"})}})}}));
    std::vector<Node> balancers;
    for (const Port& port : s.ports) {
      if (port.local) continue;
      if (balancers.size() == kMostBalanced) {
        losses_.add(s.name, "a service has at most five target groups: the published ports beyond are not reached");
        break;
      }
      balancers.push_back(
          w.object({{"targetGroupArn", w.text("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/" +
                                              t.name + "-" + std::to_string(port.target) + "/0123456789abcdef")},
                    {"containerName", w.text(s.name)},
                    {"containerPort", w.number(port.target)}}));
    }
    if (!balancers.empty() && !s.global) {
      losses_.add(s.name, "published ports are reached through target groups, whose ARNs are made up");
      p.emplace_back("loadBalancers", w.list(std::move(balancers)));
    }
    if (s.update && !s.global) rollout(w, s, p);
    return w.object(p);
  }

  /// parallelism of the replicas at a time, before or after what they replace.
  void rollout(const Writer& w, const Service& s, Writer::Pairs& p) {
    const std::int64_t replicas = std::max<std::int64_t>(s.replicas, 1);
    const std::int64_t at_once = s.update->parallelism == 0 ? replicas : std::min(s.update->parallelism, replicas);
    const std::int64_t share = (at_once * 100 + replicas - 1) / replicas;
    losses_.add(s.name, "update_config.parallelism becomes percentages of its replicas");
    const std::int64_t least = s.update->start_first ? 100 : 100 - share,
                       most = s.update->start_first ? 100 + share : 100;
    Writer::Pairs c = {{"maximumPercent", w.number(most)}, {"minimumHealthyPercent", w.number(least)}};
    if (s.update->rollback)
      c.emplace_back("deploymentCircuitBreaker",
                     w.object({{"enable", w.boolean(true)}, {"rollback", w.boolean(true)}}));
    p.emplace_back("deploymentConfiguration", w.object(c));
  }

  const Project& project_;
  Losses& losses_;
};

}  // namespace

std::vector<Node> ecs_documents(const Project& project, const std::vector<Task>& tasks, Losses& losses) {
  std::vector<Node> out;
  EcsWriter writer(project, losses);
  for (const Task& t : tasks) writer.task(t, out);
  return out;
}

}  // namespace plimsoll::compose
