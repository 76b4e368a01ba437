// Preloaded into a worker: a thread that gets one of these signals never returns to its work.

#include <signal.h>
#include <unistd.h>

static void spin(int number) {
  (void)number;
  for (volatile unsigned turn = 0;; ++turn) {
  }
}

static void wait_forever(int number) {
  (void)number;
  for (;;) pause();
}

__attribute__((constructor)) static void install(void) {
  signal(SIGRTMIN + 1, spin);
  signal(SIGRTMIN + 2, wait_forever);
}
