#include "sim/document/input_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sim/document/files.h"
#include "sim/document/loader.h"

using namespace plimsoll::document;
namespace fs = std::filesystem;

namespace {

struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "plimsoll-inputs-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path, error);
  }
  std::string put(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
    return (path / name).string();
  }
};

std::string read(const std::string& path) {
  std::string text;
  int error = 0;
  return read_input(path, 1000, text, error) ? text : "error " + std::to_string(error);
}

}  // namespace

TEST_CASE("what was read is remembered once, by its way from the root file's folder") {
  const Scratch scratch;
  const std::string root = scratch.put("scenarios/s.yaml", "a: 1");
  const std::string beside = scratch.put("scenarios/files/x.csv", "x");
  const std::string above = scratch.put("data/y.csv", "y");
  std::vector<InputFile> files;
  {
    const InputRecorder recorder;
    CHECK(read(root) == "a: 1");
    CHECK(read(beside) == "x");
    CHECK(read((scratch.path / "scenarios/../data/y.csv").string()) == "y");
    CHECK(read(beside) == "x");
    CHECK(read((scratch.path / "none").string()) == "error 2");
    files = recorder.files(root);
  }
  const std::vector<InputFile> expected = {{"s.yaml", "a: 1"}, {"files/x.csv", "x"}, {"../data/y.csv", "y"}};
  CHECK(files == expected);
  CHECK(read(above) == "y");  // without a recorder as ever
}

TEST_CASE("kept files are read in the place of the disk") {
  const std::vector<InputFile> files = {{"s.yaml", "kind: A"},
                                        {"m/b.yaml", "kind: B"},
                                        {"m/a.yaml", "kind: C"},
                                        {"../data/y.csv", "y"},
                                        {"../../far/z.csv", "z"}};
  const InputReplay replay(files);
  CHECK(read("s.yaml") == "kind: A");
  CHECK(read("./m/../s.yaml") == "kind: A");
  CHECK(read("../data/y.csv") == "y");
  CHECK(read("/far/z.csv") == "z");  // written absolute, recorded relative
  CHECK(read("no.csv") == "error 2");
  CHECK(glob("m/*.yaml") == std::vector<std::string>{"m/a.yaml", "m/b.yaml"});
  CHECK(glob("m/a.yaml") == std::vector<std::string>{"m/a.yaml"});
  CHECK(glob("n/*.json").empty());
  Diagnostics diagnostics;
  const Node node = load_single("m/b.yaml", diagnostics);
  CHECK_FALSE(diagnostics.has_errors());
  REQUIRE(node.find("kind") != nullptr);
  CHECK(node.find("kind")->text() == "B");
}

TEST_CASE("a file beyond the limit is told by its length") {
  const Scratch scratch;
  const std::string large = scratch.put("large", std::string(5000, 'x'));
  const InputRecorder recorder;
  std::string text;
  int error = 0;
  CHECK(read_input(large, 1000, text, error));
  CHECK(text.size() > 1000);
  CHECK(recorder.files(large).empty());
}

TEST_CASE("a named pipe is refused, not waited for; one that a shell has opened is read") {
  const Scratch scratch;
  const std::string pipe = (scratch.path / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  Diagnostics d;
  CHECK(load_single(pipe, d).is_null());
  CHECK(d.text() == pipe + ": error: cannot read the file: it is a named pipe\n");
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "a: 1\n", 5) == 5);
  ::close(ends[1]);
  Diagnostics none;
  const Node root = load_single("/dev/fd/" + std::to_string(ends[0]), none);
  ::close(ends[0]);
  CHECK(none.empty());
  REQUIRE(root.is_mapping());
  CHECK(root.find("a")->text() == "1");
}

TEST_CASE("paths as seen from another file's folder") {
  CHECK(path_from("s.yaml", "m/a.json") == "m/a.json");
  CHECK(path_from("scenarios/s.yaml", "scenarios/m/a.json") == "m/a.json");
  CHECK(path_from("/x/scenarios/s.yaml", "/x/scenarios/m/a.json") == "m/a.json");
  CHECK(path_from("../s/s.yaml", "../m/a.json") == "../m/a.json");
  CHECK(path_from("scenarios/s.yaml", "/abs/a.json") == "/abs/a.json");
}
