#include "tests/conformance/runner.h"

#include <doctest/doctest.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace plimsoll::conformance;

namespace {

namespace fs = std::filesystem;

/// A folder of its own for one test, removed at the end.
struct Folder {
  fs::path path;
  explicit Folder(const std::string& name) : path(fs::temp_directory_path() / ("plimsoll_runner_" + name)) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
  }
};

Json doubled(const Json& input, const Json&) { return {{"y", input.at("x").get<int>() * 2}}; }
Json copied(const Json&, const Json& expected) { return expected; }
Json unknown(const Json&, const Json&) { throw Unsupported("no model"); }
bool always(const Json&, const Json&) { return true; }

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome outcome(const Options& options, const std::vector<Topic>& topics) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run(options, topics, out, err);
  return {code, out.str(), err.str()};
}

std::string last_line(const std::string& text) {
  const std::string trimmed = text.substr(0, text.find_last_not_of('\n') + 1);
  return trimmed.substr(trimmed.find_last_of('\n') + 1);
}

}  // namespace

TEST_CASE("all five forms are told by their content") {
  const auto kind = [](const char* text) { return interpret("dir/name.json", Json::parse(text)); };
  CHECK(kind(R"({"topic":"cron","vectors":[{"id":"a","input":{},"expect":{"x":1}}]})").folder == "ecs");
  CHECK(kind(R"({"id":"a","kind":"alb","input":{},"expect":{},"tolerance_usd":1e-6})").folder == "cost");
  CHECK(kind(R"({"id":"a","kind":"alb","input":{},"expect":{}})").topic == "alb");
  CHECK(kind(R"({"set":"hpa","format":1,"cases":[{"id":"a","in":{},"expect":{}}]})").folder == "kubernetes");
  CHECK(kind(R"({"set":"ca","cases":[{"id":"a","input":{},"expected":{}}]})").folder == "node-autoscaling");
  CHECK(kind(R"({"set":"catalog","instance_types":[]})").cases.empty());
  CHECK(kind(R"([1,2])").cases.empty());
  const VectorFile queue = kind(R"({"system":"s","check":"c","cases":[{"id":"a","params":{"l":1},"expect":{}}]})");
  CHECK(queue.folder == "queueing");
  CHECK(queue.topic == "name");
  CHECK(queue.cases.at(0).input.at("l") == 1);
  CHECK(queue.cases.at(0).input.at("$file").at("check") == "c");
  CHECK_THROWS(kind(R"({"rows":[]})"));
}

TEST_CASE("a replay is split into what drives it and what is expected") {
  const VectorFile file = interpret("ca_backoff.json", Json::parse(R"({"set":"ca_backoff","cases":[
      {"id":"a","input":{"max_s":9},"events":[{"op":"fail","t_s":1,"backoff_until_s":7},{"op":"drop","t_s":2}]}]})"));
  const Case& question = file.cases.at(0);
  CHECK(question.input == Json::parse(R"({"max_s":9,"events":[{"op":"fail","t_s":1},{"op":"drop","t_s":2}]})"));
  CHECK(question.alternatives.at(0) == Json::parse(R"({"events":[{"backoff_until_s":7},{}]})"));
}

TEST_CASE("passed, failed and unsupported are counted and the last line says so") {
  const Folder folder("counts");
  folder.write("ecs/double.json", R"({"topic":"double","vectors":[
      {"id":"good","input":{"x":2},"expect":{"y":4}},{"id":"bad","input":{"x":2},"expect":{"y":5}}]})");
  folder.write("ecs/other.json", R"({"topic":"other","vectors":[{"id":"o","input":{},"expect":{}}]})");
  folder.write("ecs/later.json", R"({"topic":"later","vectors":[{"id":"l","input":{},"expect":{}}]})");
  folder.write("ecs/README.md", "not a vector file");
  const std::vector<Topic> topics = {{"ecs", "double", doubled, nullptr}, {"ecs", "later", unknown, nullptr}};
  Options options;
  options.paths = {folder.path};
  const Outcome all = outcome(options, topics);
  CHECK(all.code == 1);
  CHECK(last_line(all.out) == "1 passed, 1 failed, 2 unsupported");
  CHECK(all.out.find("ecs/double.json 1/2\n  bad\n    expected {\"y\":5}\n    got      {\"y\":4}") !=
        std::string::npos);

  options.only = "good";
  const Outcome one = outcome(options, topics);
  CHECK(one.code == 0);
  CHECK(last_line(one.out) == "1 passed, 0 failed, 0 unsupported");

  options.only = "later";
  CHECK(outcome(options, topics).code == 1);
  options.allow_unsupported = true;
  CHECK(outcome(options, topics).code == 0);

  options.only = "nothing";
  CHECK(outcome(options, topics).code == 2);
}

TEST_CASE("a packed file reads like a plain one") {
  const Folder folder("packed");
  const std::string text = R"({"topic":"double","vectors":[{"id":"a","input":{"x":3},"expect":{"y":6}}]})";
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  folder.write("double.json.zst", packed);
  folder.write("damaged.json.zst", packed.substr(0, packed.size() / 2));
  Options options;
  options.paths = {folder.path / "double.json.zst"};
  CHECK(last_line(outcome(options, {{"ecs", "double", doubled, nullptr}}).out) == "1 passed, 0 failed, 0 unsupported");
  options.paths = {folder.path};
  const Outcome damaged = outcome(options, {{"ecs", "double", doubled, nullptr}});
  CHECK(last_line(damaged.out) == "1 passed, 1 failed, 0 unsupported");
  CHECK(damaged.err.find("damaged.json.zst: damaged zstd file") != std::string::npos);
}

TEST_CASE("alterations of what is expected are noticed, and a topic that peeks is found out") {
  const Folder folder("mutate");
  folder.write("t.json", R"({"set":"t","cases":[{"id":"a","input":{"x":1},"expected":{"y":2}}]})");
  Options options;
  options.paths = {folder.path};
  options.mutate = true;
  const Outcome honest = outcome(options, {{"node-autoscaling", "t", doubled, nullptr}});
  CHECK(honest.code == 0);
  CHECK(honest.out.find("2 alterations, 0 uncaught") != std::string::npos);
  const Outcome lenient = outcome(options, {{"node-autoscaling", "t", doubled, always}});
  CHECK(lenient.code == 1);
  CHECK(lenient.out.find("uncaught: a: /y from 2 to 3") != std::string::npos);
  const Outcome peeking = outcome(options, {{"node-autoscaling", "t", copied, nullptr}});
  CHECK(peeking.code == 1);
  CHECK(peeking.out.find("the answer changes with the expected values") != std::string::npos);
}

TEST_CASE("any of several alternatives is accepted, and alterations are made to the one that was met") {
  const Folder folder("alternatives");
  folder.write("t.json", R"({"set":"t","cases":[{"id":"a","input":{"x":1},"expected_any_of":[{"y":7},{"y":2}]}]})");
  Options options;
  options.paths = {folder.path};
  options.mutate = true;
  const Outcome result = outcome(options, {{"node-autoscaling", "t", doubled, nullptr}});
  CHECK(result.code == 0);
  CHECK(last_line(result.out) == "1 passed, 0 failed, 0 unsupported");
}

TEST_CASE("companion files are found beside the vectors") {
  const Folder folder("companion");
  folder.write("table.json", R"([10, 20])");
  folder.write("t.json", R"({"topic":"t","vectors":[{"id":"a","input":{"row":1},"expect":{"y":20}}]})");
  const auto lookup = [](const Json& input, const Json&) -> Json {
    return {{"y", companion("table.json").at(input.at("row").get<std::size_t>())}};
  };
  Options options;
  options.paths = {folder.path};
  CHECK(outcome(options, {{"ecs", "t", lookup, nullptr}}).code == 0);
}

TEST_CASE("the default comparison is exact for integers and near for other numbers") {
  CHECK(equal_within(Json(3), Json(3)));
  CHECK_FALSE(equal_within(Json(3), Json(4)));
  CHECK(equal_within(Json(3), Json(3.0)));
  CHECK(equal_within(Json(0.1), Json(0.1 + 1e-12)));
  CHECK_FALSE(equal_within(Json(0.1), Json(0.1001)));
  CHECK(equal_within(Json(1e12), Json(1e12 + 0.5)) == true);
  CHECK_FALSE(equal_within(Json::parse(R"({"a":1})"), Json::parse(R"({"a":1,"b":2})")));
  CHECK_FALSE(equal_within(Json::parse(R"(["a","b"])"), Json::parse(R"(["b","a"])")));
  CHECK_FALSE(equal_within(Json(nullptr), Json(0)));
}

TEST_CASE("bad command lines are refused") {
  std::ostringstream err;
  Options options;
  CHECK_FALSE(parse_arguments({}, options, err));
  CHECK_FALSE(parse_arguments({"dir", "--only"}, options, err));
  CHECK_FALSE(parse_arguments({"dir", "--fast"}, options, err));
  CHECK(parse_arguments({"dir", "--only", "mm1", "--mutate", "--json"}, options, err));
  CHECK(options.only == "mm1");
}
