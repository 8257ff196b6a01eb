/**
 * Makes of one `ipvsadm -R`, loaded and linked but not yet begun, many: for every byte on the file LVS_REQUESTS a copy of the process
 * goes to the agent's network namespace, takes the agent's files as its input and output, and only then begins; its status as 32 bits
 * goes to LVS_ANSWERS. Every session configures at least once, and under User Mode Linux to start a program takes 25 ms, to copy one 5.
 *
 * Most of that time is page faults, 0.1 ms each. A copied process finds the pages of its parent without one only where they are the
 * parent's own (mm/memory.c:vma_needs_copy), so all pages of program and libraries are made its own first, by writing to them what is
 * there.
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
int close(int file);
int mprotect(void *start, unsigned long length, int protection);
void _exit(int status);

static main_function *ipvsadm;

static char maps[1 << 16];

static unsigned long hexadecimal(const char **text) {
  unsigned long value = 0;
  for (; **text != '-' && **text != ' '; ++*text) value = value * 16 + (**text <= '9' ? **text - '0' : **text - 'a' + 10);
  ++*text;
  return value;
}

/* A line of maps: START-END rwxp OFFSET DEVICE INODE PATH */
static void own_pages(void) {
  int file = open("/proc/self/maps", 0);
  long length = 0, got;
  while ((got = read(file, maps + length, sizeof maps - 1 - length)) > 0) length += got;
  close(file);
  for (const char *at = maps; *at;) {
    char *start = (char *)hexadecimal(&at), *end = (char *)hexadecimal(&at);
    int has_path = 0, protection = (at[0] == 'r') | (at[1] == 'w') << 1 | (at[2] == 'x') << 2;
    for (; *at && *at != '\n'; at++) has_path |= *at == '/';
    if (*at) at++;
    if (!has_path || !(protection & 1) || mprotect(start, end - start, protection | 2) != 0) continue;
    for (volatile char *page = start; page < end; page += 4096) *page = *page;
    mprotect(start, end - start, protection);
  }
}

static int serve(int count, char **arguments, char **environment) {
  int requests = atoi(getenv("LVS_REQUESTS")), answers = atoi(getenv("LVS_ANSWERS"));
  own_pages();
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
