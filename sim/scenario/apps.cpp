#include "sim/scenario/apps.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "sim/core/text.h"
#include "sim/core/units.h"
#include "sim/document/input_files.h"
#include "sim/load/call_graph.h"
#include "sim/policy/machine_needs.h"
#include "sim/scenario/app_files.h"
#include "sim/scenario/containers_block.h"
#include "sim/scenario/disruption_limit.h"
#include "sim/scenario/input.h"
#include "sim/scenario/rollout_block.h"
#include "sim/scenario/scale_block.h"
#include "sim/scenario/size_text.h"

namespace plimsoll::scenario {

namespace {

using document::Fields;
using document::Mark;
using document::Node;

struct Size {
  Cpu cpu;
  Bytes memory;
};

/// Always in milliCPU, so that sizes can be compared at a glance.
std::string print(Cpu c) {
  return c.raw() % kCpuTicksPerMilli == 0 ? std::to_string(c.raw() / kCpuTicksPerMilli) + "m" : to_string(c);
}

std::string print(Size s) { return print(s.cpu) + "/" + to_string(s.memory); }

/// The shortest decimal, without the ".0" that marks a number in YAML.
std::string print(double v) {
  std::string out = Node::number(v).text();
  if (out.ends_with(".0")) out.resize(out.size() - 2);
  return out;
}

/// A quantity as people write it: 300MB rather than 300000000, 80MB rather than 78125Ki.
std::string print(Bytes b) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 2> kDecimal = {{{1'000'000, "MB"}, {1'000, "KB"}}};
  const std::string binary = to_string(b);
  if (b.raw() == 0) return binary;
  for (const auto& [unit, name] : kDecimal) {
    if (b.raw() % unit != 0) continue;
    std::string decimal = std::to_string(b.raw() / unit) + std::string(name);
    return decimal.size() < binary.size() ? decimal : binary;
  }
  return binary;
}

struct Inputs {
  Input<Size> size;
  Input<Duration> work;
  Input<double> cores{1, "one core works on a request", false};
  Input<double> threads{0, "as many cores as the pod gets", false};
  Input<Duration> start_cpu{{}, "assumed: no start-up work", false};
  Input<Duration> start_wait{{}, "assumed: no start-up wait", false};
  Input<double> start_cores{1, "start-up uses one core", false};
  Input<Bytes> image{Bytes{200'000'000}, "assumed: a middling service image", false};
  Input<Cpu> idle{{}, "assumed: idle pods use nothing", false};
  Input<Bytes> resident{{}, "80 % of the memory request", false};
  Input<Bytes> per_request{{}, "memory does not follow the load", false};
  ScaleInputs scale;
  Input<std::int64_t> replicas{0, "the minimum", false};
  Input<std::string> spread{"zone", "its pods have no file: spread as ECS does", false};
  Input<Ppm> max_disruption{percent(100), "no PodDisruptionBudget, and the 100 of ECS's minimumHealthyPercent", false};
  std::vector<std::pair<std::string, std::string>> annotations;
  Input<Duration> grace{{}, "ECS healthCheckGracePeriodSeconds default", false};
  Input<std::string> provenance{"assumed", "no file gives these inputs", false};
  RolloutKeys rollout, rollout_of_each;
  std::vector<CallSpec> calls;
};

void read_choice(Fields& f, std::string_view key, Input<std::string>& in, std::span<const std::string_view> names,
                 std::string_view doc) {
  const bool said = f.has(key);
  const auto fallback = static_cast<std::size_t>(std::find(names.begin(), names.end(), in.value) - names.begin());
  in.value = names[f.one_of(key, names, fallback, in.source, doc)];
  if (!said) return;
  in.said = true;
  in.source = place(f.mark_of(key));
}

void read_size(Fields& f, Input<Size>& in) {
  const auto node = f.any("size", "CPU/memory such as 500m/2Gi", "what one pod asks for");
  if (!node) return;
  in.said = true;
  in.source = place(node->mark());
  if (!node->is_scalar()) {
    f.error("size", "this is not a size", "write CPU/memory such as 500m/2Gi");
    return;
  }
  const SizeText size = parse_size(node->text());
  if (!size.fault.empty()) {
    f.error("size", size.fault, size.hint);
    return;
  }
  in.value = {size.cpu, size.memory};
}

const Duration kLongest = hours(24 * 7);

/// Reads the keys that `each` and an app share.
void read_inputs(Fields& f, Inputs& in) {
  read_size(f, in.size);
  if (const auto work =
          f.optional_duration("work", "CPU time of one core that a request takes", {microseconds(1), minutes(10)})) {
    in.work = {*work, place(f.mark_of("work")), true};
  }
  read<double>(f, "cores", in.cores, "cores that one request can use at once", {0.01, 1024});
  read<double>(f, "threads", in.threads, "most cores one pod can use; 0 is as many as it gets", {0, 1024});
  {
    Fields start = f.child("start", "from container start to ready");
    read<Duration>(start, "cpu", in.start_cpu, "CPU time of the start-up work", {Duration{}, kLongest});
    read<Duration>(start, "wait", in.start_wait, "start-up time that no CPU shortens", {Duration{}, kLongest});
    read<double>(start, "cores", in.start_cores, "cores that the start-up work can use", {0.01, 1024});
  }
  read<Bytes>(f, "image", in.image, "compressed size of the image", {Bytes{}, gibibytes(1024)});
  read<Cpu>(f, "idle", in.idle, "CPU use of a pod without traffic", {Cpu{}, cpu_cores(1024)});
  read<Bytes>(f, "resident", in.resident, "resident memory of a pod; 0 is 80 % of the request",
              {Bytes{}, gibibytes(24 * 1024)});
  {
    Fields memory = f.child("memory", "what a pod holds");
    read<Bytes>(memory, "base", in.resident, "resident memory of a pod without requests; the same as `resident`",
                {Bytes{}, gibibytes(24 * 1024)});
    read<Bytes>(memory, "perRequest", in.per_request, "memory on top for each request that a pod works on",
                {Bytes{}, gibibytes(1024)});
  }
  read_scale(f, in.scale);
  read<std::int64_t>(f, "replicas", in.replicas, "at the start", {0, 1'000'000});
  constexpr std::array<std::string_view, 2> kSpread = {"zone", "none"};
  read_choice(f, "spread", in.spread, kSpread,
              "zone: a soft spread constraint over zones where the pods' file has none; ECS spreads by itself");
  read<Ppm>(
      f, "maxDisruption", in.max_disruption,
      "most replicas away at once (PDB maxUnavailable, for an app without a PodDisruptionBudget in its files; 100 "
      "% - minimumHealthyPercent); without it each system's own rule",
      {Ppm{}, percent(100)});
  for (const document::Item& item : f.map("annotations", "annotations of its Kubernetes pods, by their names")) {
    in.annotations.emplace_back(item.name, item.node.text());
  }
  read<Duration>(f, "grace", in.grace, "after start, before failed load-balancer checks count", {Duration{}, kLongest});
  in.rollout = read_rollout(f);
  constexpr std::array<std::string_view, 2> kProvenance = {"assumed", "measured"};
  read_choice(f, "provenance", in.provenance, kProvenance, "where inputs that no file gives come from");
}

void inherit(Inputs& in, const Inputs& each) {
  in.size.inherit(each.size);
  in.work.inherit(each.work);
  in.cores.inherit(each.cores);
  in.threads.inherit(each.threads);
  in.start_cpu.inherit(each.start_cpu);
  in.start_wait.inherit(each.start_wait);
  in.start_cores.inherit(each.start_cores);
  in.image.inherit(each.image);
  in.idle.inherit(each.idle);
  in.resident.inherit(each.resident);
  in.per_request.inherit(each.per_request);
  in.scale.inherit(each.scale);
  in.replicas.inherit(each.replicas);
  in.spread.inherit(each.spread);
  in.max_disruption.inherit(each.max_disruption);
  in.grace.inherit(each.grace);
  in.rollout_of_each = each.rollout;
  in.provenance.inherit(each.provenance);
}

/// Defaults that the files give: of two sides the Kubernetes one, when both say something, since its kinds say more.
void apply_facts(Inputs& in, const std::vector<const ManifestFacts*>& facts) {
  for (const Side side : {Side::ecs, Side::kubernetes}) {
    for (const ManifestFacts* fact : facts) {
      if (fact->side != side) continue;
      in.scale.cpu.from_file(fact->scale_cpu, fact->file);
      in.scale.memory.from_file(fact->scale_memory, fact->file);
      in.scale.minimum.from_file(fact->scale_minimum, fact->file);
      in.scale.maximum.from_file(fact->scale_maximum, fact->file);
      in.replicas.from_file(fact->replicas, fact->file);
      in.max_disruption.from_file(fact->max_unavailable, fact->file);
      in.grace.from_file(fact->grace, fact->file);
      if (fact->side == Side::kubernetes && fact->pod) {
        in.spread.value = fact->spread_zones ? "zone" : "none";
        in.spread.source = fact->file;
      }
    }
  }
}

/// "2 and 3 of FILE": what differs between a scenario's word and a file's.
template <class T, class V, class Print>
void override_remark(std::vector<std::string>& remarks, const std::string& path, const Input<T>& in,
                     const std::vector<const ManifestFacts*>& facts, std::optional<V> ManifestFacts::*member,
                     Print print_value) {
  if (!in.said) return;
  for (const ManifestFacts* fact : facts) {
    const std::optional<V>& value = fact->*member;
    if (value && T(*value) != in.value) {
      remarks.push_back(path + " = " + print_value(in.value) + " replaces " + print_value(T(*value)) + " of " +
                        fact->file);
    }
  }
}

std::string print_size(const PodSize& s) { return print(s.cpu) + "/" + to_string(s.memory); }

/// Reads the apps one by one.
class AppReader {
 public:
  AppReader(Fields& scenario, const std::vector<ManifestFacts>& facts) : scenario_(scenario), facts_(facts) {}

  Apps run() {
    matched_ = scenario_.choice<bool>("sizes", {{"matched", true}, {"as-written", false}}, true,
                                      "a fair comparison gives both sides the same size",
                                      "one size on every column, or each side's own files");
    Inputs each;
    {
      // Without the list of effective values: each app lists what it takes from here.
      const document::Reader& r = scenario_.reader();
      const Node* node = scenario_.node().find("each");
      Fields declared = scenario_.child("each", "defaults of every app");
      declared.allow_unknown();
      Fields f(node != nullptr && node->is_mapping() ? *node : Node::null(), {*r.diagnostics, nullptr, r.schema},
               scenario_.path_of("each"));
      read_inputs(f, each);
    }
    const std::vector<document::Item> items =
        scenario_.required_map("apps",
                               "what no file says of each application, by its name in the "
                               "files or as NAME.NAMESPACE");
    for (const document::Item& item : items) {
      out_.names.push_back(item.name);
      if (const std::string fault = name_fault(item.name); !fault.empty())
        fail(item.mark, fault, "name the app", "apps");
    }
    if (items.empty() && scenario_.has("apps")) scenario_.error("apps", "there must be at least one app");
    out_.metrics = read_metrics(scenario_, out_.names);
    const FileIndex index(facts_, out_.names);
    for (const document::Item& item : items) {
      const std::vector<const ManifestFacts*> of_app = index.of(item.name);
      warn_of_namesakes(item, of_app, *scenario_.reader().diagnostics);
      read_app(item, each, of_app);
    }
    for (const ManifestFacts* stranger : index.strangers()) {
      const std::vector<std::string_view> views(out_.names.begin(), out_.names.end());
      const std::string near = nearest(stranger->name, views);
      document::Diagnostic d;
      d.severity = document::Severity::warning;
      d.file = stranger->file;
      if (stranger->scaling) {
        d.line = stranger->scaling->mark().line;
        d.column = stranger->scaling->mark().column;
      }
      d.message = stranger->kind + " '" + stranger->name + "' belongs to no app and is left out";
      if (!near.empty()) d.hint = "is it the app '" + near + "'?";
      // A call has no time of its own and no word of how long its tasks work.
      if (stranger->kind == "run-task") {
        d.message = "run-task '" + stranger->name + "' belongs to no entry of 'jobs' and is left out";
        d.hint = "a call says neither when it is made nor how long its tasks work: add jobs: {" + stranger->name +
                 ": {work: 5min, at: 0s}}";
      }
      scenario_.reader().diagnostics->add(std::move(d));
    }
    check_calls();
    additions_.tell(out_.remarks);
    for (std::string& remark : out_.remarks) remark = from_the_scenario(std::move(remark));
    for (auto& [side, remark] : out_.borrowed) remark = from_the_scenario(std::move(remark));
    return std::move(out_);
  }

 private:
  /// Remarks go into results, so they name files as seen from the scenario and not from where the program was called.
  std::string from_the_scenario(std::string text) const {
    const std::string root = scenario_.node().mark().path();
    std::vector<std::string> done;
    for (const ManifestFacts& fact : facts_) {
      if (fact.file.empty() || std::find(done.begin(), done.end(), fact.file) != done.end()) continue;
      done.push_back(fact.file);
      const std::string shown = document::path_from(root, fact.file);
      for (std::size_t at = 0; shown != fact.file && (at = text.find(fact.file, at)) != text.npos; at += shown.size())
        text.replace(at, fact.file.size(), shown);
    }
    return text;
  }

  struct Call {
    std::string app;
    document::Item item;
  };

  void read_app(const document::Item& item, const Inputs& each, const std::vector<const ManifestFacts*>& facts) {
    Fields f(item.node, scenario_.reader(), item.path);
    const std::size_t errors = scenario_.reader().diagnostics->error_count();
    Inputs in;
    apply_facts(in, facts);
    inherit(in, each);
    read_inputs(f, in);
    for (const document::Item& call : f.map("calls", "requests to other apps for each of its own")) {
      const auto per_request = document::read_value<double>(call.node, scenario_.reader(), call.path,
                                                            "calls for each request", {0.0, 1000.0});
      if (per_request) in.calls.push_back({call.name, *per_request});
      calls_.push_back({item.name, call});
    }
    if (!in.work.said && !f.has("work") && !f.describing()) {
      scenario_.reader().diagnostics->error(item.mark, "'work' is missing",
                                            "add 'work: ...' (CPU time of one request, such as 6ms)", item.path);
    }
    WorkloadSpec w = build(item, in, facts);
    read_containers(f, facts, matched_, w);
    if (!in.replicas.said) f.record("replicas", std::to_string(w.replicas), in.replicas.source);
    if (scenario_.reader().diagnostics->error_count() != errors) return;
    list_assumed(f, in);
    override_remark(out_.remarks, f.path_of("scale") + ".min", in.scale.minimum, facts, &ManifestFacts::scale_minimum,
                    [](std::int64_t v) { return std::to_string(v); });
    override_remark(out_.remarks, f.path_of("scale") + ".max", in.scale.maximum, facts, &ManifestFacts::scale_maximum,
                    [](std::int64_t v) { return std::to_string(v); });
    override_remark(out_.remarks, f.path_of("scale") + ".cpu", in.scale.cpu, facts, &ManifestFacts::scale_cpu,
                    [](Ppm v) { return to_string(v); });
    override_remark(out_.remarks, f.path_of("grace"), in.grace, facts, &ManifestFacts::grace,
                    [](Duration v) { return to_string(v); });
    disruption_remarks(f.path_of("maxDisruption"), in.max_disruption, facts, out_.remarks);
    additions_.note(item.name, in.spread.said && in.spread.value == "zone", in.max_disruption.said, facts);
    out_.workloads.push_back(std::move(w));
  }

  void fail(const Mark& mark, std::string message, std::string hint, const std::string& path) {
    if (!scenario_.describing()) scenario_.reader().diagnostics->error(mark, std::move(message), std::move(hint), path);
  }

  WorkloadSpec build(const document::Item& item, const Inputs& in, const std::vector<const ManifestFacts*>& facts) {
    WorkloadSpec w;
    w.name = item.name;
    w.work = in.work.value;
    w.cores_per_request = in.cores.value;
    w.pod_threads = in.threads.value;
    w.start_cpu_seconds = to_seconds(in.start_cpu.value);
    w.start_cores = in.start_cores.value;
    w.start_wait = in.start_wait.value;
    w.image = in.image.value;
    w.idle_cpu = in.idle.value;
    w.resident = in.resident.value;
    w.per_request = in.per_request.value;
    apply_scale(in.scale, out_.metrics, *scenario_.reader().diagnostics, w);
    w.spread_zones = in.spread.value == "zone";
    w.grace = in.grace.value;
    w.annotations = in.annotations;
    w.calls = in.calls;
    const bool by_files = std::any_of(facts.begin(), facts.end(), [](const auto* f) { return f->scaling.has_value(); });
    scaling(item, in, by_files, w);
    // An HPA leaves a Deployment of no replicas alone; the columns of ECS begin at the minimum.
    const bool off = in.replicas.said || std::any_of(facts.begin(), facts.end(), [](const auto* f) {
                       return f->side == Side::kubernetes && f->replicas == 0;
                     });
    if (in.replicas.value == 0 && off && w.scaler.empty()) w.replicas = 0;
    const SideFacts ecs = on_side(facts, Side::ecs);
    const SideFacts kubernetes = on_side(facts, Side::kubernetes);
    w.image_name = kubernetes.image.empty() ? ecs.image : kubernetes.image;
    w.service_connect = ecs.service_connect;
    w.ecs_probes = ecs.probes;
    w.kubernetes_probes = kubernetes.probes;
    w.ecs_stop_grace = ecs.stop_grace;
    w.kubernetes_stop_grace = kubernetes.stop_grace;
    w.pre_stop = kubernetes.pre_stop.value_or(Duration{});
    w.kubernetes_rollout = kubernetes.kubernetes_rollout.value_or(KubernetesRollout{});
    w.ecs_rollout = ecs.ecs_rollout.value_or(EcsRollout{});
    limit_disruption(in.max_disruption, facts, ecs.any, kubernetes.any, w);
    in.rollout_of_each.apply(w.kubernetes_rollout, w.ecs_rollout);
    in.rollout.apply(w.kubernetes_rollout, w.ecs_rollout);
    w.ecs_launch_type = ecs.launch_type;
    w.kubernetes_pod = kubernetes.pod ? kubernetes.pod : ecs.pod;
    matched_ ? matched_size(item, in, ecs, kubernetes, w) : written_size(item, in, ecs, kubernetes, w);
    if (matched_) match_gpus(item, ecs, kubernetes);
    return w;
  }

  /// Whether a file under `files:` could not be read as it should.
  bool files_failed() const {
    const std::vector<document::Diagnostic> all = scenario_.reader().diagnostics->sorted();
    const std::string own = scenario_.node().mark().path();
    return std::any_of(all.begin(), all.end(), [&](const document::Diagnostic& d) {
      return d.severity == document::Severity::error && (d.file != own || d.key_path.starts_with("files"));
    });
  }

  /// `by_files`: real files may scale it by metrics that have no neutral word; its bounds count then too.
  void scaling(const document::Item& item, const Inputs& in, bool by_files, WorkloadSpec& w) {
    const bool scaled = w.scaled() || !w.scaler.empty();
    const std::string path = document::join_path(item.path, "scale");
    w.minimum = in.scale.minimum.value;
    w.maximum = in.scale.maximum.value;
    const Node* own = item.node.find("scale");
    const Node* each = scenario_.node().find("each");
    if (each != nullptr) each = each->find("scale");
    const auto written = [](const Node* scale) { return scale != nullptr && scale->find("max") != nullptr; };
    if (scaled && in.scale.maximum.value == 0 && (written(own) || written(each))) {
      // What stands there has had its own fault.
    } else if (scaled && in.scale.maximum.value == 0) {
      fail(item.mark, "'max' is missing: '" + item.name + "' is scaled", "add scale: {max: ...}", path);
    } else if (in.scale.maximum.value > 0 && in.scale.minimum.value > in.scale.maximum.value) {
      w.replicas = w.minimum;
      if (!written(own) && !written(each) && files_failed()) return;  // the file has had the fault
      fail(own != nullptr ? own->mark() : item.mark,
           "min " + std::to_string(in.scale.minimum.value) + " is above max " + std::to_string(in.scale.maximum.value),
           {}, path);
    }
    // Bounds of its own stand without a target: event rules and events may scale it.
    const bool bounded = own != nullptr && own->find("min") != nullptr && own->find("max") != nullptr;
    if (!scaled && !bounded && !(by_files && in.scale.maximum.value > 0)) {
      w.replicas = in.replicas.source == "the minimum" ? w.minimum : in.replicas.value;
      w.minimum = w.maximum = w.replicas;
      return;
    }
    w.replicas = std::clamp(in.replicas.value, w.minimum, std::max(w.minimum, w.maximum));
  }

  /// GPUs have no word in the scenario, so that both sides' files must agree when sizes do.
  void match_gpus(const document::Item& item, const SideFacts& ecs, const SideFacts& kubernetes) {
    if (!ecs.pod || !kubernetes.pod) return;
    const std::int64_t on_ecs = needs_of(ecs.pod.get()).gpus, on_kubernetes = needs_of(kubernetes.pod.get()).gpus;
    if (on_ecs == on_kubernetes) return;
    const auto count = [](std::int64_t n) {
      return n == 0 ? "no GPU" : std::to_string(n) + (n == 1 ? " GPU" : " GPUs");
    };
    fail(item.mark,
         "the files differ: " + count(on_ecs) + " in " + ecs.size_file + ", " + count(on_kubernetes) + " in " +
             kubernetes.size_file,
         "make the files agree, or write sizes: as-written", item.path);
  }

  void matched_size(const document::Item& item, const Inputs& in, const SideFacts& ecs, const SideFacts& kubernetes,
                    WorkloadSpec& w) {
    PodSize size;
    if (in.size.said) {
      size.cpu = in.size.value.cpu;
      size.memory = in.size.value.memory;
      std::vector<std::string> replaced;
      for (const SideFacts* side : {&ecs, &kubernetes}) {
        if (side->size && (side->size->cpu != size.cpu || side->size->memory != size.memory)) {
          replaced.push_back(print_size(*side->size) + " of " + side->size_file);
        }
      }
      if (!replaced.empty()) {
        out_.remarks.push_back(document::join_path(item.path, "size") + " = " + print(in.size.value) + " replaces " +
                               replaced[0] + (replaced.size() > 1 ? " and " + replaced[1] : ""));
      }
    } else {
      const SideFacts* given = kubernetes.size ? &kubernetes : ecs.size ? &ecs : nullptr;
      if (given == nullptr) {
        fail(item.mark, "'size' is missing, and no file gives it", "add 'size: 500m/1Gi'", item.path);
        return;
      }
      if (kubernetes.size && ecs.size &&
          (kubernetes.size->cpu != ecs.size->cpu || kubernetes.size->memory != ecs.size->memory)) {
        fail(item.mark,
             "the files differ in size: " + print_size(*ecs.size) + " in " + ecs.size_file + ", " +
                 print_size(*kubernetes.size) + " in " + kubernetes.size_file,
             "add 'size: ...' for both sides, or write sizes: as-written", item.path);
        return;
      }
      size.cpu = given->size->cpu;
      size.memory = given->size->memory;
    }
    // One bursting rule: no CPU limit, so that both sides burst on EC2; Fargate caps by itself.
    size.memory_limit = size.memory;
    w.ecs = w.kubernetes = size;
  }

  void written_size(const document::Item& item, const Inputs& in, const SideFacts& ecs, const SideFacts& kubernetes,
                    WorkloadSpec& w) {
    PodSize fallback;
    fallback.cpu = in.size.value.cpu;
    fallback.memory = in.size.value.memory;
    fallback.memory_limit = fallback.memory;
    if (!in.size.said && !ecs.size && !kubernetes.size) {
      // Files with faults of their own may well have given it.
      if (!files_failed()) fail(item.mark, "no file gives its size", "add its file, or 'size: 500m/1Gi'", item.path);
      // A size that every platform takes, so that no column complains about one of nothing.
      w.ecs.cpu = w.kubernetes.cpu = cpu_millis(250);
      w.ecs.memory = w.kubernetes.memory = mebibytes(512);
      return;
    }
    const auto pick = [&](const SideFacts& own, const SideFacts& other, Side side, PodSize& size, std::string& file) {
      if (own.size) {
        size = *own.size;
        file = own.size_file;
      } else if (in.size.said) {
        size = fallback;
      } else {
        size = *other.size;
        file = other.size_file;
        out_.borrowed.emplace_back(side, item.path + ": no file gives its size on " +
                                             (side == Side::ecs ? "ECS" : "Kubernetes") + "; " + print_size(size) +
                                             " of " + file + " is used");
      }
    };
    pick(ecs, kubernetes, Side::ecs, w.ecs, w.ecs_file);
    pick(kubernetes, ecs, Side::kubernetes, w.kubernetes, w.kubernetes_file);
    if (w.ecs.cpu != w.kubernetes.cpu || w.ecs.memory != w.kubernetes.memory) {
      out_.differing.push_back(item.name + ": " + print_size(w.ecs) + ", " + print_size(w.kubernetes));
    }
  }

  void list_assumed(const Fields& f, const Inputs& in) {
    if (in.provenance.value != "assumed") return;
    const auto add = [&](std::string_view key, const std::string& value, const std::string& unset = {}) {
      if (value != unset) out_.assumed.push_back(f.path() + "." + std::string(key) + " = " + value);
    };
    add("work", to_string(in.work.value));
    add("cores", print(in.cores.value), "1");
    add("threads", print(in.threads.value), "0");
    add("start.cpu", to_string(in.start_cpu.value));
    add("start.wait", to_string(in.start_wait.value));
    add("image", print(in.image.value));
    add("idle", print(in.idle.value), "0m");
    add("resident", print(in.resident.value), print(Bytes{}));
    add("memory.perRequest", print(in.per_request.value), print(Bytes{}));
    for (const CallSpec& call : in.calls) add("calls." + call.to, print(call.per_request));
  }

  static std::string list_of(const std::vector<std::string_view>& names) {
    std::string out = names.size() == 1 ? "the only app is " : "the apps are ";
    for (std::size_t i = 0; i < names.size(); ++i) out += (i > 0 ? ", " : "") + std::string(names[i]);
    return out;
  }

  void check_calls() {
    if (scenario_.describing()) return;
    const std::vector<std::string_view> views(out_.names.begin(), out_.names.end());
    bool all_known = true;
    for (const Call& call : calls_) {
      if (std::find(views.begin(), views.end(), call.item.name) != views.end()) continue;
      const std::string near = nearest(call.item.name, views);
      fail(call.item.mark, "'" + call.app + "' calls the unknown app '" + call.item.name + "'",
           near.empty() ? list_of(views) : "did you mean '" + near + "'?", call.item.path);
      all_known = false;
    }
    if (all_known) check_rings();
  }

  /// The call with which a ring begins to multiply its own calls, in the order written.
  void check_rings() {
    std::vector<load::Call> known;
    for (const Call& call : calls_) {
      const auto index = [&](const std::string& name) {
        return static_cast<std::uint32_t>(std::find(out_.names.begin(), out_.names.end(), name) - out_.names.begin());
      };
      const auto w = std::find_if(out_.workloads.begin(), out_.workloads.end(),
                                  [&](const WorkloadSpec& spec) { return spec.name == call.app; });
      if (w == out_.workloads.end()) continue;
      const auto made =
          std::find_if(w->calls.begin(), w->calls.end(), [&](const CallSpec& c) { return c.to == call.item.name; });
      if (made == w->calls.end()) continue;  // its number had a fault
      load::Call edge;
      edge.from = index(call.app);
      edge.to = index(call.item.name);
      edge.per_request = made->per_request;
      known.push_back(edge);
      std::vector<double> entry(out_.names.size(), 0);
      entry.front() = 1;
      const auto graph = load::CallGraph::build(out_.names, known, std::move(entry));
      if (graph) continue;
      fail(call.item.node.mark(), graph.error, "lower the number of calls in the ring", call.item.path);
      return;
    }
  }

  Fields& scenario_;
  const std::vector<ManifestFacts>& facts_;
  bool matched_ = true;
  Apps out_;
  std::vector<Call> calls_;
  AddedRules additions_;
};

}  // namespace

Apps read_apps(Fields& scenario, const std::vector<ManifestFacts>& facts) { return AppReader(scenario, facts).run(); }

}  // namespace plimsoll::scenario
