#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/policy/registry.h"

namespace plimsoll::cli {

/// 0 done; 1 an error inside; 2 bad input, every fault printed; 3 no column that ran keeps its promises (one is broken
/// in more than half of the replications), or diff or validate-curves found more than its limit; 130 interrupted with a
/// readable partial result.
enum ExitCode : int { kDone = 0, kInternalError = 1, kBadInput = 2, kPromiseBroken = 3, kInterrupted = 130 };

/// What several verbs take.
struct ScenarioArguments {
  std::string file;
  std::vector<std::string> sets;
  std::vector<std::string> platforms;
  std::string catalogue_dir;
  std::uint64_t seed = 0;
  bool has_seed = false;
};

struct CompareArguments {
  ScenarioArguments scenario;
  std::string out;
  std::int64_t replications = 0;
  int jobs = 1;
  std::string format = "table";
  bool quiet = false;
  bool single = false;  ///< `run`: one column, one replication unless said otherwise
};

struct ValidateArguments {
  ScenarioArguments scenario;
  bool print_effective = false;
  bool schema = false;
};

struct CatalogArguments {
  std::string region = "us-east-1", family, catalogue_dir, format = "table";
  std::int64_t min_vcpu = 0;
  bool services = false;  ///< prices of services in the place of instance types
};

struct SweepArguments {
  std::string file, out, catalogue_dir;
  std::vector<std::string> platforms;
  std::optional<std::uint64_t> seed;
  std::int64_t replications = 0;  ///< 0: the sweep's
  int jobs = 1;
  bool quiet = false;
  std::vector<std::string> sets;
};

struct ValidateCurvesArguments {
  std::string file, format = "table";
  std::vector<std::string> sets;
  bool quiet = false;
};

struct ReportArguments {
  std::string directory, format = "table", out;
};

struct DiffArguments {
  std::string before, after, format = "table", fail_above;
  std::vector<std::string> platforms;
};

/// One of the forms: pod, node, fit, scale_up, service, alarm, capacity_provider, or `at` alone.
struct ExplainArguments {
  std::string subject;  ///< run directory or scenario file
  std::string platform, pod, node, at, scale_up, service, alarm, capacity_provider, fit, count = "max";
  std::string format = "table", catalogue_dir;
  std::vector<std::string> sets;
};

struct ImportArguments {
  std::vector<std::string> files;
  std::string to = "scenario";
};

int run_compare(const Registry& registry, const CompareArguments& arguments);
int run_validate(const Registry& registry, const ValidateArguments& arguments);
int run_catalog(const CatalogArguments& arguments);
int run_policies(const Registry& registry, const std::string& format);
int run_sweep(const Registry& registry, const SweepArguments& arguments);
int run_report(const ReportArguments& arguments);
int run_validate_curves(const Registry& registry, const ValidateCurvesArguments& arguments);
int run_diff(const DiffArguments& arguments);
int run_explain(const Registry& registry, const ExplainArguments& arguments);
int run_import(const Registry& registry, const ImportArguments& arguments);

/// Everything that a scenario can name: calls the register function of each model folder.
Registry make_registry();

/// "plimsoll 0.1.0".
std::string version_line();
extern const char kVersion[];

/// Parses the command line and runs a verb; the answer is the exit code. Never throws.
int main(int argc, char** argv);

}  // namespace plimsoll::cli
