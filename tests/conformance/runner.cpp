#include "tests/conformance/runner.h"

#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <ostream>
#include <sstream>

#include "tests/source_dir.h"

namespace plimsoll::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPrintedCharacters = 400;

/// Where `companion` looks, and what it has read.
struct Companions {
  fs::path beside;
  std::string folder;
  std::map<std::string, Json> read;
};

Companions& companions() {
  static Companions instance;
  return instance;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// "a/mm1.json.zst" -> "mm1"
std::string stem_of(const fs::path& path) {
  std::string name = path.filename().string();
  for (std::string_view end : {".zst", ".json"}) {
    if (ends_with(name, end)) {
      name.resize(name.size() - end.size());
    }
  }
  return name;
}

std::string decompressed(const std::string& packed, const fs::path& path) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > (1ULL << 30)) {
    throw std::runtime_error(path.string() + ": not a zstd file that says its size");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  const std::size_t written = ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(written) != 0 || written != text.size()) {
    throw std::runtime_error(path.string() + ": damaged zstd file");
  }
  return text;
}

Json required(const Json& object, const char* key, const fs::path& path) {
  if (!object.is_object() || !object.contains(key)) {
    throw std::runtime_error(path.string() + ": a case has no '" + key + "'");
  }
  return object.at(key);
}

/// Splits a replay into what drives it and what is expected of each entry.
void split_replay(const Json& source, const char* key, Case& target) {
  Json drives = Json::array();
  Json answers = Json::array();
  for (const Json& entry : source.at(key)) {
    Json drive = Json::object();
    Json answer = Json::object();
    for (const auto& [name, value] : entry.items()) {
      const bool driving = name == "t_s" || name == "op" || name == "unneeded_now";
      (driving ? drive : answer)[name] = value;
    }
    drives.push_back(std::move(drive));
    answers.push_back(std::move(answer));
  }
  target.input[key] = std::move(drives);
  target.alternatives.push_back(Json{{key, std::move(answers)}});
}

Case node_autoscaling_case(const Json& source, const fs::path& path) {
  Case target;
  target.id = source.value("id", "");
  target.input = required(source, "input", path);
  if (source.contains("expected_any_of")) {
    for (const Json& alternative : source.at("expected_any_of")) {
      target.alternatives.push_back(alternative);
    }
  } else if (source.contains("expected")) {
    target.alternatives.push_back(source.at("expected"));
  } else if (source.contains("events")) {
    split_replay(source, "events", target);
  } else if (source.contains("steps")) {
    split_replay(source, "steps", target);
  }
  if (target.alternatives.empty()) {
    throw std::runtime_error(path.string() + ": case '" + target.id + "' expects nothing");
  }
  return target;
}

/// The one alteration of a leaf that the tolerance must not swallow.
Json altered(const Json& leaf, const std::string& folder, double tolerance) {
  switch (leaf.type()) {
    case Json::value_t::boolean:
      return !leaf.get<bool>();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      if (folder == "queueing") {  // an integer there is a mean that happens to be whole
        return leaf.get<double>() * 1.15 + 0.01;
      }
      return leaf.get<std::int64_t>() + 1;
    case Json::value_t::number_float: {
      const double value = leaf.get<double>();
      const double relative = folder == "queueing" ? 0.15 : (folder == "cost" ? 1e-8 : 1e-6);
      const double absolute = folder == "queueing" ? 0.01 : std::max(1e-6, 10 * tolerance);
      return value + std::fabs(value) * relative + absolute;
    }
    case Json::value_t::string:
      return leaf.get<std::string>() + "~";
    case Json::value_t::array:
      return Json::array({"~"});
    case Json::value_t::object:
      return Json{{"~", 1}};
    default:
      return "~";
  }
}

/// Calls `visit` with each leaf (a scalar, or an empty array or object) and its path.
void for_each_leaf(Json& node, const std::string& path, const std::function<void(Json&, const std::string&)>& visit) {
  if (node.is_object() && !node.empty()) {
    for (auto entry = node.begin(); entry != node.end(); ++entry) {
      for_each_leaf(entry.value(), path + "/" + entry.key(), visit);
    }
  } else if (node.is_array() && !node.empty()) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      for_each_leaf(node[i], path + "/" + std::to_string(i), visit);
    }
  } else {
    visit(node, path);
  }
}

bool is_accepted(const Topic& topic, const Json& expected, const Json& actual, double tolerance) {
  return topic.matches != nullptr ? topic.matches(expected, actual) : equal_within(expected, actual, tolerance);
}

std::string shortened(std::string text) {
  if (text.size() > kPrintedCharacters) {
    text.resize(kPrintedCharacters);
    text += " ...";
  }
  return text;
}

/// The differing parts only, where both are objects: a reader wants the difference, not the answer.
Json difference(const Json& wanted, const Json& other) {
  if (!wanted.is_object() || !other.is_object()) {
    return wanted;
  }
  Json result = Json::object();
  for (const auto& [key, value] : wanted.items()) {
    if (!other.contains(key)) {
      result[key] = value;
    } else if (!equal_within(value, other.at(key))) {
      result[key] = difference(value, other.at(key));
    }
  }
  return result;
}

bool is_wording(const std::string& path) { return ends_with(path, "/error") || ends_with(path, "/reason"); }

void check_alterations(const VectorFile& file, const Case& question, const Topic& topic, const Json& actual,
                       std::size_t alternative, FileReport& report) {
  Json expected = question.alternatives[alternative];
  for_each_leaf(expected, "", [&](Json& leaf, const std::string& path) {
    Json saved = leaf;
    // The wording of a refusal is the author's of the vectors; that there is one is what counts, so it is taken away.
    leaf = is_wording(path) ? Json() : altered(saved, file.folder, question.tolerance);
    ++report.alterations;
    bool accepted = false;
    try {
      accepted = is_accepted(topic, expected, actual, question.tolerance);
    } catch (const std::exception&) {
      accepted = false;
    }
    if (accepted) {
      report.uncaught.push_back(question.id + ": " + path + " from " + saved.dump() + " to " + leaf.dump());
    }
    leaf = std::move(saved);
  });
  Json scrambled = question.alternatives.front();
  for_each_leaf(scrambled, "",
                [&](Json& leaf, const std::string&) { leaf = altered(leaf, file.folder, question.tolerance); });
  ++report.alterations;
  bool same = false;
  try {
    same = topic.evaluate(question.input, scrambled) == actual;
  } catch (const std::exception&) {
    same = false;
  }
  if (!same) {
    report.uncaught.push_back(question.id + ": the answer changes with the expected values");
  }
}

void run_case(const VectorFile& file, const Case& question, const Topic& topic, bool mutate, FileReport& report) {
  const Json& first = question.alternatives.front();
  const auto fail = [&](std::string expected, std::string got) {
    ++report.failed;
    if (report.failures.size() < kMaxFailures) {
      report.failures.push_back({question.id, shortened(std::move(expected)), shortened(std::move(got))});
    }
  };
  Json actual;
  try {
    actual = topic.evaluate(question.input, first);
    for (std::size_t i = 0; i < question.alternatives.size(); ++i) {
      if (is_accepted(topic, question.alternatives[i], actual, question.tolerance)) {
        ++report.passed;
        if (mutate) {
          check_alterations(file, question, topic, actual, i, report);
        }
        return;
      }
    }
  } catch (const Unsupported&) {
    ++report.unsupported;
    return;
  } catch (const std::exception& error) {
    fail(first.dump(), std::string("error: ") + error.what());
    return;
  }
  fail(difference(first, actual).dump(), difference(actual, first).dump());
}

bool is_wanted(const VectorFile& file, const std::string& only) {
  return only.empty() || only == file.folder || only == file.topic || only == stem_of(file.path) ||
         only == file.path.filename().string();
}

Json to_json(const FileReport& report) {
  Json failures = Json::array();
  for (const Failure& failure : report.failures) {
    failures.push_back({{"id", failure.id}, {"expected", failure.expected}, {"got", failure.got}});
  }
  return {{"file", report.name},
          {"topic", report.topic},
          {"passed", report.passed},
          {"failed", report.failed},
          {"unsupported", report.unsupported},
          {"total", report.passed + report.failed + report.unsupported},
          {"alterations", report.alterations},
          {"uncaught", report.uncaught},
          {"failures", std::move(failures)}};
}

void print_file(const FileReport& report, const Options& options, std::ostream& out) {
  out << report.name << ' ' << report.passed << '/' << report.passed + report.failed + report.unsupported;
  if (report.unsupported > 0) {
    out << " (" << report.unsupported << " unsupported)";
  }
  if (options.mutate) {
    out << ", " << report.alterations << " alterations, " << report.uncaught.size() << " uncaught";
  }
  out << '\n';
  for (const Failure& failure : report.failures) {
    out << "  " << failure.id << "\n    expected " << failure.expected << "\n    got      " << failure.got << '\n';
  }
  for (std::size_t i = 0; i < std::min(report.uncaught.size(), kMaxFailures); ++i) {
    out << "  uncaught: " << report.uncaught[i] << '\n';
  }
}

}  // namespace

bool equal_within(const Json& expected, const Json& actual, double tolerance) {
  if (expected.is_number() && actual.is_number()) {
    if (expected.is_number_integer() && actual.is_number_integer()) {
      return expected == actual;
    }
    const double a = expected.get<double>();
    const double b = actual.get<double>();
    const double difference = std::fabs(a - b);
    return difference <= tolerance || difference <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
  }
  if (expected.is_array() && actual.is_array()) {
    return expected.size() == actual.size() &&
           std::equal(expected.begin(), expected.end(), actual.begin(),
                      [&](const Json& a, const Json& b) { return equal_within(a, b, tolerance); });
  }
  if (expected.is_object() && actual.is_object()) {
    if (expected.size() != actual.size()) {
      return false;
    }
    return std::all_of(expected.items().begin(), expected.items().end(), [&](const auto& entry) {
      return actual.contains(entry.key()) && equal_within(entry.value(), actual.at(entry.key()), tolerance);
    });
  }
  return expected == actual;
}

const Json& companion(std::string_view name) {
  Companions& state = companions();
  const std::string stem = stem_of(fs::path(name));
  if (const auto found = state.read.find(stem); found != state.read.end()) {
    return found->second;
  }
  const fs::path shipped = fs::path(PLIMSOLL_SOURCE_DIR) / "tests/conformance/vectors" / state.folder;
  for (const fs::path& directory : {state.beside, shipped}) {
    for (const char* end : {".json", ".json.zst"}) {
      const fs::path path = directory / (stem + end);
      if (fs::exists(path)) {
        return state.read.emplace(stem, read_json(path)).first->second;
      }
    }
  }
  throw Unsupported("no file named '" + stem + "' beside the vectors");
}

Json read_json(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream buffer;
  buffer << stream.rdbuf();
  if (!stream) {
    throw std::runtime_error(path.string() + ": cannot be read");
  }
  std::string text = std::move(buffer).str();
  if (ends_with(path.string(), ".zst")) {
    text = decompressed(text, path);
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

VectorFile interpret(const fs::path& path, const Json& document) {
  VectorFile file;
  file.path = path;
  if (document.is_array()) {  // data that other files refer to
    return file;
  }
  const bool keyed = document.is_object();
  if (keyed && document.contains("topic") && document.contains("vectors")) {
    file.folder = "ecs";
    file.topic = document.at("topic").get<std::string>();
    for (const Json& source : document.at("vectors")) {
      file.cases.push_back(
          {source.value("id", ""), required(source, "input", path), {required(source, "expect", path)}});
    }
  } else if (keyed && document.contains("kind") && document.contains("input") && document.contains("expect")) {
    file.folder = "cost";
    file.topic = document.at("kind").get<std::string>();
    file.cases.push_back({document.value("id", stem_of(path)),
                          document.at("input"),
                          {document.at("expect")},
                          document.value("tolerance_usd", 1e-6)});
  } else if (keyed && document.contains("set")) {
    file.topic = document.at("set").get<std::string>();
    const Json cases = document.value("cases", Json::array());
    const bool kubernetes = !cases.empty() && cases.front().contains("in");
    file.folder = kubernetes || document.contains("format") ? "kubernetes" : "node-autoscaling";
    for (const Json& source : cases) {
      if (kubernetes) {
        file.cases.push_back(
            {source.value("id", ""), required(source, "in", path), {required(source, "expect", path)}});
      } else {
        file.cases.push_back(node_autoscaling_case(source, path));
      }
    }
  } else if (keyed && document.contains("cases")) {
    file.folder = "queueing";
    file.topic = stem_of(path);
    Json about = document;
    about.erase("cases");
    for (const Json& source : document.at("cases")) {
      Json input = required(source, "params", path);
      input["$file"] = about;
      file.cases.push_back({source.value("id", ""), std::move(input), {required(source, "expect", path)}});
    }
  } else {
    throw std::runtime_error(path.string() + ": none of the five forms of vector files");
  }
  return file;
}

std::vector<fs::path> find_vector_files(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    std::vector<fs::path> found;
    if (fs::is_directory(path)) {
      for (const auto& entry : fs::recursive_directory_iterator(path)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_regular_file() && (ends_with(name, ".json") || ends_with(name, ".json.zst"))) {
          found.push_back(entry.path());
        }
      }
    } else {
      found.push_back(path);
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

FileReport run_file(const VectorFile& file, const std::vector<Topic>& topics, const Options& options) {
  FileReport report;
  report.name = file.folder + "/" + file.path.filename().string();
  report.topic = file.topic;
  companions() = {file.path.parent_path(), file.folder, {}};
  const auto topic = std::find_if(topics.begin(), topics.end(), [&](const Topic& candidate) {
    return candidate.folder == file.folder && candidate.name == file.topic;
  });
  const bool whole_file = is_wanted(file, options.only);
  for (const Case& question : file.cases) {
    if (!whole_file && question.id != options.only) {
      continue;
    }
    if (topic == topics.end()) {
      ++report.unsupported;
    } else {
      run_case(file, question, *topic, options.mutate, report);
    }
  }
  return report;
}

int run(const Options& options, const std::vector<Topic>& topics, std::ostream& out, std::ostream& err) {
  for (const fs::path& path : options.paths) {
    if (!fs::exists(path)) {
      err << "error: no such file or directory: " << path.string() << '\n';
      return 2;
    }
  }
  FileReport sum;
  std::size_t uncaught = 0;
  Json files = Json::array();
  for (const fs::path& path : find_vector_files(options.paths)) {
    FileReport report;
    try {
      report = run_file(interpret(path, read_json(path)), topics, options);
    } catch (const std::exception& error) {
      err << "error: " << error.what() << '\n';
      report.name = path.filename().string();
      report.failed = 1;
    }
    if (report.passed + report.failed + report.unsupported == 0) {
      continue;
    }
    sum.passed += report.passed;
    sum.failed += report.failed;
    sum.unsupported += report.unsupported;
    sum.alterations += report.alterations;
    uncaught += report.uncaught.size();
    if (options.json) {
      files.push_back(to_json(report));
    } else {
      print_file(report, options, out);
    }
  }
  if (sum.passed + sum.failed + sum.unsupported == 0) {
    err << "error: no vectors found" << (options.only.empty() ? "" : " named '" + options.only + "'") << '\n';
    return 2;
  }
  if (options.json) {
    out << Json{{"format_version", "1.0"}, {"files", std::move(files)},      {"passed", sum.passed},
                {"failed", sum.failed},    {"unsupported", sum.unsupported}, {"alterations", sum.alterations},
                {"uncaught", uncaught}}
               .dump(1)
        << '\n';
  } else {
    if (options.mutate) {
      out << sum.alterations << " alterations, " << uncaught << " uncaught\n";
    }
    out << sum.passed << " passed, " << sum.failed << " failed, " << sum.unsupported << " unsupported\n";
  }
  const bool complete = options.allow_unsupported || sum.unsupported == 0;
  return sum.failed == 0 && uncaught == 0 && complete ? 0 : 1;
}

bool parse_arguments(const std::vector<std::string>& arguments, Options& options, std::ostream& err) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--mutate") {
      options.mutate = true;
    } else if (argument == "--json") {
      options.json = true;
    } else if (argument == "--allow-unsupported") {
      options.allow_unsupported = true;
    } else if (argument == "--only" && i + 1 < arguments.size()) {
      options.only = arguments[++i];
    } else if (argument.rfind("--only=", 0) == 0) {
      options.only = argument.substr(7);
    } else if (argument.rfind('-', 0) == 0) {
      err << "error: unknown or incomplete option '" << argument << "'\n";
      return false;
    } else {
      options.paths.emplace_back(argument);
    }
  }
  if (options.paths.empty()) {
    err << "error: no directory given\n";
    return false;
  }
  return true;
}

}  // namespace plimsoll::conformance
