# Included after project(): translates CMake's Darwin options from Apple's linker to zig's. dlopen accepts a dylib as well
# as a bundle.
set(CMAKE_SHARED_MODULE_CREATE_CXX_FLAGS "-shared")
set(CMAKE_CXX_LINK_FLAGS "")
# CMake needs the form of an rpath option, since libmlx's name begins with @rpath. Folders of this machine are left
# out: libmlx is next to the addon or in the wheels' own layout.
set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG "-Wl,-rpath,")
set(CMAKE_SHARED_LIBRARY_RUNTIME_CXX_FLAG "-Wl,-rpath,")
set(CMAKE_SKIP_RPATH ON)
add_link_options("-F${FRAMEWORK_STUBS}" "LINKER:-rpath,@loader_path" "LINKER:-rpath,@loader_path/mlx/lib")
