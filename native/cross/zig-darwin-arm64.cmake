# Cross-compiles to macOS on Apple Silicon with zig. setup/cross-darwin.mjs passes the four settings.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(ZIG "" CACHE FILEPATH "the zig program")
set(DEPLOYMENT_TARGET "14.0" CACHE STRING "the oldest macOS that the result is for")
set(LIBCXX_STUB "" CACHE FILEPATH "a .tbd of the system's libc++")
set(FRAMEWORK_STUBS "" CACHE PATH "a folder of frameworks that hold only their .tbd")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ZIG DEPLOYMENT_TARGET LIBCXX_STUB)

set(CMAKE_CXX_COMPILER "${ZIG}" c++)
# zig's archiver is a subcommand, and CMake accepts only a program's path. Object libraries need no archiver.
find_program(CMAKE_AR ar REQUIRED)
find_program(CMAKE_RANLIB ranlib REQUIRED)
# Probes compile but do not link, since CMake would call Apple's linker, which is missing here.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_OSX_SYSROOT "" CACHE STRING "none: zig brings the headers of libSystem")
set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "part of zig's target")

# zig's libc++ headers are newer than the system's library. These annotations restrict them to its contents at the
# deployment target; zig turns them off, since it would link its own libc++.
set(CMAKE_CXX_FLAGS_INIT
  "-target aarch64-macos.${DEPLOYMENT_TARGET} -U_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS -D_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS=1")
# With a separate libc++, the addon and libmlx could not catch each other's exceptions, so the system's is linked through a stub.
set(CMAKE_CXX_STANDARD_LIBRARIES "${LIBCXX_STUB}")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "-nostdlib++")
