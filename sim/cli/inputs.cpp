#include "sim/cli/inputs.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "models/aws/data/built_in.h"
#include "sim/core/hash.h"

namespace plimsoll::cli {

namespace fs = std::filesystem;

namespace {

constexpr char kCatalogueFolder[] = "catalogue";
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

/// The plain files of a catalogue folder, by name.
std::vector<std::pair<std::string, std::string>> catalogue_files(const std::string& dir) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator at(dir, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    if (at->is_regular_file(error) && at->path().extension() == ".csv") names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& name : names) {
    std::string content;
    int code = 0;
    if (document::read_input((fs::path(dir) / name).string(), kMostBytes, content, code))
      out.emplace_back(name, std::move(content));
  }
  return out;
}

}  // namespace

std::uint64_t catalogue_hash(const std::string& dir) {
  TraceHash hash;
  for (std::size_t i = 0; i < aws::data::kBuiltInCount; ++i) hash.add(aws::data::kBuiltInWords[i]);
  if (!dir.empty()) {
    for (const auto& [name, content] : catalogue_files(dir)) {
      hash.add(std::string_view(name));
      hash.add(std::string_view(content));
    }
  }
  return hash.value();
}

results::Inputs kept_inputs(const ScenarioArguments& a, const document::InputRecorder& recorder) {
  results::Inputs out;
  out.scenario = fs::path(a.file).filename().string();
  for (document::InputFile& file : recorder.files(a.file)) out.files.emplace_back(file.path, std::move(file.content));
  out.sets = a.sets;
  out.platforms = a.platforms;
  if (!a.catalogue_dir.empty()) {
    out.catalogue = kCatalogueFolder;
    for (auto& [name, content] : catalogue_files(a.catalogue_dir))
      out.files.emplace_back(std::string(kCatalogueFolder) + "/" + name, std::move(content));
  }
  return out;
}

KeptScenario::KeptScenario(const results::Comparison& stored, const Registry& registry,
                           document::Diagnostics& diagnostics) {
  const results::Inputs& inputs = stored.inputs;
  if (inputs.files.empty()) {
    diagnostics.error("the run keeps no input files, so it cannot be made again",
                      "run it again with this program: plimsoll compare " + stored.scenario + ".yaml --out DIR");
    return;
  }
  std::vector<document::InputFile> files;
  for (const auto& [path, content] : inputs.files) files.push_back({path, content});
  scenario::ReadOptions options;
  options.sets = inputs.sets;
  options.platforms = inputs.platforms;
  if (!inputs.catalogue.empty()) {
    std::string name = (fs::temp_directory_path() / "plimsoll-catalogue-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      diagnostics.error("cannot make a folder for the run's catalogue in " + fs::temp_directory_path().string());
      return;
    }
    folder_ = name;
    const std::string prefix = inputs.catalogue + "/";
    for (const document::InputFile& file : files) {
      if (file.path.starts_with(prefix))
        std::ofstream(folder_ / file.path.substr(prefix.size()), std::ios::binary) << file.content;
    }
    options.catalogue_dir = folder_.string();
  }
  catalogue = catalogue_hash(options.catalogue_dir);
  const document::InputReplay replay(files);
  scenario = scenario::read_scenario(inputs.scenario, registry, options, diagnostics);
  if (scenario) scenario->seed = stored.seed;
}

KeptScenario::~KeptScenario() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

}  // namespace plimsoll::cli
