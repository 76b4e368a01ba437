# xgrammar's grammar compiler and matcher, without its Python binding and its own build options (link-time optimization).
set(XGRAMMAR_ROOT "" CACHE PATH "the folder of xgrammar's source")
file(GLOB_RECURSE XGRAMMAR_SOURCES "${XGRAMMAR_ROOT}/cpp/*.cc")
list(FILTER XGRAMMAR_SOURCES EXCLUDE REGEX "/cpp/tvm_ffi/")

# The text that a grammar leaves no choice about is looked for only so far: all of it may be long, and its cost grows with its square.
file(READ "${XGRAMMAR_ROOT}/cpp/grammar_matcher.cc" XGRAMMAR_MATCHER)
string(REPLACE "while (can_find_next_char) {" "while (can_find_next_char && num_accepted_chars < 256) {" XGRAMMAR_BOUNDED "${XGRAMMAR_MATCHER}")
if(XGRAMMAR_BOUNDED STREQUAL XGRAMMAR_MATCHER)
  message(FATAL_ERROR "xgrammar's search for forced text has changed: find its loop again, and bound it")
endif()
file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/xgrammar/grammar_matcher.cc" CONTENT "${XGRAMMAR_BOUNDED}" @ONLY)
list(FILTER XGRAMMAR_SOURCES EXCLUDE REGEX "/cpp/grammar_matcher.cc$")
list(APPEND XGRAMMAR_SOURCES "${CMAKE_CURRENT_BINARY_DIR}/xgrammar/grammar_matcher.cc")

add_library(xgrammar OBJECT ${XGRAMMAR_SOURCES})
set_target_properties(xgrammar PROPERTIES CXX_STANDARD 17)
target_include_directories(xgrammar SYSTEM PUBLIC "${XGRAMMAR_ROOT}/include" "${XGRAMMAR_ROOT}/3rdparty/dlpack/include" "${XGRAMMAR_ROOT}/3rdparty/picojson")
target_include_directories(xgrammar SYSTEM PRIVATE "${XGRAMMAR_ROOT}/cpp")
# Its messages come to the engine: see xgrammar_log.cpp.
target_compile_definitions(xgrammar PRIVATE XGRAMMAR_ENABLE_CPPTRACE=0 XGRAMMAR_ENABLE_INTERNAL_CHECK=0 XGRAMMAR_LOG_CUSTOMIZE=1)
target_compile_options(xgrammar PRIVATE -O2 -w)
