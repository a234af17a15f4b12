#include <algorithm>
#include <set>

#include "models/compose/documents.h"

namespace plimsoll::compose {

namespace {

using document::Node;

std::string millis(Cpu cpu) { return std::to_string(to_millis_ceil(cpu)) + "m"; }
std::string mebi(Bytes b) { return std::to_string(b.raw() / kMiB) + "Mi"; }

class KubernetesWriter {
 public:
  KubernetesWriter(const Project& project, Losses& losses) : project_(project), losses_(losses) {}

  void task(const Task& t, std::vector<Node>& out) {
    const Service& main = project_.services[t.main];
    const Writer w(main.node.mark());
    Writer::Pairs spec;
    const Node selector = w.object({{"matchLabels", labels(w, t.name)}});
    if (main.job) {
      // As many at once as are wanted, each to its end.
      spec.emplace_back("completions", w.number(main.replicas));
      spec.emplace_back("parallelism", w.number(main.replicas));
    } else {
      if (!main.global) spec.emplace_back("replicas", w.number(main.replicas));
      spec.emplace_back("selector", selector);
      if (main.update && !main.global) rollout(w, main, spec);
    }
    spec.emplace_back("template",
                      w.object({{"metadata", w.object({{"labels", labels(w, t.name)}})}, {"spec", pod(w, t, main)}}));
    out.push_back(w.object({{"apiVersion", w.text(main.job ? "batch/v1" : "apps/v1")},
                            {"kind", w.text(main.job      ? "Job"
                                            : main.global ? "DaemonSet"
                                                          : "Deployment")},
                            {"metadata", metadata(w, t.name)},
                            {"spec", w.object(spec)}}));
    network(t, out);
  }

 private:
  static Node labels(const Writer& w, const std::string& name) { return w.object({{"app", w.text(name)}}); }
  static Node metadata(const Writer& w, const std::string& name) {
    return w.object({{"name", w.text(name)}, {"labels", labels(w, name)}});
  }

  Node pod(const Writer& w, const Task& t, const Service& main) {
    std::vector<Node> before, containers;
    Duration grace{};
    for (const Member& m : t.members) {
      const Service& s = project_.services[m.service];
      if (m.part != Member::Part::before) grace = std::max(grace, s.stop_grace);
      const bool sidecar =
          m.part == Member::Part::beside && std::any_of(main.depends_on.begin(), main.depends_on.end(),
                                                        [&](const auto& d) { return d.service == s.name; });
      std::vector<Node>& list = m.part == Member::Part::before || sidecar ? before : containers;
      list.push_back(container(w, s, m.part, sidecar));
      if (s.restart == Restart::on_failure && m.part != Member::Part::before && !main.job)
        losses_.add(s.name, "restart: on-failure becomes Always, which is all that a Deployment takes");
    }
    Writer::Pairs p;
    if (!before.empty()) p.emplace_back("initContainers", w.list(std::move(before)));
    p.emplace_back("containers", w.list(std::move(containers)));
    if (main.job) p.emplace_back("restartPolicy", w.text(main.restart == Restart::no ? "Never" : "OnFailure"));
    p.emplace_back("terminationGracePeriodSeconds", w.number(seconds_up(grace)));
    if (main.host_network) p.emplace_back("hostNetwork", w.boolean(true));
    if (!main.global && !main.job) {
      // Services of ECS spread over zones without being told.
      p.emplace_back("topologySpreadConstraints",
                     w.list({w.object({{"maxSkew", w.number(1)},
                                       {"topologyKey", w.text("topology.kubernetes.io/zone")},
                                       {"whenUnsatisfiable", w.text("ScheduleAnyway")},
                                       {"labelSelector", w.object({{"matchLabels", labels(w, t.name)}})}})}));
    }
    return w.object(p);
  }

  Node container(const Writer& w, const Service& s, Member::Part part, bool sidecar) {
    const Size size = size_of(s, losses_);
    Writer::Pairs p = {{"name", w.text(label(s.name))}, {"image", w.text(s.image)}};
    if (!s.entrypoint.empty()) p.emplace_back("command", w.texts(s.entrypoint));
    if (!s.command.empty()) p.emplace_back("args", w.texts(s.command));
    if (!s.working_directory.empty()) p.emplace_back("workingDir", w.text(s.working_directory));
    if (!s.user.empty()) losses_.add(s.name, "its user is left out: a securityContext wants numbers");
    if (!s.environment.empty()) p.emplace_back("env", w.list(w.environment(s.environment)));
    if (std::vector<Node> list = ports(w, s, false); !list.empty()) p.emplace_back("ports", w.list(std::move(list)));
    Writer::Pairs limits;
    if (size.cpu_limit.raw() > 0) limits.emplace_back("cpu", w.text(millis(size.cpu_limit)));
    if (size.memory_limit.raw() > 0) limits.emplace_back("memory", w.text(mebi(size.memory_limit)));
    if (s.gpus > 0) limits.emplace_back("nvidia.com/gpu", w.text(std::to_string(s.gpus)));
    Writer::Pairs resources = {
        {"requests", w.object({{"cpu", w.text(millis(size.cpu))}, {"memory", w.text(mebi(size.memory))}})}};
    if (!limits.empty()) resources.emplace_back("limits", w.object(limits));
    p.emplace_back("resources", w.object(resources));
    if (sidecar) p.emplace_back("restartPolicy", w.text("Always"));
    if (part != Member::Part::before) probes(w, s, p);
    return w.object(p);
  }

  void probes(const Writer& w, const Service& s, Writer::Pairs& p) {
    if (!s.health) return;
    const HealthCheck& h = *s.health;
    losses_.add(s.name,
                "a failed healthcheck only marks a container of Compose; Kubernetes keeps traffic away and "
                "restarts it");
    std::vector<std::string> command(h.test.begin() + 1, h.test.end());
    if (h.test[0] == "CMD-SHELL") command.insert(command.begin(), {"/bin/sh", "-c"});
    const std::int64_t period = std::max<std::int64_t>(seconds_up(h.interval), 1);
    const auto probe = [&](std::int64_t failures) {
      return w.object({{"exec", w.object({{"command", w.texts(command)}})},
                       {"periodSeconds", w.number(period)},
                       {"timeoutSeconds", w.number(std::max<std::int64_t>(seconds_up(h.timeout), 1))},
                       {"failureThreshold", w.number(failures)}});
    };
    // Failures within the start period do not count, and a success ends it.
    if (h.start_period > Duration{})
      p.emplace_back("startupProbe", probe((seconds_up(h.start_period) + period - 1) / period + h.retries));
    p.emplace_back("readinessProbe", probe(h.retries));
    p.emplace_back("livenessProbe", probe(h.retries));
  }

  /// Of a container, or of a Service: there with the published numbers.
  static std::vector<Node> ports(const Writer& w, const Service& s, bool of_service) {
    std::vector<Node> list;
    std::set<std::pair<std::int64_t, bool>> seen;
    const auto add = [&](std::int64_t target, std::int64_t published, bool udp) {
      const std::int64_t number = of_service ? published : target;
      if (!seen.insert({number, udp}).second) return;
      Writer::Pairs p = {{"name", w.text((udp ? "u" : "p") + std::to_string(number))}};
      p.emplace_back(of_service ? "port" : "containerPort", w.number(number));
      if (of_service && published != target) p.emplace_back("targetPort", w.number(target));
      if (udp) p.emplace_back("protocol", w.text("UDP"));
      list.push_back(w.object(p));
    };
    for (const Port& port : s.ports) {
      const std::int64_t published = port.published.value_or(0);
      add(port.target, published == 0 ? port.target : published, port.udp);
    }
    for (const std::int64_t port : s.exposed) add(port, port, false);
    return list;
  }

  void network(const Task& t, std::vector<Node>& out) {
    const Service& s = project_.services[t.main];
    const Writer w(s.mark);
    std::vector<Node> list = ports(w, s, true);
    if (list.empty()) return;
    const bool outside =
        !s.global && std::any_of(s.ports.begin(), s.ports.end(), [](const Port& port) { return !port.local; });
    if (outside)
      losses_.add(s.name, "published ports are reached through a Service of type LoadBalancer, a balancer of its own");
    Writer::Pairs spec;
    if (outside) spec.emplace_back("type", w.text("LoadBalancer"));
    spec.emplace_back("selector", labels(w, t.name));
    spec.emplace_back("ports", w.list(std::move(list)));
    out.push_back(w.object({{"apiVersion", w.text("v1")},
                            {"kind", w.text("Service")},
                            {"metadata", metadata(w, t.name)},
                            {"spec", w.object(spec)}}));
  }

  void rollout(const Writer& w, const Service& s, Writer::Pairs& spec) {
    const std::int64_t replicas = std::max<std::int64_t>(s.replicas, 1);
    const std::int64_t at_once = s.update->parallelism == 0 ? replicas : std::min(s.update->parallelism, replicas);
    if (s.update->rollback)
      losses_.add(s.name, "failure_action rollback is left out: a Deployment that fails stays as it is");
    const bool first = s.update->start_first;
    spec.emplace_back("strategy",
                      w.object({{"type", w.text("RollingUpdate")},
                                {"rollingUpdate", w.object({{"maxSurge", w.number(first ? at_once : 0)},
                                                            {"maxUnavailable", w.number(first ? 0 : at_once)}})}}));
  }

  const Project& project_;
  Losses& losses_;
};

}  // namespace

std::vector<Node> kubernetes_documents(const Project& project, const std::vector<Task>& tasks, Losses& losses) {
  std::vector<Node> out;
  KubernetesWriter writer(project, losses);
  for (const Task& t : tasks) writer.task(t, out);
  return out;
}

}  // namespace plimsoll::compose
