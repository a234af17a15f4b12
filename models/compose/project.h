#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/compose/values.h"
#include "sim/core/time.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::compose {

/// Checks of a container. SOURCE of the defaults: Dockerfile reference, HEALTHCHECK.
struct HealthCheck {
  std::vector<std::string> test;  ///< CMD or CMD-SHELL first
  Duration interval = seconds(30), timeout = seconds(30), start_period{};
  std::int64_t retries = 3;
  document::Mark mark;
};

enum class Condition : std::uint8_t { started, healthy, completed };

struct Dependency {
  std::string service;
  Condition condition = Condition::started;
  document::Mark mark;
};

enum class Restart : std::uint8_t { no, always, on_failure };

/// deploy.update_config. SOURCE: Compose deploy specification (parallelism 1, order stop-first).
struct Update {
  std::int64_t parallelism = 1;  ///< 0: all at once
  bool start_first = false;
  bool rollback = false;
};

/// One service of the file, which is one container and its copies.
struct Service {
  std::string name;
  document::Mark mark;  ///< of its key
  document::Node node;  ///< as written, variables replaced
  std::string image;    ///< its own name when it is built only
  bool built = false;
  std::vector<std::string> entrypoint, command;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string working_directory, user;
  std::optional<Cpu> cpu_limit, cpu_reservation;
  std::optional<Bytes> memory_limit, memory_reservation;
  std::int64_t gpus = 0;
  std::int64_t replicas = 1;
  bool global = false;  ///< deploy.mode global: one on each machine
  bool job = false;     ///< deploy.mode replicated-job or global-job: runs to completion
  std::vector<Port> ports;
  std::vector<std::int64_t> exposed;  ///< not published
  std::optional<HealthCheck> health;
  std::vector<Dependency> depends_on;
  Restart restart = Restart::no;
  bool restart_written = false;
  std::optional<std::int64_t> most_restarts;  ///< on-failure:N
  Duration stop_grace = seconds(10);          ///< SOURCE: Compose specification, "stop_grace_period"
  std::optional<Update> update;
  std::string network_of;     ///< network_mode service:NAME
  bool host_network = false;  ///< network_mode host
  bool volumes = false, secrets = false, configs = false, env_file = false;
  std::vector<std::string> left_out;  ///< keys that no side has a word for
  std::vector<std::string> vendor;    ///< keys that begin with x-aws-
};

/// A Compose file with its variables replaced. Services of a profile are not started by `up` and are left out, as is
/// what depends on nothing else.
struct Project {
  std::vector<Service> services;
  std::vector<std::string> unset;     ///< variables without a value
  std::vector<std::string> profiled;  ///< services left out
  std::vector<std::string> vendor;    ///< x-aws- keys of the whole file
  std::vector<std::string> left_out;  ///< keys of the whole file

  const Service* find(const std::string& name) const;
};

/// Whether the document looks like a Compose file: a mapping of services, and nothing of another format.
bool is_compose_file(const document::Node& document);

/// Reads a file by the Compose specification. What Compose refuses, by its schema or when it loads the file, is an
/// error at its place; nothing is returned then. `include` and `extends` are written out first (composition.h).
/// SOURCE: Compose specification (services, deploy) and its JSON schema; compose-go, loader/validate.go and
/// loader/normalize.go (references that must be defined, cpus beside deploy.resources, cycles).
std::optional<Project> read_project(const document::Node& document, document::Diagnostics& diagnostics);

}  // namespace plimsoll::compose
