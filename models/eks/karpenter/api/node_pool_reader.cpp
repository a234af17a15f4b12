#include "models/eks/karpenter/api/node_pool_reader.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>

#include "sim/core/text.h"

namespace plimsoll::eks::karpenter {

namespace {

using document::Fields;
using document::Item;
using document::Node;

std::string_view text_under(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr ? std::string_view(value->text()) : std::string_view{};
}

bool is_kind(const Node& node, std::string_view group, std::string_view kind) {
  const std::string_view version = text_under(node, "apiVersion");
  return text_under(node, "kind") == kind && version.starts_with(group) &&
         (version.substr(group.size()) == "/v1" || version.substr(group.size()) == "/v1beta1");
}

/// A Kubernetes quantity: a number or a string.
template <class T, class Parse>
std::optional<T> quantity(Fields& f, std::string_view key, Parse parse, std::string_view doc) {
  const std::optional<Node> value = f.any(key, "a quantity", doc);
  if (!value || f.describing()) return std::nullopt;
  auto parsed = parse(value->text());
  if (parsed) return *parsed.value;
  f.error(key, parsed.error);
  return std::nullopt;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

std::optional<std::int64_t> count(Fields& f, std::string_view key, std::string_view doc) {
  const std::optional<Node> value = f.any(key, "a number", doc);
  if (!value || f.describing()) return std::nullopt;
  const auto n = whole(value->text());
  if (!n || *n < 0) f.error(key, "'" + value->text() + "' is not a whole number");
  return n;
}

/// "Never" or a duration; `absent` when the key is not there.
std::optional<Duration> duration_or_never(Fields& f, std::string_view key, std::optional<Duration> absent,
                                          std::string_view doc) {
  const std::optional<Node> value = f.any(key, "a duration such as 720h, or Never", doc);
  if (!value || f.describing()) return absent;
  if (value->text() == "Never") return std::nullopt;
  const Parsed<Duration> parsed = parse_duration(value->text());
  if (parsed) return *parsed.value;
  f.error(key, parsed.error, "write a duration such as 720h, or Never");
  return absent;
}

Labels read_labels(Fields& metadata, Names& names) {
  Labels labels;
  for (const Item& item : metadata.map("labels", "labels of the nodes")) {
    labels.set(names.intern(item.name), names.intern(item.node.text()));
  }
  return labels;
}

/// karpenter.sh/do-not-disrupt among the annotations, which go from the template to the nodes: "true" keeps them from
/// voluntary disruption. SOURCE: karpenter.sh/docs/concepts/disruption, "Node-Level Controls".
bool read_do_not_disrupt(Fields& metadata) {
  bool out = false;
  for (const Item& item : metadata.map("annotations", "annotations of the nodes: karpenter.sh/do-not-disrupt")) {
    if (item.name == "karpenter.sh/do-not-disrupt") out = item.node.text() == "true";
  }
  return out;
}

std::vector<Taint> read_taints(Fields& spec, std::string_view key, const document::Reader& reader, Names& names) {
  std::vector<Taint> taints;
  for (const Item& item : spec.list(key, "taints of the nodes")) {
    Fields f(item.node, reader, item.path);
    Taint t;
    t.key = names.intern(f.required_text("key", "taint key"));
    if (const auto value = f.optional_text("value", "taint value"); value && !value->empty())
      t.value = names.intern(*value);
    t.effect = f.required_choice<TaintEffect>("effect",
                                              {{"NoSchedule", TaintEffect::no_schedule},
                                               {"PreferNoSchedule", TaintEffect::prefer_no_schedule},
                                               {"NoExecute", TaintEffect::no_execute}},
                                              "taint effect");
    f.ignore("timeAdded");
    taints.push_back(t);
  }
  return taints;
}

void read_requirement(const Item& item, const document::Reader& reader, Names& names, Requirements& out) {
  Fields f(item.node, reader, item.path);
  Requirement r;
  r.key = names.intern(f.required_text("key", "label"));
  r.op = f.required_choice<SelectorOp>("operator",
                                       {{"In", SelectorOp::in},
                                        {"NotIn", SelectorOp::not_in},
                                        {"Exists", SelectorOp::exists},
                                        {"DoesNotExist", SelectorOp::does_not_exist},
                                        {"Gt", SelectorOp::gt},
                                        {"Lt", SelectorOp::lt}},
                                       "how the values are meant");
  const std::vector<std::string> values = f.texts("values", "label values");
  const auto least = f.optional_integer("minValues", "distinct values that must stay on offer", {1, 50});
  if (f.describing()) return;
  const bool bounded = r.op == SelectorOp::gt || r.op == SelectorOp::lt;
  const bool listed = r.op == SelectorOp::in || r.op == SelectorOp::not_in;
  if (listed && values.empty()) f.error("values", "operators In and NotIn need values");
  if (!listed && !bounded && !values.empty()) f.error("values", "operators Exists and DoesNotExist take no values");
  if (bounded) {
    const auto bound = values.size() == 1 ? whole(values.front()) : std::nullopt;
    if (bound && *bound >= 0) {
      r.number = *bound;
    } else {
      f.error("values", "operators Gt and Lt need one whole number");
    }
  } else {
    for (const std::string& v : values) r.values.push_back(names.intern(v));
  }
  if (least && r.op == SelectorOp::in && *least > static_cast<std::int64_t>(values.size())) {
    f.error("minValues", "minValues is larger than the number of values");
  }
  KeyRequirement requirement = KeyRequirement::of(r);
  requirement.min_values = least;
  out.add(requirement, names);
}

Budget read_budget(const Item& item, const document::Reader& reader) {
  Fields f(item.node, reader, item.path);
  Budget b;
  const std::string nodes = f.text("nodes", "10%", "CRD default", "how many nodes at once, a number or a percentage");
  std::string_view digits = nodes;
  b.percent = digits.ends_with('%');
  if (b.percent) digits.remove_suffix(1);
  const auto n = whole(digits);
  if (n && *n >= 0 && (!b.percent || *n <= 100)) {
    b.nodes = *n;
  } else {
    f.error("nodes", "'" + nodes + "' is neither a number nor a percentage up to 100%");
  }
  const auto schedule = f.optional_text("schedule", "UTC cron: when the budget is active");
  const auto duration = f.optional_duration("duration", "how long it stays active after each hit");
  if (schedule.has_value() != duration.has_value()) f.error("schedule", "schedule and duration must be given together");
  if (schedule) {
    // Both read it with the standard parser of robfig/cron v3; the resource admits no @every.
    const auto parsed = kubernetes::CronSchedule::parse(*schedule, kubernetes::KubernetesVersion::current);
    if (schedule->starts_with("@every")) {
      f.error("schedule", "@every has no hours of the day: five fields, or @hourly, @daily and the like");
    } else if (!parsed) {
      f.error("schedule", parsed.error);
    } else {
      b.schedule = *parsed.value;
    }
  }
  if (duration) b.duration = *duration;
  for (const std::string& reason : f.texts("reasons", "which disruptions: Underutilized, Empty, Drifted")) {
    if (reason == "Underutilized") {
      b.reasons.push_back(DisruptionReason::underutilized);
    } else if (reason == "Empty") {
      b.reasons.push_back(DisruptionReason::empty);
    } else if (reason == "Drifted") {
      b.reasons.push_back(DisruptionReason::drifted);
    } else {
      f.error("reasons", "unknown reason '" + reason + "'", "Underutilized, Empty or Drifted");
    }
  }
  return b;
}

void read_disruption(Fields f, const document::Reader& reader, bool beta, NodePool& pool) {
  constexpr std::string_view kNow[] = {"WhenEmptyOrUnderutilized", "WhenEmpty", "Balanced"};
  constexpr std::string_view kThen[] = {"WhenUnderutilized", "WhenEmpty"};
  constexpr ConsolidationPolicy kPolicies[] = {ConsolidationPolicy::when_empty_or_underutilized,
                                               ConsolidationPolicy::when_empty, ConsolidationPolicy::balanced};
  const std::span<const std::string_view> names = beta ? std::span<const std::string_view>(kThen) : kNow;
  pool.consolidation =
      kPolicies[f.one_of("consolidationPolicy", names, 0, "CRD default", "which nodes are consolidated")];
  pool.consolidate_after = duration_or_never(f, "consolidateAfter", Duration{}, "quiet time before consolidation");
  if (beta) pool.expire_after = duration_or_never(f, "expireAfter", hours(720), "lifetime of a node");
  if (f.has("budgets")) {
    pool.budgets.clear();
    for (const Item& item : f.list("budgets", "how many nodes may be disrupted at once")) {
      pool.budgets.push_back(read_budget(item, reader));
    }
  } else {
    f.ignore("budgets");
  }
  f.ignore("consolidationGracePeriod");
}

/// The API takes any name, and a limit on a resource that no node has never binds: a slip of the pen for most.
void check_limit_names(Fields& limits) {
  constexpr std::string_view kKnown[] = {"cpu", "memory", "nodes", "ephemeral-storage", "pods", "nvidia.com/gpu"};
  if (limits.describing() || !limits.node().is_mapping()) return;
  for (const document::Entry& entry : limits.node().entries()) {
    const std::string_view name = entry.key;
    const bool extended = name.find('/') != std::string_view::npos || name.starts_with("hugepages-");
    if (extended || std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown)) continue;
    const std::string near = nearest(name, kKnown);
    limits.error(name, "no node has a resource '" + std::string(name) + "': this limit would never bind",
                 near.empty() ? "cpu, memory, nodes" : "did you mean '" + near + "'?");
  }
}

}  // namespace

bool is_node_pool(const Node& node) { return is_kind(node, "karpenter.sh", "NodePool"); }
bool is_node_class(const Node& node) {
  return is_kind(node, "karpenter.k8s.aws", "EC2NodeClass") || is_kind(node, "eks.amazonaws.com", "NodeClass");
}

NodePool read_node_pool(const Node& node, const document::Reader& reader, Names& names) {
  NodePool pool;
  Fields f(node, reader);
  const bool beta = text_under(node, "apiVersion").ends_with("/v1beta1");
  f.ignore("apiVersion");
  f.ignore("kind");
  f.ignore("status");
  {
    Fields metadata = f.required_child("metadata", "name of the pool");
    pool.name = metadata.required_text("name", "name of the pool");
    metadata.allow_unknown();
  }
  pool.name_id = names.intern(pool.name);
  Fields spec = f.required_child("spec", "the pool");
  if (const auto weight = spec.optional_integer("weight", "pools are tried by descending weight", {1, 100})) {
    pool.weight = static_cast<std::int32_t>(*weight);
  }
  if (const auto replicas = spec.optional_integer("replicas", "a static NodePool: so many nodes, whatever waits");
      replicas && !spec.describing()) {
    spec.error("replicas", "static NodePools are not simulated (feature gate StaticCapacity, alpha)",
               "leave it out: nodes come with the pods that wait; or take a nodeGroup with min and max alike");
  }
  {
    Fields limits = spec.child("limits", "most that the pool's nodes may have together");
    pool.cpu_limit = quantity<Cpu>(limits, "cpu", parse_cpu, "CPU of all nodes");
    pool.memory_limit = quantity<Bytes>(limits, "memory", parse_bytes, "memory of all nodes");
    pool.node_limit = count(limits, "nodes", "number of nodes");
    pool.gpu_limit = count(limits, "nvidia.com/gpu", "GPUs of all nodes");
    check_limit_names(limits);
    limits.allow_unknown();
  }
  read_disruption(spec.child("disruption", "when nodes are taken away"), reader, beta, pool);

  Fields tmpl = spec.required_child("template", "what its nodes look like");
  {
    Fields metadata = tmpl.child("metadata", "labels and annotations of the nodes");
    pool.labels = read_labels(metadata, names);
    pool.do_not_disrupt = read_do_not_disrupt(metadata);
  }
  Fields claim = tmpl.required_child("spec", "what its nodes look like");
  {
    Fields reference = claim.required_child("nodeClassRef", "the EC2NodeClass");
    pool.node_class = reference.required_text("name", "name of the EC2NodeClass");
    for (const char* key : {"group", "kind", "apiVersion"}) reference.ignore(key);
  }
  for (const Item& item : claim.list("requirements", "what the nodes may be")) {
    read_requirement(item, reader, names, pool.requirements);
  }
  pool.taints = read_taints(claim, "taints", reader, names);
  pool.startup_taints = read_taints(claim, "startupTaints", reader, names);
  if (!beta) pool.expire_after = duration_or_never(claim, "expireAfter", hours(720), "lifetime of a node");
  pool.termination_grace_period = claim.optional_duration("terminationGracePeriod", "longest drain of a node");
  if (beta) {
    if (auto kubelet = claim.optional_child("kubelet", "settings of the kubelet"))
      pool.kubelet = read_kubelet_block(*kubelet);
  } else {
    claim.ignore("kubelet");
  }
  return pool;
}

namespace {

/// Every text that the types have as a key of a label, or as a value of `key`.
std::vector<std::string_view> label_texts(const Cluster& cluster, std::optional<NameId> key) {
  const Names& names = cluster.sim.names;
  std::vector<std::string_view> out;
  for (const InstanceType& type : cluster.types.types) {
    for (const KeyRequirement& label : type.labels.entries()) {
      if (!key) {
        out.push_back(names.text(label.key));
      } else if (label.key == *key && !label.complement) {
        for (const NameId v : label.values) out.push_back(names.text(v));
      }
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// The values that are on offer, nearest first when one is near, and never more than a line of them.
std::string offered(const std::vector<std::string_view>& texts, std::string_view asked) {
  const std::string near = nearest(asked, texts);
  if (!near.empty()) return "did you mean '" + near + "'?";
  std::string out;
  for (std::size_t i = 0; i < texts.size() && i < 8; ++i) out += (i > 0 ? ", " : "there are ") + std::string(texts[i]);
  return out + (texts.size() > 8 ? ", ..." : "");
}

/// The one requirement that no type satisfies, whatever the others say; none when only all together exclude them.
std::optional<std::pair<std::string, std::string>> culprit(const Cluster& cluster, const NodePool& pool) {
  const Names& names = cluster.sim.names;
  for (const KeyRequirement& r : pool.requirements.entries()) {
    Requirements alone;
    alone.add(r, names);
    const auto& types = cluster.types.types;
    const bool met = std::any_of(types.begin(), types.end(),
                                 [&](const InstanceType& type) { return type.labels.intersects(alone, names); });
    if (met) continue;
    const std::string key(names.text(r.key));
    if (r.complement || r.values.empty()) return std::pair("none has " + key + " as asked", std::string());
    std::string values;
    for (const NameId v : r.values) values += (values.empty() ? "" : ", ") + std::string(names.text(v));
    return std::pair("none has " + key + " in [" + values + "]",
                     offered(label_texts(cluster, r.key), names.text(r.values.front())));
  }
  return std::nullopt;
}

/// Karpenter refuses requirements on labels of its own domains that it does not know.
/// SOURCE: kubernetes-sigs/karpenter pkg/apis/v1/labels.go (IsRestrictedLabel, RestrictedLabelDomains).
void check_keys(const Cluster& cluster, std::size_t p, std::vector<PoolProblem>& out) {
  const Names& names = cluster.sim.names;
  const NodePool& pool = cluster.pools[p];
  for (const KeyRequirement& r : pool.requirements.entries()) {
    const std::string key(names.text(r.key));
    if (!key.starts_with("karpenter.sh/") && !key.starts_with("karpenter.k8s.aws/")) continue;
    if (cluster.known.contains(r.key) || r.key == cluster.known.nodepool || key.ends_with("/ec2nodeclass")) continue;
    const std::vector<std::string_view> keys = label_texts(cluster, std::nullopt);
    if (std::binary_search(keys.begin(), keys.end(), std::string_view(key))) continue;
    const std::string near = nearest(key, keys);
    out.push_back({p,
                   "NodePool '" + pool.name + "': Karpenter knows no label '" + key + "', and its domain is restricted",
                   near.empty() ? "" : "did you mean '" + near + "'?"});
  }
}

}  // namespace

std::vector<PoolProblem> pool_problems(const Cluster& cluster, const PoolTemplates& templates) {
  std::vector<PoolProblem> out;
  for (std::size_t p = 0; p < cluster.pools.size(); ++p) {
    const NodePool& pool = cluster.pools[p];
    const PoolTemplates::Template& t = templates.of(p);
    const std::size_t before = out.size();
    check_keys(cluster, p, out);
    if (out.size() > before) continue;
    if (t.types.empty()) {
      const auto one = culprit(cluster, pool);
      out.push_back({p,
                     "NodePool '" + pool.name + "': no instance type satisfies its requirements with an offering" +
                         (one ? ": " + one->first : ""),
                     one ? one->second : ""});
      continue;
    }
    const bool any = std::any_of(t.types.begin(), t.types.end(), [&](std::uint32_t i) {
      const ResourceVector& capacity = cluster.types[i].capacity;
      return (!pool.cpu_limit || capacity.cpu() <= *pool.cpu_limit) &&
             (!pool.memory_limit || capacity.memory() <= *pool.memory_limit) &&
             (!pool.node_limit || *pool.node_limit > 0);
    });
    if (!any) {
      const auto least = std::min_element(t.types.begin(), t.types.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::pair(cluster.types[a].capacity.cpu(), cluster.types[a].capacity.memory()) <
               std::pair(cluster.types[b].capacity.cpu(), cluster.types[b].capacity.memory());
      });
      const ResourceVector& smallest = cluster.types[*least].capacity;
      out.push_back({p, "NodePool '" + pool.name + "': its limits are smaller than its smallest node",
                     std::string(cluster.sim.names.text(cluster.types[*least].name)) + " has " +
                         to_string(smallest.cpu()) + " / " + to_string(smallest.memory())});
    }
  }
  return out;
}

}  // namespace plimsoll::eks::karpenter
