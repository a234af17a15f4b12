#include "sim/scenario/jobs_block.h"

#include <algorithm>

#include "sim/core/text.h"
#include "sim/core/time_zone.h"
#include "sim/core/units.h"
#include "sim/scenario/input.h"
#include "sim/scenario/size_text.h"

namespace plimsoll::scenario {

namespace {

using document::Fields;
using document::Range;

const Duration kLongest = hours(24 * 31);

std::optional<PodSize> read_size(Fields& f) {
  const auto text = f.optional_text("size", "what one pod asks for: CPU/memory such as 500m/2Gi");
  if (!text || f.describing()) return std::nullopt;
  const SizeText said = parse_size(*text);
  if (!said.fault.empty()) {
    f.error("size", said.fault, said.hint);
    return std::nullopt;
  }
  PodSize size;
  size.cpu = said.cpu;
  size.memory = said.memory;
  return size;
}

void read_kubernetes(Fields& f, KubernetesJob& job) {
  Fields k = f.child("kubernetes", "Kubernetes: fields of its Job and CronJob, in place of its file's");
  const bool described = k.describing();
  const auto seconds_of = [&](std::string_view key, std::string_view doc, std::optional<Duration>& out) {
    if (const auto s = k.optional_integer(key, doc, Range<std::int64_t>{0, INT32_MAX}); s && !described)
      out = seconds(*s);
  };
  job.indexed = k.choice<bool>("completionMode", {{"NonIndexed", false}, {"Indexed", true}}, job.indexed,
                               "Kubernetes default, or the file", "whether each completion has an index of its own");
  if (const auto n = k.optional_integer("backoffLimitPerIndex",
                                        "Indexed: failed pods of one index until the index has failed; the other "
                                        "indexes run on",
                                        {0, INT32_MAX});
      n && !described) {
    job.backoff_limit_per_index = n;
    job.backoff_limit = INT32_MAX;
  }
  if (const auto n =
          k.optional_integer("maxFailedIndexes", "failed indexes beyond which the Job fails at once", {0, 100'000});
      n && !described)
    job.max_failed_indexes = n;
  job.backoff_limit = k.integer("backoffLimit", job.backoff_limit, "Kubernetes default, or the file",
                                "failed pods until the Job fails", {0, INT32_MAX});
  job.replace_when_failed = k.choice<bool>("podReplacementPolicy", {{"TerminatingOrFailed", false}, {"Failed", true}},
                                           job.replace_when_failed, "Kubernetes default, or the file",
                                           "whether a pod that is asked to stop is replaced before it has ended");
  seconds_of("activeDeadlineSeconds", "a Job that runs for longer fails", job.active_deadline);
  seconds_of("ttlSecondsAfterFinished", "a finished Job is removed after it; frees nothing that costs",
             job.ttl_after_finished);
  seconds_of("startingDeadlineSeconds", "a start later than that is missed", job.starting_deadline);
  using Concurrency = KubernetesJob::Concurrency;
  job.concurrency = k.choice<Concurrency>(
      "concurrencyPolicy",
      {{"Allow", Concurrency::allow}, {"Forbid", Concurrency::forbid}, {"Replace", Concurrency::replace}},
      job.concurrency, "Kubernetes default, or the file", "a start that comes while an earlier Job still runs");
  job.restart_on_failure = k.choice<bool>("restartPolicy", {{"Never", false}, {"OnFailure", true}},
                                          job.restart_on_failure, "a new pod for each failure, or the file",
                                          "who starts a failed run again: the Job, or the kubelet");
  job.suspend = k.boolean("suspend", job.suspend, "Kubernetes default, or the file", "nothing is started");
  if (k.has("suspend")) job.schedule_suspended = job.suspend;
  if (described) return;
  for (const char* key : {"backoffLimitPerIndex", "maxFailedIndexes"}) {
    if (k.has(key) && !job.indexed) k.error(key, "requires indexed completion mode", "completionMode: Indexed");
  }
  if (k.has("maxFailedIndexes") && !job.backoff_limit_per_index)
    k.error("maxFailedIndexes", "backoffLimitPerIndex is required when maxFailedIndexes is specified");
}

/// "3" or "5-9": the indexes of one entry; none when it is neither.
std::optional<std::vector<std::int64_t>> indexes_of(const std::string& text) {
  const std::size_t dash = text.find('-');
  const auto number = [](const std::string& part) -> std::optional<std::int64_t> {
    if (part.empty() || part.size() > 7 || part.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    return std::stoll(part);
  };
  const auto first = number(text.substr(0, dash));
  const auto last = dash == std::string::npos ? first : number(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  std::vector<std::int64_t> out;
  for (std::int64_t i = *first; i <= *last; ++i) out.push_back(i);
  return out;
}

void read_failures(Fields& f, JobSpec& job) {
  const auto items = f.list("failures", "further ways in which runs fail, looked at one by one before `fails`");
  for (const document::Item& item : items) {
    Fields entry(item.node, f.reader(), item.path);
    RunFailure failure;
    failure.share = entry.ratio("share", percent(100), "every run that it concerns", "share of the runs that fail so",
                                {Ppm{}, percent(100)});
    failure.exit_code =
        entry.integer("exitCode", 1, "an error of the application",
                      "exit code of the main container: what rules of a podFailurePolicy go by", {1, 255});
    for (const std::string& text :
         entry.texts("indexes",
                     "completion indexes of an Indexed Job that it concerns, such as 3 or 5-9; tasks of "
                     "ECS have none")) {
      if (entry.describing()) continue;
      const auto indexes = indexes_of(text);
      if (!indexes) {
        entry.error("indexes", "'" + text + "' is no completion index", "write 3, or 5-9");
      } else {
        failure.indexes.insert(failure.indexes.end(), indexes->begin(), indexes->end());
      }
    }
    if (!f.describing()) job.failures.push_back(std::move(failure));
  }
}

/// Reads the entries one by one.
class JobReader {
 public:
  JobReader(Fields& scenario, const std::vector<ManifestFacts>& facts, const std::vector<std::string>& apps)
      : scenario_(scenario), facts_(facts), apps_(apps) {
    const document::Node* sizes = scenario.node().find("sizes");
    matched_ = sizes == nullptr || !sizes->is_scalar() || sizes->text() != "as-written";
  }

  Jobs run() {
    std::vector<std::string> names;
    const auto items = scenario_.map("jobs", "work that runs to completion beside the apps, by name");
    for (const document::Item& item : items) {
      names.push_back(item.name);
      const std::string fault = scenario_.describing() ? "" : name_fault(item.name);
      if (!fault.empty()) scenario_.reader().diagnostics->error(item.mark, fault, "name the job", "jobs");
    }
    for (const document::Item& item : items) read(item);
    for (const ManifestFacts& fact : facts_) {
      if (fact.job && std::find(names.begin(), names.end(), fact.name) == names.end()) stranger(fact, names);
    }
    return std::move(out_);
  }

 private:
  void stranger(const ManifestFacts& fact, const std::vector<std::string>& names) {
    document::Diagnostic d;
    d.severity = document::Severity::warning;
    d.file = fact.file;
    d.message = fact.kind + " '" + fact.name + "' belongs to no entry of 'jobs' and is left out";
    const std::string near = nearest(fact.name, std::vector<std::string_view>(names.begin(), names.end()));
    d.hint = near.empty() ? "its file does not say how long it works: add jobs: {" + fact.name + ": {work: 5min}}"
                          : "is it the job '" + near + "'?";
    scenario_.reader().diagnostics->add(std::move(d));
  }

  /// Facts of one side about the job: its own, or an ECS task definition of its name.
  const ManifestFacts* find(const std::string& name, Side side) const {
    // A call of RunTask stands above the definition that it runs.
    const ManifestFacts* run = run_task(name);
    if (side == Side::ecs && run != nullptr && run->size) return run;
    for (const ManifestFacts& fact : facts_) {
      if (fact.side != side || !fact.size || (side == Side::kubernetes && !fact.job)) continue;
      if (fact.name == name || fact.definition == name) return &fact;
    }
    return nullptr;
  }

  const ManifestFacts* run_task(const std::string& name) const {
    const auto at = std::find_if(facts_.begin(), facts_.end(), [&](const ManifestFacts& fact) {
      return fact.side == Side::ecs && fact.kind == "run-task" && fact.name == name;
    });
    return at == facts_.end() ? nullptr : &*at;
  }

  void read(const document::Item& item) {
    Fields f(item.node, scenario_.reader(), item.path);
    document::Diagnostics& diagnostics = *scenario_.reader().diagnostics;
    const std::size_t errors = diagnostics.error_count();
    const ManifestFacts* kubernetes = find(item.name, Side::kubernetes);
    const ManifestFacts* ecs = find(item.name, Side::ecs);
    JobSpec job;
    if (kubernetes != nullptr) {
      job = *kubernetes->job;
      job.kubernetes_pod = kubernetes->pod;
    }
    if (kubernetes == nullptr && ecs != nullptr) job.kubernetes_pod = ecs->pod;
    if (const ManifestFacts* run = run_task(item.name); run != nullptr && kubernetes == nullptr && run->replicas) {
      // RunTask starts `count` tasks, and each of them runs once.
      job.parallelism = *run->replicas;
      job.completions = run->replicas;
    }
    job.name = item.name;
    const auto size = read_size(f);
    job.work = f.required_delay("work", "CPU time of one core that one run takes; each run draws anew");
    job.wait = f.delay("wait", Delay{}, "CPU work only", "time of a run that no CPU shortens, after its CPU work");
    job.cores = f.number("cores", 1, "one core works on a run", "cores that one run can use at once", {0.01, 1024});
    job.fails =
        f.ratio("fails", Ppm{}, "every run succeeds",
                "share of runs that end with exit code 1, at an instant uniform in the run", {Ppm{}, percent(100)});
    read_failures(f, job);
    job.image = f.bytes("image", Bytes{200'000'000}, "assumed: a middling image", "compressed size of the image",
                        {Bytes{}, gibibytes(1024)});
    job.resident = f.bytes("resident", Bytes{}, "80 % of the memory request", "resident memory of a pod that runs",
                           {Bytes{}, gibibytes(24 * 1024)});
    job.parallelism = f.integer("parallelism", job.parallelism, "one pod at a time, or the file",
                                "pods at once; ECS: count of RunTask", {0, 100'000});
    if (const auto n = f.optional_integer("completions",
                                          "runs that must succeed; without it and with parallelism, the "
                                          "first success ends the work",
                                          {0, 10'000'000})) {
      job.completions = n;
    } else if (f.has("parallelism")) {
      job.completions.reset();
    }
    const auto schedule = f.optional_text("schedule", "when it starts: five cron fields; without it, once, at `at`");
    const auto zone = f.optional_text("timeZone", "IANA zone of the schedule; UTC without it");
    if (schedule) job.schedule = *schedule;
    if (zone) job.zone = *zone;
    if (const auto at = f.optional_duration("at", "without a schedule: from the window's start", {Duration{}, {}}))
      job.at = *at;
    if (f.has("at") && !job.schedule.empty() && !f.describing())
      f.error("at", "a schedule says when it starts", "remove at, or schedule");
    if (!f.describing() && !TimeZone::find(job.zone)) {
      const std::string near = nearest_time_zone(job.zone);
      f.error("timeZone", "unknown time zone '" + job.zone + "'", near.empty() ? "" : "did you mean '" + near + "'?");
    }
    read_kubernetes(f, job.kubernetes_job);
    if (f.describing()) return;
    if (job.kubernetes_job.indexed && !job.completions)
      f.error("completions", "an Indexed Job needs completions", "say how many indexes it has");
    for (const RunFailure& failure : job.failures) {
      const auto none = std::find_if(failure.indexes.begin(), failure.indexes.end(), [&](std::int64_t i) {
        return !job.kubernetes_job.indexed || i >= job.completions.value_or(0);
      });
      if (none != failure.indexes.end())
        f.error("failures", "there is no completion index " + std::to_string(*none),
                job.kubernetes_job.indexed ? "indexes are those below completions"
                                           : "kubernetes: {completionMode: Indexed}");
    }
    if (std::find(apps_.begin(), apps_.end(), item.name) != apps_.end())
      diagnostics.error(item.mark, "'" + item.name + "' is an app and a job", "rename one of them", item.path);
    settle_size(item, size, kubernetes, ecs, job);
    for (const ManifestFacts* fact : {kubernetes, ecs}) {
      if (job.image_name.empty() && fact != nullptr && !fact->containers.empty())
        job.image_name = fact->containers[0].image;
    }
    if (diagnostics.error_count() != errors) return;
    out_.assumed.push_back(f.path() + ".work = " + to_string(job.work));
    if (!job.wait.is_zero()) out_.assumed.push_back(f.path() + ".wait = " + to_string(job.wait));
    for (const RunFailure& failure : job.failures)
      out_.assumed.push_back(f.path() + ".failures = " + to_string(failure.share) + " with exit code " +
                             std::to_string(failure.exit_code));
    if (job.fails.raw() > 0) out_.assumed.push_back(f.path() + ".fails = " + to_string(job.fails));
    out_.jobs.push_back(std::move(job));
  }

  void settle_size(const document::Item& item, const std::optional<PodSize>& said, const ManifestFacts* kubernetes,
                   const ManifestFacts* ecs, JobSpec& job) {
    const ManifestFacts* first = kubernetes != nullptr ? kubernetes : ecs;
    if (!said && first == nullptr) {
      scenario_.reader().diagnostics->error(item.mark, "'size' is missing, and no file gives it",
                                            "add 'size: 500m/1Gi'", item.path);
      return;
    }
    const auto pick = [&](const ManifestFacts* own, PodSize& size, std::string& file) {
      const ManifestFacts* from = matched_ || own == nullptr ? first : own;
      if (said && (matched_ || own == nullptr)) {
        size = *said;
      } else {
        size = *from->size;
        file = from->file;
      }
      // One bursting rule for both sides when sizes are matched: memory is capped, CPU is not.
      if (matched_ || said) {
        size.memory_limit = size.memory;
        size.cpu_limit.reset();
      }
    };
    pick(ecs, job.ecs, job.ecs_file);
    pick(kubernetes, job.kubernetes, job.kubernetes_file);
  }

  Fields& scenario_;
  const std::vector<ManifestFacts>& facts_;
  const std::vector<std::string>& apps_;
  bool matched_ = true;
  Jobs out_;
};

}  // namespace

Jobs read_jobs(Fields& scenario, const std::vector<ManifestFacts>& facts, const std::vector<std::string>& apps) {
  return JobReader(scenario, facts, apps).run();
}

}  // namespace plimsoll::scenario
