# Installation: headers, libraries, and a CMake package with one file of targets a component, so that a program that
# asks for the core alone needs none of io's libraries.

include(CMakePackageConfigHelpers)

install(DIRECTORY include/pix2pixhd DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Headers alone serve every architecture; with a compiled library the package is bound to one.
if(PIX2PIXHD_BUILD_COMPILED)
  set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/pix2pixhd)
  set(architecture "")
else()
  set(package_directory ${CMAKE_INSTALL_DATADIR}/cmake/pix2pixhd)
  set(architecture ARCH_INDEPENDENT)
endif()

set(installed_components "")
function(pix2pixhd_install_target target file)
  install(TARGETS ${target} EXPORT ${file})
  install(EXPORT ${file} NAMESPACE pix2pixhd:: DESTINATION ${package_directory} FILE ${file}.cmake)
endfunction()

pix2pixhd_install_target(pix2pixhd pix2pixhdTargets)
foreach(component io onnx compiled)
  if(TARGET pix2pixhd_${component})
    pix2pixhd_install_target(pix2pixhd_${component} pix2pixhd-${component}-targets)
    list(APPEND installed_components ${component})
  endif()
endforeach()

configure_package_config_file(cmake/pix2pixhdConfig.cmake.in ${PROJECT_BINARY_DIR}/pix2pixhdConfig.cmake
  INSTALL_DESTINATION ${package_directory} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pix2pixhdConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ${architecture})
install(FILES ${PROJECT_BINARY_DIR}/pix2pixhdConfig.cmake ${PROJECT_BINARY_DIR}/pix2pixhdConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/onnx.cmake DESTINATION ${package_directory})
