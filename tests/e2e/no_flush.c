/* Preloaded into the server: whatever lies in a folder named media is never flushed, and nobody is told. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int is_media(int file) {
  char link[64], name[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return 0;
  name[length] = 0;
  return strstr(name, "/media/") != NULL;
}

static int sync_or_pretend(int file, const char *call) {
  if (is_media(file)) return 0;
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
  return real(file);
}

int fsync(int file) { return sync_or_pretend(file, "fsync"); }
int fdatasync(int file) { return sync_or_pretend(file, "fdatasync"); }
