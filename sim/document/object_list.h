#pragma once

#include <vector>

#include "sim/document/node.h"

namespace plimsoll::document {

/// Whether a document is a list of API objects: kind List or DeploymentList, with items that are objects.
bool is_object_list(const Node& node);

/// The objects of such a list, of a list within it too. Those of a typed list have its apiVersion, and its kind without
/// "List", where they name none: the API leaves both out. SOURCE: Kubernetes API conventions, "Types (Kinds)".
std::vector<Node> listed_objects(const Node& list);

/// The documents with each list replaced by its objects.
std::vector<Node> without_lists(const std::vector<Node>& documents);

}  // namespace plimsoll::document
