#include "sim/results/directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "sim/core/assert.h"
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

/// Where a link leads, so that what it names is replaced and not the link. Other paths, and dangling links, as they
/// are.
fs::path followed(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  fs::path real = fs::canonical(path, error);
  return error ? path : real;
}

fs::path sibling(const fs::path& path, const char* suffix) {
  return path.parent_path() / ("." + path.filename().string() + suffix);
}

/// Files of a run directory; all else in one is the user's.
constexpr std::array<std::string_view, 6> kOwn = {"summary.json",    "series.csv",  "events.csv",
                                                  "costs.focus.csv", "report.html", "result.sqlite"};

bool is_own(const std::string& name) { return std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end(); }

/// Empties an earlier run's directory into the one that took its place: the user's files move, the run's own go.
/// Nothing is deleted that this program did not write.
void absorb(const fs::path& old, const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator at(old, error); !error && at != fs::directory_iterator(); at.increment(error))
    entries.push_back(at->path());
  for (const fs::path& entry : entries) {
    const fs::path place = directory / entry.filename();
    if (is_own(entry.filename().string())) {
      fs::remove(entry, error);
    } else if (fs::exists(fs::symlink_status(place, error))) {
      fail(place, "another file of this name stands in " + old.string());
    } else {
      fs::rename(entry, place, error);
    }
    if (error) fail(place, error.message() + "; the file stands in " + old.string());
  }
  fs::remove(old, error);
  if (error) fail(old, error.message());
}

/// A run that was killed between two renames has left the earlier directory beside its place.
void recover(const fs::path& directory) {
  const fs::path old = sibling(directory, ".old");
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(old, error))) return;
  if (fs::exists(directory, error)) return absorb(old, directory);
  fs::rename(old, directory, error);
  if (error) fail(directory, error.message());
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
  for (const std::string_view name : kOwn) {
    const fs::file_status at = fs::symlink_status(directory / name, error);
    if (fs::exists(at) && !fs::is_regular_file(at)) fail(directory / name, "it is not a file of an earlier run");
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
  directory = followed(directory);
  recover(directory);
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
  for (const ExtraFile& file : extra) {
    PLIMSOLL_ASSERT(is_own(file.name));
    put(file.name, file.content);
  }
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
  if (replaces) absorb(old, directory);
}

Comparison read_run_directory(const fs::path& path) {
  const fs::path store = path / "result.sqlite";
  std::error_code error;
  if (!fs::is_directory(path, error)) throw std::runtime_error("cannot read " + path.string() + ": no such directory");
  if (!fs::exists(store, error) && fs::exists(path / "sweep.sqlite", error)) {
    throw std::runtime_error("cannot read " + path.string() +
                             ": it holds a sweep, not a run; `plimsoll sweep` with the same file and directory shows "
                             "it again");
  }
  if (!fs::exists(store, error)) {
    throw std::runtime_error("cannot read " + path.string() +
                             ": it holds no result.sqlite, so it is not the result of a run");
  }
  return read_store(store.string());
}

void write_file(const fs::path& given, const std::string& content) {
  std::error_code error;
  const fs::path path = followed(given);
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) fail(given, "it is a directory");
  // A pipe or a device is written through, never replaced; so is a link that leads to nothing yet.
  if (fs::exists(status) ? !fs::is_regular_file(status) : fs::is_symlink(path, error))
    return write_plain(path, given, content);
  const fs::path partial = sibling(path, ".partial");
  try {
    write_plain(partial, given, content);
  } catch (...) {
    fs::remove(partial, error);
    throw;
  }
  fs::rename(partial, path, error);
  if (error) {
    const std::string reason = error.message();
    fs::remove(partial, error);
    fail(given, reason);
  }
}

}  // namespace plimsoll::results
