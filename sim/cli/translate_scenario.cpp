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

}  // namespace

Translation to_scenario(const std::vector<ManifestFacts>& facts) {
  Translation out;
  std::map<std::string, std::string> runner;  // family to service
  for (const ManifestFacts& f : facts) {
    if (f.kind == "service" && !f.definition.empty()) runner.emplace(f.definition, f.name);
  }
  const auto owner = [&](const ManifestFacts& f) {
    const auto at = f.kind == "task definition" ? runner.find(f.name) : runner.end();
    return at == runner.end() ? f.name : at->second;
  };
  std::vector<App> apps;
  const auto find = [&](const std::string& name) {
    return std::find_if(apps.begin(), apps.end(), [&](const App& app) { return app.name == name; });
  };
  std::vector<std::string> files[2];
  const auto use_file = [&](const ManifestFacts& f) {
    std::vector<std::string>& list = files[f.side == Side::ecs ? 0 : 1];
    if (std::find(list.begin(), list.end(), f.file) == list.end()) list.push_back(f.file);
  };
  // Task definitions that a call, a rule or a schedule runs, and no service: jobs, with the tasks of one start.
  std::map<std::string, std::int64_t> runs;
  for (const ManifestFacts& f : facts) {
    const bool starts = f.kind == "run-task" || f.kind == "event targets" || f.kind == "schedule";
    if (!starts || f.definition.empty() || runner.count(f.definition) != 0) continue;
    runs.emplace(f.definition, f.replicas.value_or(1));
    if (f.kind != "run-task")
      out.lossy.push_back(f.definition + ": its " + f.kind +
                          " starts it on the columns of ECS; elsewhere it runs once, "
                          "until the job has a schedule of its own");
  }
  const auto is_job = [&](const ManifestFacts& f) { return f.side == Side::ecs && runs.count(f.name) != 0; };
  for (const ManifestFacts& f : facts) {
    const std::string name = owner(f);
    if (is_job(f)) {
      use_file(f);
      continue;
    }
    if (for_columns(f)) {
      use_file(f);
      if (const std::string daemon = daemon_name(f); !daemon.empty())
        out.lossy.push_back(daemon +
                            ": schedulingStrategy DAEMON: one task on each container instance of ecs-ec2, as its "
                            "file says; Fargate has none, and on EKS nothing stands for it");
      continue;
    }
    if (f.kind == "DaemonSet") {
      use_file(f);
      out.lossy.push_back(f.name +
                          ": a DaemonSet, one pod on each node of eks columns, as its file says; Fargate has none, and "
                          "on ECS nothing stands for it");
      continue;
    }
    if (!serves(f)) {
      if (!supports(f)) {
        out.lossy.push_back(f.kind + " '" + f.name + "' serves no requests and is left out");
      }
      continue;
    }
    if (find(name) == apps.end())
      apps.push_back({.name = name,
                      .ecs = {},
                      .kubernetes = {},
                      .replicas = {},
                      .minimum = {},
                      .maximum = {},
                      .scale_cpu = {},
                      .max_unavailable = {},
                      .grace = {},
                      .launch_type = {}});
  }
  for (const ManifestFacts& f : facts) {
    const auto app = find(owner(f));
    if (for_columns(f) || is_job(f) || app == apps.end() || (!serves(f) && !supports(f))) continue;
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
  std::erase_if(apps, [&](const App& app) {
    const bool without_size = !app.ecs && !app.kubernetes;
    if (without_size)
      out.lossy.push_back("service '" + app.name + "' is left out: its task definition is not among the files");
    return without_size;
  });
  if (apps.empty()) return out;
  bool differ = false;
  for (App& app : apps) {
    complete(app, app.ecs, out.lossy);
    complete(app, app.kubernetes, out.lossy);
    if (app.ecs && app.kubernetes &&
        (app.ecs->cpu != app.kubernetes->cpu || app.ecs->memory != app.kubernetes->memory)) {
      differ = true;
      out.lossy.push_back(app.name + ": the sides ask for different sizes (" + size_text(*app.ecs) + " on ECS, " +
                          size_text(*app.kubernetes) + " on Kubernetes); each keeps its own (sizes: as-written)");
    }
  }
  const auto front = std::find_if(apps.begin(), apps.end(), [](const App& app) { return app.entry; });
  std::string entry = front == apps.end() ? "" : front->name;
  for (const char* usual : {"ui", "web", "frontend", "gateway"}) {
    if (entry.empty() && find(usual) != apps.end()) entry = usual;
  }
  if (entry.empty()) entry = apps.front().name;

  Pairs listed;
  std::string fargate_faults;
  for (const App& app : apps) {
    Pairs p;
    const PodSize size = app.kubernetes && !app.ecs ? *app.kubernetes : *app.ecs;
    if (!differ || !app.ecs || !app.kubernetes) p.emplace_back("size", text(size_text(size)));
    const PodSize on_ecs = app.ecs ? *app.ecs : size;
    const bool windows_size = on_ecs.cpu == cpu_cores(1) || on_ecs.cpu == cpu_cores(2) || on_ecs.cpu == cpu_cores(4);
    if (app.windows && !windows_size) {
      fargate_faults += (fargate_faults.empty() ? "" : ", ") + app.name + " (" + size_text(on_ecs) +
                        ", and Windows needs 1, 2 or 4 vCPU)";
    } else if (!aws::is_fargate_size(on_ecs.cpu, on_ecs.memory)) {
      const auto next = aws::smallest_fargate_size(on_ecs.cpu, on_ecs.memory);
      fargate_faults += (fargate_faults.empty() ? "" : ", ") + app.name + " (" + size_text(on_ecs);
      if (next) fargate_faults += ", the next larger is " + size_text({next->cpu, next->memory, {}, {}});
      fargate_faults += ")";
    }
    p.emplace_back("work", text("10ms"));
    if (app.scale_cpu) {
      Pairs scale = {{"cpu", text(to_string(*app.scale_cpu))}, {"min", number(app.minimum.value_or(1))}};
      scale.emplace_back("max", number(std::max(app.maximum.value_or(100), app.minimum.value_or(1))));
      p.emplace_back("scale", object(scale));
      if (!app.maximum) out.lossy.push_back(app.name + ": no file gives a maximum of replicas; 100 is assumed");
    } else if (app.minimum || app.maximum) {
      out.lossy.push_back(app.name + ": its autoscaler has no target on CPU; it is not scaled");
    }
    if (app.replicas && *app.replicas > 0) p.emplace_back("replicas", number(*app.replicas));
    if (app.max_unavailable) p.emplace_back("maxDisruption", text(to_string(*app.max_unavailable)));
    if (app.grace) p.emplace_back("grace", text(to_string(*app.grace)));
    listed.emplace_back(app.name, object(p));
  }
  Pairs jobs;
  for (const auto& [family, count] : runs) {
    const auto definition = std::find_if(facts.begin(), facts.end(), [name = family](const ManifestFacts& f) {
      return f.kind == "task definition" && f.name == name && f.size;
    });
    if (definition == facts.end()) {
      out.lossy.push_back("task definition '" + family +
                          "', which is to be run, is not among the files: it is left out");
      continue;
    }
    Pairs p = {{"size", text(size_text(*definition->size))}, {"work", text("60s")}};
    if (count > 1) {
      p.emplace_back("parallelism", number(count));
      p.emplace_back("completions", number(count));
    }
    jobs.emplace_back(family, object(p));
    out.lossy.push_back(family + ": no file gives the CPU time of a run; 60s is assumed");
  }
  Pairs real;
  if (!files[0].empty()) real.emplace_back("ecs", inline_list(files[0]));
  if (!files[1].empty()) real.emplace_back("kubernetes", inline_list(files[1]));
  const std::string type = instance_for(apps);
  const auto group = [&] { return object({{"type", text(type)}, {"min", number(2)}, {"max", number(100)}}); };
  Pairs columns;
  // A column of the other launch type says its own, else ECS refuses the files.
  const auto ecs_column = [&](const char* launch_type, Pairs keys) {
    const bool other = std::any_of(apps.begin(), apps.end(), [&](const App& app) {
      return !app.launch_type.empty() && app.launch_type != launch_type;
    });
    if (other) keys.emplace_back("launchType", text(launch_type));
    return object(keys);
  };
  const bool gpus = std::any_of(apps.begin(), apps.end(), [](const App& app) { return app.gpus > 0; });
  const bool windows = std::any_of(apps.begin(), apps.end(), [](const App& app) { return app.windows; });
  if (gpus) {
    out.lossy.emplace_back("no column ecs-fargate: Fargate does not support GPUs");
  } else if (fargate_faults.empty()) {
    columns.emplace_back("ecs-fargate", ecs_column("FARGATE", {{"type", text("ecs")}, {"capacity", text("fargate")}}));
  } else {
    out.lossy.push_back("no column ecs-fargate: Fargate has no task size for " + fargate_faults);
  }
  if (windows) {
    out.lossy.emplace_back(
        "no columns ecs-ec2 and eks-cluster-autoscaler: tasks of Windows are modelled on Fargate alone");
    if (columns.empty()) return out;
  }
  if (!windows)
    columns.emplace_back("ecs-ec2",
                         ecs_column("EC2", {{"type", text("ecs")},
                                            {"capacity", object({{"asg", group()}, {"target", text("100%")}})},
                                            {"eniTrunking", Node::boolean(true)}}));
  if (!windows)
    columns.emplace_back(
        "eks-cluster-autoscaler",
        object({{"type", text("eks")},
                {"addons", text("default")},
                {"capacity", object({{"nodeGroup", group()}, {"autoscaler", text("cluster-autoscaler")}})}}));
  // As many requests of 10 ms as take half of the CPU that the entry's replicas ask for.
  const App& enters = *find(entry);
  std::int64_t cpu_m = 0;
  for (const auto& side : {enters.ecs, enters.kubernetes}) {
    if (side && (cpu_m == 0 || to_millis_ceil(side->cpu) < cpu_m)) cpu_m = to_millis_ceil(side->cpu);
  }
  const std::int64_t replicas = std::max<std::int64_t>({enters.replicas.value_or(1), enters.minimum.value_or(1), 1});
  const std::string rate = std::to_string(std::max<std::int64_t>(cpu_m * replicas / 20, 1));
  out.lossy.push_back("load: no file gives the traffic; " + rate + " requests/s to " + entry +
                      " are assumed, half of what its replicas can serve");
  out.lossy.push_back("work: no file gives the CPU time of a request; 10ms is assumed for every app");
  if (apps.size() > 1)
    out.lossy.push_back("calls: no file says which app calls which; only " + entry + " gets requests");
  for (const std::vector<std::string>& list : files) {
    if (list.empty() || list.front().starts_with('/')) continue;
    out.lossy.push_back("files: paths stay as given (" + list.front() +
                        "): save the scenario where they lead to the files");
    break;
  }
  Pairs scenario = {{"apiVersion", text("plimsoll/v1")},
                    {"region", text("us-east-1")},
                    {"zones", number(3)},
                    {"load", object({{"constant", text(rate + "/s")}, {"for", text("24h")}, {"to", text(entry)}})},
                    {"files", object(real)},
                    {"sizes", text(differ ? "as-written" : "matched")},
                    {"apps", object(listed)}};
  if (!jobs.empty()) scenario.emplace_back("jobs", object(jobs));
  scenario.emplace_back("platforms", object(columns));
  out.documents.push_back(object(scenario));
  return out;
}

}  // namespace plimsoll::cli
