#include "models/kubernetes/api/name_rules.h"

#include <algorithm>

namespace plimsoll::kubernetes::api {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }
bool is_letter_or_digit(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

bool is_label(std::string_view text) {
  return !text.empty() && is_lower_or_digit(text.front()) && is_lower_or_digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  for (std::size_t begin = 0;;) {
    const std::size_t dot = text.find('.', begin);
    if (!is_label(text.substr(begin, dot == text.npos ? dot : dot - begin))) return false;
    if (dot == text.npos) return true;
    begin = dot + 1;
  }
}

/// The name part of a label's key, or its value.
bool is_name_part(std::string_view text) {
  return !text.empty() && is_letter_or_digit(text.front()) && is_letter_or_digit(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

std::string invalid(std::string_view text, const std::string& rule) {
  return "Invalid value: \"" + std::string(text) + "\": " + rule;
}

std::string too_long(std::string_view text, std::size_t most) {
  return text.size() <= most ? std::string()
                             : invalid(text, "must be no more than " + std::to_string(most) + " characters");
}

}  // namespace

std::string label_name_fault(std::string_view text) {
  if (!is_label(text)) {
    return invalid(text, "must be a lowercase RFC 1123 label: a-z, 0-9 and '-', with a letter or digit at both ends");
  }
  return too_long(text, 63);
}

std::string subdomain_name_fault(std::string_view text, std::size_t most) {
  if (!is_subdomain(text)) {
    return invalid(text,
                   "must be a lowercase RFC 1123 subdomain: a-z, 0-9, '-' and '.', with a letter or digit at both "
                   "ends of every part");
  }
  return too_long(text, most);
}

std::string service_name_fault(std::string_view text) {
  if (!is_label(text) || !is_lower(text.front())) {
    return invalid(text,
                   "must be a DNS-1035 label: a-z, 0-9 and '-', with a letter at the front and a letter or digit "
                   "at the end");
  }
  return too_long(text, 63);
}

std::string port_name_fault(std::string_view text) {
  if (!is_label(text)) return invalid(text, "must contain only a-z, 0-9 and '-', with none of '-' at the ends");
  if (std::none_of(text.begin(), text.end(), is_lower)) return invalid(text, "must contain at least one letter");
  if (text.find("--") != text.npos) return invalid(text, "must not contain consecutive hyphens");
  return too_long(text, 15);
}

std::string label_key_fault(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view name = slash == text.npos ? text : text.substr(slash + 1);
  if (slash != text.npos && !is_subdomain(text.substr(0, slash)))
    return invalid(text, "its prefix must be a lowercase RFC 1123 subdomain");
  if (!is_name_part(name)) {
    return invalid(text, "its name must be of letters, digits, '-', '_' and '.', with a letter or digit at both ends");
  }
  return name.size() <= 63 ? std::string() : invalid(text, "its name must be no more than 63 characters");
}

std::string required_label_key_fault(std::string_view text) {
  return text.empty() ? "Required value" : label_key_fault(text);
}

std::string annotation_key_fault(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return label_key_fault(lower).empty() ? std::string() : label_key_fault(text);
}

std::string label_value_fault(std::string_view text) {
  if (text.empty()) return {};
  if (!is_name_part(text)) {
    return invalid(text,
                   "a label's value must be empty, or of letters, digits, '-', '_' and '.', with a letter or "
                   "digit at both ends");
  }
  return too_long(text, 63);
}

}  // namespace plimsoll::kubernetes::api
