#include "models/compose/ecs_params.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>

#include "models/compose/documents.h"
#include "models/compose/values.h"
#include "sim/core/text.h"
#include "sim/document/fields.h"
#include "sim/document/loader.h"

namespace plimsoll::compose {

namespace {

using document::Entry;
using document::Fields;
using document::Node;

Node with_entry(const Node& mapping, const std::string& key, const Node& value) {
  std::vector<Entry> entries = mapping.entries();
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  if (at == entries.end()) {
    entries.push_back({key, value.mark(), value});
  } else {
    at->value = value;
  }
  return Node::mapping(std::move(entries), mapping.mark());
}

Node without_entry(const Node& mapping, std::string_view key) {
  std::vector<Entry> entries = mapping.entries();
  std::erase_if(entries, [&](const Entry& e) { return e.key == key; });
  return Node::mapping(std::move(entries), mapping.mark());
}

/// The whole number that a text is.
std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return n;
}

class ParamsReader {
 public:
  ParamsReader(const Node& params, std::vector<Node>& documents, document::Diagnostics& diagnostics, Losses& losses)
      : params_(params), documents_(documents), reader_(diagnostics), losses_(losses), w_(params.mark()) {
    for (const Node& d : documents) tasks_ += d.find("containerDefinitions") != nullptr ? 1 : 0;
  }

  void run() {
    Fields f(params_, reader_);
    f.ignore("version");
    if (auto definition = f.optional_child("task_definition")) task_definition(*definition);
    if (auto run_params = f.optional_child("run_params")) run(*run_params);
  }

 private:
  template <class F>
  void each_definition(F&& change) {
    for (Node& d : documents_) {
      if (d.find("containerDefinitions") != nullptr) d = change(d);
    }
  }
  template <class F>
  void each_service(F&& change) {
    for (Node& d : documents_) {
      if (d.find("serviceName") != nullptr) d = change(d);
    }
  }
  void put_in_definitions(const std::string& key, const Node& value) {
    each_definition([&](const Node& d) { return with_entry(d, key, value); });
  }
  /// One sentence a field that has no effect, with what would have been its effect.
  void left_out(Fields& f, const std::string& service,
                std::initializer_list<std::pair<const char*, const char*>> fields) {
    for (const auto& [key, why] : fields) {
      if (f.has(key)) losses_.add(service, "ecs-params.yml: " + std::string(key) + " is left out: " + why);
      f.ignore(key);
    }
  }

  void task_definition(Fields& f) {
    constexpr std::string_view kModes[] = {"bridge", "host", "awsvpc", "none"};
    if (const auto mode = f.optional_one_of("ecs_network_mode", kModes)) {
      put_in_definitions("networkMode", w_.text(std::string(kModes[*mode])));
      if (kModes[*mode] != "awsvpc")
        each_service([](const Node& s) { return without_entry(s, "networkConfiguration"); });
    }
    if (const auto role = f.optional_text("task_role_arn")) put_in_definitions("taskRoleArn", w_.text(*role));
    if (const auto role = f.optional_text("task_execution_role"))
      put_in_definitions("executionRoleArn", w_.text(*role));
    for (const auto& [from, to] : {std::pair("pid_mode", "pidMode"), std::pair("ipc_mode", "ipcMode")}) {
      if (const auto mode = f.optional_text(from)) put_in_definitions(to, w_.text(*mode));
    }
    if (auto size = f.optional_child("task_size")) task_size(*size);
    if (auto storage = f.optional_child("ephemeral_storage")) ephemeral_storage(f, *storage);
    for (const document::Item& item : f.map("services")) service(item);
    left_out(f, "",
             {{"docker_volumes", "where volumes lie neither places nor slows a task here"},
              {"efs_volumes", "the file system is neither priced nor slowed down"}});
    if (const auto constraints = placement(f, "placement_constraints", {"type", "expression"}))
      put_in_definitions("placementConstraints", *constraints);
  }

  /// CPU units or vCPUs, MiB or GB, as a task definition takes them; a bare number of memory is MiB.
  void task_size(Fields& f) {
    const auto cpu = f.any("cpu_limit", "CPU units"), memory = f.any("mem_limit", "a size such as 0.5GB or 512");
    if (tasks_ != 1) {
      losses_.add("",
                  "ecs-params.yml: task_size is that of one task with all containers; here each service is a task "
                  "of its own: it is left out");
      return;
    }
    if (cpu) put_in_definitions("cpu", w_.text(cpu->text()));
    if (memory) put_in_definitions("memory", w_.text(memory->text()));
  }

  /// Fargate alone has it, and takes tasks of a size only.
  void ephemeral_storage(const Fields& f, Fields& storage) {
    const auto gib = storage.optional_integer("size", "GiB", {21, 200});
    if (!gib) return;
    const Node* size = f.node().find("task_size");
    if (tasks_ != 1 || size == nullptr || size->find("cpu_limit") == nullptr || size->find("mem_limit") == nullptr) {
      losses_.add("",
                  "ecs-params.yml: ephemeral_storage is left out: it is for tasks on Fargate, which have a task_size");
      return;
    }
    const Writer w(storage.node().mark());
    put_in_definitions("requiresCompatibilities", w.texts({"FARGATE"}));
    put_in_definitions("ephemeralStorage", w.object({{"sizeInGiB", w.number(*gib)}}));
  }

  /// What a container has as the API does, without effect on where and how its task runs.
  void pass_on(Fields& f, std::vector<std::pair<std::string, Node>>& put) {
    const auto secrets = [&](Fields& from, const char* key) {
      std::vector<Node> out;
      for (const document::Item& item : from.list(key)) {
        Fields s(item.node, reader_, item.path);
        const std::string value = s.required_text("value_from");
        out.push_back(w_.object({{"name", w_.text(s.required_text("name"))}, {"valueFrom", w_.text(value)}}));
      }
      return out;
    };
    if (auto list = secrets(f, "secrets"); !list.empty()) put.emplace_back("secrets", w_.list(std::move(list)));
    if (auto own = f.optional_child("repository_credentials")) {
      put.emplace_back("repositoryCredentials",
                       w_.object({{"credentialsParameter", w_.text(own->required_text("credentials_parameter"))}}));
    }
    if (const auto init = f.optional_boolean("init_process_enabled"))
      put.emplace_back("linuxParameters", w_.object({{"initProcessEnabled", w_.boolean(*init)}}));
  }

  void service(const document::Item& item) {
    Fields f(item.node, reader_, item.path);
    Node* definition = nullptr;
    std::size_t index = 0, count = 0;
    for (Node& d : documents_) {
      const Node* containers = d.find("containerDefinitions");
      for (std::size_t i = 0; containers != nullptr && i < containers->size(); ++i) {
        const Node* name = containers->at(i).find("name");
        if (name == nullptr || name->text() != item.name) continue;
        if (definition != nullptr && count == 1) continue;  // runs before others in several tasks: the last counts
        definition = &d;
        index = i;
        count = containers->size();
      }
    }
    std::vector<std::pair<std::string, Node>> put;
    const auto number = [&](const char* from, const char* to) {
      const auto value = f.any(from, "a number");
      if (!value) return;
      if (const auto n = whole_number(value->text())) {
        put.emplace_back(to, w_.number(*n));
      } else {
        f.error(from, "'" + value->text() + "' is no whole number");
      }
    };
    const auto size = [&](const char* from, const char* to) {
      const auto value = f.any(from, "a size such as 512m");
      if (!value) return;
      const auto bytes = parse_size(value->text());
      if (!bytes) return f.error(from, bytes.error);
      put.emplace_back(to, w_.number((bytes.value->raw() + kMiB - 1) / kMiB));
    };
    if (const auto essential = f.optional_boolean("essential")) {
      const bool main = count == 1 || (definition != nullptr && is_main(*definition, index));
      if (main && !*essential) {
        losses_.add(item.name,
                    "ecs-params.yml: essential: false is left out: it is the main container of a task of its own");
      } else {
        put.emplace_back("essential", w_.boolean(*essential));
      }
    }
    number("cpu_shares", "cpu");
    size("mem_limit", "memory");
    size("mem_reservation", "memoryReservation");
    if (const auto gpus = f.any("gpu", "a number of GPUs"))
      put.emplace_back("resourceRequirements",
                       w_.list({w_.object({{"type", w_.text("GPU")}, {"value", w_.text(gpus->text())}})}));
    if (auto check = f.optional_child("healthcheck")) put.emplace_back("healthCheck", health(*check));
    dependencies(f, item.name, definition, put);
    pass_on(f, put);
    left_out(f, item.name,
             {{"logging", "the log driver is that of the Compose file, which has no counterpart here"},
              {"firelens_configuration", "no log router runs, whose work and logs are not counted"}});
    if (definition == nullptr) {
      f.error("", "no service '" + item.name + "' is in the Compose file");
      return;
    }
    std::vector<Node> containers = definition->find("containerDefinitions")->items();
    for (const auto& [key, value] : put) containers[index] = with_entry(containers[index], key, value);
    *definition =
        with_entry(*definition, "containerDefinitions", Node::sequence(std::move(containers), definition->mark()));
  }

  static bool is_main(const Node& definition, std::size_t container) {
    const Node* essential = definition.find("containerDefinitions")->at(container).find("essential");
    return essential != nullptr && essential->as_boolean();
  }

  Node health(Fields& f) {
    Writer::Pairs p;
    std::vector<std::string> test;
    if (const auto command = f.any("test", "a command, or [CMD, ...]")) {
      if (command->is_sequence()) {
        for (const Node& word : command->items()) test.push_back(word.text());
      } else {
        test = {"CMD-SHELL", command->text()};
      }
      p.emplace_back("command", w_.texts(test));
    } else {
      f.error("test", "a health check has a test");
    }
    for (const auto& [from, to] : {std::pair("interval", "interval"), std::pair("timeout", "timeout"),
                                   std::pair("start_period", "startPeriod")}) {
      if (const auto d = f.optional_duration(from)) p.emplace_back(to, w_.number(seconds_up(*d)));
    }
    if (const auto retries = f.optional_integer("retries")) p.emplace_back("retries", w_.number(*retries));
    return w_.object(p);
  }

  void dependencies(Fields& f, const std::string& name, const Node* definition,
                    std::vector<std::pair<std::string, Node>>& put) {
    std::vector<Node> list;
    for (const document::Item& item : f.list("depends_on")) {
      Fields d(item.node, reader_, item.path);
      const std::string other = d.required_text("container_name");
      const std::string condition = d.required_text("condition");
      const Node* containers = definition != nullptr ? definition->find("containerDefinitions") : nullptr;
      const bool inside = containers != nullptr &&
                          std::any_of(containers->items().begin(), containers->items().end(), [&](const Node& c) {
                            const Node* n = c.find("name");
                            return n != nullptr && n->text() == other;
                          });
      if (inside) {
        list.push_back(w_.object({{"containerName", w_.text(other)}, {"condition", w_.text(condition)}}));
      } else {
        losses_.add(name,
                    "depends_on does not reach across tasks: it starts beside what it depends on and must try again "
                    "until that answers");
      }
    }
    if (!list.empty()) put.emplace_back("dependsOn", w_.list(std::move(list)));
  }

  /// A list of objects with these keys, as the API takes them.
  std::optional<Node> placement(Fields& f, const char* key, std::initializer_list<const char*> keys) {
    std::vector<Node> out;
    for (const document::Item& item : f.list(key)) {
      Fields p(item.node, reader_, item.path);
      Writer::Pairs pairs;
      for (const char* k : keys) {
        if (const auto text = p.optional_text(k)) pairs.emplace_back(k, w_.text(*text));
      }
      out.push_back(w_.object(pairs));
    }
    return out.empty() ? std::nullopt : std::optional(w_.list(std::move(out)));
  }

  void run(Fields& f) {
    if (auto network = f.optional_child("network_configuration")) {
      if (auto vpc = network->optional_child("awsvpc_configuration")) {
        Writer::Pairs p;
        for (const auto& [from, to] :
             {std::pair("subnets", "subnets"), std::pair("security_groups", "securityGroups")}) {
          const std::vector<std::string> texts = vpc->texts(from);
          if (!texts.empty()) p.emplace_back(to, w_.texts(texts));
        }
        if (const auto ip = vpc->optional_text("assign_public_ip")) p.emplace_back("assignPublicIp", w_.text(*ip));
        if (std::none_of(documents_.begin(), documents_.end(), [](const Node& d) {
              return d.find("serviceName") != nullptr && d.find("networkConfiguration") != nullptr;
            }))
          losses_.add("", "ecs-params.yml: network_configuration is left out: it is for network mode awsvpc");
        each_service([&](const Node& s) {
          if (s.find("networkConfiguration") == nullptr) return s;
          return with_entry(s, "networkConfiguration", w_.object({{"awsvpcConfiguration", w_.object(p)}}));
        });
      }
    }
    if (auto where = f.optional_child("task_placement")) {
      const auto strategy = placement(*where, "strategy", {"type", "field"});
      const auto constraints = placement(*where, "constraints", {"type", "expression"});
      each_service([&](const Node& s) {
        Node out = s;
        if (strategy) out = with_entry(out, "placementStrategy", *strategy);
        if (constraints) out = with_entry(out, "placementConstraints", *constraints);
        return out;
      });
    }
    left_out(f, "",
             {{"service_discovery",
               "tasks are not registered in AWS Cloud Map, whose hosted zone and queries are not "
               "billed; services find each other all the same"}});
  }

  const Node& params_;
  std::vector<Node>& documents_;
  document::Reader reader_;
  Losses& losses_;
  Writer w_;
  std::size_t tasks_ = 0;
};

}  // namespace

bool is_ecs_params(const Node& document) {
  if (!document.is_mapping() || document.find("version") == nullptr || document.find("services") != nullptr)
    return false;
  const Node* definition = document.find("task_definition");
  const Node* run_params = document.find("run_params");
  return (definition != nullptr && definition->is_mapping()) || (run_params != nullptr && run_params->is_mapping());
}

std::optional<Node> ecs_params_beside(const Node& compose_file, document::Diagnostics& diagnostics) {
  const std::filesystem::path folder = std::filesystem::path(compose_file.mark().path()).parent_path();
  for (const char* name : {"ecs-params.yml", "ecs-params.yaml"}) {
    const std::filesystem::path file = folder / name;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) continue;
    const std::size_t errors = diagnostics.error_count();
    Node node = document::load_single(file.string(), diagnostics);
    if (diagnostics.error_count() != errors || !is_ecs_params(node)) return std::nullopt;
    return node;
  }
  return std::nullopt;
}

void apply_ecs_params(const Node& params, std::vector<Node>& documents, document::Diagnostics& diagnostics,
                      Losses& losses) {
  ParamsReader(params, documents, diagnostics, losses).run();
}

}  // namespace plimsoll::compose
