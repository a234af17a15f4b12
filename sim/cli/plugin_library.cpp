#include "sim/cli/plugin_library.h"

#include <dlfcn.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "sim/core/hash.h"
#include "sim/document/loader.h"
#include "sim/policy/custom_policy.h"
#include "sim/policy/plugin_guard.h"

namespace plimsoll::cli {

namespace {

constexpr std::size_t kLargestLibrary = std::size_t{1} << 30;
constexpr std::uint32_t kMostPolicies = 1000;

/// What is wrong with one entry of the library's table; empty when nothing is.
std::string fault_of(const plimsoll_policy& p) {
  if (p.size < sizeof(plimsoll_policy))
    return "its size is " + std::to_string(p.size) + " bytes, expected at least " +
           std::to_string(sizeof(plimsoll_policy));
  if (p.name == nullptr || p.name[0] == '\0') return "it has no name";
  if (p.kind < PLIMSOLL_KUBERNETES_SCORE || p.kind > PLIMSOLL_REPLICA_SCALER)
    return "its kind is " + std::to_string(p.kind) + ", expected 1, 2 or 3";
  if (p.call.score == nullptr) return "its call is null";
  return {};
}

}  // namespace

void load_plugin(const std::string& path, Registry& registry, document::Diagnostics& diagnostics) {
  const document::Mark at = document::source_mark("--plugin " + path);
  std::string bytes;
  document::Diagnostics unread;
  if (!document::read_whole_file(path, kLargestLibrary, bytes, unread)) {
    diagnostics.error(at, "cannot read the plugin", "give the path of a shared library");
    return;
  }
  // A path with a slash, so that the loader does not search its own folders for the name.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  const std::shared_ptr<void> library(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL), [](void* h) {
    if (h != nullptr) dlclose(h);
  });
  if (library == nullptr) {
    diagnostics.error(at, std::string("not a shared library that can be loaded: ") + dlerror());
    return;
  }
  const auto get = reinterpret_cast<plimsoll_plugin_get_function>(dlsym(library.get(), "plimsoll_plugin_get"));
  if (get == nullptr) {
    diagnostics.error(at, "it does not export plimsoll_plugin_get",
                      "expected: const plimsoll_plugin* plimsoll_plugin_get(void), see plimsoll_plugin.h");
    return;
  }
  report_plugin_crashes();
  const std::string stem = std::filesystem::path(path).filename().string();
  const plimsoll_plugin* table = nullptr;
  {
    const PluginCall guard("function", "plimsoll_plugin_get", stem.c_str(), "a table of policies");
    table = get();
  }
  if (table == nullptr) {
    diagnostics.error(at, "plimsoll_plugin_get returned null", "expected: a table of policies");
    return;
  }
  if (table->abi != PLIMSOLL_PLUGIN_ABI) {
    diagnostics.error(
        at, "its ABI number is " + std::to_string(table->abi) + ", expected " + std::to_string(PLIMSOLL_PLUGIN_ABI),
        "build it again with this release's plimsoll_plugin.h");
    return;
  }
  if (table->size < sizeof(plimsoll_plugin) || table->policy_count == 0 || table->policy_count > kMostPolicies ||
      table->policies == nullptr) {
    diagnostics.error(at, "its table of policies is empty or too short", "expected: at least one plimsoll_policy");
    return;
  }
  std::vector<CustomPolicyPtr> found;
  for (std::uint32_t i = 0; i < table->policy_count; ++i) {
    const plimsoll_policy& p = table->policies[i];
    std::string fault = fault_of(p);
    if (fault.empty()) {
      const auto kind = static_cast<CustomPolicy::Kind>(p.kind);
      if (find_custom(registry.custom(), kind, p.name) != nullptr || find_custom(found, kind, p.name) != nullptr)
        fault = "there is a " + std::string(to_string(kind)) + " named '" + p.name + "' already";
    }
    if (!fault.empty()) {
      diagnostics.error(at, "policy " + std::to_string(i + 1) + ": " + fault);
      continue;
    }
    found.push_back(std::make_shared<CustomPolicy>(&p, stem, library));
  }
  if (diagnostics.has_errors()) return;
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash_text(bytes)));
  registry.add_plugin({stem, hash});
  for (CustomPolicyPtr& p : found) registry.add_custom(std::move(p));
}

}  // namespace plimsoll::cli
