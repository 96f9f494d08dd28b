#include "folio_processor.h"
#include "folio_capability.h"
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

pid_t folio_thread(void) { return gettid(); }

int folio_stay_on(pid_t thread, unsigned processor) {
    struct sched_param none = {0};
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    if (sched_setaffinity(thread, sizeof set, &set)) return -1;
    return sched_setscheduler(thread, SCHED_IDLE, &none);
}

int folio_run_anywhere(pid_t thread) {
    struct sched_param none = {0};
    cpu_set_t set;
    int scheduled = sched_setscheduler(thread, SCHED_OTHER, &none);
    if (sched_getaffinity(getpid(), sizeof set, &set) || sched_setaffinity(thread, sizeof set, &set)) return -1;
    return scheduled;
}

long folio_waits(void) {
    struct rusage use;
    return getrusage(RUSAGE_THREAD, &use) ? 0 : use.ru_nvcsw;
}

int folio_may_leave_idle(void) {
    struct folio_capabilities sets;
    if (!folio_get_capabilities(&sets) && sets.effective & UINT64_C(1) << CAP_SYS_NICE) return 1;
    struct rlimit limit;
    return !getrlimit(RLIMIT_NICE, &limit) && limit.rlim_cur >= (rlim_t)(20 - getpriority(PRIO_PROCESS, 0));
}
