# Its query tree, declared in the header, holds conditions of an unnamed namespace: no joint translation unit.
set_source_files_properties(${CMAKE_SOURCE_DIR}/models/ecs/cluster_query_language.cpp PROPERTIES
                            SKIP_UNITY_BUILD_INCLUSION ON)
