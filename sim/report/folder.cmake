# The page with its chart library, made into one C++ array at build time.
set(assets ${CMAKE_CURRENT_SOURCE_DIR}/sim/report/assets)
set(page ${CMAKE_CURRENT_BINARY_DIR}/generated/report_page.cpp)
file(GLOB_RECURSE asset_files CONFIGURE_DEPENDS ${assets}/*)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/generated)
add_custom_command(
  OUTPUT ${page}
  COMMAND ${CMAKE_COMMAND} -DASSETS=${assets} -DOUTPUT=${page} -P ${assets}/embed.cmake
  DEPENDS ${asset_files}
  VERBATIM)
target_sources(${target} PRIVATE ${page})
