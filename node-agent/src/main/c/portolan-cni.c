/*
 * portolan-cni: the program that container runtimes run as the CNI plugin. It carries the request to the node agent and
 * the answer back, and knows nothing else: starting a JVM per pod would cost hundreds of milliseconds, this costs less
 * than one.
 *
 *   request:  u32 length of the rest | u8 protocol (1) | VARIABLES, each u32 length (ffffffff: not set) and bytes
 *             | standard input, to the end
 *   answer:   u32 length of the rest | u8 exit code | standard output, to the end
 *
 * Integers are big-endian. io.portolan.node.cni.ShimProtocol is the other end. When the agent cannot answer, this
 * program does: with a CNI error on standard output, or for VERSION with the versions this build speaks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/run/portolan/cni.sock"
#define DEFAULT_TIMEOUT_SECONDS 90 /* longer than the agent's own bounds, so that the agent's explanation wins */
#define MAX_INPUT (16u << 20)
#define MAX_ANSWER (16u << 20)
#define HEADER 5

enum { IO_FAILURE = 5, INVALID_ENVIRONMENT = 4, DECODING_FAILURE = 6, TRY_AGAIN_LATER = 11, NOT_AVAILABLE = 50 };

static const char *const VARIABLES[] = {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS",         "CNI_IFNAME",
                                        "CNI_ARGS",    "CNI_PATH",        "CNI_NETNS_OVERRIDE"};

static char *request;
static size_t length, capacity;
static char version[24] = "1.1.0"; /* of the configuration, for the errors made here */

static int fail(int code, const char *message, const char *format, ...) {
  char details[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(details, sizeof details, format, arguments);
  va_end(arguments);
  for (char *c = details; *c; c++)
    if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ') *c = '\'';
  printf("{\"cniVersion\":\"%s\",\"code\":%d,\"msg\":\"%s\",\"details\":\"%s\"}\n", version, code, message, details);
  return 1;
}

static int reserve(size_t more) {
  if (capacity - length >= more) return 1;
  size_t wanted = (length + more) * 2;
  char *grown = realloc(request, wanted);
  if (!grown) return 0;
  request = grown;
  capacity = wanted;
  return 1;
}

static void put_u32(char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (char)(value >> (24 - 8 * i));
}

static int append(const char *bytes, size_t count) {
  if (!reserve(count)) return 0;
  memcpy(request + length, bytes, count);
  length += count;
  return 1;
}

static int append_variable(const char *value) {
  char prefix[4];
  put_u32(prefix, value ? (uint32_t)strlen(value) : UINT32_MAX);
  return append(prefix, sizeof prefix) && (!value || append(value, strlen(value)));
}

/* 0 when all of standard input was read, else an errno; EFBIG when it is longer than MAX_INPUT. */
static int append_input(void) {
  for (size_t start = length;;) {
    if (!reserve(16384)) return ENOMEM;
    ssize_t count = read(STDIN_FILENO, request + length, capacity - length);
    if (count == 0) return 0;
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) length += (size_t)count;
    if (length - start > MAX_INPUT) return EFBIG;
  }
}

/* Finds the configuration's "cniVersion" without a parser: enough for an error's text, which nobody decides on. */
static void note_version(const char *input, size_t count) {
  static const char KEY[] = "\"cniVersion\"";
  const char *at = memmem(input, count, KEY, sizeof KEY - 1), *end = input + count;
  if (!at) return;
  for (at += sizeof KEY - 1; at < end && strchr(" \t\r\n:", *at); at++) {
  }
  if (at == end || *at++ != '"') return;
  size_t span = 0;
  while (at + span < end && strchr("0123456789.", at[span]) && at[span]) span++;
  if (span > 0 && span < sizeof version && at + span < end && at[span] == '"') {
    memcpy(version, at, span);
    version[span] = 0;
  }
}

static int write_all(int fd, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = fd == STDOUT_FILENO ? write(fd, bytes, count) : send(fd, bytes, count, MSG_NOSIGNAL);
    if (written < 0 && errno != EINTR) return 0;
    if (written > 0) bytes += written, count -= (size_t)written;
  }
  return 1;
}

static int read_all(int fd, char *bytes, size_t count) {
  while (count > 0) {
    ssize_t got = read(fd, bytes, count);
    if (got == 0) errno = ECONNRESET;
    if (got == 0 || (got < 0 && errno != EINTR)) return 0;
    if (got > 0) bytes += got, count -= (size_t)got;
  }
  return 1;
}

/* The answer, or null with errno set and the step that failed named. */
static char *exchange(const char *path, long seconds, uint32_t *answer_length, const char **step) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  *step = "connect to the node agent";
  if (strlen(path) >= sizeof address.sun_path) return errno = ENAMETOOLONG, NULL;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return NULL;
  struct timeval limit = {.tv_sec = seconds};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return NULL;
  *step = "send the request to the node agent";
  /* A refusal may come before the request is read to its end: then sending fails and the answer is still there. */
  int sent = write_all(fd, request, length), send_error = errno;
  char header[4];
  if (!read_all(fd, header, sizeof header)) {
    if (!sent) errno = send_error;
    else *step = "wait for the node agent's answer";
    return NULL;
  }
  *step = "read the node agent's answer";
  *answer_length = 0;
  for (int i = 0; i < 4; i++) *answer_length = *answer_length << 8 | (unsigned char)header[i];
  if (*answer_length < 1 || *answer_length > MAX_ANSWER) return errno = EPROTO, NULL;
  char *answer = malloc(*answer_length);
  return answer && read_all(fd, answer, *answer_length) ? answer : NULL;
}

int main(void) {
  const char *command = getenv(VARIABLES[0]);
  if (!command) {
    fprintf(stderr, "portolan-cni: the CNI plugin of Portolan; container runtimes run it\n"
                    "CNI protocol versions supported: 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0\n");
    return fail(INVALID_ENVIRONMENT, "CNI_COMMAND is not set", "see the CNI specification, section 2");
  }
  const char *path = getenv("PORTOLAN_CNI_SOCKET"), *limit = getenv("PORTOLAN_CNI_TIMEOUT_SECONDS");
  if (!path || !*path) path = DEFAULT_SOCKET;
  long seconds = limit ? strtol(limit, NULL, 10) : 0;
  if (seconds < 1 || seconds > 3600) seconds = DEFAULT_TIMEOUT_SECONDS;

  int stored = append("\0\0\0\0\1", HEADER);
  for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++) stored = stored && append_variable(getenv(VARIABLES[i]));
  size_t start = length;
  int error = stored ? append_input() : ENOMEM;
  note_version(request ? request + start : "", length - start);
  if (error == EFBIG)
    return fail(DECODING_FAILURE, "the network configuration is too long", "more than %u bytes on standard input", MAX_INPUT);
  if (error) return fail(IO_FAILURE, "cannot read the network configuration", "standard input: %s", strerror(error));
  put_u32(request, (uint32_t)(length - 4));

  uint32_t answer_length;
  const char *step;
  char *answer = exchange(path, seconds, &answer_length, &step);
  if (answer) {
    if (!write_all(STDOUT_FILENO, answer + 1, answer_length - 1)) return 1;
    return (unsigned char)answer[0];
  }
  if (strcmp(command, "VERSION") == 0) {
    printf("{\"cniVersion\":\"%s\",\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n", version);
    return 0;
  }
  int why = errno;
  return fail(strcmp(command, "STATUS") == 0 ? NOT_AVAILABLE : TRY_AGAIN_LATER, "the node agent does not answer",
              "cannot %s at %s: %s", step, path, why == EAGAIN ? "time is up" : strerror(why));
}
