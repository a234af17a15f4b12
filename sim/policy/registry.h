#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/policy/platform.h"
#include "sim/policy/readers.h"

namespace plimsoll {

/// One parameter of a policy, as `plimsoll policies` prints it.
struct ParameterInfo {
  std::string name, unit, range, default_value, source;
};

/// One policy: the interface it serves, the name that users write, what it decides and where its rule comes from.
struct PolicyInfo {
  std::string interface_name, name, summary, source;
  std::vector<ParameterInfo> parameters;
};

/// Explicit tables of what can be named in a scenario. Filled by one function a model folder, called by the composition
/// root; nothing registers itself.
class Registry {
 public:
  void add_platform(std::unique_ptr<PlatformType> type) { platforms_.push_back(std::move(type)); }
  void add_policy(PolicyInfo info) { policies_.push_back(std::move(info)); }

  void add_arrivals(std::unique_ptr<ArrivalType> type) { arrivals_.push_back(std::move(type)); }
  void add_reader(std::unique_ptr<ManifestReader> reader) { readers_.push_back(std::move(reader)); }
  void add_translator(std::unique_ptr<ManifestTranslator> t) { translators_.push_back(std::move(t)); }
  const std::vector<std::unique_ptr<ArrivalType>>& arrivals() const { return arrivals_; }
  const std::vector<std::unique_ptr<ManifestReader>>& readers() const { return readers_; }
  const std::vector<std::unique_ptr<ManifestTranslator>>& translators() const { return translators_; }

  /// Null when unknown.
  const PlatformType* platform(std::string_view name) const {
    for (const auto& p : platforms_) {
      if (p->name() == name) return p.get();
    }
    return nullptr;
  }
  std::vector<std::string_view> platform_names() const {
    std::vector<std::string_view> out;
    for (const auto& p : platforms_) out.push_back(p->name());
    return out;
  }
  /// A library of policies that was loaded, with the hash of its bytes: part of every result.
  struct PluginFile {
    std::string name, hash;
  };
  void add_plugin(PluginFile file) { plugins_.push_back(std::move(file)); }
  void add_custom(CustomPolicyPtr policy) {
    policies_.push_back(
        {std::string(to_string(policy->kind())), policy->name(), policy->summary(), "plugin " + policy->file(), {}});
    custom_.push_back(std::move(policy));
  }
  const std::vector<PluginFile>& plugins() const { return plugins_; }
  const std::vector<CustomPolicyPtr>& custom() const { return custom_; }
  const std::vector<PolicyInfo>& policies() const { return policies_; }

 private:
  std::vector<std::unique_ptr<PlatformType>> platforms_;
  std::vector<PolicyInfo> policies_;
  std::vector<std::unique_ptr<ArrivalType>> arrivals_;
  std::vector<std::unique_ptr<ManifestReader>> readers_;
  std::vector<std::unique_ptr<ManifestTranslator>> translators_;
  std::vector<PluginFile> plugins_;
  std::vector<CustomPolicyPtr> custom_;
};

}  // namespace plimsoll
