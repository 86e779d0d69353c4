# Slicer's macro registers a test that runs a unittest of this name in a Slicer of its own. It finds out only then that a
# script is missing; this one tells at once.

macro(slicer_add_python_unittest)
  cmake_parse_arguments(_unittest "" "SCRIPT;TESTNAME_PREFIX" "SLICER_ARGS" ${ARGN})
  if(_unittest_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "slicer_add_python_unittest does not know: ${_unittest_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(_script "${_unittest_SCRIPT}" ABSOLUTE)
  if(NOT EXISTS "${_script}")
    message(FATAL_ERROR "slicer_add_python_unittest is given '${_unittest_SCRIPT}', which does not exist")
  endif()
  get_filename_component(_name "${_script}" NAME_WE)
  add_test(NAME "py_${_unittest_TESTNAME_PREFIX}${_name}" COMMAND "${CMAKE_COMMAND}" -E echo "${_script}")
endmacro()
