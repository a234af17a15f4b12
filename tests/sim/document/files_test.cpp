#include "sim/document/files.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace plimsoll::document;

TEST_CASE("patterns match whole names") {
  CHECK(glob_match("*.json", "a.json"));
  CHECK(glob_match("retail-*.json", "retail-ui.taskdef.json"));
  CHECK(glob_match("a?c", "abc"));
  CHECK(glob_match("*", ""));
  CHECK(glob_match("**a*b", "xaxab"));
  CHECK_FALSE(glob_match("*.json", "a.jsonx"));
  CHECK_FALSE(glob_match("*", "a/b"));
  CHECK_FALSE(glob_match("a?c", "a/c"));
  CHECK_FALSE(glob_match("", "a"));
  // Forty stars against a long name that does not match must not take exponential time.
  std::string stars;
  for (int i = 0; i < 40; ++i) stars += "*a";
  CHECK_FALSE(glob_match(stars + "b", std::string(2000, 'a')));
}

TEST_CASE("files are found relative to the file that names them, sorted by name") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / "plimsoll_files_test";
  fs::remove_all(folder);
  fs::create_directories(folder / "ecs" / "deep");
  fs::create_directories(folder / "k8s");
  for (const char* name : {"ecs/b.json", "ecs/a.json", "ecs/.hidden.json", "ecs/deep/c.json", "k8s/a.yaml"}) {
    std::ofstream(folder / name) << "{}";
  }
  const Mark mark{std::make_shared<const std::string>((folder / "scenario.yaml").string()), 3, 7};
  Diagnostics diagnostics;
  const auto find = [&](const char* path) { return find_files(Node::string(path, mark), diagnostics, "files.ecs"); };
  CHECK(find("ecs/*.json") ==
        std::vector<std::string>{(folder / "ecs/a.json").string(), (folder / "ecs/b.json").string()});
  CHECK(find("./k8s/../ecs/a.json") == std::vector<std::string>{(folder / "ecs/a.json").string()});
  CHECK(find("*/a.*").size() == 2);
  CHECK(find("ecs/.*").size() == 1);
  CHECK(diagnostics.empty());
  CHECK(find("ecs/c*.json").empty());
  CHECK(find("ecs/a.jsn").empty());
  CHECK(find("ecs").empty());
  CHECK(find("nowhere/a.json").empty());
  const std::string text = diagnostics.text();
  CHECK(text.find("scenario.yaml:3:7: error: no file matches '") != std::string::npos);
  CHECK(text.find("did you mean 'a.json'?") != std::string::npos);
  CHECK(text.find("is a directory (at files.ecs)") != std::string::npos);
  CHECK(text.find("no directory '") != std::string::npos);
  CHECK(resolve_path(source_mark("--set x=y"), "a/b.yaml") == "a/b.yaml");
  CHECK(resolve_path(mark, "/abs/a.yaml") == "/abs/a.yaml");
  fs::remove_all(folder);
}
