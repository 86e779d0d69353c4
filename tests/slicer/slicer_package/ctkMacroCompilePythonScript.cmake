# CTK's macro copies Python files and resources from a folder into one of the build tree, byte-compiles, and installs that
# whole folder. What this one is stricter about: unknown words, and files that do not exist, stop the configuration; CTK
# takes an unknown word for one more file, and misses a file only when it is copied.

set(_greycloak_test_folder "${CMAKE_CURRENT_LIST_DIR}")

macro(ctkMacroCompilePythonScript)
  cmake_parse_arguments(_compile
    "NO_INSTALL_SUBDIR;GLOBAL_TARGET" "TARGET_NAME;SOURCE_DIR;DESTINATION_DIR;INSTALL_DIR" "SCRIPTS;RESOURCES" ${ARGN})
  if(_compile_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ctkMacroCompilePythonScript does not know: ${_compile_UNPARSED_ARGUMENTS}")
  endif()
  foreach(_name TARGET_NAME SCRIPTS DESTINATION_DIR INSTALL_DIR)
    if("${_compile_${_name}}" STREQUAL "")
      message(FATAL_ERROR "ctkMacroCompilePythonScript needs ${_name}")
    endif()
  endforeach()
  if("${_compile_SOURCE_DIR}" STREQUAL "")
    set(_compile_SOURCE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  get_filename_component(_source "${_compile_SOURCE_DIR}" REALPATH)
  get_filename_component(_destination "${_compile_DESTINATION_DIR}" REALPATH)

  set(_scripts)
  set(_resources)
  foreach(_file ${_compile_SCRIPTS})
    if(NOT _file MATCHES "\\.py$")
      string(APPEND _file ".py")
    endif()
    _greycloak_test_copy(_scripts "${_file}")
  endforeach()
  foreach(_file ${_compile_RESOURCES})
    _greycloak_test_copy(_resources "${_file}")
  endforeach()

  set(_done "${CMAKE_CURRENT_BINARY_DIR}/compiled_${_compile_TARGET_NAME}")
  add_custom_command(
    OUTPUT "${_done}"
    COMMAND "${GREYCLOAK_TEST_PYTHON}" "${_greycloak_test_folder}/compile.py" ${_scripts}
    COMMAND "${CMAKE_COMMAND}" -E touch "${_done}"
    DEPENDS ${_scripts}
    COMMENT "Compiling ${_compile_TARGET_NAME}"
    )
  add_custom_target(Compile${_compile_TARGET_NAME}PythonFiles ALL DEPENDS "${_done}" ${_resources})

  if(_compile_NO_INSTALL_SUBDIR) # the folder's content; otherwise, the folder itself in another of the same name
    string(APPEND _destination "/")
  endif()
  install(DIRECTORY "${_destination}" DESTINATION "${_compile_INSTALL_DIR}"
    COMPONENT RuntimeLibraries USE_SOURCE_PERMISSIONS)
endmacro()

# A path keeps its place below the source folder; an absolute one is seen from the build folder, so that it climbs out of
# the destination: that is how CTK does it, and why nothing outside of the module's folder can be listed.
macro(_greycloak_test_copy _copied _path)
  set(_from "${_source}/${_path}")
  set(_to "${_path}")
  if(IS_ABSOLUTE "${_path}")
    set(_from "${_path}")
    file(RELATIVE_PATH _to "${CMAKE_CURRENT_BINARY_DIR}" "${_path}")
  endif()
  if(NOT EXISTS "${_from}" OR IS_DIRECTORY "${_from}")
    message(FATAL_ERROR "ctkMacroCompilePythonScript is given '${_path}', which is no file")
  endif()
  add_custom_command(
    OUTPUT "${_destination}/${_to}"
    COMMAND "${CMAKE_COMMAND}" -E copy "${_from}" "${_destination}/${_to}"
    DEPENDS "${_from}"
    )
  list(APPEND ${_copied} "${_destination}/${_to}")
endmacro()
