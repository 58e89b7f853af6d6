/*
 * cni-stopwatch: executes CNI plugins as a container runtime does and measures each from its start to its end, in
 * nanoseconds of the monotonic clock. A program of its own because a JVM starts processes through a helper process,
 * which would be measured too.
 *
 * Standard input, a line each, fields separated by tabs:
 *   run PROGRAM STDIN STDOUT [VARIABLE=VALUE ...]   starts a plugin with files as its input and output
 *   wait                                            waits for all that were started since the last wait
 *   pause MILLISECONDS
 *
 * Standard output: "run NUMBER NANOSECONDS STATUS" for each run, numbered from 0, and "wait NANOSECONDS" from the first
 * start to the last end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_FIELDS 40
#define MAX_RUNNING 4096

static struct {
  pid_t pid;
  long number;
  long long start, end;
  int status;
} running[MAX_RUNNING];
static int count;
static long number;

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void die(const char *what, int error) {
  fprintf(stderr, "cni-stopwatch: %s: %s\n", what, strerror(error));
  exit(1);
}

static void start(char **fields, int fieldCount) {
  if (fieldCount < 4 || count == MAX_RUNNING) die("run", EINVAL);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, fields[2], O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, fields[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
  char *arguments[] = {fields[1], NULL};
  fields[fieldCount] = NULL;
  running[count].number = number++;
  running[count].start = now();
  int error = posix_spawn(&running[count].pid, fields[1], &files, NULL, arguments, fields + 4);
  if (error) die(fields[1], error);
  posix_spawn_file_actions_destroy(&files);
  count++;
}

static void finish(void) {
  for (int left = count; left > 0; left--) {
    int status;
    pid_t pid = wait(&status);
    long long end = now();
    if (pid < 0) die("wait", errno);
    for (int i = 0; i < count; i++) {
      if (running[i].pid == pid) {
        running[i].end = end;
        running[i].status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
    }
  }
  long long last = 0;
  for (int i = 0; i < count; i++) {
    printf("run %ld %lld %d\n", running[i].number, running[i].end - running[i].start, running[i].status);
    if (running[i].end > last) last = running[i].end;
  }
  if (count) printf("wait %lld\n", last - running[0].start);
  fflush(stdout);
  count = 0;
}

int main(void) {
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;
  while ((length = getline(&line, &capacity, stdin)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    char *fields[MAX_FIELDS + 1];
    int fieldCount = 0;
    for (char *field = strtok(line, "\t"); field && fieldCount < MAX_FIELDS; field = strtok(NULL, "\t"))
      fields[fieldCount++] = field;
    if (fieldCount == 0) continue;
    if (!strcmp(fields[0], "run")) {
      start(fields, fieldCount);
    } else if (!strcmp(fields[0], "wait")) {
      finish();
    } else if (!strcmp(fields[0], "pause") && fieldCount == 2) {
      long millis = strtol(fields[1], NULL, 10);
      struct timespec time = {millis / 1000, millis % 1000 * 1000000};
      nanosleep(&time, NULL);
    } else {
      die(fields[0], EINVAL);
    }
  }
  free(line);
  return 0;
}
