/* Preloaded into a node and its processes: calls that change files below EXO_FAULT_DIR fail by chance with ENOSPC, EIO or
 * EMFILE, in spells of several calls, or kill the process in the middle of a write. Only while the file EXO_FAULT_SWITCH exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(result, name, ...)             \
  static result (*real)(__VA_ARGS__) = NULL; \
  if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

enum { PASSES = 0, DIES = -1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long long state;
static int spell_error, spell_left;

static unsigned draw(unsigned below) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(state >> 33) % below;
}

/* One in EXO_FAULT_EACH calls begins a spell of failures, and one in four of those kills the process instead. */
static int next_fault(int can_open) {
  static const int errors[] = {ENOSPC, EIO, EMFILE};
  const char* each = getenv("EXO_FAULT_EACH");
  const char* fault_switch = getenv("EXO_FAULT_SWITCH");
  if (!each || (fault_switch && access(fault_switch, F_OK) != 0)) return PASSES;
  pthread_mutex_lock(&lock);
  if (!state) state = strtoull(getenv("EXO_FAULT_SEED"), NULL, 10) * 2654435761ULL + (unsigned)getpid();
  int fault = PASSES;
  if (spell_left > 0) {
    spell_left -= 1;
    fault = spell_error;
  } else if (draw((unsigned)atoi(each)) == 0) {
    if (draw(4) == 0) {
      fault = DIES;
    } else {
      spell_error = errors[draw(3)];
      spell_left = (int)draw(8);
      fault = spell_error;
    }
  }
  pthread_mutex_unlock(&lock);
  return fault == EMFILE && !can_open ? EIO : fault;
}

static int is_inside(const char* path) {
  const char* folder = getenv("EXO_FAULT_DIR");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_file_inside(int descriptor) {
  struct stat status;
  if (!getenv("EXO_FAULT_DIR") || fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  char link_path[64], path[4096];
  snprintf(link_path, sizeof(link_path), "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link_path, path, sizeof(path) - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_inside(path);
}

static int fails(int fault) {
  if (fault == PASSES) return 0;
  if (fault == DIES) kill(getpid(), SIGKILL);
  errno = fault;
  return 1;
}

static int path_fails(const char* path, int can_open) { return is_inside(path) && fails(next_fault(can_open)); }

/* @returns whether the write fails; the first half of it may be on disk */
static int write_fails(int descriptor, const void* bytes, size_t count, off_t offset) {
  if (!is_file_inside(descriptor)) return 0;
  const int fault = next_fault(0);
  if (fault == PASSES) return 0;
  REAL(ssize_t, pwrite64, int, const void*, size_t, off_t);
  const off_t end = offset >= 0 ? offset : lseek(descriptor, 0, SEEK_END);
  if (fault != EIO && end >= 0) real(descriptor, bytes, count / 2, end);
  return fails(fault);
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  REAL(ssize_t, write, int, const void*, size_t);
  return write_fails(descriptor, bytes, count, -1) ? -1 : real(descriptor, bytes, count);
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off_t offset) {
  REAL(ssize_t, pwrite64, int, const void*, size_t, off_t);
  return write_fails(descriptor, bytes, count, offset) ? -1 : real(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) { return pwrite64(descriptor, bytes, count, offset); }

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
  REAL(ssize_t, writev, int, const struct iovec*, int);
  return count > 0 && write_fails(descriptor, parts[0].iov_base, parts[0].iov_len, -1) ? -1 : real(descriptor, parts, count);
}

int fsync(int descriptor) {
  REAL(int, fsync, int);
  return is_file_inside(descriptor) && fails(next_fault(0)) ? -1 : real(descriptor);
}

int fdatasync(int descriptor) {
  REAL(int, fdatasync, int);
  return is_file_inside(descriptor) && fails(next_fault(0)) ? -1 : real(descriptor);
}

int rename(const char* from, const char* to) {
  REAL(int, rename, const char*, const char*);
  return path_fails(to, 0) ? -1 : real(from, to);
}

int link(const char* from, const char* to) {
  REAL(int, link, const char*, const char*);
  return path_fails(to, 0) ? -1 : real(from, to);
}

int ftruncate64(int descriptor, off_t length) {
  REAL(int, ftruncate64, int, off_t);
  return is_file_inside(descriptor) && fails(next_fault(0)) ? -1 : real(descriptor, length);
}

int open64(const char* path, int flags, ...) {
  REAL(int, open64, const char*, int, ...);
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return (flags & O_ACCMODE) != O_RDONLY && path_fails(path, 1) ? -1 : real(path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open64(path, flags, mode);
}
