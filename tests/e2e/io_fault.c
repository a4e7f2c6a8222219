/* Preloaded into the server: while the file named by IO_FAULT exists, the next fsync or fdatasync of a file whose name
   ends as IO_FAULT_ENDS says fails with EIO, once, and the file is gone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_due(int file) {
  const char *trigger = getenv("IO_FAULT");
  const char *ends = getenv("IO_FAULT_ENDS");
  char link[64], name[4096];
  if (!trigger || !ends || access(trigger, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return 0;
  name[length] = 0;
  size_t tail = strlen(ends);
  if ((size_t)length < tail || strcmp(name + length - tail, ends) != 0) return 0;
  return unlink(trigger) == 0;
}

static int sync_or_fail(int file, const char *call) {
  if (is_due(file)) {
    errno = EIO;
    return -1;
  }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
  return real(file);
}

int fsync(int file) { return sync_or_fail(file, "fsync"); }
int fdatasync(int file) { return sync_or_fail(file, "fdatasync"); }
