/*
 * A disk that takes notes, and fails when told to: preloaded into a process (LD_PRELOAD), it stands between its writes below one folder and the kernel.
 *
 * DISK_FOLDER   whose files it is about; one process, and in it one thread, writes there.
 * DISK_LOG      gets one record after another: what was written, cut, synced, made, removed and renamed, with its bytes (read by disk-log.ts).
 * DISK_CONTROL  four 32-bit numbers, shared with whoever sets faults (faulty-disk.ts): which kinds of calls count (1 writing, 2 syncing, 4 cutting),
 *               how many more until one fails (0: none), the error number, and whether all later ones fail too. The file called "said" never fails.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MADE = 1, WRITTEN, CUT, SYNCED, FOLDER_SYNCED, REMOVED, RENAMED };
enum { WRITING = 1, SYNCING = 2, CUTTING = 4 };
enum { MOST_FDS = 4096, MOST_NAMES = 256 };

struct record { uint32_t op; uint32_t file; int64_t offset; uint64_t length; };

static char folder[PATH_MAX];
static int log_fd = -1;
static volatile int32_t *control;
static uint32_t next_file = 1;
/* By descriptor: the number of its file, or FOLDER. */
static uint32_t file_of[MOST_FDS];
static const uint32_t FOLDER = UINT32_MAX;
static struct { char path[PATH_MAX]; uint32_t file; } names[MOST_NAMES];
static uint32_t said_file;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void) {
  const char *where = getenv("DISK_FOLDER"), *log = getenv("DISK_LOG"), *shared = getenv("DISK_CONTROL");
  if (where) strncpy(folder, where, sizeof folder - 1);
  if (log) log_fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (!shared) return;
  int fd = REAL(open)(shared, O_RDWR | O_CLOEXEC);
  void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) control = mapped;
}

static void note(uint32_t op, uint32_t file, int64_t offset, const void *bytes, size_t length) {
  if (log_fd < 0) return;
  struct record head = { op, file, offset, length };
  struct iovec parts[2] = { { &head, sizeof head }, { (void *)bytes, bytes ? length : 0 } };
  if (writev(log_fd, parts, 2) != (ssize_t)(sizeof head + parts[1].iov_len)) abort();
}

static int is_below(const char *path) {
  size_t length = strlen(folder);
  return length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* The shared memory index of a log is no file that outlives a power cut. */
static int is_watched(const char *path) {
  size_t length = strlen(path);
  return is_below(path) && !(length > 4 && strcmp(path + length - 4, "-shm") == 0);
}

static int slot_of(const char *path) {
  for (int i = 0; i < MOST_NAMES; i++)
    if (names[i].file && strcmp(names[i].path, path) == 0) return i;
  return -1;
}

static uint32_t named(const char *path, int is_new) {
  int slot = slot_of(path);
  if (slot >= 0 && !is_new) return names[slot].file;
  for (int i = 0; slot < 0 && i < MOST_NAMES; i++)
    if (!names[i].file) slot = i;
  if (slot < 0) abort();
  strncpy(names[slot].path, path, PATH_MAX - 1);
  names[slot].file = next_file++;
  const char *name = path + strlen(folder) + 1;
  if (strcmp(name, "said") == 0) said_file = names[slot].file;
  note(MADE, names[slot].file, 0, name, strlen(name));
  return names[slot].file;
}

static int fails(int kind, int fd) {
  if (!control || fd < 0 || fd >= MOST_FDS || !file_of[fd] || file_of[fd] == said_file) return 0;
  if (!(control[0] & kind) || control[1] <= 0) return 0;
  if (control[1] > 1) { control[1]--; return 0; }
  if (!control[3]) control[1] = 0;
  errno = control[2];
  return 1;
}

static int opened(int fd, const char *path, int is_new) {
  if (fd < 0 || fd >= MOST_FDS) return fd;
  file_of[fd] = 0;
  if (is_watched(path)) file_of[fd] = named(path, is_new);
  else if (*folder && strcmp(path, folder) == 0) file_of[fd] = FOLDER;
  return fd;
}

static int open_as(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  int is_new = is_watched(path) && (flags & O_CREAT) && access(path, F_OK) != 0;
  return opened(real(path, flags, mode), path, is_new);
}

#define OPENS(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    return open_as(REAL(name), path, flags, mode); \
  }
OPENS(open)
OPENS(open64)

int close(int fd) {
  if (fd >= 0 && fd < MOST_FDS) file_of[fd] = 0;
  return REAL(close)(fd);
}

static ssize_t written(ssize_t done, int fd, const void *bytes, int64_t offset) {
  if (done > 0 && fd >= 0 && fd < MOST_FDS && file_of[fd] && file_of[fd] != FOLDER) note(WRITTEN, file_of[fd], offset, bytes, done);
  return done;
}

/* Without a place of its own what is written goes behind the rest: -1. */
ssize_t write(int fd, const void *bytes, size_t length) {
  if (fails(WRITING, fd)) return -1;
  return written(REAL(write)(fd, bytes, length), fd, bytes, -1);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  if (fails(WRITING, fd)) return -1;
  return written(REAL(pwrite)(fd, bytes, length, offset), fd, bytes, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  if (fails(WRITING, fd)) return -1;
  return written(REAL(pwrite64)(fd, bytes, length, offset), fd, bytes, offset);
}

static int cut(int done, int fd, int64_t length) {
  if (done == 0 && fd >= 0 && fd < MOST_FDS && file_of[fd] && file_of[fd] != FOLDER) note(CUT, file_of[fd], length, NULL, 0);
  return done;
}
int ftruncate(int fd, off_t length) { return fails(CUTTING, fd) ? -1 : cut(REAL(ftruncate)(fd, length), fd, length); }
int ftruncate64(int fd, off64_t length) { return fails(CUTTING, fd) ? -1 : cut(REAL(ftruncate64)(fd, length), fd, length); }

static int synced(int done, int fd) {
  if (done == 0 && fd >= 0 && fd < MOST_FDS && file_of[fd]) note(file_of[fd] == FOLDER ? FOLDER_SYNCED : SYNCED, file_of[fd], 0, NULL, 0);
  return done;
}
int fsync(int fd) { return fails(SYNCING, fd) ? -1 : synced(REAL(fsync)(fd), fd); }
int fdatasync(int fd) { return fails(SYNCING, fd) ? -1 : synced(REAL(fdatasync)(fd), fd); }

int unlink(const char *path) {
  int done = REAL(unlink)(path), slot = done == 0 && is_watched(path) ? slot_of(path) : -1;
  if (slot >= 0) { note(REMOVED, names[slot].file, 0, NULL, 0); names[slot].file = 0; }
  return done;
}

int rename(const char *from, const char *to) {
  int done = REAL(rename)(from, to), slot = done == 0 && is_watched(from) ? slot_of(from) : -1;
  if (slot < 0) return done;
  int over = slot_of(to);
  if (over >= 0) names[over].file = 0;
  const char *name = to + strlen(folder) + 1;
  note(RENAMED, names[slot].file, 0, name, strlen(name));
  strncpy(names[slot].path, to, PATH_MAX - 1);
  return done;
}
