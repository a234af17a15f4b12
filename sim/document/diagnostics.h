#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/node.h"

namespace plimsoll::document {

enum class Severity : std::uint8_t { error, warning, note };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;
  std::int32_t line = 0;    ///< 1-based, 0 for none
  std::int32_t column = 0;  ///< 1-based, 0 for none
  std::string key_path;
  std::string message;
  std::string hint;
};

/// "file:line:column: error: message (at key.path)", and "  hint: ..." on a line of its own.
std::string to_string(const Diagnostic& diagnostic);

/// Collects everything that is wrong with the input, so that the user sees it at once.
class Diagnostics {
 public:
  void error(const Mark& mark, std::string message, std::string hint = {}, std::string key_path = {});
  void warning(const Mark& mark, std::string message, std::string hint = {}, std::string key_path = {});
  void note(const Mark& mark, std::string message, std::string hint = {}, std::string key_path = {});
  void error(const Node& node, std::string message, std::string hint = {}, std::string key_path = {});
  void warning(const Node& node, std::string message, std::string hint = {}, std::string key_path = {});
  /// An error about the input as a whole, without a position.
  void error(std::string message, std::string hint = {});
  void add(Diagnostic diagnostic);
  void add_all(const Diagnostics& other);

  bool has_errors() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  std::size_t warning_count() const { return warnings_; }
  bool empty() const { return diagnostics_.empty(); }

  /// In order of file (as first reported), line and column; equal positions in order of report; doubles once.
  std::vector<Diagnostic> sorted() const;
  /// All of sorted() as text, one or two lines each; after `limit` of them "... and N more".
  std::string text(std::size_t limit = 100) const;
  /// "2 errors, 1 warning"; "" when empty.
  std::string summary() const;

 private:
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace plimsoll::document
