# What include(${Slicer_USE_FILE}) brings: the extension's name, defaults of its description, testing, and the macros.

if(NOT DEFINED EXTENSION_NAME)
  set(EXTENSION_NAME "${PROJECT_NAME}")
endif()
if("${EXTENSION_NAME}" MATCHES "^(|Slicer|Project)$")
  message(FATAL_ERROR "call project() with the extension's name before this file is included")
endif()

set(Slicer_INSTALL_QTSCRIPTEDMODULES_LIB_DIR "${Slicer_INSTALL_ROOT}${Slicer_QTSCRIPTEDMODULES_LIB_DIR}")

if(NOT DEFINED EXTENSION_LICENSE_FILE)
  set(EXTENSION_LICENSE_FILE "${Slicer_LICENSE_FILE}")
endif()
if(NOT DEFINED EXTENSION_README_FILE)
  set(EXTENSION_README_FILE "${Slicer_README_FILE}")
endif()
if(NOT DEFINED EXTENSION_DEPENDS)
  set(EXTENSION_DEPENDS NA)
endif()

include(CTest) # BUILD_TESTING is on unless somebody turns it off, as the index's own check does

include("${CMAKE_CURRENT_LIST_DIR}/ctkMacroCompilePythonScript.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/slicerMacroBuildScriptedModule.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/slicer_add_python_unittest.cmake")
