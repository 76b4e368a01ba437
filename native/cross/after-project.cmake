# Read after project(): what CMake's rules for Darwin say to Apple's linker, said to zig's. To dlopen, a dylib is as good
# as a bundle.
set(CMAKE_SHARED_MODULE_CREATE_CXX_FLAGS "-shared")
set(CMAKE_CXX_LINK_FLAGS "")
# CMake wants to know how an rpath is written, since libmlx's name begins with @rpath. The folders of this machine stay
# out: libmlx lies beside the addon, or in the wheels' own layout.
set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG "-Wl,-rpath,")
set(CMAKE_SHARED_LIBRARY_RUNTIME_CXX_FLAG "-Wl,-rpath,")
set(CMAKE_SKIP_RPATH ON)
add_link_options("-F${FRAMEWORK_STUBS}" "LINKER:-rpath,@loader_path" "LINKER:-rpath,@loader_path/mlx/lib")
