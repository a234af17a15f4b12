#include "models/kubernetes/api/workload_checks.h"

#include <algorithm>
#include <string>

#include "models/kubernetes/api/pod_template.h"

namespace plimsoll::kubernetes::api {

namespace {

bool expression_matches(const MatchExpression& e, const TextMap& labels) {
  const auto at = std::find_if(labels.begin(), labels.end(), [&](const auto& pair) { return pair.first == e.key; });
  const bool listed = at != labels.end() && std::find(e.values.begin(), e.values.end(), at->second) != e.values.end();
  switch (e.op) {
    case SelectorOp::in:
      return listed;
    case SelectorOp::not_in:
      return !listed;
    case SelectorOp::exists:
      return at != labels.end();
    default:
      return at == labels.end();
  }
}

/// Told where the labels of the template stand.
void no_match(Object& spec) {
  const document::Node* node = spec.node().find("template");
  const document::Node* metadata = node == nullptr ? nullptr : node->find("metadata");
  const document::Node* labels = metadata == nullptr ? nullptr : metadata->find("labels");
  const document::Node& at = labels != nullptr     ? *labels
                             : metadata != nullptr ? *metadata
                             : node != nullptr     ? *node
                                                   : spec.node();
  spec.diagnostics().error(at, "Invalid value: `selector` does not match template `labels`", {},
                           spec.path_of("template") + ".metadata.labels");
}

/// The kind as the API server's message about an empty selector has it; that of a ReplicaSet says deployment too.
std::string kind_of_message(WorkloadKind kind) {
  if (kind == WorkloadKind::stateful_set) return "statefulset";
  return kind == WorkloadKind::daemon_set ? "daemonset" : "deployment";
}

}  // namespace

bool matches(const Selector& selector, const TextMap& labels) {
  return selector.present && std::all_of(selector.expressions.begin(), selector.expressions.end(),
                                         [&](const MatchExpression& e) { return expression_matches(e, labels); });
}

void check_selector(Object& spec, const Workload& workload) {
  if (!workload.selector.present) {
    spec.error("selector", "Required value");
  } else if (workload.selector.expressions.empty()) {
    spec.error("selector", "Invalid value: {}: empty selector is invalid for " + kind_of_message(workload.kind));
  } else if (!matches(workload.selector, workload.pod.labels)) {
    no_match(spec);
  }
}

void check_job_selector(Object& spec, const Workload& workload) {
  const bool manual = spec.boolean("manualSelector").value_or(false);
  const Selector selector = read_selector(spec.get("selector"), spec.diagnostics(), spec.path_of("selector"));
  if (manual && !selector.present) {
    spec.error("selector", "Required value");
  } else if (manual && !matches(selector, workload.pod.labels)) {
    no_match(spec);
  } else if (!manual && selector.present &&
             !matches(selector, {{"job-name", workload.name}, {"batch.kubernetes.io/job-name", workload.name}})) {
    spec.error("selector", "Invalid value: `selector` not auto-generated", "remove it, or set manualSelector: true");
  }
}

}  // namespace plimsoll::kubernetes::api
