#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/api/objects.h"
#include "sim/core/units.h"

/// What bounds the pods of a namespace: ResourceQuota and LimitRange as their files have them, defaults filled in.
/// SOURCE of fields, defaults and rules: Kubernetes API reference core/v1, pkg/apis/core/v1/defaults.go
/// (SetDefaults_LimitRangeItem), pkg/apis/core/validation/validation.go (ValidateLimitRange, ValidateResourceQuota).
namespace plimsoll::kubernetes::api {

/// What a quota counts. Those above `pods` are amounts of a pod's containers; the others are numbers of objects.
enum class QuotaResource : std::uint8_t { requests_cpu, requests_memory, limits_cpu, limits_memory, pods, object };

struct QuotaLimit {
  std::string name;  ///< as written: "cpu" and "requests.cpu" are the same resource
  QuotaResource resource = QuotaResource::pods;
  std::int64_t hard = 0;  ///< milliCPU, bytes, or a number
};

enum class QuotaScope : std::uint8_t { terminating, not_terminating, best_effort, not_best_effort, priority_class };

struct ScopeRule {
  QuotaScope scope = QuotaScope::terminating;
  SelectorOp op = SelectorOp::exists;  ///< In, NotIn, Exists, DoesNotExist; the first two for priority classes only
  std::vector<std::string> values;
};

struct ResourceQuota {
  std::string name, namespace_name = "default";
  std::vector<QuotaLimit> hard;   ///< by name, as the API server prints them
  std::vector<ScopeRule> scopes;  ///< all must match; spec.scopes stand as Exists
};

/// Amounts of the two resources that a LimitRange bounds here.
struct RangeAmounts {
  std::optional<Cpu> cpu;
  std::optional<Bytes> memory;
};

struct LimitRangeItem {
  enum class Type : std::uint8_t { container, pod } type = Type::container;
  RangeAmounts min, max, default_limit, default_request;
  std::optional<std::int64_t> cpu_ratio, memory_ratio;  ///< maxLimitRequestRatio, thousandths
};

struct LimitRange {
  std::string name, namespace_name = "default";
  std::vector<LimitRangeItem> items;
};

struct AdmissionObjects {
  std::vector<ResourceQuota> quotas;
  std::vector<LimitRange> ranges;
  std::int64_t namespaces = 0;
  std::vector<NamespaceLabels> labels;  ///< of the namespaces that have a file, in its order
  bool empty() const { return quotas.empty() && ranges.empty(); }
};

/// Whether a document belongs here: Namespace, ResourceQuota, LimitRange of the core group.
bool is_admission_object(const document::Node& node);
/// Reads one of them. What the API server would reject is an error with its rule and path; a resource that is known
/// but not counted here, one warning.
void read_admission(const document::Node& node, document::Diagnostics& diagnostics, AdmissionObjects& out);

/// An amount in the canonical form of the API server: "3500m", "2Gi", "7". SOURCE: apimachinery
/// pkg/api/resource/quantity.go CanonicalizeBytes.
std::string quantity_text(QuotaResource resource, std::int64_t amount);
std::string quantity_text(Cpu amount);
std::string quantity_text(Bytes amount);

/// Objects of a set of files that a quota would refuse to have created, in the order of the files: an error each.
/// Counted are services, services.loadbalancers and count/ of the kinds that have files.
void check_object_counts(const Objects& objects, const AdmissionObjects& admission, document::Diagnostics& diagnostics);

}  // namespace plimsoll::kubernetes::api
