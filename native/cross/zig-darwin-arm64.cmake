# Cross-compiles to macOS on Apple Silicon with zig. setup/cross-darwin.mjs passes the four settings.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(ZIG "" CACHE FILEPATH "the zig program")
set(DEPLOYMENT_TARGET "14.0" CACHE STRING "the oldest macOS that the result is for")
set(LIBCXX_STUB "" CACHE FILEPATH "a .tbd of the system's libc++")
set(FRAMEWORK_STUBS "" CACHE PATH "a folder of frameworks that hold only their .tbd")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ZIG DEPLOYMENT_TARGET LIBCXX_STUB)

set(CMAKE_CXX_COMPILER "${ZIG}" c++)
# zig's archiver is a command of zig, and CMake takes a program's path alone. Object libraries need none.
find_program(CMAKE_AR ar REQUIRED)
find_program(CMAKE_RANLIB ranlib REQUIRED)
# Probes compile and do not link: CMake speaks to Apple's linker, which is not here.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_OSX_SYSROOT "" CACHE STRING "none: zig brings the headers of libSystem")
set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "part of zig's target")

# zig's libc++ headers are newer than the system's library. With these annotations on, they keep to what it has at the
# deployment target; zig turns them off, since it would link a libc++ of its own.
set(CMAKE_CXX_FLAGS_INIT
  "-target aarch64-macos.${DEPLOYMENT_TARGET} -U_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS -D_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS=1")
# A libc++ of our own beside libmlx's, and neither would catch the other's exceptions: the system's is linked, by a stub.
set(CMAKE_CXX_STANDARD_LIBRARIES "${LIBCXX_STUB}")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "-nostdlib++")
