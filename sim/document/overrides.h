#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::document {

/// Changes a tree as `--set path=value` says and returns the new tree; `root` stays as it is. A path is keys joined by
/// dots ("load.scale"); keys with dots are quoted (expect."ui.latency.p99"); items are "place[0]" or "place.0"; a step
/// with * names every key or item that matches ("apps.*.work"). The value is YAML ("2", "60%", "[a, b]", "{min: 3}").
/// A value such as "x0.5" multiplies what stands there and keeps its unit: 6ms becomes 3ms, 500m/2Gi becomes 250m/1Gi.
/// Missing mappings on the way are made, except below a wildcard that matches nothing, which is an error. Changed
/// values carry the mark `origin`, by default "--set path=value".
Node set_path(const Node& root, std::string_view assignment, Diagnostics& diagnostics, std::string_view origin = {});
/// The same with the value given as a node.
Node set_path(const Node& root, std::string_view path, const Node& value, Diagnostics& diagnostics);

/// Every place that a path names, with its full path; nothing when it is absent.
std::vector<std::pair<std::string, Node>> find_path(const Node& root, std::string_view path);

/// Deep merge for inheritance: mappings merge key by key (base order first, then new keys), all else is replaced by the
/// overlay. Keys in `whole` are replaced as a whole at every level even when both sides are mappings.
Node merge(const Node& base, const Node& overlay, std::span<const std::string_view> whole = {});

/// Multiplies the number in a quantity and keeps its unit: ("1.5ms", "2") is "3ms", ("1h30m", "0.5") is "45m". Exact
/// where the unit allows, else rounded to the unit's smallest step. Nothing when `text` does not start with a number.
std::optional<std::string> scale_quantity(std::string_view text, std::string_view factor);

/// "x0.5", "x2": the factor without the x; nothing for other texts.
std::optional<std::string_view> multiplier(std::string_view text);

}  // namespace plimsoll::document
