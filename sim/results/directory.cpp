#include "sim/results/directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "sim/results/csv.h"
#include "sim/results/focus.h"
#include "sim/results/store.h"
#include "sim/results/summary.h"

namespace plimsoll::results {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& path, const std::string& reason) {
  throw std::runtime_error("cannot write " + path.string() + ": " + reason);
}

/// Without a slash at the end, which would make the last part of a path empty.
fs::path plain(const fs::path& path) {
  fs::path p = path.lexically_normal();
  if (!p.has_filename() && p.has_relative_path()) p = p.parent_path();
  return p;
}

fs::path sibling(const fs::path& path, const char* suffix) {
  return path.parent_path() / ("." + path.filename().string() + suffix);
}

/// What may be replaced: nothing, an empty directory, or an earlier run.
void check_replaceable(const fs::path& directory) {
  std::error_code error;
  const fs::file_status status = fs::status(directory, error);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status)) fail(directory, "it is not a directory");
  if (fs::is_empty(directory, error) && !error) return;
  if (error) fail(directory, error.message());
  if (!fs::exists(directory / "result.sqlite", error)) {
    fail(directory, "the directory holds something else than the results of a run");
  }
}

/// Written whole or not at all; write errors (a full disk) are told at the latest by close.
void write_plain(const fs::path& path, const fs::path& said, const std::string& content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail(said, std::strerror(errno));
  std::size_t at = 0;
  while (at < content.size()) {
    const ssize_t n = ::write(file, content.data() + at, content.size() - at);
    if (n < 0) {
      if (errno == EINTR) continue;
      const int reason = errno;
      ::close(file);
      fail(said, std::strerror(reason));
    }
    at += static_cast<std::size_t>(n);
  }
  if (::close(file) != 0) fail(said, std::strerror(errno));
}

/// A directory that is gone again unless it was kept.
class Partial {
 public:
  Partial(const fs::path& path, const fs::path& said) : path_(path) {
    std::error_code error;
    fs::remove_all(path_, error);
    fs::create_directory(path_, error);
    if (error) fail(said, error.message());
  }
  ~Partial() {
    std::error_code error;
    if (!kept_) fs::remove_all(path_, error);
  }
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;
  const fs::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  fs::path path_;
  bool kept_ = false;
};

fs::path prepared(const fs::path& path) {
  fs::path directory = plain(path);
  if (directory.empty() || directory == "." || directory == "..") fail(path, "name a directory to be made");
  check_replaceable(directory);
  std::error_code error;
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (error) fail(directory, error.message());
  return directory;
}

}  // namespace

void check_writable(const fs::path& path) {
  const fs::path directory = prepared(path);
  const Partial partial(sibling(directory, ".partial"), directory);
}

void write_run_directory(const Comparison& comparison, const fs::path& path, const std::vector<ExtraFile>& extra) {
  const fs::path directory = prepared(path);
  Partial partial(sibling(directory, ".partial"), directory);
  const auto put = [&](const std::string& name, const std::string& content) {
    write_plain(partial.path() / name, directory / name, content);
  };
  put("summary.json", summary_json(comparison));
  put("series.csv", series_csv(comparison));
  put("events.csv", events_csv(comparison));
  put("costs.focus.csv", focus_csv(comparison));
  for (const ExtraFile& file : extra) put(file.name, file.content);
  const std::string store = (partial.path() / "result.sqlite").string();
  try {
    write_store(comparison, store);
  } catch (const std::runtime_error& e) {
    const std::string text = e.what();
    fail(directory / "result.sqlite", text.starts_with(store) ? text.substr(store.size() + 2) : text);
  }
  std::error_code error;
  const fs::path old = sibling(directory, ".old");
  const bool replaces = fs::exists(directory, error);
  if (replaces) {
    fs::remove_all(old, error);
    fs::rename(directory, old, error);
    if (error) fail(directory, error.message());
  }
  fs::rename(partial.path(), directory, error);
  if (error) {
    std::error_code ignored;
    if (replaces) fs::rename(old, directory, ignored);
    fail(directory, error.message());
  }
  partial.keep();
  fs::remove_all(old, error);
}

Comparison read_run_directory(const fs::path& path) {
  const fs::path store = path / "result.sqlite";
  std::error_code error;
  if (!fs::is_directory(path, error)) throw std::runtime_error("cannot read " + path.string() + ": no such directory");
  if (!fs::exists(store, error)) {
    throw std::runtime_error("cannot read " + path.string() +
                             ": it holds no result.sqlite, so it is not the result of a run");
  }
  return read_store(store.string());
}

void write_file(const fs::path& path, const std::string& content) {
  const fs::path partial = sibling(path, ".partial");
  std::error_code error;
  try {
    write_plain(partial, path, content);
  } catch (...) {
    fs::remove(partial, error);
    throw;
  }
  fs::rename(partial, path, error);
  if (error) {
    const std::string reason = error.message();
    fs::remove(partial, error);
    fail(path, reason);
  }
}

}  // namespace plimsoll::results
