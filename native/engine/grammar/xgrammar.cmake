# xgrammar's grammar compiler and matcher, without its Python binding and its own build options (link-time optimization).
set(XGRAMMAR_ROOT "" CACHE PATH "the folder of xgrammar's source")
file(GLOB_RECURSE XGRAMMAR_SOURCES "${XGRAMMAR_ROOT}/cpp/*.cc")
list(FILTER XGRAMMAR_SOURCES EXCLUDE REGEX "/cpp/tvm_ffi/")

add_library(xgrammar OBJECT ${XGRAMMAR_SOURCES})
set_target_properties(xgrammar PROPERTIES CXX_STANDARD 17)
target_include_directories(xgrammar SYSTEM PUBLIC "${XGRAMMAR_ROOT}/include" "${XGRAMMAR_ROOT}/3rdparty/dlpack/include" "${XGRAMMAR_ROOT}/3rdparty/picojson")
# Its messages come to the engine: see xgrammar_log.cpp.
target_compile_definitions(xgrammar PRIVATE XGRAMMAR_ENABLE_CPPTRACE=0 XGRAMMAR_ENABLE_INTERNAL_CHECK=0 XGRAMMAR_LOG_CUSTOMIZE=1)
target_compile_options(xgrammar PRIVATE -O2 -w)
