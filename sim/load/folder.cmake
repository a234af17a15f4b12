# Eigen (header only) for the traffic equations, in call_graph_build.cpp.
find_path(EIGEN_INCLUDE_DIR Eigen/Dense PATH_SUFFIXES eigen3 REQUIRED)
target_include_directories(${target} SYSTEM PRIVATE ${EIGEN_INCLUDE_DIR})
