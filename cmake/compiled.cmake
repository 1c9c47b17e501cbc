# pix2pixhd::compiled: the bodies in the -inl.hpp files, compiled once. Each gets a source file of one include, written
# into the build directory, so that no list can be forgotten and an edit compiles one body again.

file(GLOB_RECURSE bodies CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
  ${PROJECT_SOURCE_DIR}/include/pix2pixhd/*-inl.hpp)
if(NOT PIX2PIXHD_IO_FOUND)
  list(FILTER bodies EXCLUDE REGEX "^pix2pixhd/(store|images|training)/")
endif()

# The library exists, with nothing in it, even where no header has a body.
set(compiled_sources "")
foreach(body pix2pixhd/version.hpp ${bodies})
  string(REGEX REPLACE "^pix2pixhd/|(-inl)?\\.hpp$" "" name ${body})
  string(REPLACE "/" "_" name ${name})
  set(source ${PROJECT_BINARY_DIR}/compiled/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <${body}>\n" @ONLY)
  list(APPEND compiled_sources ${source})
endforeach()

add_library(pix2pixhd_compiled STATIC ${compiled_sources})
add_library(pix2pixhd::compiled ALIAS pix2pixhd_compiled)
set_target_properties(pix2pixhd_compiled PROPERTIES
  EXPORT_NAME compiled OUTPUT_NAME pix2pixhd POSITION_INDEPENDENT_CODE ON)
target_compile_definitions(pix2pixhd_compiled PUBLIC PIX2PIXHD_COMPILED)
target_link_libraries(pix2pixhd_compiled PUBLIC pix2pixhd)
if(PIX2PIXHD_IO_FOUND)
  target_link_libraries(pix2pixhd_compiled PUBLIC pix2pixhd_io)
endif()
if(PROJECT_IS_TOP_LEVEL)
  pix2pixhd_warnings(pix2pixhd_compiled)
elseif(NOT PIX2PIXHD_INSTALL)
  # A project that adds this one and takes the headers only does not compile it.
  set_target_properties(pix2pixhd_compiled PROPERTIES EXCLUDE_FROM_ALL TRUE)
endif()
