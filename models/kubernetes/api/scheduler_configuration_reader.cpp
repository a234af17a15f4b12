#include "models/kubernetes/api/scheduler_configuration_reader.h"

#include <algorithm>
#include <string>

#include "models/kubernetes/api/object.h"
#include "sim/core/text.h"

namespace plimsoll::kubernetes::api {

namespace {

using document::Node;

/// Plugins that the real configuration knows and that have nothing to decide in this model.
constexpr std::string_view kWithoutEffect[] = {
    "PrioritySort", "DefaultBinder",    "SchedulingGates", "EBSLimits",       "GCEPDLimits",    "AzureDiskLimits",
    "CinderLimits", "DynamicResources", "NodeLabel",       "ServiceAffinity", "SelectorSpread", "NodeDeclaredFeatures"};

constexpr std::string_view kOtherPoints[] = {"preEnqueue", "queueSort", "preFilter", "preScore", "reserve",
                                             "permit",     "preBind",   "bind",      "postBind"};

bool can_filter(PluginId id) {
  return (id >= PluginId::node_unschedulable && id <= PluginId::inter_pod_affinity) ||
         id >= PluginId::volume_restrictions;
}

bool can_score(PluginId id, KubernetesVersion version) {
  switch (id) {
    case PluginId::taint_toleration:
    case PluginId::node_affinity:
    case PluginId::pod_topology_spread:
    case PluginId::inter_pod_affinity:
    case PluginId::balanced_allocation:
    case PluginId::image_locality:
      return true;
    case PluginId::node_resources_fit:
      return version != KubernetesVersion::v1_20;
    case PluginId::none:
    case PluginId::node_unschedulable:
    case PluginId::node_name:
    case PluginId::node_ports:
    case PluginId::volume_restrictions:
    case PluginId::node_volume_limits:
    case PluginId::volume_binding:
    case PluginId::volume_zone:
    case PluginId::custom:
      return false;
    default:
      return version == KubernetesVersion::v1_20;
  }
}

struct Entry {
  std::string name;
  std::int64_t weight = 0;
};

struct PluginSet {
  std::vector<Entry> enabled;
  std::vector<std::string> disabled;
  bool disables(std::string_view name) const {
    return std::any_of(disabled.begin(), disabled.end(), [&](const auto& d) { return d == "*" || d == name; });
  }
};

class Reader {
 public:
  Reader(KubernetesVersion version, document::Diagnostics& diagnostics)
      : version_(version), diagnostics_(diagnostics) {}

  SchedulerConfiguration read(const Node& document);

 private:
  ProfileSpec read_profile(Object& o);
  PluginSet read_set(Object& plugins, std::string_view key);
  void check_name(Object& o, const std::string& name);
  void check_point(Object& plugins, std::string_view point, const PluginSet& set, const PluginSet& all);
  void read_plugins(Object& o, ProfileSpec& spec);
  void read_args(Object& o, ProfileSpec& spec);
  void read_fit(Object& args, ProfileSpec& spec);
  void read_spread(Object& args, ProfileSpec& spec);
  void read_added_affinity(Object& args, ProfileSpec& spec);
  ProfileSpec::Term read_term(const Node& node, const std::string& path);
  std::optional<ProfileSpec::Resources> read_resources(Object& o);
  void read_shape(Object& o, ProfileSpec& spec);

  template <class Use>
  void each(Object& o, std::string_view key, Use&& use) {
    std::size_t index = 0;
    for (const Node& item : o.list(key)) {
      Object entry(item, diagnostics_, document::join_path(o.path_of(key), index++));
      use(entry);
    }
  }

  KubernetesVersion version_;
  document::Diagnostics& diagnostics_;
};

void Reader::check_name(Object& o, const std::string& name) {
  if (name == "*" || name == "DefaultPreemption" ||
      (plugin_by_name(name) != PluginId::none && plugin_by_name(name) != PluginId::custom)) {
    return;
  }
  if (std::find(std::begin(kWithoutEffect), std::end(kWithoutEffect), name) != std::end(kWithoutEffect)) return;
  std::vector<std::string_view> known(std::begin(kWithoutEffect), std::end(kWithoutEffect));
  for (std::size_t i = 1; i < kPluginCount; ++i) {
    if (static_cast<PluginId>(i) != PluginId::custom) known.push_back(plugin_name(static_cast<PluginId>(i)));
  }
  const std::string near = nearest(name, known);
  o.error("name", "no plugin \"" + name + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

PluginSet Reader::read_set(Object& plugins, std::string_view key) {
  PluginSet out;
  const Node* node = plugins.get(key);
  if (node == nullptr) return out;
  Object set(*node, diagnostics_, plugins.path_of(key));
  each(set, "enabled", [&](Object& e) {
    Entry entry{e.text_or("name", ""), e.integer("weight", 0).value_or(0)};
    check_name(e, entry.name);
    out.enabled.push_back(std::move(entry));
  });
  each(set, "disabled", [&](Object& e) {
    e.ignore({"weight"});
    out.disabled.push_back(e.text_or("name", ""));
    check_name(e, out.disabled.back());
  });
  return out;
}

void Reader::read_plugins(Object& o, ProfileSpec& spec) {
  const Node* node = o.get("plugins");
  if (node == nullptr) return;
  Object plugins(*node, diagnostics_, o.path_of("plugins"));
  const PluginSet all = read_set(plugins, "multiPoint"), filter = read_set(plugins, "filter"),
                  score = read_set(plugins, "score"), post = read_set(plugins, "postFilter");
  for (const std::string_view point : kOtherPoints) check_point(plugins, point, read_set(plugins, point), all);
  const Profile defaults = default_profile(version_);

  std::vector<PluginId> filters;
  const auto add_filter = [&](PluginId id) {
    if (can_filter(id) && std::find(filters.begin(), filters.end(), id) == filters.end()) filters.push_back(id);
  };
  for (const PluginId id : defaults.filters) {
    if (!all.disables(plugin_name(id)) && !filter.disables(plugin_name(id))) add_filter(id);
  }
  for (const Entry& e : all.enabled) {
    if (!filter.disables(e.name)) add_filter(plugin_by_name(e.name));
  }
  for (const Entry& e : filter.enabled) add_filter(plugin_by_name(e.name));

  std::vector<Profile::Score> scores;
  const auto add_score = [&](PluginId id, std::int64_t weight) {
    if (!can_score(id, version_)) return;
    weight = weight == 0 ? 1 : weight;
    for (Profile::Score& s : scores) {
      if (s.plugin != id) continue;
      s.weight = weight;
      return;
    }
    scores.push_back({id, weight});
  };
  for (const Profile::Score& s : defaults.scores) {
    if (!all.disables(plugin_name(s.plugin)) && !score.disables(plugin_name(s.plugin))) add_score(s.plugin, s.weight);
  }
  for (const Entry& e : all.enabled) {
    if (!score.disables(e.name)) add_score(plugin_by_name(e.name), e.weight);
  }
  for (const Entry& e : score.enabled) {
    const PluginId id = plugin_by_name(e.name);
    if (id != PluginId::none && !can_score(id, version_)) {
      o.error("plugins", "score: plugin \"" + e.name + "\" does not score in this release");
    }
    add_score(id, e.weight);
  }
  const auto named = [](const PluginSet& set) {
    return std::any_of(set.enabled.begin(), set.enabled.end(),
                       [](const Entry& e) { return e.name == "DefaultPreemption"; });
  };
  spec.preemption =
      named(post) || (!post.disables("DefaultPreemption") && (!all.disables("DefaultPreemption") || named(all)));
  spec.filters = std::move(filters);
  spec.scores = std::move(scores);
}

/// Points without a choice here: what the framework refuses to start with, and what is disabled to no effect. SOURCE:
/// pkg/scheduler/framework/runtime/framework.go NewFramework; a pod with gates cannot be bound either (pods/binding:
/// "has non-empty .spec.schedulingGates").
void Reader::check_point(Object& plugins, std::string_view point, const PluginSet& set, const PluginSet& all) {
  const auto on = [&](std::string_view name) {
    const auto names = [&](const PluginSet& s) {
      return std::any_of(s.enabled.begin(), s.enabled.end(), [&](const Entry& e) { return e.name == name; });
    };
    return names(set) || (!set.disables(name) && (!all.disables(name) || names(all)));
  };
  const std::string path = plugins.path_of(point);
  const Node* node = plugins.node().find(point);
  const Node& at = node != nullptr ? *node : plugins.node();
  if (point == "queueSort" && !on("PrioritySort")) {
    diagnostics_.error(at, "no queue sort plugin is enabled", "PrioritySort is the only one", path);
  } else if (point == "bind" && !on("DefaultBinder")) {
    diagnostics_.error(at, "at least one bind plugin is needed", "DefaultBinder is the only one", path);
  } else if (point == "preEnqueue") {
    if (!on("SchedulingGates"))
      diagnostics_.warning(at,
                           "without SchedulingGates pods with gates are tried, but the API server refuses to bind "
                           "them: they wait all the same",
                           {}, path);
  } else if (!set.disabled.empty()) {
    diagnostics_.warning(at, "plugins that are disabled at this point alone keep their effect here",
                         "disable them at filter, score or multiPoint", path);
  }
}

std::optional<ProfileSpec::Resources> Reader::read_resources(Object& o) {
  if (!o.has("resources")) return std::nullopt;
  ProfileSpec::Resources out;
  each(o, "resources", [&](Object& r) {
    const std::int64_t weight = r.integer("weight", 0, 100).value_or(1);
    out.emplace_back(r.text_or("name", ""), weight == 0 ? 1 : weight);
    if (out.back().first.empty()) r.error("name", "Required value");
  });
  return out;
}

void Reader::read_shape(Object& o, ProfileSpec& spec) {
  each(o, "shape", [&](Object& p) {
    spec.capacity_shape.push_back({static_cast<std::int32_t>(p.integer("utilization", 0, 100).value_or(0)),
                                   static_cast<std::int32_t>(p.integer("score", 0, 10).value_or(0))});
    const std::size_t n = spec.capacity_shape.size();
    if (n > 1 && spec.capacity_shape[n - 1].utilization <= spec.capacity_shape[n - 2].utilization) {
      p.error("utilization", "utilization values must be sorted in increasing order");
    }
  });
  if (spec.capacity_shape.empty()) o.error("shape", "Required value: at least one point must be specified");
}

void Reader::read_fit(Object& args, ProfileSpec& spec) {
  spec.ignored_resources = args.texts("ignoredResources");
  spec.ignored_resource_groups = args.texts("ignoredResourceGroups");
  const Node* node = args.get("scoringStrategy");
  if (node == nullptr) return;
  Object strategy(*node, diagnostics_, args.path_of("scoringStrategy"));
  spec.strategy = strategy
                      .choice<PluginId>("type", {{"LeastAllocated", PluginId::least_allocated},
                                                 {"MostAllocated", PluginId::most_allocated},
                                                 {"RequestedToCapacityRatio", PluginId::requested_to_capacity_ratio}})
                      .value_or(PluginId::least_allocated);
  spec.fit_resources = read_resources(strategy);
  if (const Node* ratio = strategy.get("requestedToCapacityRatio")) {
    Object o(*ratio, diagnostics_, strategy.path_of("requestedToCapacityRatio"));
    read_shape(o, spec);
  } else if (spec.strategy == PluginId::requested_to_capacity_ratio) {
    strategy.error("requestedToCapacityRatio", "Required value: its shape");
  }
}

void Reader::read_spread(Object& args, ProfileSpec& spec) {
  const bool list = args.choice<bool>("defaultingType", {{"System", false}, {"List", true}})
                        .value_or(version_ == KubernetesVersion::v1_20);
  std::vector<ProfileSpec::Constraint> constraints;
  each(args, "defaultConstraints", [&](Object& c) {
    ProfileSpec::Constraint out;
    out.max_skew = static_cast<std::int32_t>(c.integer("maxSkew", 1).value_or(1));
    out.topology_key = c.text_or("topologyKey", "");
    if (out.topology_key.empty()) c.error("topologyKey", "Required value: can not be empty");
    out.when =
        c.choice<WhenUnsatisfiable>("whenUnsatisfiable", {{"DoNotSchedule", WhenUnsatisfiable::do_not_schedule},
                                                          {"ScheduleAnyway", WhenUnsatisfiable::schedule_anyway}})
            .value_or(WhenUnsatisfiable::do_not_schedule);
    constraints.push_back(std::move(out));
  });
  if (!list && !constraints.empty()) {
    args.error("defaultConstraints", "when .defaultingType is System, they must be empty");
  }
  if (list) spec.default_constraints = std::move(constraints);
}

ProfileSpec::Term Reader::read_term(const Node& node, const std::string& path) {
  ProfileSpec::Term out;
  Object term(node, diagnostics_, path);
  const auto read = [&](std::string_view key, std::vector<ProfileSpec::Expression>& into) {
    each(term, key, [&](Object& e) {
      ProfileSpec::Expression x;
      x.key = e.text_or("key", "");
      x.op = e.choice<SelectorOp>("operator", {{"In", SelectorOp::in},
                                               {"NotIn", SelectorOp::not_in},
                                               {"Exists", SelectorOp::exists},
                                               {"DoesNotExist", SelectorOp::does_not_exist},
                                               {"Gt", SelectorOp::gt},
                                               {"Lt", SelectorOp::lt}})
                 .value_or(SelectorOp::in);
      x.values = e.texts("values");
      into.push_back(std::move(x));
    });
  };
  read("matchExpressions", out.expressions);
  read("matchFields", out.fields);
  return out;
}

void Reader::read_added_affinity(Object& args, ProfileSpec& spec) {
  const Node* node = args.get("addedAffinity");
  if (node == nullptr) return;
  Object added(*node, diagnostics_, args.path_of("addedAffinity"));
  const std::string_view required = "requiredDuringSchedulingIgnoredDuringExecution";
  const std::string_view preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  if (const Node* r = added.get(required)) {
    Object o(*r, diagnostics_, added.path_of(required));
    spec.added_required.emplace();
    std::size_t index = 0;
    for (const Node& term : o.list("nodeSelectorTerms")) {
      spec.added_required->push_back(read_term(term, document::join_path(o.path_of("nodeSelectorTerms"), index++)));
    }
  }
  each(added, preferred, [&](Object& p) {
    const Node* term = p.get("preference");
    ProfileSpec::Term out = term == nullptr ? ProfileSpec::Term{} : read_term(*term, p.path_of("preference"));
    out.weight = static_cast<std::int32_t>(p.integer("weight", 1, 100).value_or(1));
    spec.added_preferred.push_back(std::move(out));
  });
}

void Reader::read_args(Object& entry, ProfileSpec& spec) {
  const std::string name = entry.text_or("name", "");
  check_name(entry, name);
  const Node* node = entry.get("args");
  if (node == nullptr) return;
  Object args(*node, diagnostics_, entry.path_of("args"));
  args.ignore({"apiVersion", "kind"});
  if (name == "NodeResourcesFit") {
    read_fit(args, spec);
  } else if (name == "NodeResourcesBalancedAllocation") {
    spec.balanced_resources = read_resources(args);
  } else if (name == "NodeResourcesLeastAllocated" || name == "NodeResourcesMostAllocated") {
    spec.fit_resources = read_resources(args);
  } else if (name == "RequestedToCapacityRatio") {
    read_shape(args, spec);
    spec.fit_resources = read_resources(args);
  } else if (name == "InterPodAffinity") {
    spec.hard_pod_affinity_weight = args.integer("hardPodAffinityWeight", 0, 100);
    spec.ignore_preferred_terms_of_existing_pods = args.boolean("ignorePreferredTermsOfExistingPods").value_or(false);
  } else if (name == "PodTopologySpread") {
    read_spread(args, spec);
  } else if (name == "NodeAffinity") {
    read_added_affinity(args, spec);
  } else if (name == "DefaultPreemption") {
    spec.minimum_candidates_percent = args.integer("minCandidateNodesPercentage", 0, 100).value_or(10);
    spec.minimum_candidates = args.integer("minCandidateNodesAbsolute", 0).value_or(100);
    if (spec.minimum_candidates_percent == 0 && spec.minimum_candidates == 0) {
      args.error("minCandidateNodesPercentage", "it and minCandidateNodesAbsolute cannot both be zero");
    }
  } else {
    args.allow_unknown();
  }
}

ProfileSpec Reader::read_profile(Object& o) {
  ProfileSpec spec;
  spec.scheduler_name = o.text_or("schedulerName", kDefaultScheduler);
  if (const auto share = o.integer("percentageOfNodesToScore", 0, 100)) {
    spec.percentage_of_nodes_to_score = static_cast<std::int32_t>(*share);
  }
  read_plugins(o, spec);
  each(o, "pluginConfig", [&](Object& entry) { read_args(entry, spec); });
  return spec;
}

/// SOURCE: pkg/scheduler/apis/config/v1/defaults.go (0 stands for the defaults 50 and 100), component-base
/// config/validation ValidateClientConnectionConfiguration; qps is a float32, and below 0 there is no limit.
void read_client(Object& client, SchedulerConfiguration& out) {
  if (const auto qps = client.number("qps"); qps && *qps != 0) {
    const double milli = std::min(*qps, 1e6) * 1000;
    out.qps_milli = milli < 0 ? -1 : std::max<std::int64_t>(1, static_cast<std::int64_t>(milli + 0.5));
  }
  if (const auto burst = client.integer("burst", INT32_MIN, INT32_MAX); burst && *burst < 0) {
    client.error("burst", "Invalid value: " + std::to_string(*burst) + ": must be non-negative");
  } else if (burst && *burst > 0) {
    out.burst = *burst;
  }
}

SchedulerConfiguration Reader::read(const Node& document) {
  SchedulerConfiguration out;
  Object o(document, diagnostics_, {});
  o.ignore({"apiVersion", "kind", "parallelism", "leaderElection", "healthzBindAddress", "metricsBindAddress",
            "enableProfiling", "enableContentionProfiling", "delayCacheUntilActive", "metadata"});
  o.not_modelled("extenders", "a scheduler extender");
  if (const auto share = o.integer("percentageOfNodesToScore", 0, 100)) {
    out.percentage_of_nodes_to_score = static_cast<std::int32_t>(*share);
  }
  if (const Node* client = o.get("clientConnection")) {
    Object c(*client, diagnostics_, o.path_of("clientConnection"));
    c.ignore({"kubeconfig", "acceptContentTypes", "contentType"});
    read_client(c, out);
  }
  if (const auto s = o.integer("podInitialBackoffSeconds", 1)) out.initial_backoff = seconds(*s);
  if (const auto s = o.integer("podMaxBackoffSeconds", 1)) out.maximum_backoff = seconds(*s);
  const Duration first = out.initial_backoff.value_or(seconds(1)), most = out.maximum_backoff.value_or(seconds(10));
  if (most < first) {
    o.error("podMaxBackoffSeconds", "must be greater than or equal to PodInitialBackoffSeconds");
  }
  each(o, "profiles", [&](Object& profile) {
    ProfileSpec spec = read_profile(profile);
    for (const ProfileSpec& other : out.profiles) {
      if (other.scheduler_name == spec.scheduler_name) {
        profile.error("schedulerName", "Duplicate value: \"" + spec.scheduler_name + "\"");
      }
    }
    out.profiles.push_back(std::move(spec));
  });
  return out;
}

std::string text_of(const Node& document, std::string_view key) {
  const Node* node = document.is_mapping() ? document.find(key) : nullptr;
  return node != nullptr && node->is_scalar() ? node->text() : std::string();
}

}  // namespace

bool is_scheduler_configuration(const Node& document) {
  return text_of(document, "apiVersion").starts_with("kubescheduler.config.k8s.io/") &&
         text_of(document, "kind") == "KubeSchedulerConfiguration";
}

std::optional<SchedulerConfiguration> read_scheduler_configuration(const Node& document, KubernetesVersion version,
                                                                   document::Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.error_count();
  const std::string api = text_of(document, "apiVersion");
  const std::string_view known[] = {"v1", "v1beta3", "v1beta2", "v1beta1"};
  const std::string_view release = std::string_view(api).substr(std::min(api.size(), api.find('/') + 1));
  if (std::find(std::begin(known), std::end(known), release) == std::end(known)) {
    diagnostics.error(document, "unknown version of KubeSchedulerConfiguration: " + api,
                      "v1, v1beta3, v1beta2 and v1beta1 are known", "apiVersion");
    return std::nullopt;
  }
  SchedulerConfiguration out = Reader(version, diagnostics).read(document);
  if (diagnostics.error_count() != before) return std::nullopt;
  return out;
}

}  // namespace plimsoll::kubernetes::api
