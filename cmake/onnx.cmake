# Finds ONNX's own libraries for the component onnx: sets PIX2PIXHD_ONNX_FOUND and makes the target
# pix2pixhd_onnx_libraries. Read when the library is configured, and when its installed package is looked for.
#
# The CMake file of Debian's libonnx-dev names a module that no package installs, hence the search by hand.

find_path(PIX2PIXHD_ONNX_INCLUDE_DIR onnx/onnx_pb.h)
find_library(PIX2PIXHD_ONNX_LIBRARY onnx)
find_library(PIX2PIXHD_ONNX_PROTO_LIBRARY onnx_proto)
mark_as_advanced(PIX2PIXHD_ONNX_INCLUDE_DIR PIX2PIXHD_ONNX_LIBRARY PIX2PIXHD_ONNX_PROTO_LIBRARY)
find_package(Protobuf QUIET)

set(PIX2PIXHD_ONNX_FOUND FALSE)
if(PIX2PIXHD_ONNX_INCLUDE_DIR AND PIX2PIXHD_ONNX_LIBRARY AND PIX2PIXHD_ONNX_PROTO_LIBRARY AND Protobuf_FOUND)
  set(PIX2PIXHD_ONNX_FOUND TRUE)
  if(NOT TARGET pix2pixhd_onnx_libraries)
    add_library(pix2pixhd_onnx_libraries INTERFACE IMPORTED GLOBAL)
    set_target_properties(pix2pixhd_onnx_libraries PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES ${PIX2PIXHD_ONNX_INCLUDE_DIR}
      INTERFACE_COMPILE_DEFINITIONS "ONNX_NAMESPACE=onnx;ONNX_ML=1"  # as distributions build it
      INTERFACE_LINK_LIBRARIES "${PIX2PIXHD_ONNX_LIBRARY};${PIX2PIXHD_ONNX_PROTO_LIBRARY};protobuf::libprotobuf")
  endif()
endif()
