#include "sim/report/page.h"

namespace plimsoll::report {

std::string html_page(std::string_view data) {
  constexpr std::string_view mark = "@DATA@";
  const std::string_view page = kPage;
  const std::size_t at = page.find(mark);
  std::string html;
  html.reserve(page.size() + data.size());
  html.append(page.substr(0, at));
  for (const char c : data) {
    if (c == '<') {
      html += "\\u003c";  // so that no text in the data can end the script element
    } else {
      html += c;
    }
  }
  html.append(page.substr(at + mark.size()));
  return html;
}

}  // namespace plimsoll::report
