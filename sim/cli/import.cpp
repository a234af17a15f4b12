#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "sim/cli/translate.h"
#include "sim/cli/verbs.h"
#include "sim/document/emit.h"
#include "sim/document/loader.h"
#include "sim/scenario/apps.h"

namespace plimsoll::cli {

using document::Node;

Node object(const Pairs& pairs) {
  std::vector<document::Entry> entries;
  for (const auto& [key, value] : pairs) entries.push_back({key, {}, value});
  return Node::mapping(std::move(entries));
}

const Node* at_path(const Node& node, std::initializer_list<std::string_view> keys) {
  const Node* at = &node;
  for (const std::string_view key : keys) {
    at = at->find(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string facts_line(const ManifestFacts& f) {
  const auto optional = [](const auto& value) { return value ? number(value->raw()) : Node::null(); };
  const auto whole = [](const std::optional<std::int64_t>& value) { return value ? number(*value) : Node::null(); };
  const auto time = [](const std::optional<Duration>& value) { return value ? number(value->count()) : Node::null(); };
  const auto cpu = [](const std::optional<Cpu>& value) { return value ? text(to_string(*value)) : Node::null(); };
  std::vector<Node> containers;
  for (const ContainerFacts& c : f.containers) {
    std::vector<Node> probes;
    for (const ProbeFacts& p : c.probes) {
      probes.push_back(object({{"kind", text(p.kind)},
                               {"start_us", number(p.start.count())},
                               {"period_us", number(p.period.count())},
                               {"timeout_us", number(p.timeout.count())},
                               {"failures", number(p.failures)}}));
    }
    containers.push_back(object({{"name", text(c.name)},
                                 {"image", text(c.image)},
                                 {"init", Node::boolean(c.init)},
                                 {"cpu_request", cpu(c.cpu_request)},
                                 {"cpu_limit", cpu(c.cpu_limit)},
                                 {"memory_request_bytes", optional(c.memory_request)},
                                 {"memory_limit_bytes", optional(c.memory_limit)},
                                 {"probes", Node::sequence(std::move(probes))}}));
  }
  Pairs out = {{"side", text(f.side == Side::ecs ? "ecs" : "kubernetes")},
               {"kind", text(f.kind)},
               {"name", text(f.name)},
               {"definition", text(f.definition)},
               {"file", text(f.file)}};
  if (f.size) {
    out.emplace_back("size", object({{"cpu", text(to_string(f.size->cpu))},
                                     {"memory_bytes", number(f.size->memory.raw())},
                                     {"cpu_limit", cpu(f.size->cpu_limit)},
                                     {"memory_limit_bytes", optional(f.size->memory_limit)}}));
  }
  out.emplace_back("containers", Node::sequence(std::move(containers)));
  out.emplace_back("replicas", f.job ? number(f.job->parallelism) : whole(f.replicas));
  out.emplace_back("scale_minimum", whole(f.scale_minimum));
  out.emplace_back("scale_maximum", whole(f.scale_maximum));
  out.emplace_back("scale_cpu_ppm", optional(f.scale_cpu));
  out.emplace_back("max_unavailable_ppm", optional(f.max_unavailable));
  out.emplace_back("grace_us", time(f.grace));
  out.emplace_back("stop_grace_us", time(f.stop_grace));
  out.emplace_back("behind_balancer", Node::boolean(f.behind_balancer));
  out.emplace_back("service_connect", Node::boolean(f.service_connect));
  out.emplace_back("spread_zones", Node::boolean(f.spread_zones));
  out.emplace_back("launch_type", text(f.launch_type));
  if (!f.scheduling_strategy.empty()) out.emplace_back("scheduling_strategy", text(f.scheduling_strategy));
  // Strings hold no raw newlines in JSON, so every newline is layout.
  std::string line;
  bool margin = false;
  for (const char c : document::to_json(object(out))) {
    if (c == '\n') {
      margin = true;
    } else if (!margin || c != ' ') {
      margin = false;
      line += c;
    }
  }
  return line + '\n';
}

namespace {

/// A folder is its .json, .yaml and .yml files, those of its folders too, by name.
void expand(const std::string& path, std::vector<std::string>& out) {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (!fs::is_directory(path, failed)) {
    out.push_back(path);
    return;
  }
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  for (fs::recursive_directory_iterator it(path, failed), end; !failed && it != end; it.increment(failed)) {
    const std::string extension = it->path().extension().string();
    std::error_code unknown;
    if (!it->is_regular_file(unknown)) continue;
    if (extension == ".json" || extension == ".yaml" || extension == ".yml") out.push_back(it->path().string());
  }
  std::sort(out.begin() + first, out.end());
}

void print(const Translation& translation, const std::string& to) {
  if (to == "ecs") {
    // One document is itself, several are a list that the reader takes again.
    std::fputs(document::to_json(translation.documents.size() == 1 ? translation.documents[0]
                                                                   : Node::sequence(translation.documents))
                   .c_str(),
               stdout);
    return;
  }
  for (std::size_t i = 0; i < translation.documents.size(); ++i) {
    if (i > 0) std::fputs("---\n", stdout);
    std::fputs(document::to_yaml(translation.documents[i]).c_str(), stdout);
  }
}

/// Files of another tool become documents of the side at once, the others by way of the other side's.
Translation to_side(const std::vector<Node>& documents, Side side, const Registry& registry,
                    document::Diagnostics& diagnostics) {
  std::vector<Node> rest;
  Translation out;
  for (const Node& doc : documents) {
    const auto& all = registry.translators();
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& t) { return t->accepts(doc); });
    if (at == all.end()) {
      rest.push_back(doc);
      continue;
    }
    for (Node& made : (*at)->translate(doc, side, diagnostics, out.lossy)) out.documents.push_back(std::move(made));
  }
  if (rest.empty()) return out;
  Translation more = side == Side::ecs ? to_ecs(rest, diagnostics) : to_kubernetes(rest, diagnostics);
  out.documents.insert(out.documents.end(), more.documents.begin(), more.documents.end());
  out.lossy.insert(out.lossy.end(), more.lossy.begin(), more.lossy.end());
  return out;
}

}  // namespace

int run_import(const Registry& registry, const ImportArguments& a) {
  document::Diagnostics diagnostics;
  std::vector<Node> documents;
  for (const std::string& path : a.files) {
    std::vector<std::string> files;
    expand(path, files);
    if (files.empty()) diagnostics.error("'" + path + "' holds no .json, .yaml or .yml file");
    for (const std::string& file : files) {
      for (Node& doc : document::load_file(file, diagnostics)) documents.push_back(std::move(doc));
    }
  }
  Translation translation;
  std::string lines, nothing_because;
  if (!diagnostics.has_errors()) {
    if (a.to == "kubernetes" || a.to == "ecs") {
      translation = to_side(documents, a.to == "ecs" ? Side::ecs : Side::kubernetes, registry, diagnostics);
    } else {
      const document::Reader reader(diagnostics);
      std::vector<std::string> lossy;
      const auto facts = scenario::read_documents(documents, std::nullopt, registry, reader, lossy);
      if (a.to == "facts") {
        for (const ManifestFacts& f : facts) {
          // A second word of a document, for the column alone.
          if (f.scaling && f.name.empty() && f.scheduling_strategy != "DAEMON" &&
              (f.kind == "task definition" || f.kind == "service" || f.kind == "run-task"))
            continue;
          lines += facts_line(f);
        }
      } else {
        translation = to_scenario(facts);
      }
      translation.lossy.insert(translation.lossy.begin(), lossy.begin(), lossy.end());
      if (facts.empty() && !diagnostics.has_errors()) diagnostics.error("the files hold no workload");
      for (const ManifestFacts& f : facts) {
        const bool known = std::any_of(facts.begin(), facts.end(), [&](const ManifestFacts& other) {
          return other.kind == "task definition" && other.name == f.name;
        });
        if (f.kind != "service" || f.name.empty() || known || a.to == "facts") continue;
        nothing_because += (nothing_because.empty() ? "" : "; ") + ("service '" + f.name + "' runs task definition '" +
                                                                    f.definition + "', which is not among the files");
      }
    }
    if (a.to != "facts" && translation.documents.empty() && !diagnostics.has_errors()) {
      diagnostics.error("nothing to translate to " + a.to,
                        a.to == "ecs"          ? "the files hold no Kubernetes workload"
                        : a.to == "kubernetes" ? "the files hold no ECS task definition"
                        : nothing_because.empty()
                            ? "no task definition with its service, Deployment or StatefulSet is among the files"
                            : nothing_because);
    }
  }
  std::fputs(diagnostics.text().c_str(), stderr);
  // Facts are printed for what could be read, too: they are for checking.
  std::fputs(lines.c_str(), stdout);
  if (diagnostics.has_errors()) return kBadInput;
  for (const std::string& step : translation.lossy) std::fprintf(stderr, "lossy: %s\n", step.c_str());
  if (a.to != "facts") print(translation, a.to);
  return kDone;
}

}  // namespace plimsoll::cli
