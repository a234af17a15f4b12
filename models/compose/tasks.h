#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "models/compose/project.h"

namespace plimsoll::compose {

/// What a translation loses: one sentence a kind of loss, with the services that it is true of.
class Losses {
 public:
  void add(const std::string& service, const std::string& sentence);
  /// "web, api: SENTENCE", in the order in which they were first added.
  std::vector<std::string> sentences() const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> losses_;
};

/// One container of a task: which service it is, and its part.
struct Member {
  std::size_t service = 0;
  enum class Part : std::uint8_t {
    before,  ///< runs to its end before the main container starts
    main,
    beside  ///< shares the main container's network (network_mode service:NAME)
  } part = Part::main;
};

/// A task or pod: containers that share a fate and a host. Those before the main one come first, in their order.
struct Task {
  std::size_t main = 0;
  std::string name;  ///< as both sides take it: a DNS-1123 label
  std::vector<Member> members;
};

/// One task a service. A service that shares another's network becomes a container beside it; one for whose completion
/// others wait becomes a container that runs before them, in each of their tasks, and no service of its own. What the
/// grouping loses is said, and two services that get one name are an error.
std::vector<Task> plan_tasks(const Project& project, document::Diagnostics& diagnostics, Losses& losses);

/// What both sides lose of the services of a file: what a service says that no field stands for.
void common_losses(const Project& project, Losses& losses);

/// CPU and memory of a container, as both sides are told them: a reservation, else the limit, else an assumption.
struct Size {
  Cpu cpu, cpu_limit;          ///< limit 0: none
  Bytes memory, memory_limit;  ///< whole MiB
};
Size size_of(const Service& service, Losses& losses);

/// A DNS-1123 label.
std::string label(const std::string& name);

}  // namespace plimsoll::compose
