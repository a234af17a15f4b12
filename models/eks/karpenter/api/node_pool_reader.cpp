#include "models/eks/karpenter/api/node_pool_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>
#include <string_view>

#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/quantity.h"
#include "sim/core/text.h"

namespace plimsoll::eks::karpenter {

namespace {

using document::Fields;
using document::Item;
using document::Node;

bool is_kind(const Node& node, std::string_view group, std::string_view kind) {
  const std::string_view version = scalar_under(node, "apiVersion");
  return scalar_under(node, "kind") == kind && version.starts_with(group) &&
         (version.substr(group.size()) == "/v1" || version.substr(group.size()) == "/v1beta1");
}

/// A limit as the API takes it: any resource.Quantity that is not negative, in parts of 10^-`decimals`.
/// SOURCE: kubernetes-sigs/karpenter pkg/apis/v1 (Limits is a core/v1 ResourceList).
std::optional<std::int64_t> quantity(Fields& f, std::string_view key, int decimals, std::string_view doc) {
  const std::optional<Node> value = f.any(key, "a quantity", doc);
  if (!value || f.describing()) return std::nullopt;
  const auto parsed = kubernetes::api::parse_quantity(value->is_scalar() ? value->text() : "", decimals);
  if (!parsed) {
    f.error(key, parsed.error);
  } else if (*parsed.value < 0) {
    f.error(key, "a limit below zero lets the pool launch nothing");
  } else {
    return *parsed.value;
  }
  return std::nullopt;
}

std::optional<Cpu> cpu_quantity(Fields& f, std::string_view key, std::string_view doc) {
  const auto millis = quantity(f, key, 3, doc);
  if (!millis) return std::nullopt;
  // More than any account could have is as good as no limit.
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kCpuTicksPerMilli;
  return cpu_millis(std::min(*millis, kMost));
}

std::optional<Bytes> bytes_quantity(Fields& f, std::string_view key, std::string_view doc) {
  const auto bytes = quantity(f, key, 0, doc);
  return bytes ? std::optional(Bytes{*bytes}) : std::nullopt;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

/// Whether the resource's schema takes `text` as a duration: whole numbers with a unit out of `units`, one after the
/// other, without a fraction or a sign.
bool has_units(std::string_view text, std::string_view units) {
  bool digits = false, any = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits = true;
    } else if (digits && units.find(c) != std::string_view::npos) {
      digits = false;
      any = true;
    } else {
      return false;
    }
  }
  return any && !digits;
}

/// Says that the schema does not take the duration under `key`.
/// SOURCE: kubernetes-sigs/karpenter pkg/apis/v1/nodepool.go and nodeclaim.go: pattern ^([0-9]+(s|m|h))+$.
bool check_duration(Fields& f, std::string_view key, std::string_view text) {
  if (has_units(text, "smh")) return true;
  f.error(key, "'" + std::string(text) + "' does not match ^([0-9]+(s|m|h))+$",
          "whole hours, minutes and seconds, such as 720h or 1h30m");
  return false;
}

/// Whether a budget's duration is as the schema has it: ^((([0-9]+(h|m))|([0-9]+h[0-9]+m))(0s)?)$.
/// SOURCE: kubernetes-sigs/karpenter pkg/apis/v1/nodepool.go (Budget.Duration): cron has no seconds.
bool is_budget_duration(std::string_view text) {
  const auto number = [&text] {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end > 0;
  };
  if (!number() || text.empty() || (text.front() != 'h' && text.front() != 'm')) return false;
  const bool in_hours = text.front() == 'h';
  text.remove_prefix(1);
  if (text.empty() || text == "0s") return true;
  if (!in_hours || !number() || !text.starts_with('m')) return false;
  text.remove_prefix(1);
  return text.empty() || text == "0s";
}

/// "Never" or a duration; `absent` when the key is not there.
std::optional<Duration> duration_or_never(Fields& f, std::string_view key, std::optional<Duration> absent,
                                          std::string_view doc) {
  const std::optional<Node> value = f.any(key, "a duration such as 720h, or Never", doc);
  if (!value || f.describing()) return absent;
  if (value->text() == "Never") return std::nullopt;
  if (!check_duration(f, key, value->text())) return absent;
  const Parsed<Duration> parsed = parse_duration(value->text());
  if (parsed) return *parsed.value;
  f.error(key, parsed.error, "write a duration such as 720h, or Never");
  return absent;
}

/// What the API server says of a label's key or value; in the words of the fault.
void check_label(Fields& f, const Item& item) {
  std::string fault = kubernetes::api::label_key_fault(item.name);
  if (fault.empty()) fault = kubernetes::api::label_value_fault(item.node.text());
  if (!fault.empty()) f.reader().diagnostics->error(item.node, "label " + item.name + ": " + fault, "", item.path);
}

Labels read_labels(Fields& metadata, Names& names) {
  Labels labels;
  for (const Item& item : metadata.map("labels", "labels of the nodes")) {
    check_label(metadata, item);
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
    const std::string taint = f.required_text("key", "taint key");
    if (const std::string fault = kubernetes::api::label_key_fault(taint); !taint.empty() && !fault.empty())
      f.error("key", fault);
    t.key = names.intern(taint);
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

/// The operators of a requirement. Those with "or equal" came with Karpenter 1.9.
/// SOURCE: kubernetes-sigs/karpenter pull request 2674 and aws/karpenter-provider-aws issue 8951.
enum class PoolOperator : std::uint8_t { in, not_in, exists, does_not_exist, gt, lt, gte, lte };
constexpr Release kOrEqualSince{1, 9};

/// A bound as the plain operators have it: Gte 5 is Gt 4.
Requirement bounded_by(PoolOperator op, std::int64_t bound) {
  Requirement r;
  const bool below = op == PoolOperator::lt || op == PoolOperator::lte;
  r.op = below ? SelectorOp::lt : SelectorOp::gt;
  r.number = op == PoolOperator::gte ? bound - 1 : op == PoolOperator::lte ? bound + 1 : bound;
  return r;
}

void read_requirement(const Item& item, const document::Reader& reader, const Release& release,
                      const NormalizedLabels& normalized, Names& names, Requirements& out) {
  Fields f(item.node, reader, item.path);
  const std::string key = f.required_text("key", "label");
  const auto op = f.required_choice<PoolOperator>("operator",
                                                  {{"In", PoolOperator::in},
                                                   {"NotIn", PoolOperator::not_in},
                                                   {"Exists", PoolOperator::exists},
                                                   {"DoesNotExist", PoolOperator::does_not_exist},
                                                   {"Gt", PoolOperator::gt},
                                                   {"Lt", PoolOperator::lt},
                                                   {"Gte", PoolOperator::gte},
                                                   {"Lte", PoolOperator::lte}},
                                                  "how the values are meant; Gte and Lte from Karpenter 1.9 on");
  const std::vector<std::string> values = f.texts("values", "label values");
  const auto least = f.optional_integer("minValues", "distinct values that must stay on offer", {1, 50});
  if (f.describing()) return;
  if (const std::string fault = kubernetes::api::label_key_fault(key); !key.empty() && !fault.empty())
    f.error("key", fault);
  for (const std::string& value : values) {
    if (const std::string fault = kubernetes::api::label_value_fault(value); !fault.empty()) f.error("values", fault);
  }
  const bool listed = op == PoolOperator::in || op == PoolOperator::not_in;
  const bool bounded = op >= PoolOperator::gt;
  if (op >= PoolOperator::gte && release < kOrEqualSince) {
    f.error("operator",
            "Karpenter 1." + std::to_string(release.minor) + " has no operator " +
                (op == PoolOperator::gte ? "Gte" : "Lte"),
            std::string("it came with 1.") + std::to_string(kOrEqualSince.minor) + "; write " +
                (op == PoolOperator::gte ? "Gt and the number below" : "Lt and the number above"));
  }
  if (listed && values.empty()) f.error("values", "operators In and NotIn need values");
  if (!listed && !bounded && !values.empty()) f.error("values", "operators Exists and DoesNotExist take no values");
  Requirement r;
  if (bounded) {
    const auto bound = values.size() == 1 ? whole(values.front()) : std::nullopt;
    if (!bound || *bound < 0) f.error("values", "operators Gt, Lt, Gte and Lte need one whole number");
    r = bounded_by(op, bound.value_or(0));
  } else {
    r.op = op == PoolOperator::in       ? SelectorOp::in
           : op == PoolOperator::not_in ? SelectorOp::not_in
           : op == PoolOperator::exists ? SelectorOp::exists
                                        : SelectorOp::does_not_exist;
    for (const std::string& v : values) r.values.push_back(names.intern(v));
  }
  r.key = normalized.of(names.intern(key));
  if (least && op == PoolOperator::in && *least > static_cast<std::int64_t>(values.size())) {
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
  if (const std::string text(scalar_under(item.node, "duration")); duration && !is_budget_duration(text))
    f.error("duration", "'" + text + "' does not match ^((([0-9]+(h|m))|([0-9]+h[0-9]+m))(0s)?)$",
            "hours and minutes only, such as 8h or 1h30m");
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

/// spec.limits. The API takes any name, and a limit on a resource that no node has never binds: a slip of the pen for
/// most.
void read_limits(Fields limits, Names& names, NodePool& pool) {
  constexpr std::string_view kKnown[] = {"cpu", "memory", "nodes", "ephemeral-storage", "pods", "nvidia.com/gpu"};
  pool.cpu_limit = cpu_quantity(limits, "cpu", "CPU of all nodes");
  pool.memory_limit = bytes_quantity(limits, "memory", "memory of all nodes");
  pool.node_limit = quantity(limits, "nodes", 0, "number of nodes");
  pool.storage_limit = bytes_quantity(limits, "ephemeral-storage", "disks of all nodes");
  pool.pods_limit = quantity(limits, "pods", 0, "pods that all nodes could hold");
  pool.gpu_limit = quantity(limits, "nvidia.com/gpu", 0, "GPUs of all nodes");
  limits.allow_unknown();
  if (limits.describing() || !limits.node().is_mapping()) return;
  for (const document::Entry& entry : limits.node().entries()) {
    const std::string_view name = entry.key;
    if (std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown)) continue;
    if (name.starts_with("hugepages-")) continue;  // no instance type has any when it starts
    if (name.find('/') != std::string_view::npos) {
      if (const auto n = quantity(limits, name, 0, "pieces on all nodes"))
        pool.extended_limits.emplace_back(names.intern(name), *n);
      continue;
    }
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

NodePool read_node_pool(const Node& node, const document::Reader& reader, Names& names, const Release& release) {
  NodePool pool;
  Fields f(node, reader);
  const bool beta = scalar_under(node, "apiVersion").ends_with("/v1beta1");
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
  read_limits(spec.child("limits", "most that the pool's nodes may have together"), names, pool);
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
    pool.node_class_id = names.intern(pool.node_class);
    for (const char* key : {"group", "kind", "apiVersion"}) reference.ignore(key);
  }
  const NormalizedLabels normalized(names);
  for (const Item& item : claim.list("requirements", "what the nodes may be")) {
    read_requirement(item, reader, release, normalized, names, pool.requirements);
  }
  pool.taints = read_taints(claim, "taints", reader, names);
  pool.startup_taints = read_taints(claim, "startupTaints", reader, names);
  if (!beta) pool.expire_after = duration_or_never(claim, "expireAfter", hours(720), "lifetime of a node");
  pool.termination_grace_period = claim.optional_duration("terminationGracePeriod", "longest drain of a node");
  if (pool.termination_grace_period)
    check_duration(claim, "terminationGracePeriod", scalar_under(claim.node(), "terminationGracePeriod"));
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
  std::vector<std::pair<NameId, NameId>> always = pool.labels.pairs();
  always.emplace_back(cluster.known.nodepool, pool.name_id);
  if (!pool.node_class_id.is_none()) always.emplace_back(cluster.known.node_class, pool.node_class_id);
  for (const auto& [key, value] : always) {
    if (pool.requirements.allows(cluster.known.normalized(key), value, names)) continue;
    return std::pair("its nodes have " + std::string(names.text(key)) + " = " + std::string(names.text(value)),
                     std::string());
  }
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

/// Karpenter refuses requirements on labels of the domains of its own and of Kubernetes that it does not know, labels
/// of the template with such keys, and both for the label of the pool's name, which it sets itself.
/// SOURCE: kubernetes-sigs/karpenter pkg/apis/v1/labels.go (IsRestrictedLabel, RestrictedLabelDomains);
/// nodepool_validation.go; the rules of karpenter.sh/nodepool and kubernetes.io/hostname in the resource's schema.
void check_keys(const Cluster& cluster, std::size_t p, std::vector<PoolProblem>& out) {
  const Names& names = cluster.sim.names;
  const NodePool& pool = cluster.pools[p];
  const bool auto_mode = cluster.known.auto_mode();
  for (const auto& [label, value] : pool.labels.pairs()) {
    const std::string key(names.text(label));
    const bool own = label == cluster.known.nodepool;
    if (!own && (!is_restricted_label(key, auto_mode) || cluster.known.contains(cluster.known.normalized(label))))
      continue;
    out.push_back({p,
                   "NodePool '" + pool.name + "': its template has the label '" + key + "', which is restricted" +
                       (own ? ": Karpenter sets it itself" : ": its domain is not the user's"),
                   "leave it out; a label of your own needs a domain of your own"});
  }
  for (const KeyRequirement& r : pool.requirements.entries()) {
    const std::string key(names.text(r.key));
    if (r.key == cluster.known.nodepool) {
      out.push_back({p, "NodePool '" + pool.name + "': a requirement on the label '" + key + "' is restricted",
                     "leave it out: the nodes of a pool have its name"});
      continue;
    }
    if (!is_restricted_label(key, auto_mode) || cluster.known.contains(r.key) || r.key == cluster.known.node_class)
      continue;
    std::vector<std::string_view> keys;
    for (const NameId k : cluster.known.keys()) keys.push_back(names.text(k));
    std::sort(keys.begin(), keys.end());
    // What open-source Karpenter calls karpenter.k8s.aws/... has the domain of EKS in Auto Mode.
    const std::string ours = cluster.known.instance_label(std::string_view(key).substr(key.find('/') + 1));
    const std::string near =
        std::binary_search(keys.begin(), keys.end(), std::string_view(ours)) ? ours : nearest(key, keys);
    out.push_back({p,
                   "NodePool '" + pool.name + "': " + (auto_mode ? "EKS Auto Mode" : "Karpenter") +
                       " knows no label '" + key + "', and its domain is restricted",
                   near.empty() ? "" : "did you mean '" + near + "'?"});
  }
}

/// The limit that no type of the pool meets, with the type that needs least of it; none when each alone leaves some.
std::optional<std::pair<std::string, std::string>> tightest_limit(const Cluster& cluster, const NodePool& pool,
                                                                  std::span<const std::uint32_t> types) {
  if (pool.node_limit && *pool.node_limit < 1) return std::pair("limits.nodes is 0", std::string());
  const auto least = [&](const auto& amount, std::int64_t limit, std::string_view name,
                         const auto& text) -> std::optional<std::pair<std::string, std::string>> {
    const auto smallest = std::min_element(types.begin(), types.end(), [&](std::uint32_t a, std::uint32_t b) {
      return amount(cluster.types[a]) < amount(cluster.types[b]);
    });
    const InstanceType& type = cluster.types[*smallest];
    if (amount(type) <= limit) return std::nullopt;
    return std::pair("limits." + std::string(name) + " is " + text(limit),
                     std::string(cluster.sim.names.text(type.name)) + " has " + text(amount(type)));
  };
  const auto of = [](Resource r) { return [r](const InstanceType& t) { return t.capacity[r]; }; };
  const auto bytes = [](std::int64_t n) { return to_string(Bytes{n}); };
  const auto pieces = [](std::int64_t n) { return std::to_string(n); };
  std::optional<std::pair<std::string, std::string>> out;
  if (pool.cpu_limit)
    out = least(of(Resource::cpu), pool.cpu_limit->raw(), "cpu", [](std::int64_t n) { return to_string(Cpu{n}); });
  if (!out && pool.memory_limit) out = least(of(Resource::memory), pool.memory_limit->raw(), "memory", bytes);
  if (!out && pool.storage_limit)
    out = least(of(Resource::ephemeral_storage), pool.storage_limit->raw(), "ephemeral-storage", bytes);
  if (!out && pool.pods_limit) out = least(of(Resource::pods), *pool.pods_limit, "pods", pieces);
  if (!out && pool.gpu_limit) out = least(of(Resource::gpus), *pool.gpu_limit, "nvidia.com/gpu", pieces);
  for (const auto& [name, limit] : pool.extended_limits) {
    if (out) break;
    const auto amount = [n = name](const InstanceType& t) {
      const auto at = std::find_if(t.extended.begin(), t.extended.end(), [n](const auto& e) { return e.first == n; });
      return at == t.extended.end() ? std::int64_t{0} : at->second;
    };
    out = least(amount, limit, cluster.sim.names.text(name), pieces);
  }
  return out;
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
    const bool any = std::any_of(t.types.begin(), t.types.end(),
                                 [&](std::uint32_t i) { return within_limits(pool, cluster.types[i]); });
    if (any) continue;
    const auto one = tightest_limit(cluster, pool, t.types);
    out.push_back(
        {p,
         "NodePool '" + pool.name + "': its limits are smaller than its smallest node" + (one ? ": " + one->first : ""),
         one ? one->second : ""});
  }
  return out;
}

}  // namespace plimsoll::eks::karpenter
