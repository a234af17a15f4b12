#include "sim/document/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace plimsoll::document {

namespace {

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "";
}

std::string counted(std::size_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

/// Text from a file may hold anything; a diagnostic stays on its line and does not steer a terminal.
std::string printable(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

}  // namespace

std::string to_string(const Diagnostic& d) {
  std::string out;
  if (!d.file.empty()) {
    out += printable(d.file);
    if (d.line > 0) out += ":" + std::to_string(d.line) + ":" + std::to_string(d.column);
    out += ": ";
  }
  out += severity_name(d.severity);
  out += ": ";
  out += printable(d.message);
  if (!d.key_path.empty()) out += " (at " + printable(d.key_path) + ")";
  if (!d.hint.empty()) out += "\n  hint: " + printable(d.hint);
  return out;
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++errors_;
  if (diagnostic.severity == Severity::warning) ++warnings_;
  diagnostics_.push_back(std::move(diagnostic));
}

void Diagnostics::add_all(const Diagnostics& other) {
  for (const Diagnostic& diagnostic : other.diagnostics_) add(diagnostic);
}

void Diagnostics::error(const Mark& mark, std::string message, std::string hint, std::string key_path) {
  add({Severity::error, mark.path(), mark.line, mark.column, std::move(key_path), std::move(message), std::move(hint)});
}

void Diagnostics::warning(const Mark& mark, std::string message, std::string hint, std::string key_path) {
  add({Severity::warning, mark.path(), mark.line, mark.column, std::move(key_path), std::move(message),
       std::move(hint)});
}

void Diagnostics::note(const Mark& mark, std::string message, std::string hint, std::string key_path) {
  add({Severity::note, mark.path(), mark.line, mark.column, std::move(key_path), std::move(message), std::move(hint)});
}

void Diagnostics::error(const Node& node, std::string message, std::string hint, std::string key_path) {
  error(node.mark(), std::move(message), std::move(hint), std::move(key_path));
}

void Diagnostics::warning(const Node& node, std::string message, std::string hint, std::string key_path) {
  warning(node.mark(), std::move(message), std::move(hint), std::move(key_path));
}

void Diagnostics::error(std::string message, std::string hint) {
  add({Severity::error, {}, 0, 0, {}, std::move(message), std::move(hint)});
}

namespace {

/// The key that an "unknown key" was probably meant to be; empty for other faults. Fields words both.
std::string_view meant_by(const Diagnostic& d) {
  constexpr std::string_view kBegin = "did you mean '", kEnd = "'?";
  const std::string_view hint = d.hint;
  if (!d.message.starts_with("unknown key '") || !hint.starts_with(kBegin) || !hint.ends_with(kEnd)) return {};
  return hint.substr(kBegin.size(), hint.size() - kBegin.size() - kEnd.size());
}

bool is_word_in(std::string_view word, std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
  }
  return false;
}

/// Whether `path` is `above` or lies below it.
bool is_at_or_below(std::string_view path, std::string_view above) {
  return path.starts_with(above) &&
         (path.size() == above.size() || path[above.size()] == '.' || path[above.size()] == '[');
}

/// Whether `path` is the mapping, or what takes it over: every app has what `each` says.
bool is_mapping_of(std::string_view path, std::string_view mapping) {
  constexpr std::string_view kEach = "each", kApps = "apps.";
  if (path == mapping) return true;
  if (!is_at_or_below(mapping, kEach) || !path.starts_with(kApps)) return false;
  const std::size_t end = path.find('.', kApps.size());
  return (end == std::string_view::npos ? std::string_view{} : path.substr(end)) == mapping.substr(kEach.size());
}

/// A value of which nothing could be read: what else is told about its place only follows.
bool is_unreadable(const Diagnostic& d) {
  const std::string_view m = d.message;
  return (m.find("must be ") != std::string_view::npos && m.find(", not '") != std::string_view::npos) ||
         m.find("' is not a ") != std::string_view::npos || m.find("' has no unit") != std::string_view::npos ||
         m.find(" must be fargate") != std::string_view::npos ||
         (m.starts_with("unknown ") && !m.starts_with("unknown key"));
}

/// Whether `d` only follows from `cause`, so that both are one fault: a misspelt key is what is missing in its mapping,
/// and a value that cannot be read is no value.
bool is_explained_by(const Diagnostic& d, const Diagnostic& cause) {
  if (&d == &cause || d.severity != Severity::error || cause.severity != Severity::error || d.file != cause.file)
    return false;
  if (const std::string_view key = meant_by(cause); !key.empty()) {
    if (d.message.starts_with("unknown key")) return false;
    const std::size_t quoted = std::string_view("unknown key '").size();
    const std::string written = cause.message.substr(quoted, cause.message.size() - quoted - 1);
    const std::string last = join_path("", written);
    if (!cause.key_path.ends_with(last)) return false;
    std::string_view mapping = std::string_view(cause.key_path).substr(0, cause.key_path.size() - last.size());
    if (mapping.ends_with('.')) mapping.remove_suffix(1);
    if (join_path(mapping, written) != cause.key_path) return false;
    return is_at_or_below(d.key_path, join_path(mapping, key)) ||
           (is_mapping_of(d.key_path, mapping) && is_word_in(key, d.message));
  }
  return is_unreadable(cause) && !is_unreadable(d) && d.line == cause.line && !cause.key_path.empty() &&
         is_at_or_below(d.key_path, cause.key_path);
}

}  // namespace

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<std::string> files;
  const auto rank = [&files](const std::string& file) {
    return std::find(files.begin(), files.end(), file) - files.begin();
  };
  for (const Diagnostic& d : diagnostics_) {
    if (rank(d.file) == static_cast<std::ptrdiff_t>(files.size())) files.push_back(d.file);
  }
  std::vector<Diagnostic> out = diagnostics_;
  std::erase_if(out, [this](const Diagnostic& d) {
    return std::any_of(diagnostics_.begin(), diagnostics_.end(),
                       [&d](const Diagnostic& other) { return is_explained_by(d, other); });
  });
  std::stable_sort(out.begin(), out.end(), [&rank](const Diagnostic& a, const Diagnostic& b) {
    return std::make_tuple(rank(a.file), a.line, a.column) < std::make_tuple(rank(b.file), b.line, b.column);
  });
  // Columns take over each other's keys (`from`): what stands at one place is one fault of all of them.
  const auto inherited = [](std::string_view a, std::string_view b) {
    constexpr std::string_view kColumns = "platforms.";
    if (!a.starts_with(kColumns) || !b.starts_with(kColumns)) return false;
    a.remove_prefix(std::min(a.find('.', kColumns.size()), a.size()));
    b.remove_prefix(std::min(b.find('.', kColumns.size()), b.size()));
    return !a.empty() && a == b;
  };
  const auto same = [inherited](const Diagnostic& a, const Diagnostic& b) {
    return a.severity == b.severity && a.file == b.file && a.line == b.line && a.column == b.column &&
           a.message == b.message && (a.key_path == b.key_path || inherited(a.key_path, b.key_path));
  };
  // Doubles need not be neighbours: two columns may tell the same list at one place.
  std::vector<Diagnostic> once;
  std::size_t place = 0;  // where the diagnostics of this place begin
  for (Diagnostic& d : out) {
    const bool here =
        !once.empty() && once.back().file == d.file && once.back().line == d.line && once.back().column == d.column;
    if (!here) place = once.size();
    const auto from = once.begin() + static_cast<std::ptrdiff_t>(place);
    if (std::none_of(from, once.end(), [&](const Diagnostic& known) { return same(known, d); }))
      once.push_back(std::move(d));
  }
  return once;
}

std::string Diagnostics::text(std::size_t limit) const {
  const std::vector<Diagnostic> all = sorted();
  std::string out;
  for (std::size_t i = 0; i < all.size() && i < limit; ++i) out += to_string(all[i]) + "\n";
  if (all.size() > limit) out += "... and " + std::to_string(all.size() - limit) + " more\n";
  return out;
}

std::string Diagnostics::summary() const {
  std::size_t errors = 0, warnings = 0;  // of those that are told
  for (const Diagnostic& d : sorted()) {
    errors += d.severity == Severity::error ? 1 : 0;
    warnings += d.severity == Severity::warning ? 1 : 0;
  }
  std::string out;
  if (errors > 0) out = counted(errors, "error");
  if (warnings > 0) out += (out.empty() ? "" : ", ") + counted(warnings, "warning");
  return out;
}

}  // namespace plimsoll::document
