#include "models/compose/composition.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "models/compose/values.h"
#include "sim/core/text.h"
#include "sim/document/loader.h"

namespace plimsoll::compose {

namespace {

using document::Diagnostics;
using document::Entry;
using document::Node;

constexpr std::array<std::string_view, 5> kSections = {"services", "networks", "volumes", "secrets", "configs"};

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), key) != names.end();
}

/// A list of KEY=VALUE, KEY or NAME as a mapping; a mapping as it is.
Node as_mapping(const Node& node, std::string_view key) {
  if (!node.is_sequence()) return node;
  std::vector<Entry> entries;
  for (const Node& item : node.items()) {
    const std::string& text = item.text();
    std::size_t at = key == "depends_on" || key == "networks" ? std::string::npos : text.find('=');
    if (at == std::string::npos && key == "extra_hosts") at = text.find(':');
    Node value = Node::null(item.mark());
    if (at != std::string::npos) value = Node::string(text.substr(at + 1), item.mark());
    if (key == "depends_on")
      value = Node::mapping({{"condition", item.mark(), Node::string("service_started", item.mark())}}, item.mark());
    std::string name = text.substr(0, at);
    std::erase_if(entries, [&](const Entry& e) { return e.key == name; });
    entries.push_back({std::move(name), item.mark(), std::move(value)});
  }
  return Node::mapping(std::move(entries), node.mark());
}

/// The path in the container that a volume or a device has: "FROM:TO[:MODE]", "TO" or {target: TO}.
std::string target_of(const Node& item) {
  if (const Node* target = item.find("target")) return target->text();
  const std::string& text = item.text();
  const std::size_t first = text.find(':');
  if (first == std::string::npos) return text;
  return text.substr(first + 1, text.find(':', first + 1) - first - 1);
}

Node joined(const Node& base, const Node& over, bool by_target) {
  std::vector<Node> items;
  const auto add_all = [&](const Node& from) {
    for (const Node& item : from.is_sequence() ? from.items() : std::vector<Node>{from}) {
      const auto twin = std::find_if(items.begin(), items.end(), [&](const Node& have) {
        return by_target ? target_of(have) == target_of(item) : same_value(have, item);
      });
      if (twin == items.end()) {
        items.push_back(item);
      } else if (by_target) {
        *twin = item;
      }
    }
  };
  add_all(base);
  add_all(over);
  return Node::sequence(std::move(items), over.mark());
}

/// `key` is that of the value, `parent` that of the mapping around it.
Node merged(const Node& base, const Node& over, std::string_view key, std::string_view parent) {
  if (over.is_null()) return base;
  if (base.is_null()) return over;
  if (is_one_of(key, {"command", "entrypoint"}) || (key == "test" && parent == "healthcheck")) return over;
  const bool by_key = is_one_of(
      key, {"environment", "labels", "annotations", "sysctls", "extra_hosts", "args", "depends_on", "networks"});
  const Node a = by_key ? as_mapping(base, key) : base, b = by_key ? as_mapping(over, key) : over;
  if (a.is_mapping() && b.is_mapping()) {
    std::vector<Entry> entries = a.entries();
    for (const Entry& e : b.entries()) {
      const auto have = std::find_if(entries.begin(), entries.end(), [&](const Entry& x) { return x.key == e.key; });
      if (have == entries.end()) {
        entries.push_back(e);
      } else {
        // An environment variable without a value is that of the host: it has no value here either.
        *have = {e.key, e.key_mark, by_key && e.value.is_null() ? e.value : merged(have->value, e.value, e.key, key)};
      }
    }
    return Node::mapping(std::move(entries), b.mark());
  }
  if (a.is_sequence() || b.is_sequence()) return joined(a, b, is_one_of(key, {"volumes", "devices"}));
  return over;
}

Node without(const Node& mapping, std::string_view key) {
  std::vector<Entry> entries = mapping.entries();
  std::erase_if(entries, [&](const Entry& e) { return e.key == key; });
  return Node::mapping(std::move(entries), mapping.mark());
}

class Composition {
 public:
  Composition(Diagnostics& diagnostics, std::vector<std::string>& unset) : diagnostics_(diagnostics), unset_(unset) {}

  /// `file` with its includes, its services still extending.
  Node included(const Node& file, const std::string& path) {
    if (!enter(files_, path, file, "include")) return file;
    Node out = without(file, "include");
    if (const Node* list = file.find("include")) {
      for (const Node& item : list->is_sequence() ? list->items() : std::vector<Node>{*list}) {
        const Node* paths = item.is_mapping() ? item.find("path") : &item;
        if (paths == nullptr) {
          diagnostics_.error(item, "an include has a path", "include: [{path: other.yaml}]", "include");
          continue;
        }
        std::optional<Node> part;
        for (const Node& name : paths->is_sequence() ? paths->items() : std::vector<Node>{*paths}) {
          const std::string from = beside(path, name.text());
          const auto read = load(from, name);
          if (!read) continue;
          const Node other = extended(included(*read, from), from);
          // The second of several paths overrides the first.
          part = part ? overridden(*part, other) : other;
        }
        if (part) out = imported(out, *part);
      }
    }
    files_.pop_back();
    return out;
  }

  /// Its services with what they extend.
  Node extended(const Node& file, const std::string& path) {
    const Node* services = file.find("services");
    if (services == nullptr || !services->is_mapping()) return file;
    std::vector<Entry> entries;
    for (const Entry& e : services->entries())
      entries.push_back({e.key, e.key_mark, service(e.value, file, path, e.key)});
    std::vector<Entry> out = file.entries();
    for (Entry& e : out) {
      if (e.key == "services") e.value = Node::mapping(std::move(entries), services->mark());
    }
    return Node::mapping(std::move(out), file.mark());
  }

 private:
  static std::string beside(const std::string& file, const std::string& name) {
    return (std::filesystem::path(file).parent_path() / name).lexically_normal().string();
  }

  /// False and an error when it closes a ring.
  bool enter(std::vector<std::string>& way, const std::string& what, const Node& at, const char* kind) {
    const auto ring = std::find(way.begin(), way.end(), what);
    if (ring == way.end()) {
      way.push_back(what);
      return true;
    }
    std::string text;
    for (auto it = ring; it != way.end(); ++it) text += *it + " -> ";
    diagnostics_.error(at, std::string(kind) + " cycle detected: " + text + what);
    return false;
  }

  std::optional<Node> load(const std::string& path, const Node& at) {
    const std::size_t errors = diagnostics_.error_count();
    if (!std::filesystem::exists(path)) {
      diagnostics_.error(at, "there is no file " + path);
      return std::nullopt;
    }
    const Node node = document::load_single(path, diagnostics_);
    if (diagnostics_.error_count() != errors) return std::nullopt;
    return interpolate(node, diagnostics_, unset_);
  }

  Node service(const Node& own, const Node& file, const std::string& path, const std::string& name) {
    const Node* extends = own.find("extends");
    if (extends == nullptr) return own;
    if (!enter(services_, path + ":" + name, *extends, "extends")) return without(own, "extends");
    const Node* of = extends->is_mapping() ? extends->find("service") : extends;
    const Node* from = extends->find("file");
    Node out = without(own, "extends");
    if (of == nullptr || !of->is_scalar()) {
      diagnostics_.error(*extends, "extends names a service", "extends: {service: base}");
    } else {
      Node other = file;
      std::string other_path = path;
      bool good = true;
      if (from != nullptr) {
        other_path = beside(path, from->text());
        const auto read = load(other_path, *from);
        good = read.has_value();
        if (good) other = included(*read, other_path);
      }
      const Node* services = other.find("services");
      const Node* base = services == nullptr ? nullptr : services->find(of->text());
      if (good && base == nullptr) {
        std::vector<std::string_view> names;
        for (const Entry& e : services == nullptr ? std::vector<Entry>{} : services->entries())
          names.push_back(services->find_entry(e.key)->key);
        const std::string near = nearest(of->text(), names);
        diagnostics_.error(*of, "service \"" + name + "\" extends service \"" + of->text() + "\", which is not there",
                           near.empty() ? "" : "did you mean '" + near + "'?");
      } else if (good) {
        out = merge_services(service(*base, other, other_path, of->text()), out);
      }
    }
    services_.pop_back();
    return out;
  }

  /// Another file's resources; what both give must be the same.
  Node imported(const Node& into, const Node& other) {
    std::vector<Entry> out = into.entries();
    for (const std::string_view section : kSections) {
      const Node* more = other.find(section);
      if (more == nullptr || !more->is_mapping()) continue;
      const auto have = std::find_if(out.begin(), out.end(), [&](const Entry& e) { return e.key == section; });
      if (have == out.end()) {
        out.push_back({std::string(section), more->mark(), *more});
        continue;
      }
      std::vector<Entry> entries = have->value.entries();
      for (const Entry& e : more->entries()) {
        const Node* mine = have->value.find(e.key);
        if (mine == nullptr) {
          entries.push_back(e);
        } else if (!same_value(*mine, e.value)) {
          diagnostics_.error(e.key_mark, std::string(section) + "." + e.key + " conflicts with imported resource",
                             "it stands at " + to_string(mine->mark()) + " too");
        }
      }
      have->value = Node::mapping(std::move(entries), have->value.mark());
    }
    return Node::mapping(std::move(out), into.mark());
  }

  static Node overridden(const Node& base, const Node& over) {
    std::vector<Entry> out = base.entries();
    for (const Entry& e : over.entries()) {
      const auto have = std::find_if(out.begin(), out.end(), [&](const Entry& x) { return x.key == e.key; });
      if (have == out.end()) {
        out.push_back(e);
        continue;
      }
      if (e.key != "services" || !e.value.is_mapping() || !have->value.is_mapping()) {
        have->value = merged(have->value, e.value, "", "");
        continue;
      }
      std::vector<Entry> services = have->value.entries();
      for (const Entry& s : e.value.entries()) {
        const auto same =
            std::find_if(services.begin(), services.end(), [&](const Entry& x) { return x.key == s.key; });
        if (same == services.end()) {
          services.push_back(s);
        } else {
          same->value = merge_services(same->value, s.value);
        }
      }
      have->value = Node::mapping(std::move(services), have->value.mark());
    }
    return Node::mapping(std::move(out), base.mark());
  }

  Diagnostics& diagnostics_;
  std::vector<std::string>& unset_;
  std::vector<std::string> files_, services_;  // on the way
};

}  // namespace

Node merge_services(const Node& base, const Node& over) { return merged(base, over, "", "services"); }

Node written_out(const Node& file, Diagnostics& diagnostics, std::vector<std::string>& unset) {
  if (!file.is_mapping()) return file;
  Composition work(diagnostics, unset);
  const std::string path = std::filesystem::path(file.mark().path()).lexically_normal().string();
  return work.extended(work.included(file, path), path);
}

}  // namespace plimsoll::compose
