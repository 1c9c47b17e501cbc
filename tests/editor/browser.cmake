# The editor in a browser: needs Chromium, its driver, and Selenium for Python. Screenshots stay in the build directory.
find_program(PIX2PIXHD_CHROMIUM NAMES chromium chromium-browser google-chrome)
find_program(PIX2PIXHD_CHROMEDRIVER NAMES chromedriver)
python_with(python selenium ${PIX2PIXHD_PYTHON} /usr/bin/python3)
if(PIX2PIXHD_CHROMIUM AND PIX2PIXHD_CHROMEDRIVER AND python)
  add_test(NAME editor.browser COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/editor/browser.py
    --tools ${PROJECT_BINARY_DIR}/bin --artefacts ${PROJECT_BINARY_DIR}/artefacts/editor
    --chromium ${PIX2PIXHD_CHROMIUM} --driver ${PIX2PIXHD_CHROMEDRIVER})
  set_tests_properties(editor.browser PROPERTIES LABELS browser)
else()
  message(STATUS "pix2pixhd: left out: the editor's test in a browser. On Debian: apt-get install chromium "
    "chromium-driver python3-selenium")
endif()
