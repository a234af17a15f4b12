#include "models/compose/project.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "models/compose/composition.h"
#include "models/compose/service_reader.h"
#include "sim/core/text.h"

namespace plimsoll::compose {

namespace {

using document::Fields;
using document::Node;

/// The checks that need the whole file.
class ProjectReader {
 public:
  ProjectReader(const Node& document, document::Diagnostics& diagnostics)
      : diagnostics_(diagnostics), reader_(diagnostics), file_(document) {}

  std::optional<Project> run() {
    const std::size_t errors = diagnostics_.error_count();
    const Node own = interpolate(file_, diagnostics_, out_.unset);
    const std::size_t own_errors = diagnostics_.error_count();
    const Node tree = written_out(own, diagnostics_, out_.unset);
    if (diagnostics_.error_count() != own_errors) return std::nullopt;
    {
      Fields f(tree, reader_);
      f.ignore("version");
      f.optional_text("name");
      if (f.has("models")) out_.left_out.emplace_back("models");
      f.ignore("models");
      for (const char* key : {"networks", "volumes", "secrets", "configs"}) {
        for (const document::Item& item : f.map(key)) defined(key).insert(item.name);
      }
      sources(f, "secrets", {"file", "environment"});
      sources(f, "configs", {"file", "environment", "content"});
      for (const document::Item& item : f.required_map("services")) service(item);
      for (const document::Entry& e : tree.entries()) {
        if (e.key.starts_with("x-aws-")) out_.vendor.push_back(e.key);
      }
    }
    references();
    cycles();
    if (diagnostics_.error_count() != errors) return std::nullopt;
    return std::move(out_);
  }

 private:
  std::set<std::string>& defined(std::string_view kind) {
    return kind == "networks" ? networks_ : kind == "volumes" ? volumes_ : kind == "secrets" ? secrets_ : configs_;
  }

  void error(const document::Mark& mark, std::string message, std::string hint = {}) {
    diagnostics_.error(mark, std::move(message), std::move(hint));
  }

  /// A secret or config comes from one place, or is there already.
  void sources(Fields& f, const char* kind, const std::vector<std::string>& keys) {
    const Node* all = f.node().find(kind);
    if (all == nullptr) return;
    std::string names;
    for (const std::string& key : keys) names += (names.empty() ? "" : "|") + key;
    for (const document::Entry& e : all->entries()) {
      const auto said =
          std::count_if(keys.begin(), keys.end(), [&](const auto& k) { return e.value.find(k) != nullptr; });
      const std::string what = std::string(kind) + "." + e.key + ": ";
      if (said > 1) error(e.key_mark, what + names + " attributes are mutually exclusive", "keep one of them");
      if (said == 0 && e.value.find("external") == nullptr && e.value.find("driver") == nullptr)
        error(e.key_mark, what + "one of " + names + " must be set", "or external: true");
    }
  }

  void service(const document::Item& item) {
    const bool good_name = !item.name.empty() && std::all_of(item.name.begin(), item.name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
             c == '-';
    });
    if (!good_name)
      error(item.mark, "'" + item.name + "' is no name of a service", "letters, digits, '.', '_' and '-'");
    Service s = read_service(item, reader_);
    names_.push_back(s.name);
    const Node* profiles = item.node.find("profiles");
    if (profiles != nullptr && profiles->size() > 0) out_.profiled.push_back(s.name);
    out_.services.push_back(std::move(s));
  }

  bool has_service(const std::string& name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }

  std::string near_service(const std::string& name) const {
    const std::string near = nearest(name, std::vector<std::string_view>(names_.begin(), names_.end()));
    return near.empty() ? "" : "did you mean '" + near + "'?";
  }

  void references() {
    for (const Service& s : out_.services) {
      const std::string who = "service \"" + s.name + "\" ";
      for (const Dependency& d : s.depends_on) {
        if (!has_service(d.service))
          error(d.mark, who + "depends on undefined service " + d.service, near_service(d.service));
      }
      if (!s.network_of.empty() && !has_service(s.network_of)) {
        error(s.node.find("network_mode")->mark(),
              "service \"" + s.network_of + "\" not found for network_mode 'service:" + s.network_of + "'",
              near_service(s.network_of));
      }
      each_name(s, "networks", [&](const std::string& name, const document::Mark& mark) {
        if (name != "default" && networks_.count(name) == 0) undefined(mark, who, "network", name, networks_);
      });
      each_name(s, "secrets", [&](const std::string& name, const document::Mark& mark) {
        if (secrets_.count(name) == 0) undefined(mark, who, "secret", name, secrets_);
      });
      each_name(s, "configs", [&](const std::string& name, const document::Mark& mark) {
        if (configs_.count(name) == 0) undefined(mark, who, "config", name, configs_);
      });
      if (const Node* list = s.node.find("volumes")) {
        for (const Node& item : list->items()) volume(who, item);
      }
    }
    // A service of a profile is left out when nothing that is started needs it.
    for (const std::string& name : out_.profiled) {
      std::erase_if(out_.services, [&](const Service& s) { return s.name == name; });
    }
  }

  void undefined(const document::Mark& mark, const std::string& who, const char* kind, const std::string& name,
                 const std::set<std::string>& known) {
    const std::string near = nearest(name, std::vector<std::string_view>(known.begin(), known.end()));
    error(mark, who + "refers to undefined " + kind + " " + name, near.empty() ? "" : "did you mean '" + near + "'?");
  }

  /// Names under a key that is a list of names, a list of mappings with `source`, or a mapping by name.
  template <class See>
  static void each_name(const Service& s, std::string_view key, See&& see) {
    const Node* node = s.node.find(key);
    if (node == nullptr) return;
    for (const document::Entry& e : node->entries()) see(e.key, e.key_mark);
    for (const Node& item : node->items()) {
      const Node* source = item.find("source");
      if (item.is_scalar()) see(item.text(), item.mark());
      if (source != nullptr) see(source->text(), source->mark());
    }
  }

  /// NAME:/path and {type: volume, source: NAME} name a volume of the file; paths and texts without a source do not.
  void volume(const std::string& who, const Node& item) {
    std::string source;
    if (item.is_scalar()) {
      const std::size_t colon = item.text().find(':');
      if (colon == std::string::npos) return;
      source = item.text().substr(0, colon);
    } else {
      const Node* type = item.find("type");
      const Node* from = item.find("source");
      if (type == nullptr || type->text() != "volume" || from == nullptr) return;
      source = from->text();
    }
    const bool path =
        source.empty() || source.find_first_of("/\\~") != std::string::npos || source[0] == '.' || source.size() == 1;
    if (!path && volumes_.count(source) == 0) undefined(item.mark(), who, "volume", source, volumes_);
  }

  void cycles() {
    // Depth first; a service met again on the way closes a ring.
    std::set<std::string> done;
    std::vector<std::string> way;
    const auto visit = [&](const auto& self, const Service& s) -> void {
      if (done.count(s.name) != 0) return;
      way.push_back(s.name);
      for (const Dependency& d : s.depends_on) {
        const auto ring = std::find(way.begin(), way.end(), d.service);
        if (ring != way.end()) {
          std::string text;
          for (auto at = ring; at != way.end(); ++at) text += *at + " -> ";
          error(d.mark, "dependency cycle detected: " + text + d.service);
        } else if (const Service* next = out_.find(d.service)) {
          self(self, *next);
        }
      }
      way.pop_back();
      done.insert(s.name);
    };
    for (const Service& s : out_.services) visit(visit, s);
  }

  document::Diagnostics& diagnostics_;
  document::Reader reader_;
  const Node& file_;
  Project out_;
  std::vector<std::string> names_;
  std::set<std::string> networks_, volumes_, secrets_, configs_;
};

}  // namespace

const Service* Project::find(const std::string& name) const {
  const auto at = std::find_if(services.begin(), services.end(), [&](const Service& s) { return s.name == name; });
  return at == services.end() ? nullptr : &*at;
}

bool is_compose_file(const Node& document) {
  const Node* services = document.find("services");
  if (services == nullptr || !services->is_mapping()) return false;
  for (const char* other : {"apiVersion", "serviceName", "containerDefinitions", "platforms", "failures"}) {
    if (document.find(other) != nullptr) return false;
  }
  return true;
}

std::optional<Project> read_project(const Node& document, document::Diagnostics& diagnostics) {
  return ProjectReader(document, diagnostics).run();
}

}  // namespace plimsoll::compose
