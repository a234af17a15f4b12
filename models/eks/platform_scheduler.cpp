#include "models/eks/platform_scheduler.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/kubernetes/api/scheduler_configuration_reader.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {

namespace {

/// EKS's own scheduler runs beside the one of the file: pods that name no scheduler are its, with the release's default
/// profile, unless the file takes that name.
void keep_default_profile(std::vector<kubernetes::ProfileSpec>& profiles) {
  const bool has = std::any_of(profiles.begin(), profiles.end(), [](const kubernetes::ProfileSpec& p) {
    return p.scheduler_name == kubernetes::kDefaultScheduler;
  });
  if (has || profiles.empty()) return;
  profiles.emplace_back();
  profiles.back().percentage_of_nodes_to_score = 0;  // whatever the file says of its own
}

}  // namespace

void parse_scheduler_configuration(document::Fields& f, EksPlan& plan) {
  const auto file = f.any("schedulerConfig", "the path of a file",
                          "KubeSchedulerConfiguration of a kube-scheduler that you run yourself");
  if (!file || f.describing()) return;
  document::Diagnostics& diagnostics = *f.reader().diagnostics;
  const std::size_t before = diagnostics.error_count();
  bool found = false;
  for (const std::string& path : document::find_files(*file, diagnostics, f.path_of("schedulerConfig"))) {
    for (const document::Node& document : document::load_file(path, diagnostics)) {
      if (!kubernetes::api::is_scheduler_configuration(document)) {
        diagnostics.error(document, "not a KubeSchedulerConfiguration",
                          "apiVersion kubescheduler.config.k8s.io/v1, kind KubeSchedulerConfiguration",
                          f.path_of("schedulerConfig"));
        continue;
      }
      if (found) diagnostics.error(document, "a second KubeSchedulerConfiguration", {}, f.path_of("schedulerConfig"));
      found = true;
      auto read = kubernetes::api::read_scheduler_configuration(document, plan.scheduler.version, diagnostics);
      if (!read) continue;
      keep_default_profile(read->profiles);
      plan.scheduler.configuration = std::move(*read);
    }
  }
  if (!found && diagnostics.error_count() == before) f.error("schedulerConfig", "the file is empty");
  plan.remarks.emplace_back(
      "schedulerConfig: EKS does not let its own kube-scheduler be configured; this column stands for a cluster that "
      "runs a second one with this file, and its pods name its profiles in schedulerName");
}

}  // namespace plimsoll::eks
