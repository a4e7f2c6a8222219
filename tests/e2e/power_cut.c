/* power_cut FOLDER: the file system that holds FOLDER loses its power. Whatever was not flushed is gone, the journal's
   tail included; the file system answers EIO until it is mounted again. */
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define FILE_SYSTEM_SHUTDOWN _IOR('X', 125, __u32)
#define WITHOUT_FLUSHING_THE_LOG 2u

int main(int count, char **words) {
  if (count != 2) {
    fputs("usage: power_cut FOLDER\n", stderr);
    return 2;
  }
  int folder = open(words[1], O_RDONLY | O_DIRECTORY);
  if (folder < 0) {
    perror(words[1]);
    return 1;
  }
  __u32 how = WITHOUT_FLUSHING_THE_LOG;
  if (ioctl(folder, FILE_SYSTEM_SHUTDOWN, &how) != 0) {
    perror("shutdown");
    return 1;
  }
  return 0;
}
