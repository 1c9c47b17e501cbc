# Finds the libraries of the core, which must be there, and those of the components io and onnx, which may be missing.

function(pix2pixhd_require found library package)
  if(NOT found)
    message(FATAL_ERROR "pix2pixhd needs ${library}, which was not found. On Debian and Ubuntu the package ${package} "
      "provides it: apt-get install ${package}. If it is installed elsewhere, add its prefix to CMAKE_PREFIX_PATH. "
      "The script cmake/setup.sh of pix2pixhd installs everything there.")
  endif()
endfunction()

find_package(Eigen3 CONFIG QUIET)
if(Eigen3_FOUND AND Eigen3_VERSION VERSION_LESS 3.4)
  set(Eigen3_FOUND FALSE)
endif()
pix2pixhd_require("${Eigen3_FOUND}" "Eigen 3.4 or later" libeigen3-dev)

find_package(xtensor CONFIG QUIET)
pix2pixhd_require("${xtensor_FOUND}" xtensor libxtensor-dev)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# libzip's own CMake file in Debian names programs that libzip-dev does not install, hence pkg-config.
set(missing "")
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  foreach(library png jpeg zip)
    pkg_check_modules(pix2pixhd_${library} QUIET IMPORTED_TARGET GLOBAL lib${library})
    if(NOT pix2pixhd_${library}_FOUND)
      list(APPEND missing lib${library}-dev)
    endif()
  endforeach()
else()
  list(APPEND missing pkg-config libpng-dev libjpeg-dev libzip-dev)
endif()
find_package(nlohmann_json 3 CONFIG QUIET)
if(NOT nlohmann_json_FOUND)
  list(APPEND missing nlohmann-json3-dev)
endif()

if(missing)
  set(PIX2PIXHD_IO_FOUND FALSE)
  list(JOIN missing " " missing)
  message(STATUS "pix2pixhd: left out: the component io (weights, images, training) and the tools. "
    "Not found; on Debian and Ubuntu: apt-get install ${missing}")
else()
  set(PIX2PIXHD_IO_FOUND TRUE)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/onnx.cmake)
if(NOT PIX2PIXHD_ONNX_FOUND)
  message(STATUS "pix2pixhd: left out: the component onnx. Not found; on Debian and Ubuntu: apt-get install "
    "libonnx-dev libprotobuf-dev")
endif()
