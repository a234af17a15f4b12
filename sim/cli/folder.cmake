find_package(nlohmann_json REQUIRED)
target_link_libraries(${target} PRIVATE nlohmann_json::nlohmann_json)
# Their short helpers hide those of the floors below in a joint translation unit.
set(translators)
foreach(stem ecs scenario kubernetes)
  list(APPEND translators ${CMAKE_SOURCE_DIR}/sim/cli/translate_${stem}.cpp)
endforeach()
set_source_files_properties(${translators} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
