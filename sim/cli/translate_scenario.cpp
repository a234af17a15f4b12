#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "models/aws/fargate/task_size.h"
#include "sim/cli/translate.h"
#include "sim/core/units.h"
#include "sim/policy/machine_needs.h"

// compiled alone: its short helpers hide those of the floors below
namespace plimsoll::cli {

using document::Node;

namespace {

/// One application: what its files on both sides say.
struct App {
  std::string name;
  std::optional<PodSize> ecs, kubernetes;
  std::optional<std::int64_t> replicas, minimum, maximum;
  std::optional<Ppm> scale_cpu, max_unavailable;
  std::optional<Duration> grace;
  bool entry = false;
  std::int64_t gpus = 0;
  bool windows = false;
  std::string launch_type;  ///< the only one that its ECS files name
};

bool serves(const ManifestFacts& f) {
  return f.kind == "Deployment" || f.kind == "StatefulSet" || f.kind == "ReplicaSet" || f.kind == "task definition" ||
         f.kind == "service";
}

/// The name of a DAEMON service, which is no application; the columns read it from its file.
std::string daemon_name(const ManifestFacts& f) {
  const Node* name = f.scaling ? f.scaling->find("serviceName") : nullptr;
  return f.scheduling_strategy == "DAEMON" && name != nullptr ? name->text() : "";
}

/// A word for the columns alone: a daemon and its task definition, and what is said of an application a second time.
bool for_columns(const ManifestFacts& f) { return f.name.empty(); }

bool supports(const ManifestFacts& f) {
  return f.kind == "HorizontalPodAutoscaler" || f.kind == "PodDisruptionBudget" || f.kind == "scalable target" ||
         f.kind == "scaling policy" || f.kind == "Service" || f.kind == "Ingress";
}

std::string size_text(const PodSize& s) {
  const std::int64_t millis = to_millis_ceil(s.cpu);
  return std::to_string(millis) + "m/" + to_string(s.memory);
}

/// A size of nothing cannot be simulated: what is missing is assumed.
void complete(App& app, std::optional<PodSize>& size, std::vector<std::string>& lossy) {
  if (!size) return;
  constexpr std::int64_t kMillis = 100;
  if (size->cpu.raw() <= 0) {
    size->cpu = cpu_millis(kMillis);
    lossy.push_back(app.name + ": its file asks for no CPU; 100m is assumed");
  }
  if (size->memory.raw() <= 0) {
    size->memory = mebibytes(256);
    lossy.push_back(app.name + ": its file asks for no memory; 256Mi is assumed");
  }
}

Node inline_list(const std::vector<std::string>& items) {
  std::vector<Node> out;
  for (const std::string& item : items) out.push_back(text(item));
  return Node::sequence(std::move(out));
}

/// The smallest of a few sizes that holds the largest pod with room for system pods.
std::string instance_for(const std::vector<App>& apps) {
  struct Type {
    const char* name;
    std::int64_t vcpu, gib, gpus;
  };
  constexpr std::array<Type, 10> kTypes = {{{"m5.xlarge", 4, 16, 0},
                                            {"m5.2xlarge", 8, 32, 0},
                                            {"m5.4xlarge", 16, 64, 0},
                                            {"m5.12xlarge", 48, 192, 0},
                                            {"r5.24xlarge", 96, 768, 0},
                                            {"g4dn.xlarge", 4, 16, 1},
                                            {"g4dn.4xlarge", 16, 64, 1},
                                            {"g4dn.12xlarge", 48, 192, 4},
                                            {"p3.16xlarge", 64, 488, 8},
                                            {"p4d.24xlarge", 96, 1152, 8}}};
  for (const Type& type : kTypes) {
    const bool fits = std::all_of(apps.begin(), apps.end(), [&](const App& app) {
      const auto below = [&](const std::optional<PodSize>& s) {
        return !s || (s->cpu.raw() * 10 <= cpu_cores(type.vcpu).raw() * 8 &&
                      s->memory.raw() * 10 <= gibibytes(type.gib).raw() * 8);
      };
      return below(app.ecs) && below(app.kubernetes) && app.gpus <= type.gpus;
    });
    if (fits) return type.name;
  }
  return kTypes.back().name;
}

/// One scenario out of real files, step by step; what is lost or assumed on the way is said.
class Import {
 public:
  explicit Import(const std::vector<ManifestFacts>& facts) : facts_(facts) {
    for (const ManifestFacts& f : facts) {
      if (f.kind == "service" && !f.definition.empty()) runner_.emplace(f.definition, f.name);
    }
  }

  Translation scenario() {
    find_runs();
    find_apps();
    read_apps();
    if (apps_.empty()) return std::move(out_);
    settle_sizes();
    const std::string front = entry();
    const Pairs apps = app_list();
    const Pairs jobs = job_list();
    const Pairs columns = column_list();
    if (columns.empty()) return std::move(out_);
    const std::string rate = assumed_rate(front);
    say_assumptions(front, rate);
    Pairs real;
    if (!files_[0].empty()) real.emplace_back("ecs", inline_list(files_[0]));
    if (!files_[1].empty()) real.emplace_back("kubernetes", inline_list(files_[1]));
    Pairs root = {{"apiVersion", text("plimsoll/v1")},
                  {"region", text("us-east-1")},
                  {"zones", number(3)},
                  {"load", object({{"constant", text(rate + "/s")}, {"for", text("24h")}, {"to", text(front)}})},
                  {"files", object(real)},
                  {"sizes", text(differ_ ? "as-written" : "matched")},
                  {"apps", object(apps)}};
    if (!jobs.empty()) root.emplace_back("jobs", object(jobs));
    root.emplace_back("platforms", object(columns));
    out_.documents.push_back(object(root));
    return std::move(out_);
  }

 private:
  void lose(std::string sentence) { out_.lossy.push_back(std::move(sentence)); }
  /// The application that a document is about: a task definition's service.
  const std::string& owner(const ManifestFacts& f) const {
    const auto at = f.kind == "task definition" ? runner_.find(f.name) : runner_.end();
    return at == runner_.end() ? f.name : at->second;
  }
  std::vector<App>::iterator find(const std::string& name) {
    return std::find_if(apps_.begin(), apps_.end(), [&](const App& app) { return app.name == name; });
  }
  bool is_job(const ManifestFacts& f) const { return f.side == Side::ecs && runs_.count(f.name) != 0; }
  void use_file(const ManifestFacts& f) {
    std::vector<std::string>& list = files_[f.side == Side::ecs ? 0 : 1];
    if (std::find(list.begin(), list.end(), f.file) == list.end()) list.push_back(f.file);
  }

  /// Task definitions that a call, a rule or a schedule runs, and no service: jobs, with the tasks of one start.
  void find_runs() {
    for (const ManifestFacts& f : facts_) {
      const bool starts = f.kind == "run-task" || f.kind == "event targets" || f.kind == "schedule";
      if (!starts || f.definition.empty() || runner_.count(f.definition) != 0) continue;
      runs_.emplace(f.definition, f.replicas.value_or(1));
      if (f.kind != "run-task")
        lose(f.definition + ": its " + f.kind +
             " starts it on the columns of ECS; elsewhere it runs once, until the job has a schedule of its own");
    }
  }

  /// Who serves requests, in the order of the files.
  void find_apps() {
    for (const ManifestFacts& f : facts_) {
      if (is_job(f)) {
        use_file(f);
      } else if (for_columns(f)) {
        use_file(f);
        if (const std::string daemon = daemon_name(f); !daemon.empty())
          lose(daemon +
               ": schedulingStrategy DAEMON: one task on each container instance of ecs-ec2, as its file says; Fargate "
               "has none, and on EKS nothing stands for it");
      } else if (f.kind == "DaemonSet") {
        use_file(f);
        lose(f.name +
             ": a DaemonSet, one pod on each node of eks columns, as its file says; Fargate has none, and on ECS "
             "nothing stands for it");
      } else if (serves(f)) {
        if (find(owner(f)) != apps_.end()) continue;
        App app;
        app.name = owner(f);
        apps_.push_back(std::move(app));
      } else if (!supports(f)) {
        lose(f.kind + " '" + f.name + "' serves no requests and is left out");
      }
    }
  }

  /// What the files say of each, those without a size left out.
  void read_apps() {
    for (const ManifestFacts& f : facts_) {
      const auto app = find(owner(f));
      if (for_columns(f) || is_job(f) || app == apps_.end() || (!serves(f) && !supports(f))) continue;
      auto& side = f.side == Side::ecs ? app->ecs : app->kubernetes;
      if (f.size && !side) side = f.size;
      app->gpus = std::max(app->gpus, needs_of(f.pod.get()).gpus);
      if (!f.launch_type.empty()) app->launch_type = f.launch_type;
      app->windows = app->windows || needs_of(f.pod.get()).windows;
      if (f.replicas) app->replicas = f.replicas;
      if (f.scale_minimum) app->minimum = f.scale_minimum;
      if (f.scale_maximum) app->maximum = f.scale_maximum;
      if (f.scale_cpu) app->scale_cpu = f.scale_cpu;
      if (f.max_unavailable) app->max_unavailable = f.max_unavailable;
      if (f.grace) app->grace = f.grace;
      app->entry = app->entry || f.behind_balancer;
      use_file(f);
    }
    std::erase_if(apps_, [&](const App& app) {
      const bool without_size = !app.ecs && !app.kubernetes;
      if (without_size) lose("service '" + app.name + "' is left out: its task definition is not among the files");
      return without_size;
    });
  }

  void settle_sizes() {
    for (App& app : apps_) {
      complete(app, app.ecs, out_.lossy);
      complete(app, app.kubernetes, out_.lossy);
      if (!app.ecs || !app.kubernetes ||
          (app.ecs->cpu == app.kubernetes->cpu && app.ecs->memory == app.kubernetes->memory)) {
        continue;
      }
      differ_ = true;
      lose(app.name + ": the sides ask for different sizes (" + size_text(*app.ecs) + " on ECS, " +
           size_text(*app.kubernetes) + " on Kubernetes); each keeps its own (sizes: as-written)");
    }
  }

  /// Who takes the requests from outside: the first behind a balancer, one with a usual name, the first.
  std::string entry() {
    const auto front = std::find_if(apps_.begin(), apps_.end(), [](const App& app) { return app.entry; });
    if (front != apps_.end()) return front->name;
    for (const char* usual : {"ui", "web", "frontend", "gateway"}) {
      if (find(usual) != apps_.end()) return usual;
    }
    return apps_.front().name;
  }

  /// "web (300m/1Gi, ...)": why Fargate has no task of this size; empty when it has.
  static std::string fargate_fault(const App& app, const PodSize& size) {
    const bool windows_size = size.cpu == cpu_cores(1) || size.cpu == cpu_cores(2) || size.cpu == cpu_cores(4);
    const std::string named = app.name + " (" + size_text(size);
    if (app.windows && !windows_size) return named + ", and Windows needs 1, 2 or 4 vCPU)";
    if (aws::is_fargate_size(size.cpu, size.memory)) return {};
    const auto next = aws::smallest_fargate_size(size.cpu, size.memory);
    return named + (next ? ", the next larger is " + size_text({next->cpu, next->memory, {}, {}}) : "") + ")";
  }

  Pairs app_list() {
    Pairs listed;
    for (const App& app : apps_) {
      Pairs p;
      const PodSize size = app.kubernetes && !app.ecs ? *app.kubernetes : *app.ecs;
      if (!differ_ || !app.ecs || !app.kubernetes) p.emplace_back("size", text(size_text(size)));
      const std::string fault = fargate_fault(app, app.ecs ? *app.ecs : size);
      if (!fault.empty()) fargate_faults_ += (fargate_faults_.empty() ? "" : ", ") + fault;
      p.emplace_back("work", text("10ms"));
      if (app.scale_cpu) {
        Pairs scale = {{"cpu", text(to_string(*app.scale_cpu))}, {"min", number(app.minimum.value_or(1))}};
        scale.emplace_back("max", number(std::max(app.maximum.value_or(100), app.minimum.value_or(1))));
        p.emplace_back("scale", object(scale));
        if (!app.maximum) lose(app.name + ": no file gives a maximum of replicas; 100 is assumed");
      } else if (app.minimum || app.maximum) {
        lose(app.name + ": its autoscaler has no target on CPU; it is not scaled");
      }
      if (app.replicas && *app.replicas > 0) p.emplace_back("replicas", number(*app.replicas));
      if (app.max_unavailable) p.emplace_back("maxDisruption", text(to_string(*app.max_unavailable)));
      if (app.grace) p.emplace_back("grace", text(to_string(*app.grace)));
      listed.emplace_back(app.name, object(p));
    }
    return listed;
  }

  Pairs job_list() {
    Pairs jobs;
    for (const auto& [family, count] : runs_) {
      const auto definition = std::find_if(facts_.begin(), facts_.end(), [name = family](const ManifestFacts& f) {
        return f.kind == "task definition" && f.name == name && f.size;
      });
      if (definition == facts_.end()) {
        lose("task definition '" + family + "', which is to be run, is not among the files: it is left out");
        continue;
      }
      Pairs p = {{"size", text(size_text(*definition->size))}, {"work", text("60s")}};
      if (count > 1) {
        p.emplace_back("parallelism", number(count));
        p.emplace_back("completions", number(count));
      }
      jobs.emplace_back(family, object(p));
      lose(family + ": no file gives the CPU time of a run; 60s is assumed");
    }
    return jobs;
  }

  /// A column of the other launch type says its own, else ECS refuses the files.
  Node ecs_column(const char* launch_type, Pairs keys) const {
    const bool other = std::any_of(apps_.begin(), apps_.end(), [&](const App& app) {
      return !app.launch_type.empty() && app.launch_type != launch_type;
    });
    if (other) keys.emplace_back("launchType", text(launch_type));
    return object(keys);
  }

  Pairs column_list() {
    Pairs columns;
    const bool gpus = std::any_of(apps_.begin(), apps_.end(), [](const App& app) { return app.gpus > 0; });
    if (gpus) {
      lose("no column ecs-fargate: Fargate does not support GPUs");
    } else if (fargate_faults_.empty()) {
      columns.emplace_back("ecs-fargate",
                           ecs_column("FARGATE", {{"type", text("ecs")}, {"capacity", text("fargate")}}));
    } else {
      lose("no column ecs-fargate: Fargate has no task size for " + fargate_faults_);
    }
    if (std::any_of(apps_.begin(), apps_.end(), [](const App& app) { return app.windows; })) {
      lose("no columns ecs-ec2 and eks-cluster-autoscaler: tasks of Windows are modelled on Fargate alone");
      return columns;
    }
    const std::string type = instance_for(apps_);
    const auto group = [&] { return object({{"type", text(type)}, {"min", number(2)}, {"max", number(100)}}); };
    columns.emplace_back("ecs-ec2",
                         ecs_column("EC2", {{"type", text("ecs")},
                                            {"capacity", object({{"asg", group()}, {"target", text("100%")}})},
                                            {"eniTrunking", Node::boolean(true)}}));
    columns.emplace_back(
        "eks-cluster-autoscaler",
        object({{"type", text("eks")},
                {"addons", text("default")},
                {"capacity", object({{"nodeGroup", group()}, {"autoscaler", text("cluster-autoscaler")}})}}));
    return columns;
  }

  /// As many requests of 10 ms as take half of the CPU that the entry's replicas ask for.
  std::string assumed_rate(const std::string& entry) {
    const App& enters = *find(entry);
    std::int64_t cpu_m = 0;
    for (const auto& side : {enters.ecs, enters.kubernetes}) {
      if (side && (cpu_m == 0 || to_millis_ceil(side->cpu) < cpu_m)) cpu_m = to_millis_ceil(side->cpu);
    }
    const std::int64_t replicas = std::max<std::int64_t>({enters.replicas.value_or(1), enters.minimum.value_or(1), 1});
    return std::to_string(std::max<std::int64_t>(cpu_m * replicas / 20, 1));
  }

  void say_assumptions(const std::string& entry, const std::string& rate) {
    lose("load: no file gives the traffic; " + rate + " requests/s to " + entry +
         " are assumed, half of what its replicas can serve");
    lose("work: no file gives the CPU time of a request; 10ms is assumed for every app");
    if (apps_.size() > 1) lose("calls: no file says which app calls which; only " + entry + " gets requests");
    for (const std::vector<std::string>& list : files_) {
      if (list.empty() || list.front().starts_with('/')) continue;
      lose("files: paths stay as given (" + list.front() + "): save the scenario where they lead to the files");
      break;
    }
  }

  const std::vector<ManifestFacts>& facts_;
  std::map<std::string, std::string> runner_;  // family to service
  std::map<std::string, std::int64_t> runs_;   // family to the tasks of one start
  std::vector<App> apps_;
  std::array<std::vector<std::string>, 2> files_;  // of ECS, of Kubernetes
  bool differ_ = false;                            // the sides' sizes
  std::string fargate_faults_;
  Translation out_;
};

}  // namespace

Translation to_scenario(const std::vector<ManifestFacts>& facts) { return Import(facts).scenario(); }

}  // namespace plimsoll::cli
