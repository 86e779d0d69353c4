# A stand-in for what find_package(Slicer) finds in a build of 3D Slicer 5.12: the variables and macros that an extension
# of Python files uses, as strict as the real ones or stricter. Written for Greycloak's tests; no code of Slicer's is in it.
#
# The test says which Python byte-compiles: -DGREYCLOAK_TEST_PYTHON=...

set(Slicer_USE_FILE "${CMAKE_CURRENT_LIST_DIR}/UseSlicer.cmake")
set(Slicer_EXTENSION_GENERATE_CONFIG "${CMAKE_CURRENT_LIST_DIR}/generate_config.cmake")
set(Slicer_EXTENSION_CPACK "${CMAKE_CURRENT_LIST_DIR}/pack.cmake")

set(Slicer_USE_PYTHONQT ON)
set(Slicer_REVISION 34567)
set(Slicer_OS linux)
set(Slicer_ARCHITECTURE amd64)
set(Slicer_LICENSE_FILE "${CMAKE_CURRENT_LIST_DIR}/SlicerConfig.cmake")
set(Slicer_README_FILE "${CMAKE_CURRENT_LIST_DIR}/SlicerConfig.cmake")

set(Slicer_INSTALL_ROOT "./")
set(Slicer_SHARE_DIR "share/Slicer-5.12")
set(Slicer_QTSCRIPTEDMODULES_LIB_DIR "lib/Slicer-5.12/qt-scripted-modules")
