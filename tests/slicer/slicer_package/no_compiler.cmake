# project(Greycloak) asks for a C and a C++ compiler, as Slicer's own extensions do; nothing is compiled, so the tests
# need none.

foreach(_language C CXX)
  set(CMAKE_${_language}_COMPILER /bin/true)
  set(CMAKE_${_language}_COMPILER_ID GNU)
  set(CMAKE_${_language}_COMPILER_ID_RUN TRUE)
  set(CMAKE_${_language}_COMPILER_FORCED TRUE)
endforeach()
