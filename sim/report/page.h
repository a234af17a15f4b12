#pragma once

#include <string>
#include <string_view>

namespace plimsoll::report {

/// The report page with @DATA@ where its data belongs.
extern const char kPage[];

/// One self-contained HTML file that shows `data` (a JSON document, see page_data.h): style, script and chart library
/// are inside, nothing is fetched when it is opened.
std::string html_page(std::string_view data);

}  // namespace plimsoll::report
