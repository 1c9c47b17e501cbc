# cuDNNs of several versions, each in a folder of its own, cudnn_versions/VERSION_CUDA, for the tests of finding one that
# fits.
function(stand_in_cudnn version cuda)
  set(name ${version}_${cuda})
  add_library(tests_cudnn_graph_${name} SHARED stand_in/cudnn_versions/graph.cpp)
  add_library(tests_cudnn_${name} SHARED stand_in/cudnn_versions/cudnn.cpp)
  foreach(part IN ITEMS cudnn_graph cudnn)
    set(target tests_${part}_${name})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${part} SOVERSION 9
      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/cudnn_versions/${name})
    target_compile_definitions(${target} PRIVATE VERSION=${version} CUDA=${cuda})
    pix2pixhd_warnings(${target})
    add_dependencies(tests_cudnn_versions ${target})
  endforeach()
  target_link_options(tests_cudnn_graph_${name} PRIVATE LINKER:-z,nodelete)
  target_link_libraries(tests_cudnn_${name} PRIVATE ${CMAKE_DL_LIBS})
endfunction()

add_custom_target(tests_cudnn_versions)
foreach(version IN ITEMS 91300 91400 91900)
  stand_in_cudnn(${version} 13000)
endforeach()
stand_in_cudnn(91900 12090)
