# Tests of the tree itself: every header alone, includes that point only upwards, sentences of rejected programs,
# static tables, and programs that use the library from outside. They run compilers, so that a mistake in one header
# fails its test and not the build.

# The compiler in use, and the other one where it is installed: sentences and warnings differ between them.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  find_program(PIX2PIXHD_OTHER_COMPILER g++)
  set(compilers clang++ g++)
else()
  find_program(PIX2PIXHD_OTHER_COMPILER clang++)
  set(compilers g++ clang++)
endif()
list(GET compilers 0 own)
list(GET compilers 1 other)
set(path_of_${own} ${CMAKE_CXX_COMPILER})
set(path_of_${other} ${PIX2PIXHD_OTHER_COMPILER})
if(NOT PIX2PIXHD_OTHER_COMPILER)
  list(REMOVE_ITEM compilers ${other})
  message(STATUS "pix2pixhd: left out: the header and sentence tests with ${other}, which was not found.")
endif()

# What a header-only user of all components passes to a compiler.
set(widest pix2pixhd)
if(TARGET pix2pixhd_onnx)
  set(widest pix2pixhd_onnx)
elseif(PIX2PIXHD_IO_FOUND)
  set(widest pix2pixhd_io)
endif()
set(directories "$<REMOVE_DUPLICATES:$<TARGET_PROPERTY:${widest},INTERFACE_INCLUDE_DIRECTORIES>>")
set(directories "$<FILTER:${directories},EXCLUDE,^(/usr/include|${PROJECT_SOURCE_DIR}/include)$>")
set(definitions "$<REMOVE_DUPLICATES:$<TARGET_PROPERTY:${widest},INTERFACE_COMPILE_DEFINITIONS>>")
list(JOIN PIX2PIXHD_WARNINGS "\n" warnings)
set(flags ${CMAKE_CURRENT_BINARY_DIR}/header_only_flags.txt)
file(GENERATE OUTPUT ${flags} CONTENT "-std=c++20
-pthread
${warnings}
\"-I${PROJECT_SOURCE_DIR}/include\"
$<$<BOOL:${directories}>:-isystem\"$<JOIN:${directories},\"\n-isystem\">\"\n>$<$<BOOL:${definitions}>:-D$<JOIN:${definitions},\n-D>\n>")

# Each header alone with the compiler in use, and those of a folder together with the other one, which has its say on
# warnings in less than a tenth of the time. Each file of bodies is a source of pix2pixhd::compiled already.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/include/*.hpp)
list(FILTER headers EXCLUDE REGEX "\\.inc\\.hpp$|-inl\\.hpp$")
if(NOT PIX2PIXHD_IO_FOUND)
  list(FILTER headers EXCLUDE REGEX "^pix2pixhd/(store|images|training)/")
endif()
if(NOT TARGET pix2pixhd_onnx)
  list(FILTER headers EXCLUDE REGEX "^pix2pixhd/onnx/")
endif()
set(header_folders "")
foreach(header IN LISTS headers)
  get_filename_component(folder ${header} DIRECTORY)
  list(APPEND header_folders ${folder})
  list(APPEND "headers_in_${folder}" ${header})
endforeach()
list(REMOVE_DUPLICATES header_folders)
foreach(folder IN LISTS header_folders)
  string(REGEX REPLACE "^pix2pixhd/?" "headers/" name ${folder})
  string(REGEX REPLACE "/$" "" name ${name})
  string(REPLACE "/" "." name ${name})
  foreach(compiler IN LISTS compilers)
    set(script alone)
    if(compiler STREQUAL other)
      set(script together)
    endif()
    add_test(NAME ${name}.${compiler} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/headers/${script}.sh
      ${path_of_${compiler}} ${flags} ${headers_in_${folder}})
    set_tests_properties(${name}.${compiler} PROPERTIES LABELS headers)
  endforeach()
endforeach()

# All headers in two translation units of one program.
add_test(NAME headers.two_units COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/headers/two_units.sh
  ${CMAKE_CXX_COMPILER} ${flags} ${headers})
set_tests_properties(headers.two_units PROPERTIES LABELS headers)

# Includes point only upwards.
add_test(NAME layering COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/layering/check.sh ${PROJECT_SOURCE_DIR}/include/pix2pixhd)
add_test(NAME layering.self_check COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/layering/self_check.sh)
set_tests_properties(layering layering.self_check PROPERTIES LABELS layering)

# README.md and the pages in bench/results are what bench/readme.py makes of the figures there.
if(PIX2PIXHD_PYTHON)
  add_test(NAME results COMMAND ${PIX2PIXHD_PYTHON} ${PROJECT_SOURCE_DIR}/bench/readme.py --check)
  add_test(NAME results.self_check COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/results/self_check.sh)
  set_tests_properties(results results.self_check PROPERTIES LABELS results)
else()
  message(STATUS "pix2pixhd: left out: the test of README.md's figures, which needs python3")
endif()

# Programs that hold static assertions only.
file(GLOB static_programs CONFIGURE_DEPENDS static/*.cpp)
foreach(compiler IN LISTS compilers)
  if(static_programs)
    add_test(NAME static.${compiler} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/headers/alone.sh
      ${path_of_${compiler}} ${flags} ${static_programs})
    set_tests_properties(static.${compiler} PROPERTIES LABELS static)
  endif()
endforeach()

# Programs that must be rejected with the sentence they state, and accepted once corrected. What they include is
# compiled once for all of them.
file(GLOB rejected CONFIGURE_DEPENDS compile_fail/*.cpp)
foreach(compiler IN LISTS compilers)
  set(precompiled ${CMAKE_CURRENT_BINARY_DIR}/compile_fail/${compiler}/programs.hpp)
  add_test(NAME compile_fail.precompile.${compiler} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/precompile.sh
    ${path_of_${compiler}} ${flags} ${precompiled} ${rejected})
  set_tests_properties(compile_fail.precompile.${compiler} PROPERTIES LABELS compile_fail
    FIXTURES_SETUP compile_fail.${compiler})
  foreach(program IN LISTS rejected)
    get_filename_component(stem ${program} NAME_WE)
    add_test(NAME compile_fail.${stem}.${compiler} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check.sh
      ${path_of_${compiler}} ${flags} ${program} ${precompiled})
    set_tests_properties(compile_fail.${stem}.${compiler} PROPERTIES LABELS compile_fail
      FIXTURES_REQUIRED compile_fail.${compiler})
  endforeach()
  add_test(NAME compile_fail.self_check.${compiler} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/self_check.sh
    ${path_of_${compiler}} ${flags})
  set_tests_properties(compile_fail.self_check.${compiler} PROPERTIES LABELS compile_fail)
endforeach()

# Programs outside the project. A sanitized library is nothing to install.
if(NOT PIX2PIXHD_SANITIZE AND PIX2PIXHD_INSTALL)
  set(package_environment SOURCE=${PROJECT_SOURCE_DIR} BUILD=${PROJECT_BINARY_DIR} CXX=${CMAKE_CXX_COMPILER}
    CMAKE=${CMAKE_COMMAND} CMAKE_GENERATOR=${CMAKE_GENERATOR} CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}
    WORK=${CMAKE_CURRENT_BINARY_DIR}/package)
  set(package_tests
    install include_directory find_package add_subdirectory plain without_optional without_eigen)
  if(PIX2PIXHD_BUILD_COMPILED)
    list(APPEND package_tests compiled)
  endif()
  if(PIX2PIXHD_IO_FOUND)
    list(APPEND package_tests io io_missing)
  endif()
  if(TARGET pix2pixhd_onnx)
    list(APPEND package_tests onnx)
  endif()
  foreach(name IN LISTS package_tests)
    add_test(NAME package.${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/package/check.sh ${name})
    set_tests_properties(package.${name} PROPERTIES LABELS package ENVIRONMENT "${package_environment}")
  endforeach()
  set_tests_properties(package.install PROPERTIES FIXTURES_SETUP installed)
  foreach(name find_package compiled io io_missing onnx plain)
    if(TEST package.${name})
      set_tests_properties(package.${name} PROPERTIES FIXTURES_REQUIRED installed)
    endif()
  endforeach()
endif()

# One program of translation units with different flags: abi/fast.cpp is compiled for AVX2 and fast mathematics, the
# others are not. Types and inline functions of the library must be the same in both. Each holds the whole library, and
# takes long to compile with a sanitizer, which has nothing to find there.
file(GLOB abi_sources CONFIGURE_DEPENDS abi/*.cpp)
if(NOT PIX2PIXHD_SANITIZE)
  add_executable(tests_abi ${abi_sources})
  target_link_libraries(tests_abi PRIVATE pix2pixhd)
  target_compile_options(tests_abi PRIVATE $<$<CONFIG:Release>:-O1>)
  pix2pixhd_warnings(tests_abi)
  set(fast_flags -O2 -ffast-math)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND fast_flags -mavx2 -mfma)
  endif()
  set_source_files_properties(abi/fast.cpp PROPERTIES COMPILE_OPTIONS "${fast_flags}")
  add_test(NAME abi COMMAND tests_abi)
  set_tests_properties(abi PROPERTIES LABELS abi)
endif()
