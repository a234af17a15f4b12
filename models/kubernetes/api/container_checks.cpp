#include "models/kubernetes/api/container_checks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "models/kubernetes/api/name_rules.h"
#include "sim/core/text.h"

namespace plimsoll::kubernetes::api {

namespace {

using document::join_path;

constexpr std::string_view kWholePaths[] = {
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
/// Fields that a file of the downward API, but not a variable, may have.
constexpr std::string_view kOtherPaths[] = {"metadata.annotations", "metadata.labels", "spec.restartPolicy",
                                            "spec.schedulerName",   "status.phase",    "spec.hostNetwork",
                                            "metadata.generateName"};
constexpr std::string_view kVolumeTypes[] = {"awsElasticBlockStore",
                                             "azureDisk",
                                             "azureFile",
                                             "cephfs",
                                             "cinder",
                                             "configMap",
                                             "csi",
                                             "downwardAPI",
                                             "emptyDir",
                                             "ephemeral",
                                             "fc",
                                             "flexVolume",
                                             "flocker",
                                             "gcePersistentDisk",
                                             "gitRepo",
                                             "glusterfs",
                                             "hostPath",
                                             "image",
                                             "iscsi",
                                             "nfs",
                                             "persistentVolumeClaim",
                                             "photonPersistentDisk",
                                             "portworxVolume",
                                             "projected",
                                             "quobyte",
                                             "rbd",
                                             "scaleIO",
                                             "secret",
                                             "storageos",
                                             "vsphereVolume"};

bool one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

class FieldChecks {
 public:
  explicit FieldChecks(document::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void container(const document::Node& c, const std::string& path) {
    strings(c, "command", path);
    strings(c, "args", path);
    each(c, "env", path, [&](const document::Node& e, const std::string& at) { variable(e, at); });
    each(c, "envFrom", path, [&](const document::Node& e, const std::string& at) {
      sources(e, {"configMapRef", "secretRef"}, at, "must specify one of: `configMapRef` or `secretRef`");
    });
    for (const char* key : {"livenessProbe", "readinessProbe", "startupProbe"}) {
      if (const document::Node* probe = mapping(c, key)) {
        handler(*probe, join_path(path, key));
        named_port(c, *probe, key, path);
      }
    }
    if (const document::Node* lifecycle = mapping(c, "lifecycle")) {
      for (const char* key : {"postStart", "preStop"}) {
        const document::Node* hook = mapping(*lifecycle, key);
        if (hook == nullptr) continue;
        const std::string at = join_path(join_path(path, "lifecycle"), key);
        handler(*hook, at);
        for (const char* type : {"httpGet", "tcpSocket"}) {
          const document::Node* action = mapping(*hook, type);
          if (action != nullptr && word(*action, "port").empty())
            error(*action, "Invalid value: 0: must be between 1 and 65535, inclusive",
                  join_path(join_path(at, type), "port"));
        }
      }
    }
    choice(c, "terminationMessagePolicy", {"FallbackToLogsOnError", "File"}, path);
    resizes(c, path);
    if (const document::Node* security = mapping(c, "securityContext")) {
      const std::string at = join_path(path, "securityContext");
      escalation(*security, at);
      users(*security, at);
    }
    each(c, "volumeMounts", path, [&](const document::Node& mount, const std::string& at) {
      const std::string sub = word(mount, "subPath");
      if (sub.starts_with("/")) error(mount, invalid(sub, "must be a relative path"), join_path(at, "subPath"));
      if (climbs(sub)) error(mount, invalid(sub, "must not contain '..'"), join_path(at, "subPath"));
    });
  }

  void pod(const document::Node& spec, const std::string& path) {
    for (const char* key : {"hostname", "subdomain"}) name(spec, key, path, label_name_fault);
    for (const char* key : {"serviceAccountName", "runtimeClassName"})
      name(spec, key, path, [](std::string_view text) { return subdomain_name_fault(text); });
    each(spec, "hostAliases", path, [&](const document::Node& alias, const std::string& at) {
      const std::string ip = word(alias, "ip");
      if (!is_ip_address(ip))
        error(alias, invalid(ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"), join_path(at, "ip"));
      each(alias, "hostnames", at, [&](const document::Node& host, const std::string& where) {
        if (std::string fault = subdomain_name_fault(host.text()); !fault.empty()) error(host, std::move(fault), where);
      });
    });
    each(spec, "readinessGates", path, [&](const document::Node& gate, const std::string& at) {
      if (std::string fault = label_key_fault(word(gate, "conditionType")); !fault.empty())
        error(gate, std::move(fault), join_path(at, "conditionType"));
    });
    host(spec, path);
    if (const document::Node* dns = mapping(spec, "dnsConfig")) name_servers(*dns, join_path(path, "dnsConfig"));
    if (const document::Node* security = mapping(spec, "securityContext"))
      users(*security, join_path(path, "securityContext"));
    if (const document::Node* deadline = spec.find("activeDeadlineSeconds");
        deadline != nullptr && deadline->kind() == document::Kind::integer && deadline->as_integer() < 1)
      error(*deadline, "Invalid value: " + deadline->text() + ": must be between 1 and 2147483647, inclusive",
            join_path(path, "activeDeadlineSeconds"));
    if (const document::Node* added = spec.find("ephemeralContainers");
        added != nullptr && added->is_sequence() && added->size() > 0)
      error(*added, "Forbidden: ephemeral containers not allowed in pod templates, nor when a pod is created",
            join_path(path, "ephemeralContainers"));
    each(spec, "volumes", path, [&](const document::Node& volume, const std::string& at) { source(volume, at); });
  }

 private:
  void error(const document::Node& at, std::string message, std::string path) {
    diagnostics_.error(at, std::move(message), {}, std::move(path));
  }
  static std::string invalid(std::string_view value, std::string_view rule) {
    return "Invalid value: \"" + std::string(value) + "\": " + std::string(rule);
  }
  static std::string word(const document::Node& of, std::string_view key) {
    const document::Node* value = of.find(key);
    return value != nullptr && value->is_scalar() && !value->is_null() ? value->text() : std::string();
  }
  static const document::Node* mapping(const document::Node& of, std::string_view key) {
    const document::Node* value = of.find(key);
    return value != nullptr && value->is_mapping() ? value : nullptr;
  }
  static bool is_true(const document::Node& of, std::string_view key) {
    const document::Node* value = of.find(key);
    return value != nullptr && value->kind() == document::Kind::boolean && value->as_boolean();
  }
  static bool is_false(const document::Node& of, std::string_view key) {
    const document::Node* value = of.find(key);
    return value != nullptr && value->kind() == document::Kind::boolean && !value->as_boolean();
  }
  static bool climbs(std::string_view text) {
    while (!text.empty()) {
      const std::size_t slash = text.find('/');
      if (text.substr(0, slash) == "..") return true;
      text = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    }
    return false;
  }
  template <class F>
  static void each(const document::Node& of, std::string_view key, const std::string& path, F&& use) {
    const document::Node* list = of.find(key);
    if (list == nullptr || !list->is_sequence()) return;
    std::size_t index = 0;
    for (const document::Node& item : list->items()) use(item, join_path(join_path(path, key), index++));
  }
  template <class Fault>
  void name(const document::Node& of, std::string_view key, const std::string& path, Fault&& fault_of) {
    const std::string text = word(of, key);
    if (text.empty()) return;
    if (std::string fault = fault_of(text); !fault.empty())
      error(*of.find(key), std::move(fault), join_path(path, key));
  }
  void choice(const document::Node& of, std::string_view key, std::initializer_list<std::string_view> all,
              const std::string& path) {
    const std::string value = word(of, key);
    if (value.empty() || one_of(value, all)) return;
    std::string supported;
    for (const std::string_view v : all) supported += (supported.empty() ? "\"" : ", \"") + std::string(v) + "\"";
    error(*of.find(key), "Unsupported value: \"" + value + "\": supported values: " + supported, join_path(path, key));
  }

  void strings(const document::Node& of, std::string_view key, const std::string& path) {
    const document::Node* list = of.find(key);
    if (list == nullptr || list->is_null()) return;
    if (!list->is_sequence()) return error(*list, "must be a list of strings", join_path(path, key));
    each(of, key, path, [&](const document::Node& item, const std::string& at) {
      if (!item.is_string()) error(item, "must be a string (quote it)", at);
    });
  }

  /// Exactly one of these.
  void sources(const document::Node& of, std::initializer_list<std::string_view> all, const std::string& path,
               std::string_view none) {
    const auto given = std::count_if(all.begin(), all.end(), [&](std::string_view key) {
      const document::Node* value = of.find(key);
      return value != nullptr && !value->is_null();
    });
    if (given == 0) error(of, "Invalid value: \"\": " + std::string(none), path);
    if (given > 1) error(of, "Invalid value: \"\": may not have more than one field specified at a time", path);
  }

  void variable(const document::Node& env, const std::string& path) {
    const document::Node* value = env.find("value");
    if (value != nullptr && !value->is_null() && !value->is_string())
      error(*value, "must be a string (quote it)", join_path(path, "value"));
    const document::Node* from = mapping(env, "valueFrom");
    if (from == nullptr) return;
    const std::string at = join_path(path, "valueFrom");
    sources(*from, {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"}, at,
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
    if (const document::Node* field = mapping(*from, "fieldRef")) field_path(*field, join_path(at, "fieldRef"));
    if (const document::Node* resource = mapping(*from, "resourceFieldRef"))
      resource_field(*resource, join_path(at, "resourceFieldRef"));
    for (const char* key : {"configMapKeyRef", "secretKeyRef"}) {
      const document::Node* of = mapping(*from, key);
      if (of != nullptr && word(*of, "key").empty()) error(*of, "Required value", join_path(join_path(at, key), "key"));
    }
  }

  void field_path(const document::Node& of, const std::string& path) {
    const std::string text = word(of, "fieldPath"), at = join_path(path, "fieldPath");
    if (text.empty()) return error(of, "Required value", at);
    const bool subscripted = text.ends_with("']") && text.find("['") != std::string::npos;
    const std::string field = text.substr(0, subscripted ? text.find("['") : std::string::npos);
    if (subscripted && (field == "metadata.labels" || field == "metadata.annotations")) return;
    const bool whole = std::find(std::begin(kWholePaths), std::end(kWholePaths), field) != std::end(kWholePaths);
    if (whole && !subscripted) return;
    if (whole) return error(of, invalid(field, "does not support subscript"), path);
    if (std::find(std::begin(kOtherPaths), std::end(kOtherPaths), field) == std::end(kOtherPaths))
      return error(of, invalid(text, "error converting fieldPath: field label not supported: " + text), at);
    std::string supported;
    for (const std::string_view v : kWholePaths)
      supported += (supported.empty() ? "\"" : ", \"") + std::string(v) + "\"";
    error(of, "Unsupported value: \"" + text + "\": supported values: " + supported, at);
  }

  void resource_field(const document::Node& of, const std::string& path) {
    const std::string text = word(of, "resource"), at = join_path(path, "resource");
    if (text.empty()) return error(of, "Required value", at);
    const bool known = one_of(text, {"limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu",
                                     "requests.ephemeral-storage", "requests.memory"});
    if (!known && !text.starts_with("limits.hugepages-") && !text.starts_with("requests.hugepages-"))
      error(of,
            "Unsupported value: \"" + text +
                "\": supported values: \"limits.cpu\", \"limits.ephemeral-storage\", \"limits.memory\", "
                "\"requests.cpu\", \"requests.ephemeral-storage\", \"requests.memory\"",
            at);
  }

  void handler(const document::Node& of, const std::string& path) {
    if (const document::Node* http = mapping(of, "httpGet")) {
      choice(*http, "scheme", {"HTTP", "HTTPS"}, join_path(path, "httpGet"));
      port_name(*http, join_path(path, "httpGet"));
    }
    if (const document::Node* tcp = mapping(of, "tcpSocket")) port_name(*tcp, join_path(path, "tcpSocket"));
    const document::Node* exec = mapping(of, "exec");
    if (exec == nullptr) return;
    const document::Node* command = exec->find("command");
    if (command == nullptr || command->is_null() || (command->is_sequence() && command->size() == 0)) {
      error(*exec, "Required value", join_path(join_path(path, "exec"), "command"));
    } else {
      strings(*exec, "command", join_path(path, "exec"));
    }
  }

  void port_name(const document::Node& action, const std::string& path) {
    const document::Node* port = action.find("port");
    if (port == nullptr || !port->is_string()) return;
    if (std::string fault = port_name_fault(port->text()); !fault.empty())
      error(*port, std::move(fault), join_path(path, "port"));
  }

  void named_port(const document::Node& container, const document::Node& probe, std::string_view key,
                  const std::string& path) {
    for (const char* type : {"httpGet", "tcpSocket"}) {
      const document::Node* action = mapping(probe, type);
      const document::Node* port = action == nullptr ? nullptr : action->find("port");
      if (port == nullptr || !port->is_string() || !port_name_fault(port->text()).empty()) continue;
      bool there = false;
      each(container, "ports", path,
           [&](const document::Node& p, const std::string&) { there = there || word(p, "name") == port->text(); });
      if (!there)
        diagnostics_.warning(*port,
                             "the container has no port named '" + port->text() +
                                 "': the kubelet could not probe it, and throws the answer away; here it is probed",
                             {}, join_path(join_path(join_path(path, key), type), "port"));
    }
  }

  void resizes(const document::Node& container, const std::string& path) {
    std::vector<std::string> seen;
    each(container, "resizePolicy", path, [&](const document::Node& policy, const std::string& at) {
      choice(policy, "resourceName", {"cpu", "memory"}, at);
      choice(policy, "restartPolicy", {"NotRequired", "RestartContainer"}, at);
      const std::string resource = word(policy, "resourceName");
      if (std::find(seen.begin(), seen.end(), resource) != seen.end())
        error(policy, "Duplicate value: \"" + resource + "\"", at);
      seen.push_back(resource);
    });
  }

  void escalation(const document::Node& security, const std::string& path) {
    if (!is_false(security, "allowPrivilegeEscalation")) return;
    if (is_true(security, "privileged"))
      error(security, "Invalid value: cannot set `allowPrivilegeEscalation` to false and `privileged` to true", path);
    const document::Node* capabilities = mapping(security, "capabilities");
    if (capabilities == nullptr) return;
    each(*capabilities, "add", path, [&](const document::Node& capability, const std::string&) {
      if (capability.is_scalar() && capability.text() == "CAP_SYS_ADMIN")
        error(security,
              "Invalid value: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
              path);
    });
  }

  void users(const document::Node& security, const std::string& path) {
    for (const char* key : {"runAsUser", "runAsGroup", "fsGroup"}) {
      const document::Node* id = security.find(key);
      if (id == nullptr || id->kind() != document::Kind::integer) continue;
      if (id->as_integer() < 0 || id->as_integer() > INT32_MAX)
        error(*id, "Invalid value: " + id->text() + ": must be between 0 and 2147483647, inclusive",
              join_path(path, key));
    }
  }

  void host(const document::Node& spec, const std::string& path) {
    if (is_true(spec, "hostPID") && is_true(spec, "shareProcessNamespace"))
      error(*spec.find("shareProcessNamespace"),
            "Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
            join_path(path, "shareProcessNamespace"));
    if (!is_false(spec, "hostUsers")) return;
    for (const char* key : {"hostNetwork", "hostPID", "hostIPC"}) {
      if (is_true(spec, key)) error(*spec.find(key), "Forbidden: when `hostUsers` is false", join_path(path, key));
    }
  }

  void name_servers(const document::Node& dns, const std::string& path) {
    const document::Node* servers = dns.find("nameservers");
    if (servers != nullptr && servers->is_sequence() && servers->size() > 3)
      error(*servers, "Invalid value: must not have more than 3 nameservers", join_path(path, "nameservers"));
    each(dns, "nameservers", path, [&](const document::Node& server, const std::string& at) {
      if (server.is_scalar() && !is_ip_address(server.text()))
        error(server, invalid(server.text(), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"), at);
    });
  }

  void source(const document::Node& volume, const std::string& path) {
    if (!volume.is_mapping()) return;
    for (const document::Entry& e : volume.entries()) {
      const bool known = e.key == "name" ||
                         std::find(std::begin(kVolumeTypes), std::end(kVolumeTypes), e.key) != std::end(kVolumeTypes);
      if (known) continue;
      const std::string near = nearest(e.key, kVolumeTypes);
      diagnostics_.warning(e.key_mark, "unknown field \"" + join_path(path, e.key) + "\", ignored",
                           near.empty() ? std::string() : "did you mean " + near + "?", join_path(path, e.key));
    }
    if (const document::Node* empty = mapping(volume, "emptyDir")) {
      const std::string medium = word(*empty, "medium");
      if (!medium.empty() && medium != "Memory" && !medium.starts_with("HugePages"))
        error(*empty, "Unsupported value: \"" + medium + "\": supported values: \"\", \"HugePages\", \"Memory\"",
              join_path(join_path(path, "emptyDir"), "medium"));
    }
    if (const document::Node* local = mapping(volume, "hostPath")) {
      const std::string at = join_path(path, "hostPath"), where = word(*local, "path");
      if (where.empty()) error(*local, "Required value", join_path(at, "path"));
      if (climbs(where)) error(*local, invalid(where, "must not contain '..'"), join_path(at, "path"));
      choice(*local, "type",
             {"BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"}, at);
    }
    const document::Node* config = mapping(volume, "configMap");
    if (config != nullptr && word(*config, "name").empty())
      error(*config, "Required value", join_path(join_path(path, "configMap"), "name"));
    const document::Node* secret = mapping(volume, "secret");
    if (secret != nullptr && word(*secret, "secretName").empty())
      error(*secret, "Required value", join_path(join_path(path, "secret"), "secretName"));
  }

  document::Diagnostics& diagnostics_;
};

}  // namespace

void check_container_fields(const document::Node& container, const std::string& path,
                            document::Diagnostics& diagnostics) {
  if (container.is_mapping()) FieldChecks(diagnostics).container(container, path);
}

void check_pod_fields(const document::Node& spec, const std::string& path, document::Diagnostics& diagnostics) {
  FieldChecks(diagnostics).pod(spec, path);
}

void check_deletion_cost(const document::Node& metadata, const std::string& path, document::Diagnostics& diagnostics) {
  constexpr std::string_view kKey = "controller.kubernetes.io/pod-deletion-cost";
  const document::Node* annotations = metadata.find("annotations");
  const document::Node* cost = annotations == nullptr ? nullptr : annotations->find(kKey);
  if (cost == nullptr || !cost->is_string()) return;
  const std::string& text = cost->text();
  std::int32_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool leading_zero = text.size() > 1 && text[0] == '0';
  if (fault != std::errc{} || end != text.data() + text.size() || leading_zero)
    diagnostics.error(*cost, "Invalid value: \"" + text + "\": must be a 32bit integer", {},
                      join_path(join_path(path, "annotations"), kKey));
}

bool has_volume_type(const document::Node& volume) {
  return std::any_of(std::begin(kVolumeTypes), std::end(kVolumeTypes), [&](std::string_view type) {
    const document::Node* value = volume.find(type);
    return value != nullptr && !value->is_null();
  });
}

bool is_ip_address(const std::string& text) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 || inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

}  // namespace plimsoll::kubernetes::api
