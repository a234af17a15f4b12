#include <algorithm>
#include <optional>
#include <utility>

#include "models/aws/fargate/task_size.h"
#include "models/ecs/api/documents.h"
#include "models/kubernetes/api/objects.h"
#include "sim/cli/translate.h"

// compiled alone: its short helpers hide those of the floors below
namespace plimsoll::cli {

using document::Node;

namespace {

using kubernetes::api::Container;
using kubernetes::api::Objects;
using kubernetes::api::Probe;
using kubernetes::api::Workload;
using kubernetes::api::WorkloadKind;

std::int64_t units(Cpu cpu) { return (cpu.raw() + kCpuTicksPerEcsUnit - 1) / kCpuTicksPerEcsUnit; }
std::int64_t mib(Bytes bytes) { return (bytes.raw() + kMiB - 1) / kMiB; }
std::int64_t whole_seconds(Duration d) { return d / seconds(1); }

/// Objects of Lists too, in order.
void flatten(const Node& node, std::vector<Node>& out) {
  const Node* kind = node.find("kind");
  const Node* items = node.find("items");
  if (kind != nullptr && kind->text().ends_with("List") && items != nullptr) {
    for (const Node& item : items->items()) flatten(item, out);
  } else {
    out.push_back(node);
  }
}

bool runs_windows(const kubernetes::api::PodTemplate& pod) {
  return std::any_of(pod.node_selector.begin(), pod.node_selector.end(),
                     [](const auto& pair) { return pair.first == "kubernetes.io/os" && pair.second == "windows"; });
}

class Writer {
 public:
  Writer(const Objects& objects, const std::vector<Node>& sources, Translation& out)
      : objects_(objects), sources_(sources), out_(out) {}

  void run() {
    for (const Workload& w : objects_.workloads) workload(w);
    for (const auto& h : objects_.autoscalers) {
      if (objects_.target_of(h) == nullptr)
        lose(h.name, "the target of this autoscaler is not among the files: it is left out");
    }
    for (const auto& b : objects_.budgets) {
      lose(b.name,
           "a disruption budget has no counterpart; minimumHealthyPercent bounds what deployments and draining take "
           "away");
    }
    for (const auto& p : objects_.priority_classes) lose(p.name, "ECS has no priorities: the class is left out");
  }

 private:
  void lose(const std::string& name, const std::string& what) { out_.lossy.push_back(name + ": " + what); }

  /// The pod's spec as written, for what the typed form leaves out (commands, environment).
  Node raw_pod(const Workload& w) const {
    for (const Node& doc : sources_) {
      const Node* kind = doc.find("kind");
      const Node* name = at_path(doc, {"metadata", "name"});
      if (kind == nullptr || name == nullptr || kind->text() != kind_text(w.kind) || name->text() != w.name) continue;
      const Node* spec = w.kind == WorkloadKind::pod ? at_path(doc, {"spec"})
                         : w.kind == WorkloadKind::cron_job
                             ? at_path(doc, {"spec", "jobTemplate", "spec", "template", "spec"})
                             : at_path(doc, {"spec", "template", "spec"});
      if (spec != nullptr) return *spec;
    }
    return {};
  }

  static std::vector<Node> texts_of(const Node* node) {
    std::vector<Node> out;
    for (const Node& item : node == nullptr ? std::vector<Node>{} : node->items()) out.push_back(text(item.text()));
    return out;
  }

  void environment(const std::string& name, const Node& raw, Pairs& p) {
    std::vector<Node> env;
    bool dropped = raw.find("envFrom") != nullptr;
    if (const Node* list = raw.find("env")) {
      for (const Node& item : list->items()) {
        const Node* key = item.find("name");
        const Node* value = item.find("value");
        if (key == nullptr) continue;
        if (value != nullptr) {
          env.push_back(object({{"name", text(key->text())}, {"value", text(value->text())}}));
        } else {
          dropped = true;
        }
      }
    }
    if (!env.empty()) p.emplace_back("environment", Node::sequence(std::move(env)));
    if (dropped) lose(name, "environment from config maps, secrets and fields of the pod is left out");
    if (const Node* mounts = raw.find("volumeMounts"); mounts != nullptr && mounts->size() > 0)
      lose(name, "volumes are left out");
  }

  void health(const std::string& name, const Container& c, const Node& raw, Pairs& p) {
    const bool live = c.liveness.has_value();
    Duration quiet{};
    const std::optional<Probe>& probe = live ? c.liveness : c.readiness;
    if (!probe) return;
    if (c.startup) {
      quiet = c.startup->initial_delay + c.startup->period * c.startup->failure_threshold;
      lose(name, "container " + c.name + ": the startup probe becomes the startPeriod of the health check");
    }
    const Node* written = raw.find(live ? "livenessProbe" : "readinessProbe");
    std::vector<Node> command;
    if (written != nullptr) {
      if (const Node* exec = at_path(*written, {"exec", "command"})) {
        command = texts_of(exec);
        command.insert(command.begin(), text("CMD"));
      } else if (const Node* http = written->find("httpGet")) {
        const Node* port = http->find("port");
        const Node* path = http->find("path");
        std::string number_text = port == nullptr ? "80" : port->text();
        for (const auto& named : c.ports) {
          if (!named.name.empty() && named.name == number_text) number_text = std::to_string(named.port);
        }
        command = {text("CMD-SHELL"), text("curl -f http://localhost:" + number_text +
                                           (path == nullptr ? "/" : path->text()) + " || exit 1")};
        lose(name, "container " + c.name + ": its HTTP probe becomes a call of curl, which its image must have");
      }
    }
    if (command.empty()) {
      lose(name, "container " + c.name + ": its TCP or gRPC probe has no counterpart and is left out");
      return;
    }
    if (c.liveness && c.readiness) {
      lose(name, "container " + c.name +
                     ": ECS has one health check; the liveness probe becomes it, the readiness probe is left to the "
                     "target group");
    }
    // A readiness probe only holds traffic back; a health check of ECS replaces the task.
    if (!live) {
      quiet = std::max(quiet, seconds(300));
      lose(name, "container " + c.name +
                     ": ECS replaces a task whose health check fails, where a readiness probe holds back its traffic; "
                     "startPeriod 300, so that it may start in peace");
    }
    quiet = std::max(quiet, probe->initial_delay);
    const auto bounded = [&](std::string_view key, std::int64_t value, std::int64_t low, std::int64_t high) {
      const std::int64_t kept = std::clamp(value, low, high);
      if (kept != value) {
        lose(name, "container " + c.name + ": " + std::string(key) + " " + std::to_string(value) + " becomes " +
                       std::to_string(kept) + ", the nearest that ECS takes");
      }
      return number(kept);
    };
    p.emplace_back("healthCheck", object({{"command", Node::sequence(std::move(command))},
                                          {"interval", bounded("interval", whole_seconds(probe->period), 5, 300)},
                                          {"timeout", bounded("timeout", whole_seconds(probe->timeout), 2, 60)},
                                          {"retries", bounded("retries", probe->failure_threshold, 1, 10)},
                                          {"startPeriod", bounded("startPeriod", whole_seconds(quiet), 0, 300)}}));
  }

  Node container(const Workload& w, const Container& c, const Node& raw, bool init) {
    Pairs p = {{"name", text(c.name)}, {"image", text(c.image)}};
    if (auto command = texts_of(raw.find("command")); !command.empty()) {
      p.emplace_back("entryPoint", Node::sequence(std::move(command)));
    }
    if (auto args = texts_of(raw.find("args")); !args.empty())
      p.emplace_back("command", Node::sequence(std::move(args)));
    p.emplace_back("essential", Node::boolean(!init));
    p.emplace_back("cpu", number(c.requests.cpu ? units(*c.requests.cpu) : 0));
    if (c.limits.cpu) {
      lose(w.name, "container " + c.name + ": its CPU limit is left out; a share of CPU is no cap");
    }
    std::optional<std::int64_t> soft, hard;
    if (c.requests.memory) soft = std::max<std::int64_t>(mib(*c.requests.memory), 6);
    if (c.limits.memory) hard = std::max<std::int64_t>(mib(*c.limits.memory), 6);
    if (!soft && !hard) {
      soft = 128;
      lose(w.name,
           "container " + c.name + ": it asks for no memory, which ECS refuses; memoryReservation 128 is put in");
    }
    if (hard) p.emplace_back("memory", number(*hard));
    if (soft && (!hard || *soft < *hard)) p.emplace_back("memoryReservation", number(*soft));
    std::vector<Node> ports;
    for (const auto& port : c.ports) {
      Pairs one = {{"containerPort", number(port.port)}, {"protocol", text(port.protocol == "UDP" ? "udp" : "tcp")}};
      if (!port.name.empty()) one.emplace_back("name", text(port.name));
      if (port.host_port != 0)
        lose(w.name,
             "host port " + std::to_string(port.host_port) + " is left out: each task has an address of its own");
      ports.push_back(object(one));
    }
    if (!ports.empty()) p.emplace_back("portMappings", Node::sequence(std::move(ports)));
    for (const auto& [resource, amount] : c.limits.extended) {
      if (resource == "nvidia.com/gpu" && amount > 0) {
        p.emplace_back("resourceRequirements",
                       Node::sequence({object({{"type", text("GPU")}, {"value", text(std::to_string(amount))}})}));
      } else {
        lose(w.name, "resource " + resource + " is left out");
      }
    }
    environment(w.name, raw, p);
    health(w.name, c, raw, p);
    if (!init) {
      const std::int64_t stop = whole_seconds(w.pod.termination_grace);
      if (stop != 30 && stop > 0) p.emplace_back("stopTimeout", number(stop));
    }
    return object(p);
  }

  void workload(const Workload& w) {
    const Node raw = raw_pod(w);
    const auto raw_of = [&](std::string_view list, const std::string& name) {
      const Node* items = raw.find(list);
      for (const Node& item : items == nullptr ? std::vector<Node>{} : items->items()) {
        const Node* own = item.find("name");
        if (own != nullptr && own->text() == name) return item;
      }
      return Node();
    };
    std::vector<Node> containers, waits;
    for (const Container& c : w.pod.init_containers) {
      containers.push_back(container(w, c, raw_of("initContainers", c.name), !c.sidecar));
      waits.push_back(object({{"containerName", text(c.name)}, {"condition", text(c.sidecar ? "START" : "SUCCESS")}}));
    }
    Cpu cpu;
    Bytes memory;
    for (const Container& c : w.pod.containers) {
      Node made = container(w, c, raw_of("containers", c.name), false);
      if (!waits.empty()) {
        std::vector<document::Entry> entries = made.entries();
        entries.push_back({"dependsOn", {}, Node::sequence(waits)});
        made = Node::mapping(std::move(entries));
      }
      containers.push_back(std::move(made));
      cpu += c.requests.cpu.value_or(Cpu{});
      memory += c.requests.memory.value_or(Bytes{});
    }
    out_.documents.push_back(object({{"family", text(w.name)},
                                     {"networkMode", text("awsvpc")},
                                     {"requiresCompatibilities", Node::sequence({text("EC2")})},
                                     {"containerDefinitions", Node::sequence(std::move(containers))}}));
    if (const auto next = aws::smallest_fargate_size(cpu, memory)) {
      lose(w.name, "requests become shares without a cap, as on container instances; for Fargate the task needs cpu " +
                       std::to_string(units(next->cpu)) + " and memory " + std::to_string(mib(next->memory)));
    }
    losses(w);
    if (w.kind == WorkloadKind::job || w.kind == WorkloadKind::cron_job || w.kind == WorkloadKind::pod) {
      lose(w.name, w.kind == WorkloadKind::cron_job
                       ? "its schedule '" + w.cron->schedule + "' needs a rule of EventBridge that runs the task"
                       : "run its task with run-task; retries and completions are left to the caller");
      return;
    }
    service(w);
    autoscaler(w);
  }

  void losses(const Workload& w) {
    const auto& pod = w.pod;
    if (!pod.node_selector.empty() || pod.node_required || !pod.node_preferred.empty()) {
      lose(w.name, "node selector and node affinity are left out; custom attributes with memberOf would say the same");
    }
    if (!pod.pod_required.empty() || !pod.pod_preferred.empty() || !pod.anti_preferred.empty()) {
      lose(w.name, "pod affinity is left out");
    }
    if (runs_windows(pod))
      lose(w.name,
           "it runs Windows: add runtimePlatform with operatingSystemFamily WINDOWS_SERVER_... to its task "
           "definition; a manifest does not say the release");
    if (!pod.tolerations.empty()) lose(w.name, "tolerations are left out: ECS has no taints");
    if (!pod.priority_class.empty() || pod.priority)
      lose(w.name, "its priority is left out: ECS neither queues by priority nor preempts");
    if (std::any_of(pod.spread.begin(), pod.spread.end(),
                    [](const auto& s) { return s.when == WhenUnsatisfiable::do_not_schedule; })) {
      lose(w.name, "topology spread that forbids becomes best effort");
    }
    if (w.kind == WorkloadKind::stateful_set)
      lose(w.name, "stable names, order and volumes of a StatefulSet are left out");
    if (w.pod.host_network) lose(w.name, "the network of the host becomes an address of its own");
  }

  void service(const Workload& w) {
    const bool daemon = w.kind == WorkloadKind::daemon_set;
    Pairs p = {{"serviceName", text(w.name)}, {"taskDefinition", text(w.name)}};
    if (daemon) {
      p.emplace_back("schedulingStrategy", text("DAEMON"));
    } else {
      p.emplace_back("desiredCount", number(w.replicas));
    }
    p.emplace_back("launchType", text("EC2"));
    p.emplace_back(
        "networkConfiguration",
        object({{"awsvpcConfiguration",
                 object({{"subnets", Node::sequence({text("subnet-a"), text("subnet-b"), text("subnet-c")})}})}}));
    lose(w.name, "subnets are made up: put in your own");
    target_group(w, p);
    if (!daemon) {
      const auto share = [&](const kubernetes::IntOrPercent& v) {
        if (v.is_percent) return static_cast<std::int64_t>(v.value);
        return static_cast<std::int64_t>(v.value) * 100 / std::max<std::int64_t>(w.replicas, 1);
      };
      std::int64_t healthy = 0, most = 100;
      if (w.update == Workload::Update::rolling) {
        const bool surges = w.kind == WorkloadKind::deployment;
        healthy = std::clamp<std::int64_t>(100 - share(w.max_unavailable), 0, 100);
        most = 100 + (surges ? share(w.max_surge) : 0);
        if (most == 100 && healthy == 100) healthy = 99;
        if (!w.max_unavailable.is_percent || !w.max_surge.is_percent) {
          lose(w.name, "counts of maxSurge and maxUnavailable become percentages of " + std::to_string(w.replicas) +
                           " replicas");
        }
      } else {
        lose(w.name, "Recreate becomes minimumHealthyPercent 0, maximumPercent 100");
      }
      p.emplace_back("deploymentConfiguration",
                     object({{"maximumPercent", number(most)}, {"minimumHealthyPercent", number(healthy)}}));
      const auto spread = [](std::string_view field) {
        return object({{"type", text("spread")}, {"field", text(field)}});
      };
      p.emplace_back("placementStrategy",
                     Node::sequence({spread("attribute:ecs.availability-zone"), spread("instanceId")}));
      const bool alone = std::any_of(w.pod.anti_required.begin(), w.pod.anti_required.end(),
                                     [](const auto& t) { return t.topology_key == "kubernetes.io/hostname"; });
      if (alone) p.emplace_back("placementConstraints", Node::sequence({object({{"type", text("distinctInstance")}})}));
      if (w.pod.anti_required.size() > (alone ? 1U : 0U))
        lose(w.name, "pod anti-affinity other than by host is left out");
    }
    out_.documents.push_back(object(p));
  }

  /// A Service of type LoadBalancer, or one that an Ingress leads to, is a target group here.
  void target_group(const Workload& w, Pairs& p) {
    std::string by;
    bool inside = false;
    for (const auto& s : objects_.services) {
      const auto& labels = w.pod.labels;
      const bool selects = !s.selector.empty() && s.namespace_name == w.namespace_name &&
                           std::all_of(s.selector.begin(), s.selector.end(), [&](const auto& pair) {
                             return std::find(labels.begin(), labels.end(), pair) != labels.end();
                           });
      if (!selects) continue;
      inside = inside || !s.load_balancer;
      if (s.load_balancer) by = "its Service of type LoadBalancer";
      for (const auto& i : objects_.ingresses) {
        if (i.namespace_name == s.namespace_name &&
            std::find(i.services.begin(), i.services.end(), s.name) != i.services.end())
          by = "its Ingress";
      }
    }
    if (by.empty()) {
      if (inside)
        lose(w.name, "its Service is left out; Service Connect or service discovery would give the tasks a name");
      return;
    }
    const Container* front = nullptr;
    for (const Container& c : w.pod.containers) {
      if (front == nullptr || (front->ports.empty() && !c.ports.empty())) front = &c;
    }
    if (front == nullptr) return;
    const std::int64_t port = front->ports.empty() ? 80 : front->ports.front().port;
    p.emplace_back("loadBalancers",
                   Node::sequence({object(
                       {{"targetGroupArn", text("arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/" +
                                                w.name + "/0123456789abcdef")},
                        {"containerName", text(front->name)},
                        {"containerPort", number(port)}})}));
    lose(w.name, by + " becomes a target group, whose ARN is made up: put in your own; the rules of its listener are "
                      "left out");
  }

  void autoscaler(const Workload& w) {
    for (const auto& h : objects_.autoscalers) {
      if (objects_.target_of(h) != &w) continue;
      const Pairs about = {{"ServiceNamespace", text("ecs")},
                           {"ResourceId", text("service/default/" + w.name)},
                           {"ScalableDimension", text("ecs:service:DesiredCount")}};
      Pairs target = about;
      target.emplace_back("MinCapacity", number(h.min));
      target.emplace_back("MaxCapacity", number(h.max));
      out_.documents.push_back(object(target));
      if (h.behavior) lose(h.name, "its behavior (policies, stabilization) is left out; cooldowns are 300 s");
      for (const auto& m : h.metrics) {
        const bool use = m.kind == kubernetes::MetricKind::resource &&
                         m.target.type == kubernetes::api::MetricTarget::Type::utilization;
        if (!use || (m.name != "cpu" && m.name != "memory")) {
          lose(h.name, "metric " + (m.name.empty() ? "without a name" : m.name) +
                           " is no utilisation of CPU or memory and is left out");
          continue;
        }
        if (m.name == "cpu" && m.target.amount > 100)
          lose(h.name, "its target above 100 % can be reached by bursts only");
        Pairs policy = {{"PolicyName", text(w.name + "-" + m.name)}};
        policy.insert(policy.end(), about.begin(), about.end());
        policy.emplace_back("PolicyType", text("TargetTrackingScaling"));
        policy.emplace_back(
            "TargetTrackingScalingPolicyConfiguration",
            object({{"TargetValue", number(m.target.amount)},
                    {"PredefinedMetricSpecification",
                     object({{"PredefinedMetricType", text(m.name == "cpu" ? "ECSServiceAverageCPUUtilization"
                                                                           : "ECSServiceAverageMemoryUtilization")}})},
                    {"ScaleOutCooldown", number(300)},
                    {"ScaleInCooldown", number(300)}}));
        out_.documents.push_back(object(policy));
        lose(h.name, "the loop of an HPA (every 15 s) becomes target tracking on alarms of CloudWatch (every 60 s)");
      }
    }
  }

  const Objects& objects_;
  const std::vector<Node>& sources_;
  Translation& out_;
};

}  // namespace

Translation to_ecs(const std::vector<Node>& sources, document::Diagnostics& diagnostics) {
  Translation out;
  Objects objects;
  std::vector<Node> flat;
  bool said = false;
  for (const Node& node : sources) {
    if (ecs::api::detect(node) != ecs::api::DocumentKind::unknown && node.find("apiVersion") == nullptr) {
      if (!std::exchange(said, true))
        diagnostics.warning(node, "this is a document of ECS already; it is left out, as are others like it");
      continue;
    }
    if (!kubernetes::api::is_kubernetes_object(node)) {
      diagnostics.warning(node, "this is no object of Kubernetes that can be translated; it is left out");
      continue;
    }
    kubernetes::api::read_object(node, diagnostics, objects);
    flatten(node, flat);
  }
  if (!diagnostics.has_errors()) Writer(objects, flat, out).run();
  return out;
}

}  // namespace plimsoll::cli
