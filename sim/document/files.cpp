#include "sim/document/files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sim/core/text.h"
#include "sim/document/input_files.h"

namespace plimsoll::document {

namespace fs = std::filesystem;

namespace {

bool has_wildcard(std::string_view text) { return text.find_first_of("*?") != text.npos; }

/// Names in a directory that match, sorted; an unreadable directory holds none.
std::vector<std::string> names_in(const fs::path& directory, std::string_view pattern) {
  std::vector<std::string> names;
  std::error_code failed;
  fs::directory_iterator at(directory.empty() ? fs::path(".") : directory, failed);
  for (; !failed && at != fs::directory_iterator(); at.increment(failed)) {
    std::string name = at->path().filename().string();
    if (name[0] == '.' && pattern[0] != '.') continue;
    if (glob_match(pattern, name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

void expand(const fs::path& prefix, std::vector<std::string>::const_iterator part,
            std::vector<std::string>::const_iterator end, std::vector<std::string>& out) {
  std::error_code failed;
  if (part == end) {
    if (fs::is_regular_file(prefix, failed)) out.push_back(prefix.string());
    return;
  }
  if (!has_wildcard(*part)) {
    expand(prefix / *part, part + 1, end, out);
    return;
  }
  for (const std::string& name : names_in(prefix, *part)) {
    const fs::path next = prefix / name;
    if (part + 1 == end || fs::is_directory(next, failed)) expand(next, part + 1, end, out);
  }
}

/// Kept files that match: what was read then is what matched then, so only the pattern counts.
std::vector<std::string> matching(const InputReplay& kept, const std::string& pattern) {
  std::vector<std::string> out;
  if (!has_wildcard(pattern)) {
    if (kept.find(pattern) != nullptr) out.push_back(pattern);
    return out;
  }
  const std::string wanted = fs::path(pattern).lexically_normal().generic_string();
  for (const InputFile& file : kept.files()) {
    if (glob_match(wanted, file.path)) out.push_back(file.path);
  }
  // Recorded relative to another folder: then the name has to do.
  for (const InputFile& file : kept.files()) {
    if (!out.empty() && glob_match(wanted, out.front())) break;
    if (glob_match(fs::path(wanted).filename().string(), fs::path(file.path).filename().string()))
      out.push_back(file.path);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::string resolve_path(const Mark& written_at, std::string_view path) {
  const fs::path asked{std::string(path)};
  if (asked.is_absolute() || written_at.line == 0) return asked.string();
  return (fs::path(written_at.path()).parent_path() / asked).lexically_normal().string();
}

bool glob_match(std::string_view pattern, std::string_view name) {
  // Greedy with one point of return: the last * seen. O(pattern x name).
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = pattern.npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && (pattern[p] == name[n] || (pattern[p] == '?' && name[n] != '/'))) {
      ++p;
      ++n;
    } else if (star != pattern.npos && name[resume] != '/') {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> glob(const std::string& pattern) {
  if (const InputReplay* kept = InputReplay::current()) return matching(*kept, pattern);
  const fs::path path(pattern);
  std::vector<std::string> parts;
  for (const fs::path& part : path.relative_path()) parts.push_back(part.string());
  std::vector<std::string> out;
  expand(path.root_path(), parts.cbegin(), parts.cend(), out);
  return out;
}

std::vector<std::string> find_files(const Node& node, Diagnostics& diagnostics, std::string_view key_path) {
  const std::string at(key_path);
  if (!node.is_scalar() || node.is_null()) {
    diagnostics.error(node, "must be a file name, not " + std::string(kind_name(node.kind())), {}, at);
    return {};
  }
  const std::string path = resolve_path(node.mark(), node.text());
  std::vector<std::string> found = glob(path);
  if (!found.empty()) return found;
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    const std::string folder = node.text().ends_with('/') ? node.text() : node.text() + "/";
    const bool several = at.starts_with("files") || at.find("nodePools") != at.npos;
    diagnostics.error(node, "'" + path + "' is a directory",
                      several ? "name its files: " + folder + "*.yaml" : "name a file in it: " + folder + "...", at);
  } else if (has_wildcard(path)) {
    diagnostics.error(node, "no file matches '" + path + "'", {}, at);
  } else {
    const fs::path directory = fs::path(path).parent_path();
    const std::vector<std::string> names = names_in(directory, "*");
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string near = nearest(fs::path(path).filename().string(), views);
    const bool no_directory = !directory.empty() && !fs::is_directory(directory, failed);
    diagnostics.error(node, no_directory ? "no directory '" + directory.string() + "'" : "no file '" + path + "'",
                      near.empty() ? "" : "did you mean '" + near + "'?", at);
  }
  return {};
}

}  // namespace plimsoll::document
