#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "models/compose/tasks.h"
#include "models/ecs/api/documents.h"
#include "models/ecs/api/workload.h"
#include "sim/cli/translate.h"

// compiled alone: its short helpers hide those of the floors below
namespace plimsoll::cli {

using document::Node;

namespace {

using compose::label;
using ecs::api::ContainerDefinition;
using ecs::api::Documents;
using ecs::api::Service;
using ecs::api::TaskDefinition;

/// CPU units as whole thousandths of a vCPU, upwards.
std::string millis(std::int64_t units) { return std::to_string((units * 1000 + 1023) / 1024) + "m"; }
std::string mebi(std::int64_t n) { return std::to_string(n) + "Mi"; }

std::vector<Node> texts_of(const Node* node) {
  std::vector<Node> out;
  for (const Node& item : node == nullptr ? std::vector<Node>{} : node->items()) out.push_back(text(item.text()));
  return out;
}

class Writer {
 public:
  Writer(const Documents& documents, Translation& out) : documents_(documents), out_(out) {}

  void run() {
    std::set<const TaskDefinition*> run;
    for (const Service& s : documents_.services) {
      const TaskDefinition* d = documents_.definition_of(s);
      if (d == nullptr) {
        lose(s.name, "its task definition " + s.family() + " is not among the files: the service is left out");
        continue;
      }
      run.insert(d);
      workload(*d, &s);
    }
    for (const TaskDefinition& d : documents_.task_definitions) {
      if (run.count(&d) != 0) continue;
      lose(d.family, "no service among the files runs it: a Deployment of one replica");
      workload(d, nullptr);
    }
  }

 private:
  void lose(const std::string& name, const std::string& what) { out_.lossy.push_back(name + ": " + what); }

  static Node metadata(const std::string& name) {
    return object({{"name", text(name)}, {"labels", object({{"app", text(name)}})}});
  }

  Node resources(const std::string& name, const TaskDefinition& d, const ContainerDefinition& c, bool main) {
    std::optional<std::int64_t> cpu, memory, memory_limit;
    if (c.size.cpu > 0) cpu = c.size.cpu;
    memory = c.size.memory_reservation ? c.size.memory_reservation : c.size.memory;
    memory_limit = c.size.memory;
    std::optional<std::int64_t> cpu_limit;
    // The task's own size is one envelope around its containers: what the others leave belongs to the main container.
    std::int64_t other_cpu = 0, other_memory = 0;
    for (const ContainerDefinition& other : d.containers) {
      if (&other == &c) continue;
      other_cpu += other.size.cpu;
      other_memory += other.size.memory_reservation ? *other.size.memory_reservation : other.size.memory.value_or(0);
    }
    if (main && d.cpu) cpu = std::max<std::int64_t>(*d.cpu - other_cpu, cpu.value_or(0));
    if (main && d.memory) {
      memory = std::max<std::int64_t>(*d.memory - other_memory, memory.value_or(0));
      if (!memory_limit) memory_limit = memory;
      memory_limit = std::max(*memory_limit, *memory);
    }
    if (main && d.cpu && d.containers.size() == 1) cpu_limit = d.cpu;
    if (main && d.cpu && d.containers.size() > 1) {
      lose(name, "cpu " + std::to_string(*d.cpu) +
                     " of the task caps its containers together; a pod has no such cap, " + "and container " +
                     c.size.name + " requests what the others leave");
    }
    Pairs requests, limits;
    if (cpu && *cpu > 0) requests.emplace_back("cpu", text(millis(*cpu)));
    if (memory && *memory > 0) requests.emplace_back("memory", text(mebi(*memory)));
    if (main && d.ephemeral_gib) {
      requests.emplace_back("ephemeral-storage", text(std::to_string(*d.ephemeral_gib) + "Gi"));
    }
    if (cpu_limit) limits.emplace_back("cpu", text(millis(*cpu_limit)));
    if (memory_limit) limits.emplace_back("memory", text(mebi(*memory_limit)));
    if (c.gpus > 0) limits.emplace_back("nvidia.com/gpu", text(std::to_string(c.gpus)));
    Pairs out;
    if (!requests.empty()) out.emplace_back("requests", object(requests));
    if (!limits.empty()) out.emplace_back("limits", object(limits));
    return object(out);
  }

  Node container(const std::string& name, const TaskDefinition& d, const ContainerDefinition& c, bool main) {
    Pairs p = {{"name", text(label(c.size.name))}, {"image", text(c.image)}};
    if (auto command = texts_of(c.node.find("entryPoint")); !command.empty()) {
      p.emplace_back("command", Node::sequence(std::move(command)));
    }
    if (auto args = texts_of(c.node.find("command")); !args.empty())
      p.emplace_back("args", Node::sequence(std::move(args)));
    std::vector<Node> env;
    if (const Node* list = c.node.find("environment")) {
      for (const Node& item : list->items()) {
        const Node* key = item.find("name");
        const Node* value = item.find("value");
        if (key != nullptr && value != nullptr) {
          env.push_back(object({{"name", text(key->text())}, {"value", text(value->text())}}));
        }
      }
    }
    if (!env.empty()) p.emplace_back("env", Node::sequence(std::move(env)));
    ports(d, c, p);
    if (Node r = resources(name, d, c, main); r.size() > 0) p.emplace_back("resources", std::move(r));
    if (c.health_check) {
      const std::vector<Node> words = texts_of(at_path(c.node, {"healthCheck", "command"}));
      std::vector<Node> command;
      if (!words.empty() && words[0].text() == "CMD") {
        command.assign(words.begin() + 1, words.end());
      } else if (!words.empty()) {
        command = {text("/bin/sh"), text("-c"), words.back()};
      }
      if (!command.empty()) {
        Pairs probe = {{"exec", object({{"command", Node::sequence(std::move(command))}})}};
        if (c.health_check->start_period.count() > 0) {
          probe.emplace_back("initialDelaySeconds", number(c.health_check->start_period / seconds(1)));
          lose(name, "startPeriod of container " + c.size.name +
                         " becomes initialDelaySeconds: Kubernetes does not probe before it ends");
        }
        probe.emplace_back("periodSeconds", number(c.health_check->interval / seconds(1)));
        probe.emplace_back("timeoutSeconds", number(c.health_check->timeout / seconds(1)));
        probe.emplace_back("failureThreshold", number(c.health_check->retries));
        p.emplace_back("livenessProbe", object(probe));
      }
    }
    for (const auto& [key, what] : {std::pair{"secrets", "secrets are left out"},
                                    {"mountPoints", "volumes are left out"},
                                    {"dependsOn", "the order of its containers (dependsOn) is left out"},
                                    {"logConfiguration", "its log driver is left out; a node agent collects logs"},
                                    {"linuxParameters", "linuxParameters are left out"}}) {
      const Node* found = c.node.find(key);
      if (found != nullptr && found->size() > 0) lose(name, "container " + c.size.name + ": " + what);
    }
    return object(p);
  }

  static void ports(const TaskDefinition& d, const ContainerDefinition& c, Pairs& p) {
    std::vector<Node> list;
    const bool awsvpc = d.effective_network_mode() == ecs::api::NetworkMode::awsvpc;
    for (const auto& port : c.ports) {
      Pairs one = {{"containerPort", number(port.container_port)}};
      if (!port.name.empty() && port.name.size() <= 15) one.emplace_back("name", text(label(port.name)));
      if (port.protocol == ecs::PortProtocol::udp) one.emplace_back("protocol", text("UDP"));
      if (!awsvpc && port.host_port.value_or(0) > 0) one.emplace_back("hostPort", number(*port.host_port));
      list.push_back(object(one));
    }
    if (!list.empty()) p.emplace_back("ports", Node::sequence(std::move(list)));
  }

  void workload(const TaskDefinition& d, const Service* s) {
    const std::string name = label(s != nullptr ? s->name : d.family);
    const auto main = std::find_if(d.containers.begin(), d.containers.end(),
                                   [](const ContainerDefinition& c) { return c.size.essential && !c.log_router; });
    std::vector<Node> containers;
    for (const ContainerDefinition& c : d.containers) {
      containers.push_back(container(name, d, c, main != d.containers.end() && &*main == &c));
      if (!c.size.essential)
        lose(name, "container " + c.size.name + " is not essential; in a pod it is restarted alone");
    }
    Pairs pod = {{"containers", Node::sequence(std::move(containers))},
                 {"terminationGracePeriodSeconds", number(d.stop_timeout() / seconds(1))}};
    if (d.effective_network_mode() == ecs::api::NetworkMode::host) pod.emplace_back("hostNetwork", Node::boolean(true));
    Pairs node;
    if (d.windows()) {
      pod.emplace_back("os", object({{"name", text("windows")}}));
      node.emplace_back("kubernetes.io/os", text("windows"));
      lose(name, "operatingSystemFamily " + d.operating_system +
                     " becomes os.name windows: its release is left to the node group");
    }
    if (d.arm64) node.emplace_back("kubernetes.io/arch", text("arm64"));
    if (!node.empty()) pod.emplace_back("nodeSelector", object(node));
    const bool daemon = s != nullptr && s->daemon;
    const bool zones = s == nullptr || s->placement.empty() || s->rebalance().first_strategy_spreads_zones;
    if (zones && !daemon) {
      pod.emplace_back("topologySpreadConstraints",
                       Node::sequence({object({{"maxSkew", number(1)},
                                               {"topologyKey", text("topology.kubernetes.io/zone")},
                                               {"whenUnsatisfiable", text("ScheduleAnyway")},
                                               {"labelSelector", selector(name)}})}));
    }
    Pairs spec;
    if (!daemon) spec.emplace_back("replicas", number(s != nullptr ? s->desired_count.value_or(1) : 1));
    spec.emplace_back("selector", selector(name));
    if (s != nullptr && !daemon) rollout(name, *s, spec);
    spec.emplace_back(
        "template", object({{"metadata", object({{"labels", object({{"app", text(name)}})}})}, {"spec", object(pod)}}));
    out_.documents.push_back(object({{"apiVersion", text("apps/v1")},
                                     {"kind", text(daemon ? "DaemonSet" : "Deployment")},
                                     {"metadata", metadata(name)},
                                     {"spec", object(spec)}}));
    losses(name, d, s);
    if (s == nullptr) return;
    network(name, d, *s);
    if (!daemon) budget(name, *s);
    autoscaler(name, *s);
  }

  static Node selector(const std::string& name) { return object({{"matchLabels", object({{"app", text(name)}})}}); }

  void rollout(const std::string& name, const Service& s, Pairs& spec) {
    std::int64_t surge = std::max<std::int64_t>(s.maximum_percent - 100, 0);
    const std::int64_t away = std::clamp<std::int64_t>(100 - s.minimum_healthy_percent, 0, 100);
    if (surge == 0 && away == 0) {
      surge = 25;
      lose(name, "its percentages leave no room to roll; maxSurge 25% is put in");
    }
    spec.emplace_back("strategy",
                      object({{"type", text("RollingUpdate")},
                              {"rollingUpdate", object({{"maxSurge", text(std::to_string(surge) + "%")},
                                                        {"maxUnavailable", text(std::to_string(away) + "%")}})}}));
  }

  void losses(const std::string& name, const TaskDefinition& d, const Service* s) {
    if (d.requires_launch(ecs::api::LaunchType::fargate) && d.compatibilities.size() == 1) {
      lose(name, "FARGATE is not said in a manifest; a Fargate profile must select its namespace");
    }
    if (!d.constraints.empty()) lose(name, "placement constraints of the task definition are left out");
    if (s == nullptr) return;
    if (!s->constraints.empty()) lose(name, "placement constraints of the service are left out");
    for (const auto& strategy : s->placement) {
      if (strategy.type != ecs::api::StrategySpec::Type::spread) {
        lose(name,
             "placement strategy " + to_string(strategy) + " is a matter of the scheduler's profile and is left out");
      }
    }
    if (s->capacity_providers.size() > 1) lose(name, "its shares between capacity providers are left out");
    if (s->service_connect) lose(name, "Service Connect becomes a plain Service: no proxy runs beside the containers");
    if (s->breaker.enable) lose(name, "its deployment circuit breaker has no counterpart");
    if (s->health_check_grace.count() > 0)
      lose(name, "its health check grace period has no counterpart; readiness probes decide");
  }

  void network(const std::string& name, const TaskDefinition& d, const Service& s) {
    std::vector<Node> ports;
    std::set<std::int64_t> seen;
    for (const ContainerDefinition& c : d.containers) {
      for (const auto& port : c.ports) {
        if (port.container_port == 0 || !seen.insert(port.container_port).second) continue;
        ports.push_back(
            object({{"name", text("p" + std::to_string(port.container_port))}, {"port", number(port.container_port)}}));
      }
    }
    if (ports.empty() || (s.load_balancers.empty() && !s.service_connect && !s.service_discovery)) return;
    out_.documents.push_back(object({{"apiVersion", text("v1")},
                                     {"kind", text("Service")},
                                     {"metadata", metadata(name)},
                                     {"spec", object({{"selector", object({{"app", text(name)}})},
                                                      {"ports", Node::sequence(std::move(ports))}})}}));
    if (s.load_balancers.empty()) return;
    lose(name, "its target group becomes an Ingress of class alb, which makes a load balancer of its own");
    const Node backend = object(
        {{"service",
          object({{"name", text(name)}, {"port", object({{"number", number(s.load_balancers[0].container_port)}})}})}});
    out_.documents.push_back(
        object({{"apiVersion", text("networking.k8s.io/v1")},
                {"kind", text("Ingress")},
                {"metadata", metadata(name)},
                {"spec", object({{"ingressClassName", text("alb")}, {"defaultBackend", backend}})}}));
  }

  void budget(const std::string& name, const Service& s) {
    const std::int64_t away = 100 - s.minimum_healthy_percent;
    if (away <= 0) {
      lose(name,
           "minimumHealthyPercent 100 starts a replacement before it stops a task; a disruption budget cannot, it "
           "allows one pod away");
    }
    out_.documents.push_back(
        object({{"apiVersion", text("policy/v1")},
                {"kind", text("PodDisruptionBudget")},
                {"metadata", metadata(name)},
                {"spec", object({{"maxUnavailable", away > 0 ? text(std::to_string(away) + "%") : number(1)},
                                 {"selector", selector(name)}})}}));
  }

  void autoscaler(const std::string& name, const Service& s) {
    const auto target = std::find_if(documents_.scalable_targets.begin(), documents_.scalable_targets.end(),
                                     [&](const auto& t) { return t.service == s.name; });
    if (target == documents_.scalable_targets.end()) return;
    std::vector<Node> metrics;
    for (const auto& policy : documents_.scaling_policies) {
      if (policy.service != s.name) continue;
      using ecs::api::ScalingMetric;
      const auto& t = policy.target_tracking;
      if (!t || (t->metric != ScalingMetric::cpu && t->metric != ScalingMetric::memory)) {
        lose(name, "scaling policy " + policy.name + " follows neither CPU nor memory and is left out");
        continue;
      }
      const auto use = static_cast<std::int64_t>(t->target + 0.5);
      if (static_cast<double>(use) != t->target) lose(name, "its target is rounded to " + std::to_string(use) + " %");
      metrics.push_back(object(
          {{"type", text("Resource")},
           {"resource",
            object({{"name", text(t->metric == ScalingMetric::cpu ? "cpu" : "memory")},
                    {"target", object({{"type", text("Utilization")}, {"averageUtilization", number(use)}})}})}}));
      lose(name,
           "cooldowns and alarms of target tracking become the loop of an HPA: it looks every 15 s, not every 60 s");
    }
    if (metrics.empty()) {
      lose(name, "no scaling policy on CPU or memory: no HorizontalPodAutoscaler is made");
      return;
    }
    out_.documents.push_back(object(
        {{"apiVersion", text("autoscaling/v2")},
         {"kind", text("HorizontalPodAutoscaler")},
         {"metadata", metadata(name)},
         {"spec",
          object({{"scaleTargetRef",
                   object({{"apiVersion", text("apps/v1")}, {"kind", text("Deployment")}, {"name", text(name)}})},
                  {"minReplicas", number(std::max<std::int64_t>(target->minimum.value_or(1), 1))},
                  {"maxReplicas", number(std::max<std::int64_t>(target->maximum.value_or(1), 1))},
                  {"metrics", Node::sequence(std::move(metrics))}})}}));
  }

  const Documents& documents_;
  Translation& out_;
};

}  // namespace

Translation to_kubernetes(const std::vector<Node>& sources, document::Diagnostics& diagnostics) {
  Translation out;
  Documents documents;
  bool said = false;
  for (const Node& node : sources) {
    if (node.find("apiVersion") != nullptr) {
      if (!std::exchange(said, true))
        diagnostics.warning(node, "this is a manifest of Kubernetes already; it is left out, as are others like it");
    } else {
      ecs::api::read_document(node, diagnostics, documents);
    }
  }
  for (const TaskDefinition& d : documents.task_definitions) check_task_definition(d, diagnostics);
  if (!diagnostics.has_errors()) Writer(documents, out).run();
  return out;
}

}  // namespace plimsoll::cli
