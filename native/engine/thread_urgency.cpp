#include "thread_urgency.h"

#if defined(__APPLE__)
#include <pthread.h>
#include <sys/qos.h>
#endif

namespace exo {

void make_thread_urgent() {
#if defined(__APPLE__)
  // A system that refuses it runs the thread with the class of the process.
  ::pthread_set_qos_class_self_np(QOS_CLASS_USER_INITIATED, 0);
#endif
}

}  // namespace exo
