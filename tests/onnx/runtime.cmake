# ONNX Runtime computes what tests_onnx wrote. It is a wheel of PyPI, which setup.sh beside this file installs for
# Python in a folder of the project's own.
set(cases ${CMAKE_CURRENT_BINARY_DIR}/onnx_cases)
target_compile_definitions(tests_onnx PRIVATE PIX2PIXHD_TEST_ONNX_CASES="${cases}")
set_tests_properties(onnx PROPERTIES FIXTURES_SETUP onnx_cases)

python_with(python "numpy, onnxruntime" ${PROJECT_SOURCE_DIR}/build/onnxruntime/bin/python ${PIX2PIXHD_PYTHON})
if(python)
  add_test(NAME onnx.runtime COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/onnx/runtime.py ${cases})
  set_tests_properties(onnx.runtime PROPERTIES LABELS onnx FIXTURES_REQUIRED onnx_cases)
else()
  message(STATUS "pix2pixhd: left out: the test that runs .onnx files, which needs ONNX Runtime for Python: "
    "tests/onnx/setup.sh installs it")
endif()
