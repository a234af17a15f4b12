#include "models/kubernetes/api/pod_template.h"

#include <algorithm>

#include "models/kubernetes/api/container_checks.h"
#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/pod_checks.h"
#include "models/kubernetes/api/quantity.h"
#include "models/kubernetes/api/service_checks.h"
#include "models/kubernetes/api/toleration_reader.h"
#include "models/kubernetes/api/volume_claim_reader.h"
#include "sim/core/text.h"

namespace plimsoll::kubernetes::api {

using document::Diagnostics;
using document::Node;

std::optional<Duration> read_seconds(Object& object, std::string_view key, std::int64_t minimum) {
  const auto value = object.integer(key, minimum);
  if (!value) return std::nullopt;
  return seconds(*value);
}

void check_labels(Object& metadata) {
  check_label_map(metadata.node(), "labels", metadata.path(), metadata.diagnostics());
}

std::optional<IntOrPercent> read_int_or_percent(Object& object, std::string_view key) {
  const auto text = object.scalar(key);
  if (!text) return std::nullopt;
  std::string_view digits = *text;
  const bool is_percent = !digits.empty() && digits.back() == '%';
  if (is_percent) digits.remove_suffix(1);
  // A string is a percentage, whatever it looks like. SOURCE: pkg/apis/apps/validation ValidatePositiveIntOrPercent.
  if (const Node* node = object.get(key); !is_percent && node != nullptr && node->is_string()) {
    object.error(
        key, "Invalid value: \"" + *text + "\": a valid percent string must be a numeric followed by an ending '%'");
    return std::nullopt;
  }
  const auto value = parse_quantity(digits, 0);
  const bool whole =
      !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!value || !whole) {
    object.error(key, "must be a non-negative integer or a percentage such as 25%");
    return std::nullopt;
  }
  return IntOrPercent{*value.value, is_percent};
}

namespace {

std::string item_path(const Object& object, std::string_view key, std::size_t index) {
  return document::join_path(object.path_of(key), index);
}

template <class F>
void each(Object& object, std::string_view key, F&& use) {
  std::size_t index = 0;
  for (const Node& item : object.list(key)) {
    Object entry(item, object.diagnostics(), item_path(object, key, index++));
    use(entry);
  }
}

std::vector<MatchExpression> read_expressions(Object& object, std::string_view key, bool node) {
  std::vector<MatchExpression> out;
  each(object, key, [&](Object& o) {
    MatchExpression e;
    e.key = o.text_or("key", "");
    if (const std::string fault = required_label_key_fault(e.key); !fault.empty()) o.error("key", fault);
    const auto op = node ? o.choice<SelectorOp>("operator", {{"In", SelectorOp::in},
                                                             {"NotIn", SelectorOp::not_in},
                                                             {"Exists", SelectorOp::exists},
                                                             {"DoesNotExist", SelectorOp::does_not_exist},
                                                             {"Gt", SelectorOp::gt},
                                                             {"Lt", SelectorOp::lt}})
                         : o.choice<SelectorOp>("operator", {{"In", SelectorOp::in},
                                                             {"NotIn", SelectorOp::not_in},
                                                             {"Exists", SelectorOp::exists},
                                                             {"DoesNotExist", SelectorOp::does_not_exist}});
    e.op = op.value_or(SelectorOp::exists);
    e.values = o.texts("values");
    if (!op && o.has("operator")) return out.push_back(std::move(e));  // told already
    const bool wants = e.op == SelectorOp::in || e.op == SelectorOp::not_in;
    const bool one = e.op == SelectorOp::gt || e.op == SelectorOp::lt;
    if (wants && e.values.empty()) o.error("values", "must be specified when `operator` is 'In' or 'NotIn'");
    if (one && e.values.size() != 1)
      o.error("values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
    if (!wants && !one && !e.values.empty()) {
      o.error("values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    }
    out.push_back(std::move(e));
  });
  return out;
}

}  // namespace

Selector read_selector(const Node* node, Diagnostics& diagnostics, const std::string& path) {
  Selector out;
  if (node == nullptr) return out;
  out.present = true;
  Object o(*node, diagnostics, path);
  for (const auto& [key, value] : o.map("matchLabels")) out.expressions.push_back({key, SelectorOp::in, {value}});
  check_label_map(*node, "matchLabels", path, diagnostics);
  for (MatchExpression& e : read_expressions(o, "matchExpressions", false)) out.expressions.push_back(std::move(e));
  return out;
}

namespace {

template <class T, class Parse>
void read_amount(Object& o, std::string_view key, std::optional<T>& out, Parse&& parse) {
  const auto text = o.scalar(key);
  if (!text) return;
  const auto value = parse(*text);
  if (!value) {
    o.error(key, value.error);
  } else if (value.value->raw() < 0) {
    o.error(key, "must be greater than or equal to 0");
  } else {
    out = *value.value;
  }
}

ResourceAmountsSpec read_amounts(const Node& node, Diagnostics& diagnostics, const std::string& path) {
  ResourceAmountsSpec out;
  Object o(node, diagnostics, path);
  o.allow_unknown();
  read_amount(o, "cpu", out.cpu, parse_cpu_quantity);
  read_amount(o, "memory", out.memory, parse_bytes_quantity);
  read_amount(o, "ephemeral-storage", out.ephemeral_storage, parse_bytes_quantity);
  for (const document::Entry& entry : node.entries()) {
    if (entry.key == "cpu" || entry.key == "memory" || entry.key == "ephemeral-storage") continue;
    const auto text = o.scalar(entry.key);
    if (!text) continue;
    const auto value = parse_quantity(*text, 0);
    if (!value) {
      o.error(entry.key, value.error);
    } else if (*value.value < 0) {
      o.error(entry.key, "Invalid value: \"" + *text + "\": must be greater than or equal to 0");
    } else {
      out.extended.emplace_back(entry.key, *value.value);
    }
  }
  return out;
}

/// A limit alone is the request too; a request above its limit is refused.
void check_resources(Object& o, Container& c) {
  const auto settle = [&](auto& request, const auto& limit, std::string_view name) {
    if (!limit) return;
    if (!request) request = limit;
    if (*request > *limit) o.error("requests", "must be less than or equal to " + std::string(name) + " limit");
  };
  settle(c.requests.cpu, c.limits.cpu, "cpu");
  settle(c.requests.memory, c.limits.memory, "memory");
  settle(c.requests.ephemeral_storage, c.limits.ephemeral_storage, "ephemeral-storage");
  for (const auto& [name, limit] : c.limits.extended) {
    const auto at = std::find_if(c.requests.extended.begin(), c.requests.extended.end(),
                                 [&, key = name](const auto& e) { return e.first == key; });
    if (at == c.requests.extended.end()) {
      c.requests.extended.emplace_back(name, limit);
    } else if (at->second != limit) {
      o.error("requests", "must be equal to " + name + " limit");
    }
  }
}

std::optional<Probe> read_probe(Object& container, std::string_view key) {
  const Node* node = container.get(key);
  if (node == nullptr) return std::nullopt;
  Object o(*node, container.diagnostics(), container.path_of(key));
  Probe p;
  p.initial_delay = read_seconds(o, "initialDelaySeconds").value_or(Duration{});
  // 0 is unset, and so is the default. SOURCE: pkg/apis/core/v1/defaults.go SetDefaults_Probe.
  const auto positive = [](auto value, auto fallback) {
    return value && *value > decltype(fallback){} ? *value : fallback;
  };
  p.period = positive(read_seconds(o, "periodSeconds"), p.period);
  p.timeout = positive(read_seconds(o, "timeoutSeconds"), p.timeout);
  p.success_threshold = positive(o.integer("successThreshold", 0), std::int64_t{1});
  p.failure_threshold = positive(o.integer("failureThreshold", 0), std::int64_t{3});
  p.termination_grace = read_seconds(o, "terminationGracePeriodSeconds", 1);
  if (key != "readinessProbe" && p.success_threshold != 1) o.error("successThreshold", "must be 1");
  int handlers = 0;
  for (const std::string_view handler : {"httpGet", "tcpSocket", "exec", "grpc"}) handlers += o.get(handler) != nullptr;
  p.grpc = o.has("grpc");
  if (handlers == 0) container.error(key, "must specify a handler type");
  if (handlers > 1) container.error(key, "may not specify more than 1 handler type");
  return p;
}

Container read_container(Object& o, bool init) {
  Container c;
  c.name = o.text_or("name", "");
  if (c.name.empty()) {
    o.error("name", "Required value");
  } else if (const std::string fault = label_name_fault(c.name); !fault.empty()) {
    o.error("name", fault);
  }
  c.image = o.text_or("image", "");
  if (c.image.empty()) o.error("image", "Required value");
  const std::size_t slash = c.image.rfind('/'), colon = c.image.rfind(':');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  const bool latest = !tagged || c.image.substr(colon) == ":latest";
  c.pull = o.choice_or_unset<ImagePullPolicy>("imagePullPolicy", {{"Always", ImagePullPolicy::always},
                                                                  {"IfNotPresent", ImagePullPolicy::if_not_present},
                                                                  {"Never", ImagePullPolicy::never}})
               .value_or(latest ? ImagePullPolicy::always : ImagePullPolicy::if_not_present);
  if (const Node* resources = o.get("resources")) {
    Object r(*resources, o.diagnostics(), o.path_of("resources"));
    if (const Node* requests = r.get("requests"))
      c.requests = read_amounts(*requests, o.diagnostics(), r.path_of("requests"));
    if (const Node* limits = r.get("limits")) c.limits = read_amounts(*limits, o.diagnostics(), r.path_of("limits"));
    r.not_modelled("claims", "a dynamic resource claim");
    check_resources(r, c);
  }
  each(o, "ports", [&](Object& p) {
    ContainerPort port;
    port.name = p.text_or("name", "");
    if (!port.name.empty()) {
      const std::string fault = port_name_fault(port.name);
      const bool twice = std::any_of(c.ports.begin(), c.ports.end(),
                                     [&](const ContainerPort& other) { return other.name == port.name; });
      if (!fault.empty()) p.error("name", fault);
      if (twice) p.error("name", "Duplicate value: \"" + port.name + "\"");
    }
    port.port = p.integer("containerPort", 1, 65535).value_or(0);
    if (!p.has("containerPort")) p.error("containerPort", "Required value");
    port.host_port = p.integer("hostPort", 0, 65535).value_or(0);
    port.protocol = p.text_or("protocol", "");
    if (port.protocol.empty()) port.protocol = "TCP";
    if (port.protocol != "TCP" && port.protocol != "UDP" && port.protocol != "SCTP")
      p.error("protocol", "Unsupported value: \"" + port.protocol + "\": supported values: \"SCTP\", \"TCP\", \"UDP\"");
    port.host_ip = p.text_or("hostIP", "");
    c.ports.push_back(std::move(port));
  });
  c.readiness = read_probe(o, "readinessProbe");
  c.liveness = read_probe(o, "livenessProbe");
  c.startup = read_probe(o, "startupProbe");
  if (const auto policy = o.text("restartPolicy")) {
    if (init && *policy == "Always") {
      c.sidecar = true;
    } else {
      o.error("restartPolicy", init ? "must be Always" : "may not be set for non-init containers");
    }
  }
  if (const Node* lifecycle = o.get("lifecycle")) {
    Object l(*lifecycle, o.diagnostics(), o.path_of("lifecycle"));
    l.ignore({"stopSignal"});
    l.not_modelled("postStart", "a postStart hook");
    if (const Node* hook = l.get("preStop")) {
      c.has_pre_stop = true;
      Object h(*hook, o.diagnostics(), l.path_of("preStop"));
      h.ignore({"httpGet", "tcpSocket"});
      if (const Node* sleep = h.get("sleep")) {
        Object s(*sleep, o.diagnostics(), h.path_of("sleep"));
        c.sleep_action = true;
        c.pre_stop_sleep = read_seconds(s, "seconds").value_or(Duration{});
      }
      if (const Node* exec = h.get("exec")) {
        // "sleep N", alone or at the end of a shell command, is the usual form.
        Object e(*exec, o.diagnostics(), h.path_of("exec"));
        const auto command = e.texts("command");
        std::string joined;
        for (const std::string& word : command) joined += (joined.empty() ? "" : " ") + word;
        const std::size_t at = joined.rfind("sleep ");
        const auto pause =
            at == std::string::npos ? Parsed<std::int64_t>{} : parse_quantity(trim(joined.substr(at + 6)), 6);
        if (pause && *pause.value >= 0) {
          c.pre_stop_sleep = microseconds(*pause.value);
        } else {
          h.warning("exec", "how long this command takes is not known; it counts as 0 s");
        }
      }
    }
  }
  if (const Node* security = o.get("securityContext")) {
    Object s(*security, o.diagnostics(), o.path_of("securityContext"));
    c.privileged = s.boolean("privileged").value_or(false);
    s.ignore({"allowPrivilegeEscalation", "appArmorProfile", "capabilities", "procMount", "readOnlyRootFilesystem",
              "runAsGroup", "runAsNonRoot", "runAsUser", "seLinuxOptions", "seccompProfile", "windowsOptions"});
  }
  o.ignore({"args", "command", "env", "envFrom", "stdin", "stdinOnce", "tty", "workingDir", "terminationMessagePath",
            "terminationMessagePolicy", "volumeMounts", "volumeDevices"});
  o.not_modelled("resizePolicy", "resizing in place");
  return c;
}

NodeTerm read_node_term(Object& o) {
  NodeTerm t;
  t.expressions = read_expressions(o, "matchExpressions", true);
  t.fields = read_expressions(o, "matchFields", true);
  return t;
}

/// Keys whose values the pod itself gives. SOURCE: pkg/apis/core/validation validateLabelKeys (1.31).
std::vector<std::string> read_label_keys(Object& o, std::string_view key, const Selector& selector) {
  std::vector<std::string> keys = o.texts(key);
  if (keys.empty()) return keys;
  if (!selector.present) o.error(key, "Forbidden: must not be specified when labelSelector is not set");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (const std::string fault = label_key_fault(keys[i]); !fault.empty())
      o.diagnostics().error(o.node(), fault, {}, item_path(o, key, i));
  }
  return keys;
}

PodTerm read_pod_term(Object& o) {
  PodTerm t;
  t.topology_key = o.text_or("topologyKey", "");
  if (t.topology_key.empty()) {
    o.error("topologyKey", "Required value: can not be empty");
  } else if (const std::string fault = label_key_fault(t.topology_key); !fault.empty()) {
    o.error("topologyKey", fault);
  }
  t.selector = read_selector(o.get("labelSelector"), o.diagnostics(), o.path_of("labelSelector"));
  t.namespaces = o.texts("namespaces");
  for (std::size_t i = 0; i < t.namespaces.size(); ++i) {
    if (const std::string fault = label_name_fault(t.namespaces[i]); !fault.empty())
      o.diagnostics().error(o.node(), fault, {}, item_path(o, "namespaces", i));
  }
  t.namespace_selector = read_selector(o.get("namespaceSelector"), o.diagnostics(), o.path_of("namespaceSelector"));
  t.match_label_keys = read_label_keys(o, "matchLabelKeys", t.selector);
  t.mismatch_label_keys = read_label_keys(o, "mismatchLabelKeys", t.selector);
  for (std::size_t i = 0; i < t.match_label_keys.size(); ++i) {
    const std::string& key = t.match_label_keys[i];
    if (std::find(t.mismatch_label_keys.begin(), t.mismatch_label_keys.end(), key) == t.mismatch_label_keys.end())
      continue;
    o.diagnostics().error(o.node(),
                          "Invalid value: \"" + key + "\": exists in both matchLabelKeys and mismatchLabelKeys", {},
                          item_path(o, "matchLabelKeys", i));
  }
  return t;
}

constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

std::int32_t read_weight(Object& o) {
  if (!o.has("weight")) o.error("weight", "Required value");
  return static_cast<std::int32_t>(o.integer("weight", 1, 100).value_or(1));
}

void read_affinity(Object& spec, PodTemplate& pod) {
  const Node* affinity = spec.get("affinity");
  if (affinity == nullptr) return;
  Object a(*affinity, spec.diagnostics(), spec.path_of("affinity"));
  if (const Node* node = a.get("nodeAffinity")) {
    Object n(*node, spec.diagnostics(), a.path_of("nodeAffinity"));
    if (const Node* required = n.get(kRequired)) {
      Object r(*required, spec.diagnostics(), n.path_of(kRequired));
      pod.node_required.emplace();
      each(r, "nodeSelectorTerms", [&](Object& t) { pod.node_required->push_back(read_node_term(t)); });
      if (pod.node_required->empty())
        r.error("nodeSelectorTerms", "Required value: must have at least one node selector term");
    }
    each(n, kPreferred, [&](Object& p) {
      PreferredTerm t;
      t.weight = read_weight(p);
      if (const Node* preference = p.get("preference")) {
        Object o(*preference, spec.diagnostics(), p.path_of("preference"));
        t.term = read_node_term(o);
      }
      pod.node_preferred.push_back(std::move(t));
    });
  }
  const auto pods = [&](std::string_view key, std::vector<PodTerm>& required, std::vector<WeightedPodTerm>& preferred) {
    const Node* side = a.get(key);
    if (side == nullptr) return;
    Object o(*side, spec.diagnostics(), a.path_of(key));
    each(o, kRequired, [&](Object& t) { required.push_back(read_pod_term(t)); });
    each(o, kPreferred, [&](Object& w) {
      WeightedPodTerm t;
      t.weight = read_weight(w);
      if (const Node* term = w.get("podAffinityTerm")) {
        Object p(*term, spec.diagnostics(), w.path_of("podAffinityTerm"));
        t.term = read_pod_term(p);
      }
      preferred.push_back(std::move(t));
    });
  };
  pods("podAffinity", pod.pod_required, pod.pod_preferred);
  pods("podAntiAffinity", pod.anti_required, pod.anti_preferred);
}

void read_spread(Object& spec, PodTemplate& pod) {
  each(spec, "topologySpreadConstraints", [&](Object& o) {
    SpreadConstraint c;
    if (!o.has("maxSkew")) o.error("maxSkew", "Required value");
    c.max_skew = static_cast<std::int32_t>(o.integer("maxSkew", 1).value_or(1));
    c.topology_key = o.text_or("topologyKey", "");
    if (c.topology_key.empty()) o.error("topologyKey", "Required value: can not be empty");
    c.when = o.choice<WhenUnsatisfiable>("whenUnsatisfiable", {{"DoNotSchedule", WhenUnsatisfiable::do_not_schedule},
                                                               {"ScheduleAnyway", WhenUnsatisfiable::schedule_anyway}})
                 .value_or(WhenUnsatisfiable::do_not_schedule);
    if (!o.has("whenUnsatisfiable")) o.error("whenUnsatisfiable", "Required value");
    for (const SpreadConstraint& other : pod.spread) {
      if (!c.topology_key.empty() && other.topology_key == c.topology_key && other.when == c.when)
        o.error("topologyKey", "Duplicate value: {" + c.topology_key + ", " +
                                   (c.when == WhenUnsatisfiable::do_not_schedule ? "DoNotSchedule" : "ScheduleAnyway") +
                                   "}");
    }
    c.selector = read_selector(o.get("labelSelector"), o.diagnostics(), o.path_of("labelSelector"));
    if (const auto domains = o.integer("minDomains", 1)) {
      c.min_domains = static_cast<std::int32_t>(*domains);
      if (c.when != WhenUnsatisfiable::do_not_schedule) {
        o.error("minDomains", "can only use minDomains if whenUnsatisfiable=DoNotSchedule");
      }
    }
    const auto policy = [&](std::string_view key, InclusionPolicy fallback) {
      return o.choice<InclusionPolicy>(key, {{"Honor", InclusionPolicy::honor}, {"Ignore", InclusionPolicy::ignore}})
          .value_or(fallback);
    };
    c.node_affinity_policy = policy("nodeAffinityPolicy", InclusionPolicy::honor);
    c.node_taints_policy = policy("nodeTaintsPolicy", InclusionPolicy::ignore);
    c.match_label_keys = read_label_keys(o, "matchLabelKeys", c.selector);
    for (std::size_t i = 0; i < c.match_label_keys.size(); ++i) {
      const std::string& key = c.match_label_keys[i];
      const bool selected = std::any_of(c.selector.expressions.begin(), c.selector.expressions.end(),
                                        [&](const MatchExpression& e) { return e.key == key; });
      if (selected)
        o.diagnostics().error(o.node(),
                              "Invalid value: \"" + key + "\": exists in both matchLabelKeys and labelSelector", {},
                              item_path(o, "matchLabelKeys", i));
    }
    pod.spread.push_back(std::move(c));
  });
}

void read_volumes(Object& spec, PodTemplate& pod) {
  each(spec, "volumes", [&](Object& o) {
    Volume v;
    v.name = o.text_or("name", "");
    o.allow_unknown();
    if (const Node* empty = o.get("emptyDir")) {
      Object e(*empty, spec.diagnostics(), o.path_of("emptyDir"));
      v.kind = e.text_or("medium", "") == "Memory" ? Volume::Kind::memory : Volume::Kind::empty_dir;
      read_amount(e, "sizeLimit", v.size_limit, parse_bytes_quantity);
    } else if (const Node* claim = o.get("persistentVolumeClaim")) {
      Object c(*claim, spec.diagnostics(), o.path_of("persistentVolumeClaim"));
      c.ignore({"readOnly"});
      v.kind = Volume::Kind::claim;
      v.claim = c.text_or("claimName", "");
      if (v.claim.empty()) c.error("claimName", "Required value");
    } else if (!has_volume_type(o.node())) {
      v.kind = Volume::Kind::empty_dir;  // SOURCE: pkg/apis/core/v1/defaults.go SetDefaults_Volume
    } else if (o.get("hostPath") != nullptr) {
      v.kind = Volume::Kind::host_path;
    } else if (const Node* ephemeral = o.get("ephemeral")) {
      v.kind = Volume::Kind::ephemeral;
      const Node* made = ephemeral->find("volumeClaimTemplate");
      const Node* body = made == nullptr ? nullptr : made->find("spec");
      const std::string path = o.path_of("ephemeral") + ".volumeClaimTemplate";
      if (body != nullptr) {
        v.made = read_claim_spec(*body, spec.diagnostics(), path + ".spec");
      } else {
        spec.diagnostics().error(*ephemeral, "Required value", {}, path);
      }
    }
    pod.volumes.push_back(std::move(v));
  });
}

/// spec.resources: requests and limits of the pod as a whole, in the place of its containers' sums; read whatever the
/// release. SOURCE: KEP-2837; pkg/apis/core/v1/defaults.go, pkg/apis/core/validation (1.34, where it is on by default).
void read_pod_resources(Object& spec, PodTemplate& pod) {
  const Node* node = spec.get("resources");
  if (node == nullptr) return;
  Object r(*node, spec.diagnostics(), spec.path_of("resources"));
  r.not_modelled("claims", "a dynamic resource claim");
  const auto read = [&](std::string_view key, ResourceAmountsSpec& into) {
    const Node* amounts = r.get(key);
    if (amounts == nullptr) return;
    into = read_amounts(*amounts, spec.diagnostics(), r.path_of(key));
    for (const document::Entry& e : amounts->entries()) {
      if (e.key == "cpu" || e.key == "memory" || e.key.starts_with("hugepages-")) continue;
      spec.diagnostics().error(
          e.key_mark, "Unsupported value: \"" + e.key + "\": supported values: \"cpu\", \"hugepages-\", \"memory\"", {},
          document::join_path(r.path_of(key), e.key));
    }
    into.extended.clear();
    into.ephemeral_storage.reset();
  };
  read("requests", pod.requests);
  read("limits", pod.limits);
  const auto settle = [&](auto member, std::string_view name) {
    auto& request = pod.requests.*member;
    const auto& limit = pod.limits.*member;
    std::optional<std::decay_t<decltype(*request)>> sum;
    const auto add = [&](const Container& c) {
      if (c.requests.*member) sum = sum ? *sum + *(c.requests.*member) : *(c.requests.*member);
    };
    for (const Container& c : pod.containers) add(c);
    for (const Container& c : pod.init_containers) {
      if (c.sidecar) add(c);
    }
    if (!request && limit) request = sum ? sum : limit;
    if (request && sum && *request < *sum)
      r.error("requests", "must be greater than or equal to aggregate container requests of " + std::string(name));
    if (request && limit && *request > *limit)
      r.error("requests", "must be less than or equal to " + std::string(name) + " limit");
  };
  settle(&ResourceAmountsSpec::cpu, "cpu");
  settle(&ResourceAmountsSpec::memory, "memory");
}

}  // namespace

PodTemplate read_pod_template(const Node& node, Diagnostics& diagnostics, const std::string& path, bool claims_follow) {
  PodTemplate pod;
  Object o(node, diagnostics, path);
  // A whole Pod has these beside its spec.
  o.ignore({"apiVersion", "kind", "status"});
  if (const Node* metadata = o.get("metadata")) {
    Object m(*metadata, diagnostics, o.path_of("metadata"));
    m.allow_unknown();
    pod.labels = m.map("labels");
    check_labels(m);
    pod.annotations = m.map("annotations");
    check_annotations(*metadata, m.path(), diagnostics);
    check_deletion_cost(*metadata, m.path(), diagnostics);
  }
  const Node* spec_node = o.get("spec");
  if (spec_node == nullptr) {
    o.error("spec", "Required value");
    return pod;
  }
  Object spec(*spec_node, diagnostics, o.path_of("spec"));
  each(spec, "initContainers", [&](Object& c) { pod.init_containers.push_back(read_container(c, true)); });
  each(spec, "containers", [&](Object& c) { pod.containers.push_back(read_container(c, false)); });
  if (pod.containers.empty()) spec.error("containers", "Required value");
  std::vector<std::string> names;
  for (const std::string_view key : {"initContainers", "containers"}) {
    std::size_t index = 0;
    each(spec, key, [&](Object& container) {
      container.allow_unknown();
      const auto& list = key == "containers" ? pod.containers : pod.init_containers;
      const std::string& name = list[index++].name;
      if (!name.empty() && std::find(names.begin(), names.end(), name) != names.end())
        container.error("name", "Duplicate value: \"" + name + "\"");
      names.push_back(name);
    });
  }
  pod.host_network = spec.boolean("hostNetwork").value_or(false);
  for (std::vector<Container>* list : {&pod.init_containers, &pod.containers}) {
    for (Container& c : *list) {
      for (ContainerPort& p : c.ports) {
        if (pod.host_network) p.host_port = p.port;
      }
    }
  }
  read_volumes(spec, pod);
  pod.node_selector = spec.map("nodeSelector");
  read_affinity(spec, pod);
  read_spread(spec, pod);
  pod.tolerations = read_tolerations(spec);
  if (const Node* overhead = spec.get("overhead")) {
    pod.overhead = read_amounts(*overhead, diagnostics, spec.path_of("overhead"));
  }
  if (const auto grace = read_seconds(spec, "terminationGracePeriodSeconds")) pod.termination_grace = *grace;
  pod.restart = spec.choice_or_unset<RestartPolicy>("restartPolicy", {{"Always", RestartPolicy::always},
                                                                      {"OnFailure", RestartPolicy::on_failure},
                                                                      {"Never", RestartPolicy::never}})
                    .value_or(RestartPolicy::always);
  pod.node_name = spec.text_or("nodeName", "");
  pod.priority_class = spec.text_or("priorityClassName", "");
  if (const auto priority = spec.integer("priority", INT32_MIN)) pod.priority = static_cast<std::int32_t>(*priority);
  pod.preempts =
      spec.choice<bool>("preemptionPolicy", {{"PreemptLowerPriority", true}, {"Never", false}}).value_or(true);
  if (const std::string name = spec.text_or("schedulerName", ""); !name.empty()) pod.scheduler_name = name;
  each(spec, "readinessGates", [&](Object& gate) { pod.readiness_gates.push_back(gate.text_or("conditionType", "")); });
  pod.scheduling_gates = spec.list("schedulingGates").size();
  if (const Node* os = spec.get("os")) {
    Object system(*os, spec.diagnostics(), spec.path_of("os"));
    const std::string name = system.text_or("name", "linux");
    // The kubelet of a Linux node would refuse a pod of Windows: no such node holds it.
    const bool named = std::any_of(pod.node_selector.begin(), pod.node_selector.end(),
                                   [](const auto& pair) { return pair.first == "kubernetes.io/os"; });
    if (name == "windows" && !named) pod.node_selector.emplace_back("kubernetes.io/os", name);
  }
  read_pod_resources(spec, pod);
  spec.not_modelled("resourceClaims", "a dynamic resource claim");
  pod.runtime_class = spec.text_or("runtimeClassName", "");
  spec.not_modelled("ephemeralContainers", "an ephemeral container");
  pod.has_deadline = spec.has("activeDeadlineSeconds");
  pod.active_deadline = read_seconds(spec, "activeDeadlineSeconds", 1);
  pod.service_account = spec.text_or("serviceAccountName", spec.text_or("serviceAccount", ""));
  spec.ignore({"automountServiceAccountToken", "securityContext", "hostPID", "hostIPC", "hostUsers",
               "shareProcessNamespace", "imagePullSecrets", "hostname", "subdomain", "setHostnameAsFQDN", "hostAliases",
               "dnsPolicy", "dnsConfig", "enableServiceLinks", "hostnameOverride"});
  check_pod_spec(*spec_node, spec.path(), claims_follow, diagnostics);
  return pod;
}

}  // namespace plimsoll::kubernetes::api
