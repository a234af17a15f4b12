#include "sim/document/input_files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "sim/core/assert.h"

namespace plimsoll::document {

namespace fs = std::filesystem;

namespace {

thread_local InputRecorder* t_recorder = nullptr;
thread_local const InputReplay* t_replay = nullptr;

bool is_named_pipe(const std::string& path) {
  std::error_code failed;
  return !path.starts_with("/dev/") && !path.starts_with("/proc/") && fs::is_fifo(path, failed);
}

bool read_disk(const std::string& path, std::size_t max_bytes, std::string& out, int& error) {
  if (is_named_pipe(path)) {
    error = kNamedPipe;
    return false;
  }
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    error = errno;
    return false;
  }
  std::vector<char> buffer(std::size_t{1} << 16);
  while (out.size() <= max_bytes) {
    errno = 0;
    const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file);
    out.append(buffer.data(), n);
    if (n == buffer.size()) continue;
    if (std::ferror(file) != 0) {
      error = errno;
      std::fclose(file);
      return false;
    }
    break;
  }
  std::fclose(file);
  return true;
}

/// Without a root and without steps upwards at the front.
std::string end_of(const std::string& path) {
  const fs::path normal = fs::path(path).lexically_normal().relative_path();
  fs::path out;
  for (const fs::path& part : normal) {
    if (part != "..") out /= part;
  }
  return out.generic_string();
}

}  // namespace

std::string input_error(int error) {
  return error == kNamedPipe ? "it is a named pipe" : std::generic_category().message(error);
}

InputRecorder::InputRecorder() {
  PLIMSOLL_ASSERT(t_recorder == nullptr);
  t_recorder = this;
}

InputRecorder::~InputRecorder() { t_recorder = nullptr; }

std::vector<InputFile> InputRecorder::files(const std::string& root) const {
  std::vector<InputFile> out;
  for (const InputFile& file : read_) out.push_back({path_from(root, file.path), file.content});
  return out;
}

std::string path_from(const std::string& root, const std::string& file) {
  const fs::path folder = fs::path(root).lexically_normal().parent_path();
  const fs::path asked = fs::path(file).lexically_normal();
  const fs::path relative = folder.empty() ? asked : asked.lexically_relative(folder);
  return (relative.empty() ? asked : relative).generic_string();
}

InputReplay::InputReplay(const std::vector<InputFile>& files) : files_(files) {
  PLIMSOLL_ASSERT(t_replay == nullptr);
  t_replay = this;
}

InputReplay::~InputReplay() { t_replay = nullptr; }

const InputReplay* InputReplay::current() { return t_replay; }

const InputFile* InputReplay::find(const std::string& path) const {
  const std::string asked = fs::path(path).lexically_normal().generic_string();
  for (const InputFile& file : files_) {
    if (file.path == asked) return &file;
  }
  const std::string end = end_of(asked);
  for (const InputFile& file : files_) {
    if (end_of(file.path) == end) return &file;
  }
  return nullptr;
}

bool read_input(const std::string& path, std::size_t max_bytes, std::string& out, int& error) {
  out.clear();
  if (t_replay != nullptr) {
    const InputFile* file = t_replay->find(path);
    error = ENOENT;
    if (file != nullptr) out = file->content;
    return file != nullptr;
  }
  if (!read_disk(path, max_bytes, out, error)) return false;
  if (t_recorder != nullptr && out.size() <= max_bytes) {
    auto& read = t_recorder->read_;
    const bool known = std::any_of(read.begin(), read.end(), [&](const InputFile& f) { return f.path == path; });
    if (!known) read.push_back({path, out});
  }
  return true;
}

}  // namespace plimsoll::document
