# Settings for work on the library itself; a project that uses the library never sees them.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()

find_program(PIX2PIXHD_CCACHE ccache)
if(PIX2PIXHD_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PIX2PIXHD_CCACHE})
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Later compilers may warn of more, which must not keep anybody from building.
set(pix2pixhd_known_compiler OFF)
if((CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15) OR
   (CMAKE_CXX_COMPILER_ID STREQUAL Clang AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 20))
  set(pix2pixhd_known_compiler ON)
endif()
option(PIX2PIXHD_WERROR "Treat warnings in our own programs as errors" ${pix2pixhd_known_compiler})
set(PIX2PIXHD_WARNINGS -Wall -Wextra -Wshadow -Wconversion)
if(PIX2PIXHD_WERROR)
  list(APPEND PIX2PIXHD_WARNINGS -Werror)
endif()

set(PIX2PIXHD_SANITIZE "" CACHE STRING "Sanitizers for everything that is built here: address,undefined or thread")
if(PIX2PIXHD_SANITIZE)
  add_compile_options(-fsanitize=${PIX2PIXHD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${PIX2PIXHD_SANITIZE})
endif()

option(PIX2PIXHD_EMULATE "Compute AVX-512, AVX-512 BF16 and AMX by AVX2, to test the kernels for them anywhere" OFF)
if(PIX2PIXHD_EMULATE)
  include(tests/emulation/emulation.cmake)
endif()

# Warnings for a target of ours.
function(pix2pixhd_warnings target)
  target_compile_options(${target} PRIVATE ${PIX2PIXHD_WARNINGS})
endfunction()

# What the editor serves with: found by pkg-config, because the CMake files of Debian's package name programs that it
# does not install. Debian builds it with TLS, whose headers it needs then.
find_package(PkgConfig QUIET)
set(PIX2PIXHD_HTTP_FOUND FALSE)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(pix2pixhd_http QUIET IMPORTED_TARGET cpp-httplib)
  if(pix2pixhd_http_FOUND)
    set(PIX2PIXHD_HTTP_FOUND TRUE)
    # Later versions call OpenSSL in their header as well.
    pkg_check_modules(pix2pixhd_crypto QUIET IMPORTED_TARGET libcrypto)
    if(pix2pixhd_crypto_FOUND)
      target_link_libraries(PkgConfig::pix2pixhd_http INTERFACE PkgConfig::pix2pixhd_crypto)
    endif()
  endif()
endif()
