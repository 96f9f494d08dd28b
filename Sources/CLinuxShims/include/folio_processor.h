// Where and how a thread runs: sched_setaffinity(2), sched_setscheduler(2), getrusage(2).
#ifndef FOLIO_PROCESSOR_H
#define FOLIO_PROCESSOR_H
#include <sys/types.h>

/// The calling thread's id.
pid_t folio_thread(void);
/// Lets `thread` run on `processor` alone, and gives way to every other thread there (SCHED_IDLE). -1: errno says why.
int folio_stay_on(pid_t thread, unsigned processor);
/// Takes that back: the processors of the process's first thread, SCHED_OTHER. -1: errno says why.
int folio_run_anywhere(pid_t thread);
/// How often the calling thread has waited, and given its processor up for it.
long folio_waits(void);
/// Whether a thread of this process may leave SCHED_IDLE again: CAP_SYS_NICE, or RLIMIT_NICE as high as its nice value needs
/// (Linux 6.18 kernel/sched/syscalls.c user_check_sched_setscheduler()).
int folio_may_leave_idle(void);
#endif
