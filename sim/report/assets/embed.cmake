# Run at build time: cmake -DASSETS=dir -DOUTPUT=file.cpp -P embed.cmake
# Joins the page with its style, script and the chart library, and writes it as one C++ array with @DATA@ left open.
file(READ ${ASSETS}/page.html page)
foreach(part "VENDOR_CSS;vendor/uPlot.min.css" "PAGE_CSS;page.css" "VENDOR_JS;vendor/uPlot.iife.min.js"
             "PAGE_JS;page.js")
  list(GET part 0 mark)
  list(GET part 1 name)
  file(READ ${ASSETS}/${name} content)
  if(name STREQUAL "vendor/uPlot.iife.min.js")
    file(READ ${ASSETS}/vendor/uPlot.LICENSE licence)
    string(PREPEND content "/*! uPlot 1.6.32\n${licence}*/\n")
  endif()
  string(REPLACE "@${mark}@" "${content}" page "${page}")
endforeach()
# In pieces: compilers need not accept string literals of any length.
string(LENGTH "${page}" length)
set(code "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${page}" ${at} 12000 piece)
  string(APPEND code "R\"~~~~(${piece})~~~~\"\n")
  math(EXPR at "${at} + 12000")
endwhile()
file(WRITE ${OUTPUT} "#include \"sim/report/page.h\"

namespace plimsoll::report {

extern const char kPage[] =
${code};

}  // namespace plimsoll::report
")
