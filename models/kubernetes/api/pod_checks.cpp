#include "models/kubernetes/api/pod_checks.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/api/container_checks.h"
#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/quantity.h"
#include "sim/core/text.h"

namespace plimsoll::kubernetes::api {

namespace {

using document::join_path;
using document::Node;

constexpr std::string_view kSystemClasses[] = {"system-cluster-critical", "system-node-critical"};
constexpr std::int32_t kHighestUserPriority = 1'000'000'000;

std::string text_at(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr && value->is_scalar() && !value->is_null() ? value->text() : std::string();
}

std::string invalid_value(std::string_view value, std::string_view rule) {
  return "Invalid value: \"" + std::string(value) + "\": " + std::string(rule);
}

class PodChecks {
 public:
  PodChecks(const Node& spec, std::string path, bool claims_follow, document::Diagnostics& diagnostics)
      : spec_(spec), path_(std::move(path)), claims_follow_(claims_follow), diagnostics_(diagnostics) {}

  void run() {
    check_node_selector();
    check_node_affinity();
    check_tolerations();
    each(spec_, "topologySpreadConstraints", path_,
         [&](const Node& c, const std::string& path) { check_key(c, "topologyKey", path); });
    check_gates();
    check_volumes();
    check_ports();
    for (const char* list : {"initContainers", "containers"}) {
      each(spec_, list, path_, [&](const Node& c, const std::string& path) {
        check_resources(c, path);
        check_hooks(c, path);
        check_probes(c, path);
        check_env(c, path);
        check_image(c, path);
        check_claims(c, path);
        check_readiness(c, path);
        check_container_fields(c, path, diagnostics_);
        if (list == std::string_view("initContainers")) check_init(c, path);
      });
    }
    check_node_name();
    check_choices();
    check_pod_fields(spec_, path_, diagnostics_);
  }

 private:
  void error(const Node& at, std::string message, std::string path) {
    diagnostics_.error(at, std::move(message), {}, std::move(path));
  }

  template <class F>
  void each(const Node& of, std::string_view key, const std::string& path, F&& use) {
    const Node* list = of.find(key);
    if (list == nullptr || !list->is_sequence()) return;
    std::size_t index = 0;
    for (const Node& item : list->items()) use(item, join_path(join_path(path, key), index++));
  }

  /// A label key, where there is one.
  void check_key(const Node& of, std::string_view key, const std::string& path) {
    const Node* value = of.find(key);
    if (value == nullptr || !value->is_string() || value->text().empty()) return;
    if (std::string fault = label_key_fault(value->text()); !fault.empty())
      error(*value, std::move(fault), join_path(path, key));
  }

  void check_node_selector() {
    const Node* selector = spec_.find("nodeSelector");
    if (selector == nullptr) return;
    for (const document::Entry& e : selector->entries()) {
      const std::string path = join_path(join_path(path_, "nodeSelector"), e.key);
      if (std::string fault = label_key_fault(e.key); !fault.empty())
        diagnostics_.error(e.key_mark, std::move(fault), {}, path);
      if (!e.value.is_string()) continue;
      if (std::string fault = label_value_fault(e.value.text()); !fault.empty()) error(e.value, std::move(fault), path);
    }
  }

  void check_node_term(const Node& term, const std::string& path) {
    each(term, "matchFields", path, [&](const Node& e, const std::string& at) {
      const std::string key = text_at(e, "key"), op = text_at(e, "operator");
      if (!key.empty() && key != "metadata.name")
        error(e, invalid_value(key, "not a valid field selector key"), join_path(at, "key"));
      if (op == "Exists" || op == "DoesNotExist" || op == "Gt" || op == "Lt")
        error(e, invalid_value(op, "not a valid selector operator"), join_path(at, "operator"));
      const Node* values = e.find("values");
      if ((op == "In" || op == "NotIn") && values != nullptr && values->items().size() > 1)
        error(e, "Required value: must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
              join_path(at, "values"));
    });
  }

  void check_node_affinity() {
    const Node* affinity = spec_.find("affinity");
    const Node* node = affinity == nullptr ? nullptr : affinity->find("nodeAffinity");
    if (node == nullptr) return;
    const std::string path = join_path(join_path(path_, "affinity"), "nodeAffinity");
    const std::string required_key = "requiredDuringSchedulingIgnoredDuringExecution";
    if (const Node* required = node->find(required_key)) {
      each(*required, "nodeSelectorTerms", join_path(path, required_key),
           [&](const Node& term, const std::string& at) { check_node_term(term, at); });
    }
    each(*node, "preferredDuringSchedulingIgnoredDuringExecution", path, [&](const Node& p, const std::string& at) {
      if (const Node* preference = p.find("preference")) check_node_term(*preference, join_path(at, "preference"));
    });
  }

  void check_tolerations() {
    each(spec_, "tolerations", path_, [&](const Node& t, const std::string& path) {
      check_key(t, "key", path);
      if (text_at(t, "operator") != "Exists") {
        if (std::string fault = label_value_fault(text_at(t, "value")); !fault.empty())
          error(t, std::move(fault), join_path(path, "operator"));
      }
      const Node* time = t.find("tolerationSeconds");
      if (time == nullptr || time->is_null() || text_at(t, "effect") == "NoExecute") return;
      error(t, invalid_value(text_at(t, "effect"), "effect must be 'NoExecute' when `tolerationSeconds` is set"),
            join_path(path, "effect"));
    });
  }

  void check_gates() {
    std::vector<std::string> names;
    each(spec_, "schedulingGates", path_, [&](const Node& gate, const std::string& path) {
      const std::string name = text_at(gate, "name");
      std::string fault = label_key_fault(name);
      if (fault.empty() && std::find(names.begin(), names.end(), name) != names.end())
        fault = "Duplicate value: \"" + name + "\"";
      if (!fault.empty()) error(gate, std::move(fault), join_path(path, "name"));
      names.push_back(name);
    });
    const Node* node = spec_.find("nodeName");
    if (!names.empty() && node != nullptr && !text_at(spec_, "nodeName").empty())
      error(*node, "Forbidden: cannot be set until all schedulingGates have been cleared",
            join_path(path_, "nodeName"));
  }

  void check_volumes() {
    std::vector<std::string> names;
    each(spec_, "volumes", path_, [&](const Node& volume, const std::string& path) {
      const std::string name = text_at(volume, "name");
      std::string fault = name.empty() ? "Required value" : label_name_fault(name);
      if (fault.empty() && std::find(names.begin(), names.end(), name) != names.end())
        fault = "Duplicate value: \"" + name + "\"";
      if (!fault.empty()) error(volume, std::move(fault), join_path(path, "name"));
      names.push_back(name);
      int sources = 0;
      for (const char* type : {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "hostPath", "image", "nfs",
                               "persistentVolumeClaim", "projected", "secret"}) {
        if (given(volume, type) && ++sources == 2)
          error(volume, "Forbidden: may not specify more than 1 volume type", join_path(path, type));
      }
    });
    for (const char* list : {"initContainers", "containers"}) {
      each(spec_, list, path_, [&](const Node& c, const std::string& container) {
        std::vector<std::string> paths;
        each(c, "volumeMounts", container, [&](const Node& mount, const std::string& path) {
          const std::string name = text_at(mount, "name"), at = text_at(mount, "mountPath");
          if (name.empty()) {
            error(mount, "Required value", join_path(path, "name"));
          } else if (!claims_follow_ && std::find(names.begin(), names.end(), name) == names.end()) {
            error(mount, "Not found: \"" + name + "\"", join_path(path, "name"));
          }
          if (at.empty()) {
            error(mount, "Required value", join_path(path, "mountPath"));
          } else if (std::find(paths.begin(), paths.end(), at) != paths.end()) {
            error(mount, invalid_value(at, "must be unique"), join_path(path, "mountPath"));
          }
          paths.push_back(at);
        });
      });
    }
  }

  void check_ports() {
    const Node* network = spec_.find("hostNetwork");
    const bool host = network != nullptr && network->kind() == document::Kind::boolean && network->as_boolean();
    std::vector<std::string> used;
    each(spec_, "containers", path_, [&](const Node& c, const std::string& container) {
      each(c, "ports", container, [&](const Node& port, const std::string& path) {
        const std::string number = text_at(port, "hostPort"), inside = text_at(port, "containerPort");
        if (number.empty() || number == "0") return;
        if (host && number != inside)
          error(port, "Invalid value: " + inside + ": must match `hostPort` when `hostNetwork` is true",
                join_path(path, "containerPort"));
        const std::string protocol = text_at(port, "protocol");
        const std::string whole = (protocol.empty() ? "TCP" : protocol) + "/" + text_at(port, "hostIP") + "/" + number;
        if (std::find(used.begin(), used.end(), whole) != used.end())
          error(port, "Duplicate value: \"" + whole + "\"", join_path(path, "hostPort"));
        used.push_back(whole);
      });
    });
  }

  /// Resources of other vendors come in whole numbers, and what is asked for is the limit too.
  void check_resources(const Node& container, const std::string& container_path) {
    const Node* resources = container.find("resources");
    if (resources == nullptr || !resources->is_mapping()) return;
    const std::string path = join_path(container_path, "resources");
    const Node* limits = resources->find("limits");
    for (const char* side : {"limits", "requests"}) {
      const Node* amounts = resources->find(side);
      if (amounts == nullptr) continue;
      for (const document::Entry& e : amounts->entries()) {
        const std::string at = join_path(join_path(path, side), e.key);
        const bool huge = e.key.starts_with("hugepages-");
        if (e.key.find('/') == std::string::npos) {
          if (e.key != "cpu" && e.key != "memory" && e.key != "ephemeral-storage" && !huge)
            diagnostics_.error(e.key_mark, invalid_value(e.key, "must be a standard resource for containers"), {}, at);
        } else if (std::string fault = label_key_fault(e.key); !fault.empty()) {
          diagnostics_.error(e.key_mark, std::move(fault), {}, at);
        } else if (const auto thousandths = parse_quantity(e.value.text(), 3);
                   thousandths && *thousandths.value % 1000 != 0) {
          error(e.value, "Invalid value: " + e.value.text() + ": must be an integer", at);
        }
        const bool commits = huge || e.key.find('/') != std::string::npos;
        if (commits && side == std::string_view("requests") && (limits == nullptr || limits->find(e.key) == nullptr))
          diagnostics_.error(e.key_mark, "Required value: Limit must be set for non overcommitable resources", {},
                             join_path(path, "limits"));
      }
    }
  }

  void check_hooks(const Node& container, const std::string& container_path) {
    const Node* lifecycle = container.find("lifecycle");
    if (lifecycle == nullptr) return;
    for (const char* hook : {"postStart", "preStop"}) {
      const Node* handler = lifecycle->find(hook);
      if (handler == nullptr || !handler->is_mapping()) continue;
      const std::string path = join_path(join_path(container_path, "lifecycle"), hook);
      if (handler->size() == 0) error(*handler, "Required value: must specify a handler type", path);
      int handlers = 0;
      for (const char* type : {"exec", "httpGet", "tcpSocket", "sleep"}) handlers += given(*handler, type) ? 1 : 0;
      if (handlers > 1) {
        error(*handler, "Forbidden: may not specify more than 1 handler type", path);
      } else if (given(*handler, "sleep")) {
        check_sleep(*handler->find("sleep"), join_path(path, "sleep"));
      }
    }
  }

  /// A sleep of 0 s is taken since 1.33 (PodLifecycleSleepActionAllowZero).
  void check_sleep(const Node& sleep, const std::string& path) {
    const auto grace_said = parse_quantity(text_at(spec_, "terminationGracePeriodSeconds"), 0);
    const std::int64_t grace = grace_said ? *grace_said.value : 30;
    const std::string text = text_at(sleep, "seconds");
    const auto time = parse_quantity(text, 0);
    if (time && *time.value > grace)
      error(sleep,
            "Invalid value: " + text + ": must be greater than 0 and less than terminationGracePeriodSeconds (" +
                std::to_string(grace) + ")",
            path);
  }

  static bool given(const Node& of, std::string_view key) {
    const Node* value = of.find(key);
    return value != nullptr && !value->is_null();
  }

  /// The port of a probe or hook: a number of 1 to 65535; a name is looked up by the kubelet.
  void check_handler_port(const Node& handler, const std::string& path) {
    const Node* port = handler.find("port");
    if (port != nullptr && port->is_string()) return;
    const std::string text = text_at(handler, "port");
    const auto number = parse_quantity(text.empty() ? "0" : text, 0);
    if (!number || *number.value < 1 || *number.value > 65'535)
      error(handler, "Invalid value: " + (text.empty() ? "0" : text) + ": must be between 1 and 65535, inclusive",
            join_path(path, "port"));
  }

  void check_probes(const Node& container, const std::string& container_path) {
    for (const char* key : {"livenessProbe", "readinessProbe", "startupProbe"}) {
      const Node* probe = container.find(key);
      if (probe == nullptr || !probe->is_mapping()) continue;
      for (const char* type : {"httpGet", "tcpSocket", "grpc"}) {
        const Node* handler = probe->find(type);
        if (handler != nullptr && handler->is_mapping())
          check_handler_port(*handler, join_path(join_path(container_path, key), type));
      }
    }
  }

  /// SOURCE: pkg/apis/core/validation ValidateEnv; names by RelaxedEnvironmentVariableValidation, which is the wider.
  void check_env(const Node& container, const std::string& container_path) {
    each(container, "env", container_path, [&](const Node& env, const std::string& path) {
      if (!env.is_mapping()) return;
      const std::string name = text_at(env, "name");
      if (name.empty()) {
        error(env, "Required value", join_path(path, "name"));
      } else if (name.find('=') != std::string::npos) {
        error(env,
              invalid_value(name,
                            "a valid environment variable name must consist only of printable ASCII characters other "
                            "than '='"),
              join_path(path, "name"));
      }
      if (given(env, "valueFrom") && !text_at(env, "value").empty())
        error(env, "Invalid value: \"\": may not be specified when `value` is not empty", join_path(path, "valueFrom"));
    });
  }

  /// Of a pod, not of a template: of this one no pod could be made.
  void check_image(const Node& container, const std::string& path) {
    const std::string image = text_at(container, "image");
    if (!image.empty() && trim(image).size() != image.size())
      error(*container.find("image"), invalid_value(image, "must not have leading or trailing whitespace"),
            join_path(path, "image"));
  }

  void check_claims(const Node& container, const std::string& container_path) {
    const Node* resources = container.find("resources");
    if (resources == nullptr || !resources->is_mapping()) return;
    each(*resources, "claims", join_path(container_path, "resources"), [&](const Node& claim, const std::string& path) {
      const std::string name = text_at(claim, "name");
      bool declared = false;
      each(spec_, "resourceClaims", path_,
           [&](const Node& c, const std::string&) { declared = declared || text_at(c, "name") == name; });
      if (name.empty()) {
        error(claim, "Required value", join_path(path, "name"));
      } else if (!declared) {
        error(claim, "Not found: \"" + name + "\"", path);
      }
    });
  }

  void check_readiness(const Node& container, const std::string& path) {
    const Node* probe = container.find("readinessProbe");
    const Node* grace = probe == nullptr ? nullptr : probe->find("terminationGracePeriodSeconds");
    if (grace != nullptr && !grace->is_null())
      error(*grace, "Invalid value: " + grace->text() + ": must not be set for readinessProbes",
            join_path(join_path(path, "readinessProbe"), "terminationGracePeriodSeconds"));
  }

  void check_init(const Node& container, const std::string& path) {
    if (text_at(container, "restartPolicy") == "Always") return;
    for (const char* key : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
      const Node* value = container.find(key);
      if (value != nullptr && !value->is_null())
        error(*value, "Forbidden: may not be set for init containers without restartPolicy=Always",
              join_path(path, key));
    }
  }

  void check_node_name() {
    const std::string name = text_at(spec_, "nodeName");
    if (name.empty()) return;
    if (std::string fault = subdomain_name_fault(name); !fault.empty())
      error(*spec_.find("nodeName"), std::move(fault), join_path(path_, "nodeName"));
  }

  void check_choice(const Node& of, std::string_view key, const std::vector<std::string_view>& all,
                    const std::string& path) {
    const std::string value = text_at(of, key);
    if (value.empty() || std::find(all.begin(), all.end(), value) != all.end()) return;
    std::string supported;
    for (const std::string_view one : all) supported += (supported.empty() ? "\"" : ", \"") + std::string(one) + "\"";
    error(*of.find(key), "Unsupported value: \"" + value + "\": supported values: " + supported, join_path(path, key));
  }

  void check_choices() {
    check_choice(spec_, "dnsPolicy", {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"}, path_);
    if (text_at(spec_, "dnsPolicy") == "None") {
      const Node* config = spec_.find("dnsConfig");
      const Node* servers = config == nullptr ? nullptr : config->find("nameservers");
      if (servers == nullptr || servers->items().empty())
        error(spec_, "Required value: must provide at least one DNS nameserver when `dnsPolicy` is None",
              join_path(join_path(path_, "dnsConfig"), "nameservers"));
    }
    if (const Node* os = spec_.find("os"); os != nullptr && os->is_mapping()) {
      const std::string path = join_path(path_, "os");
      if (text_at(*os, "name").empty()) error(*os, "Required value", join_path(path, "name"));
      check_choice(*os, "name", {"linux", "windows"}, path);
    }
  }

  const Node& spec_;
  std::string path_;
  bool claims_follow_;
  document::Diagnostics& diagnostics_;
};

/// Where the file of a class is; that of the first document when it is in a List.
const Node& class_document(const std::vector<Node>& documents, const std::string& name) {
  const auto at = std::find_if(documents.begin(), documents.end(), [&](const Node& d) {
    const Node* metadata = d.find("metadata");
    return text_at(d, "kind") == "PriorityClass" && metadata != nullptr && text_at(*metadata, "name") == name;
  });
  return at == documents.end() ? documents.front() : *at;
}

}  // namespace

void check_pod_spec(const Node& spec, const std::string& path, bool claims_follow, document::Diagnostics& diagnostics) {
  if (spec.is_mapping()) PodChecks(spec, path, claims_follow, diagnostics).run();
}

void check_annotations(const Node& metadata, const std::string& path, document::Diagnostics& diagnostics) {
  const Node* annotations = metadata.find("annotations");
  if (annotations == nullptr || !annotations->is_mapping()) return;
  for (const document::Entry& e : annotations->entries()) {
    if (std::string fault = annotation_key_fault(e.key); !fault.empty())
      diagnostics.error(e.key_mark, std::move(fault), {}, join_path(join_path(path, "annotations"), e.key));
  }
}

void check_priorities(Objects& objects, const std::vector<Node>& documents, document::Diagnostics& diagnostics) {
  const PriorityClass* fallback = nullptr;
  for (const PriorityClass& c : objects.priority_classes) {
    const Node& at = class_document(documents, c.name);
    const bool system =
        std::find(std::begin(kSystemClasses), std::end(kSystemClasses), c.name) != std::end(kSystemClasses);
    if (!system && c.name.starts_with("system-"))
      diagnostics.error(at, "Forbidden: priority class names with 'system-' prefix are reserved for system use only",
                        {}, "metadata.name");
    if (!system && c.value > kHighestUserPriority)
      diagnostics.error(at, "Forbidden: maximum allowed value of a user defined priority is 1000000000", {}, "value");
    if (!c.global_default) continue;
    if (fallback != nullptr)
      diagnostics.error(
          at,
          "PriorityClass " + fallback->name + " is already marked as default for all pods. Only one default can exist",
          {}, "globalDefault");
    fallback = &c;
  }
  for (Workload& w : objects.workloads) {
    const std::string& name = w.pod.priority_class;
    const bool system =
        std::find(std::begin(kSystemClasses), std::end(kSystemClasses), name) != std::end(kSystemClasses);
    std::int32_t computed = fallback == nullptr ? 0 : fallback->value;
    if (system) {
      computed = name == "system-node-critical" ? 2'000'001'000 : 2'000'000'000;
    } else if (!name.empty()) {
      const auto at = std::find_if(objects.priority_classes.begin(), objects.priority_classes.end(),
                                   [&](const PriorityClass& c) { return c.name == name; });
      if (at == objects.priority_classes.end()) {
        std::vector<std::string_view> known(std::begin(kSystemClasses), std::end(kSystemClasses));
        for (const PriorityClass& c : objects.priority_classes) known.emplace_back(c.name);
        const std::string near = nearest(name, known);
        const std::string missing = "no PriorityClass with name " + name + " was found";
        const std::string hint = near.empty() ? "add the file of the PriorityClass" : "did you mean " + near + "?";
        if (w.kind == WorkloadKind::pod) {
          diagnostics.error(w.mark, "pods \"" + w.name + "\" is forbidden: " + missing, hint, "spec.priorityClassName");
        } else {
          w.pod.rejected = missing;
          diagnostics.warning(w.mark,
                              std::string(kind_text(w.kind)) + " " + w.name +
                                  ": the API server takes it and none of its pods (" + missing + ")",
                              hint, "spec.priorityClassName");
        }
        continue;
      }
      computed = at->value;
    }
    if (w.pod.priority && *w.pod.priority != computed)
      diagnostics.error(w.mark,
                        "pods \"" + w.name + "\" are forbidden: the integer value of priority (" +
                            std::to_string(*w.pod.priority) +
                            ") must not be provided in pod spec; priority admission controller computed " +
                            std::to_string(computed) + " from the given PriorityClass name",
                        {}, "spec.priority");
  }
}

void check_budgets(const Objects& objects, document::Diagnostics& diagnostics) {
  for (const DisruptionBudget& b : objects.budgets) {
    const auto check = [&](const std::optional<IntOrPercent>& amount, const char* key) {
      if (amount && amount->is_percent && amount->value > 100)
        diagnostics.error(b.mark, invalid_value(std::to_string(amount->value) + "%", "must not be greater than 100%"),
                          {}, std::string("spec.") + key);
    };
    check(b.min_available, "minAvailable");
    check(b.max_unavailable, "maxUnavailable");
  }
}

}  // namespace plimsoll::kubernetes::api
