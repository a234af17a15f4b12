find_package(nlohmann_json REQUIRED)
target_link_libraries(${target} PRIVATE nlohmann_json::nlohmann_json)
# Their short helpers hide those of the floors below in a joint translation unit.
set_source_files_properties(${CMAKE_SOURCE_DIR}/sim/cli/translate_ecs.cpp ${CMAKE_SOURCE_DIR}/sim/cli/translate_scenario.cpp
                            ${CMAKE_SOURCE_DIR}/sim/cli/translate_kubernetes.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
