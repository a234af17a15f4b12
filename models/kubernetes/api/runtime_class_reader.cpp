#include "models/kubernetes/api/runtime_class_reader.h"

#include <algorithm>

#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/quantity.h"
#include "models/kubernetes/api/toleration_reader.h"

namespace plimsoll::kubernetes::api {

namespace {

ResourceAmountsSpec read_pod_fixed(const document::Node& node, document::Diagnostics& diagnostics,
                                   const std::string& path) {
  ResourceAmountsSpec out;
  Object o(node, diagnostics, path);
  o.allow_unknown();
  const auto read = [&](std::string_view key, auto& into, auto&& parse) {
    const auto text = o.scalar(key);
    if (!text) return;
    const auto value = parse(*text);
    if (!value) {
      o.error(key, value.error);
    } else {
      into = *value.value;
    }
  };
  read("cpu", out.cpu, parse_cpu_quantity);
  read("memory", out.memory, parse_bytes_quantity);
  read("ephemeral-storage", out.ephemeral_storage, parse_bytes_quantity);
  return out;
}

bool says_anything(const ResourceAmountsSpec& a) {
  return a.cpu || a.memory || a.ephemeral_storage || !a.extended.empty();
}

bool are_equal(const ResourceAmountsSpec& a, const ResourceAmountsSpec& b) {
  return a.cpu == b.cpu && a.memory == b.memory && a.ephemeral_storage == b.ephemeral_storage &&
         a.extended == b.extended;
}

}  // namespace

RuntimeClass read_runtime_class(Object& object, const std::string& name) {
  RuntimeClass out;
  out.name = name;
  out.mark = object.mark();
  if (const std::string handler = object.text_or("handler", ""); handler.empty()) {
    object.error("handler", "Required value");
  } else if (const std::string fault = label_name_fault(handler); !fault.empty()) {
    object.error("handler", fault);
  }
  if (const document::Node* overhead = object.get("overhead")) {
    Object o(*overhead, object.diagnostics(), object.path_of("overhead"));
    if (const document::Node* fixed = o.get("podFixed"))
      out.overhead = read_pod_fixed(*fixed, object.diagnostics(), o.path_of("podFixed"));
  }
  const document::Node* scheduling = object.get("scheduling");
  if (scheduling == nullptr) return out;
  Object s(*scheduling, object.diagnostics(), object.path_of("scheduling"));
  out.node_selector = s.map("nodeSelector");
  out.tolerations = read_tolerations(s);
  return out;
}

void apply_runtime_classes(const std::vector<RuntimeClass>& classes, document::Diagnostics& diagnostics,
                           std::vector<Workload>& workloads) {
  for (Workload& w : workloads) {
    const std::string what = std::string(kind_text(w.kind)) + " '" + w.name + "'";
    if (w.pod.runtime_class.empty()) {
      if (says_anything(w.pod.overhead))
        diagnostics.error(w.mark,
                          what + ": pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
                          "take overhead out; a RuntimeClass with overhead.podFixed sets it");
      continue;
    }
    const auto at = std::find_if(classes.begin(), classes.end(),
                                 [&](const RuntimeClass& c) { return c.name == w.pod.runtime_class; });
    if (at == classes.end()) {
      w.pod.rejected = "pod rejected: RuntimeClass \"" + w.pod.runtime_class + "\" not found";
      diagnostics.warning(w.mark,
                          "the RuntimeClass '" + w.pod.runtime_class + "' of " + what +
                              " is not among the files: the API server takes none of its pods (" + w.pod.rejected + ")",
                          "add the file of the RuntimeClass");
      continue;
    }
    if (says_anything(w.pod.overhead) && !are_equal(w.pod.overhead, at->overhead)) {
      diagnostics.error(w.mark, what + ": pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
      continue;
    }
    w.pod.overhead = at->overhead;
    for (const auto& [key, value] : at->node_selector) {
      const auto own = std::find_if(w.pod.node_selector.begin(), w.pod.node_selector.end(),
                                    [k = key](const auto& pair) { return pair.first == k; });
      if (own == w.pod.node_selector.end()) {
        w.pod.node_selector.emplace_back(key, value);
      } else if (own->second != value) {
        diagnostics.error(w.mark, what + ": pod rejected: conflict: runtimeClass.scheduling.nodeSelector[" + key +
                                      "] = " + value + "; pod.spec.nodeSelector[" + key + "] = " + own->second);
      }
    }
    w.pod.tolerations.insert(w.pod.tolerations.end(), at->tolerations.begin(), at->tolerations.end());
  }
}

}  // namespace plimsoll::kubernetes::api
