# What include(${Slicer_EXTENSION_GENERATE_CONFIG}) does: a package file by which other extensions find this one.

file(WRITE "${CMAKE_BINARY_DIR}/${EXTENSION_NAME}Config.cmake" "set(${EXTENSION_NAME}_SOURCE_DIR \"${CMAKE_SOURCE_DIR}\")\n")
