#pragma once

#include <string>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::compose {

/// A Compose file with what it includes and what its services extend written out, as `docker compose config` does; the
/// keys `include` and `extends` are gone. `file` has its variables replaced; those of other files are too, and what has
/// no value is added to `unset`. Other files are looked for beside the file that names them. Faults go to the
/// diagnostics: files that cannot be read, a service or file that leads back to itself, a service that is not there, a
/// resource that two files give differently.
///
/// Mappings are merged key by key, sequences are joined without what stands twice; what extends wins. By key: lists of
/// KEY=VALUE (environment, labels, ...), depends_on and networks; by the path in the container: volumes and devices.
/// command, entrypoint and healthcheck.test are replaced whole. SOURCE: Compose specification, "Include", "extends" and
/// "Merge". Left out: the tags !reset and !override, env_file of an include, remote files.
document::Node written_out(const document::Node& file, document::Diagnostics& diagnostics,
                           std::vector<std::string>& unset);

/// `over` merged onto `base`, both services.
document::Node merge_services(const document::Node& base, const document::Node& over);

}  // namespace plimsoll::compose
