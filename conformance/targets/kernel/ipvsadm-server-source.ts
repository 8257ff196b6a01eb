/**
 * Makes of one `ipvsadm -R`, loaded and linked but not yet begun, many: for every byte on the file LVS_REQUESTS a copy of the process
 * goes to the agent's network namespace, takes the agent's files as its input and output, and only then begins; its status as 32 bits
 * goes to LVS_ANSWERS. To start and link a program takes 15 ms under User Mode Linux, to copy one a third of that, and every session
 * configures at least once.
 */
export const IPVSADM_SERVER_SOURCE = String.raw`
typedef int main_function(int, char **, char **);
typedef int start_function(main_function *, int, char **, void *, void *, void *, void *);
void *dlsym(void *library, const char *name);
char *getenv(const char *name);
int atoi(const char *text);
long read(int file, void *bytes, unsigned long length);
long write(int file, const void *bytes, unsigned long length);
int open(const char *path, int flags, ...);
int dup2(int from, int to);
int fork(void);
int waitpid(int child, int *status, int options);
int setns(int space, int kind);
void _exit(int status);

static main_function *ipvsadm;

static int serve(int count, char **arguments, char **environment) {
  int requests = atoi(getenv("LVS_REQUESTS")), answers = atoi(getenv("LVS_ANSWERS"));
  for (;;) {
    char request;
    int status = 0;
    if (read(requests, &request, 1) != 1) _exit(0);
    int child = fork();
    if (child == 0) {
      if (setns(open("/proc/1/ns/net", 0), 0x40000000) != 0) _exit(126);
      dup2(open("/dev/agent-input", 0), 0);
      dup2(open("/dev/agent-output", 01101, 0600), 1);
      dup2(1, 2);
      return ipvsadm(count, arguments, environment);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) _exit(1);
    if (write(answers, &status, sizeof status) != sizeof status) _exit(1);
  }
}

int __libc_start_main(main_function *main, int count, char **arguments, void *begin, void *end, void *unload, void *stack) {
  start_function *start = (start_function *)dlsym((void *)-1, "__libc_start_main");
  ipvsadm = main;
  return start(serve, count, arguments, begin, end, unload, stack);
}
`;
