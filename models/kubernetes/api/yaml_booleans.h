#pragma once

#include <vector>

#include "sim/document/node.h"

namespace plimsoll::kubernetes::api {

/// The document as kubectl reads it: plain y, yes, on, n, no and off, each in three capitalisations, are booleans
/// there, as in YAML 1.1; quoted they stay strings. Without such a word it is the same node. SOURCE:
/// kubernetes-sigs/yaml goyaml.v2 resolve.go (resolveMapList).
document::Node with_yaml_booleans(const document::Node& node);

/// The same of each.
std::vector<document::Node> with_yaml_booleans(const std::vector<document::Node>& documents);

}  // namespace plimsoll::kubernetes::api
