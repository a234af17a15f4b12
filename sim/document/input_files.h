#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::document {

/// A file that an input was read from, whole.
struct InputFile {
  std::string path;
  std::string content;
  friend bool operator==(const InputFile&, const InputFile&) = default;
};

/// `file` as seen from the folder of `root`, another file; as it stands when there is no way from there.
std::string path_from(const std::string& root, const std::string& file);

/// While it lives, the files that this thread reads through read_input are remembered, so that what was read can be
/// kept beside its results. One at a time a thread.
class InputRecorder {
 public:
  InputRecorder();
  ~InputRecorder();
  InputRecorder(const InputRecorder&) = delete;
  InputRecorder& operator=(const InputRecorder&) = delete;

  /// What was read, each file once, in the order of first reading; paths relative to the folder of `root`, which is
  /// the file that the others are read for. A path that has no way from there stays as it is.
  std::vector<InputFile> files(const std::string& root) const;

 private:
  friend bool read_input(const std::string& path, std::size_t max_bytes, std::string& out, int& error);
  std::vector<InputFile> read_;
};

/// While it lives, this thread reads from these files and not from the disk: as if the working directory were the
/// folder of the root file of the recording. A path that was absolute or relative to another folder when it was
/// recorded is found by its end.
class InputReplay {
 public:
  /// @pre `files` outlive it.
  explicit InputReplay(const std::vector<InputFile>& files);
  ~InputReplay();
  InputReplay(const InputReplay&) = delete;
  InputReplay& operator=(const InputReplay&) = delete;

  const InputFile* find(const std::string& path) const;
  const std::vector<InputFile>& files() const { return files_; }
  /// The one in force on this thread; null when files come from the disk.
  static const InputReplay* current();

 private:
  const std::vector<InputFile>& files_;
};

/// Instead of an errno: a named pipe, which would have to be waited for. Those that a shell opens (/dev/fd/...,
/// /dev/stdin) are read.
inline constexpr int kNamedPipe = -1;

/// "No such file or directory" for people.
std::string input_error(int error);

/// Reads a whole file, at most `max_bytes` and a little more (a longer result means that the file is too large). False
/// with an errno, or kNamedPipe, when it cannot be read.
bool read_input(const std::string& path, std::size_t max_bytes, std::string& out, int& error);

}  // namespace plimsoll::document
