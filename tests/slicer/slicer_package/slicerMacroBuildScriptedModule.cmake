# Slicer's macro checks that everything listed exists, and hands it to CTK's for the shared folder of scripted modules.

macro(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(_module "WITH_GENERIC_TESTS;WITH_SUBDIR;VERBOSE" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  if(_module_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "slicerMacroBuildScriptedModule does not know: ${_module_UNPARSED_ARGUMENTS}")
  endif()
  if("${_module_NAME}" STREQUAL "")
    message(FATAL_ERROR "slicerMacroBuildScriptedModule needs NAME")
  endif()
  if(NOT Slicer_USE_PYTHONQT)
    message(FATAL_ERROR "this Slicer has no Python")
  endif()
  foreach(_listed ${_module_SCRIPTS} ${_module_RESOURCES})
    get_filename_component(_path "${_listed}" ABSOLUTE)
    if(NOT EXISTS "${_path}" AND NOT EXISTS "${_path}.py")
      message(FATAL_ERROR "slicerMacroBuildScriptedModule is given '${_listed}', which does not exist")
    endif()
  endforeach()
  if(_module_WITH_SUBDIR)
    message(FATAL_ERROR "Greycloak's module belongs into the shared folder, where its resources are looked for")
  endif()

  ctkMacroCompilePythonScript(
    TARGET_NAME "${_module_NAME}"
    SCRIPTS "${_module_SCRIPTS}"
    RESOURCES "${_module_RESOURCES}"
    DESTINATION_DIR "${CMAKE_BINARY_DIR}/${Slicer_QTSCRIPTEDMODULES_LIB_DIR}"
    INSTALL_DIR "${Slicer_INSTALL_QTSCRIPTEDMODULES_LIB_DIR}"
    NO_INSTALL_SUBDIR
    )

  if(BUILD_TESTING AND _module_WITH_GENERIC_TESTS)
    file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/qSlicer${_module_NAME}ModuleGenericTest.py" "# made by Slicer\n")
    slicer_add_python_unittest(
      SCRIPT "${CMAKE_CURRENT_BINARY_DIR}/qSlicer${_module_NAME}ModuleGenericTest.py"
      TESTNAME_PREFIX nomainwindow_
      )
  endif()
endmacro()
