#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/workload/arrival_types.h"
#include "sim/policy/registry.h"

namespace plimsoll::scenario::testing {

class FakePlan final : public PlatformPlan {
 public:
  void build(BuildContext&) const override {}
  std::string_view pod_word() const override { return "pod"; }
};

/// A platform that accepts any key and remembers the workloads that it was offered.
class FakePlatform final : public PlatformType {
 public:
  explicit FakePlatform(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  std::unique_ptr<PlatformPlan> parse(document::Fields& fields, const Setting&) const override {
    fields.allow_unknown();
    return std::make_unique<FakePlan>();
  }

 private:
  std::string name_;
};

/// Reads just enough of task definitions, services, Deployments and HPAs.
class FakeReader final : public ManifestReader {
 public:
  explicit FakeReader(Side side) : side_(side) {}
  Side side() const override { return side_; }
  bool accepts(const document::Node& doc) const override {
    if (side_ == Side::ecs) return doc.find("family") != nullptr || doc.find("serviceName") != nullptr;
    const document::Node* kind = doc.find("kind");
    return kind != nullptr && (kind->text() == "Deployment" || kind->text() == "HorizontalPodAutoscaler");
  }
  void read(const document::Node& doc, const document::Reader&, std::vector<ManifestFacts>& out) const override {
    ManifestFacts fact;
    fact.side = side_;
    fact.file = doc.mark().path();
    if (side_ == Side::ecs) {
      if (const document::Node* family = doc.find("family")) {
        fact.kind = "task definition";
        fact.name = family->text();
        fact.size = PodSize{cpu_ecs_units(std::stoll(doc.find("cpu")->text())),
                            mebibytes(std::stoll(doc.find("memory")->text())),
                            {},
                            {}};
        fact.containers.push_back({});
        fact.containers[0].image = doc.find("containerDefinitions")->at(0).find("image")->text();
      } else {
        fact.kind = "service";
        fact.name = doc.find("serviceName")->text();
        fact.definition = doc.find("taskDefinition")->text();
        fact.replicas = doc.find("desiredCount")->as_integer();
        fact.service_connect = doc.find("serviceConnectConfiguration") != nullptr;
        fact.launch_type = doc.find("launchType")->text();
      }
      out.push_back(fact);
      return;
    }
    fact.kind = doc.find("kind")->text();
    const document::Node* spec = doc.find("spec");
    if (fact.kind == "Deployment") {
      fact.name = doc.find("metadata")->find("name")->text();
      if (const document::Node* replicas = spec->find("replicas")) fact.replicas = replicas->as_integer();
      const document::Node& container = spec->find("template")->find("spec")->find("containers")->at(0);
      const document::Node* requests = container.find("resources")->find("requests");
      const document::Node *cpu = requests->find("cpu"), *memory = requests->find("memory");
      if (cpu != nullptr)
        fact.size = PodSize{*parse_cpu(cpu->text()).value,
                            memory != nullptr ? *parse_bytes(memory->text()).value : mebibytes(64),
                            {},
                            {}};
    } else {
      fact.name = spec->find("scaleTargetRef")->find("name")->text();
      fact.scale_minimum = spec->find("minReplicas")->as_integer();
      fact.scale_maximum = spec->find("maxReplicas")->as_integer();
    }
    out.push_back(fact);
  }

 private:
  Side side_;
};

inline Registry fake_registry() {
  Registry registry;
  workload::register_workload(registry);
  registry.add_platform(std::make_unique<FakePlatform>("ecs"));
  registry.add_platform(std::make_unique<FakePlatform>("eks"));
  registry.add_reader(std::make_unique<FakeReader>(Side::ecs));
  registry.add_reader(std::make_unique<FakeReader>(Side::kubernetes));
  return registry;
}

/// A directory that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "plimsoll-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string put(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file.string();
  }
  std::string at(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace plimsoll::scenario::testing
