/* Holds a pod's namespaces open and collects the processes that the pod's containers leave behind. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void leave(int signal) {
  (void)signal;
  _exit(0);
}

static void collect(int signal) {
  (void)signal;
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(void) {
  struct sigaction leaving = {.sa_handler = leave};
  struct sigaction collecting = {.sa_handler = collect, .sa_flags = SA_NOCLDSTOP};
  sigaction(SIGINT, &leaving, NULL);
  sigaction(SIGTERM, &leaving, NULL);
  sigaction(SIGCHLD, &collecting, NULL);
  for (;;) pause();
}
