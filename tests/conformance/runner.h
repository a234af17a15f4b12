#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/conformance.h"

namespace plimsoll::conformance {

/// One question with its acceptable answers.
struct Case {
  std::string id;
  Json input;
  std::vector<Json> alternatives;  ///< at least one; more than one for `expected_any_of`
  double tolerance = 1e-9;         ///< absolute, for numbers that are not integers (cost: `tolerance_usd`)
};

/// A vector file of any of the five forms, brought to one shape.
struct VectorFile {
  std::filesystem::path path;
  std::string folder;  ///< which of the five kinds, told by content
  std::string topic;
  std::vector<Case> cases;
};

/// Reads a `.json` or `.json.zst` file. Throws std::runtime_error that says what is wrong with it.
Json read_json(const std::filesystem::path& path);

/// Which kind of vectors `document` is, with its cases; a file that only accompanies others has no cases.
/// Throws std::runtime_error for a form that is none of the five.
VectorFile interpret(const std::filesystem::path& path, const Json& document);

/// Every vector file at or under the given paths, in order of path.
std::vector<std::filesystem::path> find_vector_files(const std::vector<std::filesystem::path>& paths);

struct Failure {
  std::string id;
  std::string expected;
  std::string got;
};

struct FileReport {
  std::string name;  ///< folder and file name
  std::string topic;
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t unsupported = 0;
  std::size_t alterations = 0;
  std::vector<Failure> failures;      ///< at most kMaxFailures of them
  std::vector<std::string> uncaught;  ///< case and path of each alteration that went unnoticed
};

inline constexpr std::size_t kMaxFailures = 5;

struct Options {
  std::vector<std::filesystem::path> paths;
  std::string only;  ///< a folder, file, topic or case; empty means all
  bool mutate = false;
  bool json = false;
  bool allow_unsupported = false;
};

/// Runs the cases of one file. With `mutate`, every leaf of each passed case is altered in turn and the comparison must
/// notice; and the answer is computed a second time with all expected values scrambled and must not change.
FileReport run_file(const VectorFile& file, const std::vector<Topic>& topics, const Options& options);

/// Runs everything and prints. Returns the exit code: 0 when nothing failed, was unsupported or went uncaught; 1 when
/// something did; 2 when there was nothing to run.
int run(const Options& options, const std::vector<Topic>& topics, std::ostream& out, std::ostream& err);

/// Reads the command line (without the program's name). Returns false after printing what is wrong.
bool parse_arguments(const std::vector<std::string>& arguments, Options& options, std::ostream& err);

}  // namespace plimsoll::conformance
