#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/units.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

/// Docker Compose files: what they say, and what it is on ECS and on Kubernetes.
namespace plimsoll::compose {

/// A size as Docker reads it: a number with b, k, m, g, t or p (also kb, kib, ...), each 1024 times the one before; a
/// bare number is bytes. SOURCE: Compose specification, "Specifying byte values"; docker/go-units RAMInBytes.
Parsed<Bytes> parse_size(std::string_view text);

/// A number of CPUs, "0.5", in vCPUs; not negative. SOURCE: Compose specification, services "cpus".
Parsed<Cpu> parse_cpus(std::string_view text);

/// Words of a command line as a POSIX shell splits them: quotes and backslashes, no expansion. Nothing when a quote is
/// not closed. SOURCE: Compose specification, services "command" (a string is split as a shell would).
std::optional<std::vector<std::string>> shell_words(std::string_view text);

struct Port {
  std::int64_t target = 0;
  std::optional<std::int64_t> published;  ///< none: a port of the host that Docker picks, or none at all
  bool udp = false;
  bool local = false;  ///< published on the loopback address only
};

/// The short form of a port, "[[IP:]HOST:]CONTAINER[/PROTOCOL]", where both may be ranges of one length. `fault` says
/// what Compose refuses. SOURCE: Compose specification, services "ports"; docker/go-connections nat.ParsePortSpec.
std::vector<Port> parse_port(std::string_view text, std::string& fault);

/// The tree with every $VARIABLE and ${VARIABLE...} of its plain and quoted texts replaced, "$$" by "$". No variable is
/// set: neither the environment nor an .env file is read, so defaults count, and what has none is blank; those are
/// named in `unset`, each once. A required variable (${NAME:?why}) and a malformed one are errors.
/// SOURCE: Compose specification, "Interpolation".
document::Node interpolate(const document::Node& tree, document::Diagnostics& diagnostics,
                           std::vector<std::string>& unset);

}  // namespace plimsoll::compose
