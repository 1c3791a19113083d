# os: extended attributes, vectored I/O, event and memory descriptors, scheduling, posix_spawn, the other waits.
import errno
import os
import tempfile

d = tempfile.mkdtemp()
path = os.path.join(d, 'f')
with open(path, 'wb') as f:
    f.write(b'0123456789')

# vectored I/O
fd = os.open(path, os.O_RDWR)
a, b = bytearray(3), bytearray(4)
print(os.readv(fd, [a, b]), a, b)
print(os.preadv(fd, [a, memoryview(b)[:2]], 5), a, b)
print(os.pwritev(fd, [b'ab', bytearray(b'cd')], 2), os.pread(fd, 20, 0))
os.lseek(fd, 0, os.SEEK_END)
print(os.writev(fd, (b'x', b'yz')), os.pread(fd, 20, 0))
for bad in (lambda: os.readv(fd, [b'immutable']), lambda: os.writev(fd, 3), lambda: os.readv(fd, 5)):
    try:
        bad()
    except (TypeError, BufferError) as e:
        print(type(e).__name__, e)
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
os.posix_fallocate(fd, 0, 100)
print(os.fstat(fd).st_size)
os.lockf(fd, os.F_LOCK, 4)
os.lockf(fd, os.F_ULOCK, 4)
out = os.open(os.path.join(d, 'g'), os.O_RDWR | os.O_CREAT)
print(os.copy_file_range(fd, out, 5, 1), os.pread(out, 10, 0))
r, w = os.pipe()
print(os.splice(out, w, 3, offset_src=1), os.read(r, 10))
try:
    os.copy_file_range(fd, out, -1)
except ValueError as e:
    print(e)
for n in (fd, out, r, w):
    os.close(n)

# extended attributes
try:
    os.setxattr(path, 'user.one', b'1')
    os.setxattr(path, b'user.two', b'22', os.XATTR_CREATE)
    print(sorted(x for x in os.listxattr(path) if x.startswith('user.')), os.getxattr(path, 'user.two'))
    try:
        os.setxattr(path, 'user.one', b'x', os.XATTR_CREATE)
    except FileExistsError as e:
        print(e.filename == path)
    os.removexattr(path, 'user.one')
    print([x for x in os.listxattr(path) if x.startswith('user.')])
except OSError as e:
    if e.errno != errno.ENOTSUP:
        raise
    print(['user.one', 'user.two'], b'22')
    print(True)
    print(['user.two'])

# descriptors of the system's own
e = os.eventfd(3, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
os.eventfd_write(e, 4)
print(os.eventfd_read(e))
try:
    os.eventfd_read(e)
except BlockingIOError as x:
    print(x.errno == errno.EAGAIN)
os.close(e)
m = os.memfd_create('scratch', os.MFD_CLOEXEC)
os.write(m, b'memory')
print(os.pread(m, 6, 0), os.get_inheritable(m))
os.close(m)

# configuration
print(os.confstr('CS_PATH'), os.pathconf(d, 'PC_NAME_MAX'), os.pathconf_names['PC_NAME_MAX'], 'CS_PATH' in os.confstr_names)
for bad in (lambda: os.confstr('none such'), lambda: os.pathconf(d, 'nothing'), lambda: os.pathconf(d, 1.5)):
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
print(os.EX_OK, os.EX_USAGE, os.RTLD_NOW, os.RTLD_GLOBAL, os.ctermid())

# scheduling and identity
print(os.getpriority(os.PRIO_PROCESS, 0) == os.nice(0), len(os.getresuid()), len(os.getresgid()), os.getuid() in os.getresuid())
cpus = os.sched_getaffinity(0)
os.sched_setaffinity(0, cpus)
print(os.sched_getaffinity(0) == cpus, os.sched_getscheduler(0) in (os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_IDLE))
print(os.sched_getparam(0), os.sched_get_priority_max(os.SCHED_FIFO), os.sched_get_priority_min(os.SCHED_FIFO))
for bad in (lambda: os.sched_setaffinity(0, [-1]), lambda: os.sched_setaffinity(0, []), lambda: os.sched_setscheduler(0, 0, 0)):
    try:
        bad()
    except (ValueError, OSError, TypeError) as e:
        print(type(e).__name__, e)

# children
env = {'PATH': '/bin:/usr/bin', 'WORD': 'spawned'}
target = os.path.join(d, 'out')
pid = os.posix_spawn('/bin/sh', ['sh', '-c', 'echo $WORD; exit 3'], env,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, target, os.O_WRONLY | os.O_CREAT, 0o644), (os.POSIX_SPAWN_CLOSE, 0)])
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), open(target).read())
pid = os.posix_spawnp('sh', ['sh', '-c', 'kill -9 $$'], env, setsid=True, setsigmask=[], setsigdef=[2])
got, status, usage = os.wait4(pid, 0)
print(got == pid, os.WTERMSIG(status), type(usage).__name__, usage.ru_maxrss > 0)
pid = os.posix_spawn('/bin/true', ['true'], env)
info = os.waitid(os.P_PID, pid, os.WEXITED)
print(info.si_pid == pid, info.si_code == os.CLD_EXITED, info.si_status, type(info).__name__)
for bad in (lambda: os.posix_spawn('/no/such/file', ['x'], env), lambda: os.posix_spawn('/bin/true', [], env),
            lambda: os.posix_spawn('/bin/true', ['x'], env, file_actions=[(9, 1)]), lambda: os.posix_spawn('/bin/true', ['x'], env, file_actions=[()])):
    try:
        bad()
    except (OSError, ValueError, TypeError) as e:
        print(type(e).__name__, e)
