# The price tables are packed when the program is built: pack_main reads the CSV files of models/aws/data and writes one
# source file with an array of words.
add_executable(plimsoll_pack_prices ${CMAKE_SOURCE_DIR}/models/aws/data/pack_main.cpp
                                    ${CMAKE_SOURCE_DIR}/models/aws/data/pack.cpp)
file(GLOB price_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/models/aws/data/*.csv)
set(packed_prices ${CMAKE_BINARY_DIR}/generated/models/aws/data/built_in.cpp)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/models/aws/data)
add_custom_command(
  OUTPUT ${packed_prices}
  COMMAND plimsoll_pack_prices ${CMAKE_SOURCE_DIR}/models/aws/data ${packed_prices}
  DEPENDS plimsoll_pack_prices ${price_files}
  COMMENT "Packing the price tables"
  VERBATIM)
target_sources(${target} PRIVATE ${packed_prices})
find_package(nlohmann_json REQUIRED)
target_link_libraries(${target} PRIVATE nlohmann_json::nlohmann_json)
