#pragma once

#include <string>

#include "sim/results/run_result.h"

namespace plimsoll::results {

/// result.sqlite holds a whole Comparison; reading it back gives an equal one. Written in one transaction with a fixed
/// page size and nothing but the results, so equal results are equal bytes (for one version of the SQLite library).
///
///   meta(key, value)           format_version, scenario, resolved_yaml, load, seed, replications_wanted, region,
///                              as_of, calendar (Unix seconds at the start of the window), window_s, warmup_s,
///                              sizes_matched, hash, version, catalogue_hash, input_scenario, input_catalogue,
///                              interrupted
///   note(kind, ord, text)      kind: 'assumed' (inputs that no file gives), 'remark', 'set' and 'only' (--set and
///                              --platform of the command line)
///   input(ord, path, content)  the files that the scenario was read from, paths from its folder; meta.input_scenario
///                              names the scenario among them: what `explain` runs again
///   traffic(minute, requests_per_s)                                external requests, replication 0
///   platform(ord, name, type, pod_word)                            columns of the comparison
///   platform_note(platform, kind, ord, text, count)  kind: 'remark', 'low_confidence', 'object', 'dns_name'
///   run(platform, replication, ...)                                one row a replication: the numbers of RunResult
///   line(platform, replication, ord, item, ..., amount_nano_usd, hourly)       the bill; hourly: JSON array, nano-USD
///   workload(platform, replication, ord, name, ...)
///   failed(platform, replication, workload, requests)              answered with an error; workload '': of the entries
///   job(platform, replication, workload, started, completed, failed, ...)      of workloads that run to completion
///   refused(platform, replication, workload, creations)            pods that a quota refused
///   revision(platform, replication, ord, workload, revision, ...)  revisions whose requests were told apart
///   expectation(platform, replication, ord, text, kept, share, measured)
///   latency(platform, replication, at_s, p50_us, p95_us, p99_us)          five-minute windows
///   series(platform, ord, name, unit, samples)                     replication 0; samples: JSON array, one a minute
///   event(platform, ord, at_us, fact, reason, ...)                 replication 0; in order of time
///   sample                     a view: series one row a minute (platform, name, unit, minute, value)
///
/// Amounts are whole nano-dollars, rates pico-dollars a unit, times microseconds, CPU 1/1,024,000 vCPU, traffic
/// micro-requests. Seeds and hashes are text, since SQLite has no unsigned 64-bit integers.

/// @throws std::runtime_error with path and reason.
void write_store(const Comparison& comparison, const std::string& path);

/// @throws std::runtime_error when the file is missing, damaged or of a higher major version.
Comparison read_store(const std::string& path);

}  // namespace plimsoll::results
