/* The _io module: the base classes with the methods that every stream inherits, open(), and what is flushed at exit. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include "interp/eval/eval.h"
#include "interp/modules/io_internal.h"

hd_value hd_unsupported_operation;

hd_value hd_io_unsupported(const char *what)
{
    hd_value s = hd_str_utf8(what), e = s == HD_ERR ? HD_ERR : hd_callv(hd_unsupported_operation, s);
    return e == HD_ERR ? HD_ERR : hd_raise_object(e);
}
hd_value hd_io_closed(void) { return hd_raise(&hd_exc_ValueError, "I/O operation on closed file."); }
static bool is_buffered(const struct hd_type *t)
{
    return t == &hd_bufferedreader_type || t == &hd_bufferedwriter_type || t == &hd_bufferedrandom_type;
}
int hd_io_is_closed(hd_value f)
{
    /* The streams of this module are as closed as what is below them. */
    for (hd_value below = f; below != HD_UNBOUND && below != 0; ) {
        struct hd_type *t = hd_type_of(below);
        if (t == &hd_textiowrapper_type) below = hd_io_text_below(below);
        else if (is_buffered(t)) below = hd_io_buffered_below(below);
        else if (t == &hd_fileio_type) return hd_io_file_is_closed(below);
        else break;
    }
    hd_value c = hd_getattr(f, hd_s_closed);
    return c == HD_ERR ? -1 : hd_truth(c);
}
hd_value hd_io_method(hd_value f, const char *name, const hd_value *args, size_t n) { return hd_call_method(f, hd_intern(name), args, n); }

int hd_io_size(const hd_value *args, size_t nargs, size_t i, int64_t *out)
{
    *out = -1;
    if (i >= nargs || args[i] == HD_NONE || args[i] == HD_ABSENT) return 0;
    hd_value v = args[i];
    if (!hd_is_int(v) && !hd_type_of(v)->op.index) {
        hd_raise(&hd_exc_TypeError, "argument should be integer or None, not '%T'", v);
        return -1;
    }
    return hd_as_i64(v, out);
}
int64_t hd_io_line_end(const char *p, int64_t n)
{
    const char *q = n > 0 ? memchr(p, '\n', (size_t)n) : NULL;
    return q ? q - p + 1 : 0;
}

/* ---- flushed at exit ------------------------------------------------------------------------------------------------------ */
/* Addresses of open streams with buffered output.  The collector does not see them here: a stream that dies is finalised,
 * which flushes it, and is taken out then. */
static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t *open_streams;
static size_t n_open, cap_open;
enum { HEIGHT = 2 };                       /* text over a buffer over a file */

static void remember(void *p)
{
    pthread_mutex_lock(&open_lock);
    if (n_open == cap_open) {
        size_t cap = cap_open ? 2 * cap_open : 64;
        uint64_t *q = realloc(open_streams, cap * sizeof *q);
        if (q) open_streams = q, cap_open = cap;
    }
    if (n_open < cap_open) open_streams[n_open++] = (uint64_t)(uintptr_t)p;
    pthread_mutex_unlock(&open_lock);
}
static bool take_out(const void *p)
{
    bool found = false;
    pthread_mutex_lock(&open_lock);
    for (size_t i = n_open; i-- > 0;)                   /* more than once after a second __init__ */
        if (open_streams[i] == (uint64_t)(uintptr_t)p) open_streams[i] = open_streams[--n_open], found = true;
    pthread_mutex_unlock(&open_lock);
    return found;
}
static void forget(void *p) { (void)take_out(p); }
void hd_io_remember(hd_value f) { stm_on_commit(remember, hd_ptr(f)); }
/* At once, since a stream that has been finalised may be freed before the transaction ends. */
void hd_io_forget(hd_value f)
{
    if (take_out(hd_ptr(f))) stm_on_abort(remember, hd_ptr(f));
    else stm_on_commit(forget, hd_ptr(f));              /* opened in this transaction */
}
/* Also where a class has a __del__ of its own. */
static void finalised(hd_value o) { if (hd_subtype(hd_type_of(o), &hd_iobase_type)) hd_io_forget(o); }
/* What was opened again after its finaliser had run. */
void hd_io_reached(void)
{
    size_t n = 0;
    pthread_mutex_lock(&open_lock);
    for (size_t i = 0; i < n_open; i++)
        if (gc_is_marked(hd_ptr(open_streams[i]))) open_streams[n++] = open_streams[i];
    n_open = n;
    pthread_mutex_unlock(&open_lock);
}

int hd_io_flush_all(void)
{
    for (size_t i = 0; i < n_open; i++) {
        hd_value f = open_streams[i];
        if (hd_io_is_closed(f) == 0 && hd_call_method(f, hd_s_flush, NULL, 0) == HD_ERR) hd_exc_clear();
        hd_exc_clear();
    }
    return 0;
}

/* What a text or buffered stream writes to, or HD_ABSENT. */
static hd_value stream_below(hd_value f)
{
    struct hd_type *t = hd_type_of(f);
    if (t == &hd_textiowrapper_type || is_buffered(t)) {
        hd_value b = t == &hd_textiowrapper_type ? hd_io_text_below(f) : hd_io_buffered_below(f);
        return b == HD_UNBOUND || b == 0 ? HD_ABSENT : b;
    }
    if (t == &hd_fileio_type) return HD_ABSENT;
    hd_value below = hd_getattr_opt(f, hd_intern("buffer"));
    if (below == HD_ABSENT) below = hd_getattr_opt(f, hd_intern("raw"));
    if (below != HD_ERR) return below;
    hd_exc_clear();
    return HD_ABSENT;
}

/* How many streams f is above `self`; 0: it is not. */
static int height_above(hd_value f, hd_value self)
{
    for (int n = 1; n <= HEIGHT; n++) {
        f = stream_below(f);
        if (f == self) return n;
        if (f == HD_ABSENT || f == HD_NONE) break;
    }
    return 0;
}

/* The collector finalises streams in the order in which they were made, the lowest first: what lies in the buffers of those
 * above must be written before it is closed.  The uppermost comes first. */
void hd_io_close_above(hd_value self)
{
    for (int height = HEIGHT; height > 0; height--)
        for (size_t i = 0;; i++) {
            pthread_mutex_lock(&open_lock);
            hd_value f = i < n_open ? open_streams[i] : HD_ABSENT;
            pthread_mutex_unlock(&open_lock);
            if (f == HD_ABSENT) break;
            if (f != self && height_above(f, self) == height && hd_io_call0(f, "close") == HD_ERR) hd_exc_clear();
        }
}

/* ---- _IOBase -------------------------------------------------------------------------------------------------------------- */
/* A bare base object only knows whether it is closed. */
HD_MUTABLE(hd_iobase)
struct hd_iobase { struct hd_mhead head; hd_islot closed; };
HD_MUTABLE_OPEN(hd_iobase, hd_inst_size(o))

static hd_value check_closed(hd_value self)
{
    int c = hd_io_is_closed(self);
    return c < 0 ? HD_ERR : c ? hd_io_closed() : HD_NONE;
}
IO_DEF(base_unsupported_seek) { return hd_io_unsupported("seek"); }
IO_DEF(base_unsupported_truncate) { return hd_io_unsupported("truncate"); }
IO_DEF(base_unsupported_fileno) { return hd_io_unsupported("fileno"); }
IO_DEF(base_tell) { hd_value a[] = { hd_fix(0), hd_fix(1) }; return hd_io_method(self, "seek", a, 2); }
IO_DEF(base_flush) { return check_closed(self); }
IO_DEF(base_close)
{
    if (hd_is_ptr(self) && hd_type_of(self)->basicsize >= sizeof(struct hd_iobase)) {
        struct hd_iobase *b = hd_ptr(self);
        if (HD_GET(b, closed)) return HD_NONE;
        hd_value r = hd_io_call0(self, "flush");
        hd_iobase_w w = hd_iobase_open(b);
        HD_PUT(w, closed, 1);
        return r == HD_ERR ? HD_ERR : HD_NONE;
    }
    return HD_NONE;
}
static hd_value base_closed(hd_value self, void *c) { return hd_bool(HD_GET((struct hd_iobase *)hd_ptr(self), closed)); }
IO_DEF(base_false)
{
    hd_value r = check_closed(self);
    return r == HD_ERR ? HD_ERR : HD_FALSE;
}
IO_DEF(base_self)
{
    return check_closed(self) == HD_ERR ? HD_ERR : self;
}
IO_DEF(base_exit) { return hd_io_call0(self, "close") == HD_ERR ? HD_ERR : HD_NONE; }

static hd_value check_flag(hd_value self, const char *method, const char *message)
{
    hd_value r = hd_io_call0(self, method);
    if (r == HD_ERR) return HD_ERR;
    return r == HD_TRUE ? HD_TRUE : hd_io_unsupported(message);
}
IO_DEF(base_check_closed) { return check_closed(self); }
IO_DEF(base_check_seekable) { return check_flag(self, "seekable", "File or stream is not seekable."); }
IO_DEF(base_check_readable) { return check_flag(self, "readable", "File or stream is not readable."); }
IO_DEF(base_check_writable) { return check_flag(self, "writable", "File or stream is not writable."); }

IO_DEF(base_readline)
{
    int64_t limit;
    if (hd_io_size(args, nargs, 0, &limit) < 0) return HD_ERR;
    hd_value peek = hd_getattr_opt(self, hd_intern("peek")), out = hd_bytearray_new(NULL, 0);
    if (peek == HD_ERR || out == HD_ERR) return HD_ERR;
    hd_value parts = hd_list_new(4);
    int64_t have = 0;
    while (limit < 0 || have < limit) {
        int64_t want = 1;
        if (peek != HD_ABSENT) {
            hd_value ahead = hd_callv(peek, hd_fix(1));
            if (ahead == HD_ERR) return HD_ERR;
            if (!hd_is_bytes(ahead)) return hd_raise(&hd_exc_OSError, "peek() should have returned a bytes object, not '%T'", ahead);
            if (HD_BYTES(ahead)->len) {
                int64_t n = HD_BYTES(ahead)->len, e;
                if (limit >= 0 && n > limit - have) n = limit - have;
                e = hd_io_line_end((char *)HD_BYTES(ahead)->data, n);
                want = e ? e : n;
            }
        }
        hd_value b = hd_io_call1(self, "read", hd_int(want));
        if (b == HD_ERR) return HD_ERR;
        if (!hd_is_bytes(b)) return hd_raise(&hd_exc_OSError, "read() should have returned a bytes object, not '%T'", b);
        int64_t n = HD_BYTES(b)->len;
        if (n == 0) break;
        if (hd_list_append(parts, b) < 0) return HD_ERR;
        have += n;
        if (HD_BYTES(b)->data[n - 1] == '\n') break;
    }
    return hd_bytes_join(hd_empty_bytes, parts);
}
static hd_value base_iter(hd_value self) { return check_closed(self) == HD_ERR ? HD_ERR : self; }
static hd_value base_next(hd_value self)
{
    hd_value line = hd_call_method(self, hd_s_readline, NULL, 0);
    if (line == HD_ERR) return HD_ERR;
    int64_t n = hd_len(line);
    return n < 0 ? HD_ERR : n == 0 ? HD_STOP : line;
}
IO_DEF(base_readlines)
{
    int64_t hint, have = 0;
    if (hd_io_size(args, nargs, 0, &hint) < 0) return HD_ERR;
    hd_value l = hd_list_new(0), it = l == HD_ERR ? HD_ERR : hd_iter(self), line;
    if (it == HD_ERR) return HD_ERR;
    while ((line = hd_next(it)) != HD_STOP) {
        if (line == HD_ERR || hd_list_append(l, line) < 0) return HD_ERR;
        int64_t n = hd_len(line);
        if (n < 0) return HD_ERR;
        have += n;
        if (hint > 0 && have >= hint) break;
    }
    return l;
}
IO_DEF(base_writelines)
{
    if (check_closed(self) == HD_ERR) return HD_ERR;
    hd_value it = hd_iter(args[0]), line;
    if (it == HD_ERR) return HD_ERR;
    while ((line = hd_next(it)) != HD_STOP)
        if (line == HD_ERR || hd_methodv(self, hd_s_write, line) == HD_ERR) return HD_ERR;
    return HD_NONE;
}
static void base_finalise(hd_value self)
{
    int closed = hd_io_is_closed(self);
    if (closed == 0) hd_io_close_above(self);
    if (closed == 0 && hd_io_call0(self, "close") == HD_ERR) hd_exc_clear();
    hd_exc_clear();
}
static const struct hd_methoddef base_methods[] = {
    { "seek", base_unsupported_seek, 0, -1, HD_METH_KW, "Changes the position." },
    { "tell", base_tell, 0, 0, 0, "The current position." },
    { "truncate", base_unsupported_truncate, 0, -1, HD_METH_KW, "Cuts the file off." },
    { "flush", base_flush, 0, 0, 0, "Writes out what is buffered." },
    { "close", base_close, 0, 0, 0, "Flushes and closes." },
    { "seekable", base_false, 0, 0, 0, "Whether seek() works." },
    { "readable", base_false, 0, 0, 0, "Whether read() works." },
    { "writable", base_false, 0, 0, 0, "Whether write() works." },
    { "_checkClosed", base_check_closed, 0, 1, 0, NULL },
    { "_checkSeekable", base_check_seekable, 0, 1, 0, NULL },
    { "_checkReadable", base_check_readable, 0, 1, 0, NULL },
    { "_checkWritable", base_check_writable, 0, 1, 0, NULL },
    { "fileno", base_unsupported_fileno, 0, 0, 0, "The file descriptor." },
    { "isatty", base_false, 0, 0, 0, "Whether it is a terminal." },
    { "__enter__", base_self, 0, 0, 0, NULL },
    { "__exit__", base_exit, 0, -1, 0, NULL },
    { "readline", base_readline, 0, 1, 0, "readline($self, size=-1, /)\n--\n\nA line." },
    { "readlines", base_readlines, 0, 1, 0, "readlines($self, hint=-1, /)\n--\n\nA list of lines." },
    { "writelines", base_writelines, 1, 1, 0, "writelines($self, lines, /)\n--\n\nWrites each line." },
    { 0 }
};
static const struct hd_getsetdef base_getsets[] = { { "closed", base_closed, NULL, NULL, NULL }, { 0 } };
struct hd_type hd_iobase_type = {
    .cname = "_io._IOBase", .basicsize = sizeof(struct hd_iobase), .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_HAS_FINALISER,
    .doc = "What all streams have.", .methods = base_methods, .getsets = base_getsets,
    .op = { .iter = base_iter, .iternext = base_next, .finalise = base_finalise },
};

/* ---- _RawIOBase -------------------------------------------------------------------------------------------------------------- */
IO_DEF(raw_readall)
{
    hd_value parts = hd_list_new(4);
    for (;;) {
        hd_value b = hd_io_call1(self, "read", hd_fix(HD_IO_BUFFER));
        if (b == HD_ERR) return HD_ERR;
        if (b == HD_NONE) { if (hd_list_len(parts) == 0) return HD_NONE; break; }
        if (!hd_is_bytes(b)) return hd_raise(&hd_exc_TypeError, "read() should return bytes");
        if (HD_BYTES(b)->len == 0) break;
        if (hd_list_append(parts, b) < 0) return HD_ERR;
    }
    return hd_bytes_join(hd_empty_bytes, parts);
}
IO_DEF(raw_read)
{
    int64_t n;
    if (hd_io_size(args, nargs, 0, &n) < 0) return HD_ERR;
    if (n < 0) return hd_io_call0(self, "readall");
    hd_value b = hd_bytearray_new(NULL, (size_t)n), got = b == HD_ERR ? HD_ERR : hd_io_call1(self, "readinto", b);
    if (got == HD_ERR || got == HD_NONE) return got;
    hd_value s = hd_slice_new(HD_NONE, got, HD_NONE), part = s == HD_ERR ? HD_ERR : hd_getitem(b, s);
    return part == HD_ERR ? HD_ERR : hd_callv(hd_obj(&hd_bytes_type), part);
}
static const struct hd_methoddef raw_methods[] = {
    { "read", raw_read, 0, 1, 0, "read($self, size=-1, /)\n--\n\nBytes." },
    { "readall", raw_readall, 0, 0, 0, "Everything up to the end." },
    { 0 }
};
struct hd_type hd_rawiobase_type = { .cname = "_io._RawIOBase", .basicsize = sizeof(struct hd_iobase), .base = &hd_iobase_type,
    .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_HAS_FINALISER, .doc = "Unbuffered streams of bytes.", .methods = raw_methods };

/* ---- _BufferedIOBase, _TextIOBase ------------------------------------------------------------------------------------------ */
IO_DEF(no_read) { return hd_io_unsupported("read"); }
IO_DEF(no_read1) { return hd_io_unsupported("read1"); }
IO_DEF(no_write) { return hd_io_unsupported("write"); }
IO_DEF(no_detach) { return hd_io_unsupported("detach"); }
IO_DEF(no_readline) { return hd_io_unsupported("readline"); }
static hd_value readinto_by(hd_value self, const char *method, hd_value target)
{
    struct hd_buffer b;
    if (hd_buffer_get(target, &b, true) < 0) return HD_ERR;
    int64_t room = b.len;
    hd_value data = hd_io_call1(self, method, hd_int(room));
    if (data == HD_ERR || !hd_is_bytes(data) || HD_BYTES(data)->len > room) {
        hd_buffer_release(&b);
        if (data == HD_ERR) return HD_ERR;
        if (!hd_is_bytes(data)) return hd_raise(&hd_exc_TypeError, "%s() should return bytes", method);
        return hd_raise(&hd_exc_ValueError, "%s() returned too much data: %lld bytes requested, %lld returned", method, (long long)room, (long long)HD_BYTES(data)->len);
    }
    
    int64_t n = HD_BYTES(data)->len;
    hd_buffer_store(&b, 0, HD_BYTES(data)->data, n);
    hd_buffer_release(&b);
    return hd_int(n);
}
IO_DEF(buffered_readinto) { return readinto_by(self, "read", args[0]); }
IO_DEF(buffered_readinto1) { return readinto_by(self, "read1", args[0]); }
static const struct hd_methoddef buffered_methods[] = {
    { "detach", no_detach, 0, 0, 0, "Gives the raw stream away." },
    { "read", no_read, 0, -1, 0, "Bytes." },
    { "read1", no_read1, 0, -1, 0, "Bytes by at most one read." },
    { "readinto", buffered_readinto, 1, 1, 0, NULL },
    { "readinto1", buffered_readinto1, 1, 1, 0, NULL },
    { "write", no_write, 0, -1, 0, "Writes bytes." },
    { 0 }
};
struct hd_type hd_bufferediobase_type = { .cname = "_io._BufferedIOBase", .basicsize = sizeof(struct hd_iobase), .base = &hd_iobase_type,
    .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_HAS_FINALISER, .doc = "Buffered streams of bytes.", .methods = buffered_methods };
static hd_value text_none(hd_value self, void *c) { return HD_NONE; }
static const struct hd_methoddef text_methods[] = {
    { "detach", no_detach, 0, 0, 0, "Gives the buffer away." },
    { "read", no_read, 0, -1, 0, "Characters." },
    { "readline", no_readline, 0, -1, 0, "A line." },
    { "write", no_write, 0, -1, 0, "Writes characters." },
    { 0 }
};
static const struct hd_getsetdef text_getsets[] = { { "encoding", text_none, NULL, NULL, NULL }, { "newlines", text_none, NULL, NULL, NULL },
    { "errors", text_none, NULL, NULL, NULL }, { 0 } };
struct hd_type hd_textiobase_type = { .cname = "_io._TextIOBase", .basicsize = sizeof(struct hd_iobase), .base = &hd_iobase_type,
    .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_HAS_FINALISER, .doc = "Streams of text.", .methods = text_methods, .getsets = text_getsets };

/* ---- open() -------------------------------------------------------------------------------------------------------------------- */
hd_value hd_io_open(hd_value file, hd_value mode, int64_t buffering, hd_value encoding, hd_value errors, hd_value newline, bool closefd, hd_value opener)
{
    if (!hd_is_int(file) && (file = hd_fs_path(file)) == HD_ERR) return HD_ERR;
    size_t n;
    const char *m = hd_str_as_utf8(mode, &n);
    if (!m) return HD_ERR;
    bool creating = false, reading = false, writing = false, appending = false, updating = false, text = false, binary = false;
    for (size_t i = 0; i < n; i++) {
        bool *f = m[i] == 'x' ? &creating : m[i] == 'r' ? &reading : m[i] == 'w' ? &writing : m[i] == 'a' ? &appending :
                  m[i] == '+' ? &updating : m[i] == 't' ? &text : m[i] == 'b' ? &binary : NULL;
        if (!f || *f) return hd_raise(&hd_exc_ValueError, "invalid mode: '%s'", m);
        *f = true;
    }
    if (text && binary) return hd_raise(&hd_exc_ValueError, "can't have text and binary mode at once");
    if (creating + reading + writing + appending > 1) return hd_raise(&hd_exc_ValueError, "must have exactly one of create/read/write/append mode");
    if (creating + reading + writing + appending == 0)
        return hd_raise(&hd_exc_ValueError, "Must have exactly one of create/read/write/append mode and at most one plus");
    if (binary && encoding != HD_NONE) return hd_raise(&hd_exc_ValueError, "binary mode doesn't take an encoding argument");
    if (binary && errors != HD_NONE) return hd_raise(&hd_exc_ValueError, "binary mode doesn't take an errors argument");
    if (binary && newline != HD_NONE) return hd_raise(&hd_exc_ValueError, "binary mode doesn't take a newline argument");
    if (binary && buffering == 1 && hd_warn(&hd_exc_RuntimeWarning, 1,
        "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used") < 0) return HD_ERR;
    char rawmode[8], *q = rawmode;
    if (creating) *q++ = 'x';
    if (reading) *q++ = 'r';
    if (writing) *q++ = 'w';
    if (appending) *q++ = 'a';
    if (updating) *q++ = '+';
    *q = 0;
    hd_value raw = hd_callv(hd_obj(&hd_fileio_type), file, hd_intern(rawmode), hd_bool(closefd), opener);
    if (raw == HD_ERR) return HD_ERR;
    hd_value result = raw;
    bool line = buffering == 1 && !binary;
    if (buffering < 0 || buffering == 1) {
        if (buffering < 0 && !binary) {
            hd_value tty = hd_io_call0(raw, "isatty");
            if (tty == HD_ERR) goto fail;
            line = tty == HD_TRUE;
        }
        hd_value size = hd_getattr_c(raw, "_blksize");
        if (size == HD_ERR || hd_as_i64(size, &buffering) < 0) goto fail;
        if (buffering <= 1) buffering = HD_IO_BUFFER;
    }
    if (buffering == 0) {
        if (binary) return raw;
        hd_raise(&hd_exc_ValueError, "can't have unbuffered text I/O");
        goto fail;
    }
    struct hd_type *t = updating ? &hd_bufferedrandom_type : reading ? &hd_bufferedreader_type : &hd_bufferedwriter_type;
    result = hd_callv(hd_obj(t), raw, hd_int(buffering));
    if (result == HD_ERR) { result = raw; goto fail; }
    if (binary) return result;
    hd_value wrapper = hd_callv(hd_obj(&hd_textiowrapper_type), result, encoding, errors, newline, hd_bool(line));
    if (wrapper == HD_ERR) goto fail;
    result = wrapper;
    if (hd_setattr(wrapper, hd_s_mode, mode) < 0) goto fail;
    return wrapper;
fail:;
    hd_value e = hd_exc_take();
    if (hd_io_call0(result, "close") == HD_ERR) hd_exc_clear();
    hd_exc_put(e);
    return HD_ERR;
}
static __attribute__((noinline)) hd_value open_file(const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[8];
    if (hd_args("open", "file,|mode,buffering,encoding,errors,newline,closefd,opener", args, nargs, kwnames, a) < 0) return HD_ERR;
    int64_t buffering = -1;
    if (a[1] != HD_ABSENT && !hd_is_str(a[1])) return hd_raise(&hd_exc_TypeError, "open() argument 'mode' must be str, not %A", a[1]);
    if (a[2] != HD_ABSENT && hd_as_i64(a[2], &buffering) < 0) return HD_ERR;
    static const char *const names[] = { "encoding", "errors", "newline" };
    for (int i = 3; i < 6; i++) {
        if (a[i] == HD_ABSENT) a[i] = HD_NONE;
        if (a[i] != HD_NONE && !hd_is_str(a[i])) return hd_raise(&hd_exc_TypeError, "open() argument '%s' must be str or None, not %A", names[i - 3], a[i]);
    }
    int closefd = a[6] == HD_ABSENT ? 1 : hd_truth(a[6]);
    if (closefd < 0) return HD_ERR;
    return hd_io_open(a[0], a[1] == HD_ABSENT ? hd_intern("r") : a[1], buffering, a[3], a[4], a[5], closefd, a[7] == HD_ABSENT ? HD_NONE : a[7]);
}
IO_DEF(io_open)
{
    HD_IO_SETTLE(io_open, nargs ? args[0] : HD_NONE, 8);
    return open_file(args, nargs, kwnames);
}
IO_DEF(io_open_code)
{
    hd_value a[1];
    if (hd_args("open_code", "path", args, nargs, kwnames, a) < 0) return HD_ERR;
    return hd_io_open(a[0], hd_intern("rb"), -1, HD_NONE, HD_NONE, HD_NONE, true, HD_NONE);
}
IO_DEF(io_text_encoding)
{
    if (args[0] != HD_NONE) return args[0];
    if (hd_options.warn_default_encoding) {
        int64_t level = 2;
        if (nargs > 1 && hd_as_i64(args[1], &level) < 0) return HD_ERR;
        if (hd_warn(&hd_exc_EncodingWarning, (int)level, "'encoding' argument not specified") < 0) return HD_ERR;
    }
    return hd_intern(hd_options.utf8_mode ? "utf-8" : "locale");
}

static const struct hd_methoddef methods[] = {
    { "open", io_open, 0, -1, HD_METH_KW, "open($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)\n--\n\nOpens a file." },
    { "text_encoding", io_text_encoding, 1, 2, 0, "text_encoding($module, encoding, stacklevel=2, /)\n--\n\nThe encoding, or \"locale\" for None." },
    { "open_code", io_open_code, 0, -1, HD_METH_KW, "open_code($module, /, path)\n--\n\nOpens a file of code for reading." },
    { 0 }
};
static int fill(hd_value m)
{
    for (const struct hd_methoddef *f = methods; f->name; f++)       /* they are documented as functions of io */
        ((struct hd_cfunction *)hd_ptr(hd_dict_get_c(hd_module_dict(m), f->name)))->module = hd_intern("io");
    static struct hd_type *const types[] = { &hd_iobase_type, &hd_rawiobase_type, &hd_bufferediobase_type, &hd_textiobase_type, &hd_fileio_type,
        &hd_bytesio_type, &hd_stringio_type, &hd_bufferedreader_type, &hd_bufferedwriter_type, &hd_bufferedrandom_type, &hd_bufferedrwpair_type,
        &hd_textiowrapper_type, &hd_newlinedecoder_type };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) if (hd_add_type(m, types[i]) < 0) return -1;
    /* Memory needs no closing when nobody refers to it; a subclass may have a close() that does something. */
    hd_bytesio_type.flags &= ~(unsigned)HD_TF_HAS_FINALISER;
    hd_stringio_type.flags &= ~(unsigned)HD_TF_HAS_FINALISER;
    hd_finalised = finalised;
    hd_root(&hd_unsupported_operation);
    hd_value ns = hd_dict_new();
    if (ns == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("io")) < 0) return -1;
    hd_value bases = hd_tuplev(hd_obj(&hd_exc_OSError), hd_obj(&hd_exc_ValueError));
    if (bases == HD_ERR) return -1;
    hd_unsupported_operation = hd_type_new(&hd_type_type, hd_intern("UnsupportedOperation"), bases, ns, NULL, 0);
    if (hd_unsupported_operation == HD_ERR) return -1;
    hd_value there = hd_dict_get_c(hd_builtins_dict, "open"), f = hd_getattr_c(m, "open");
    if (there == HD_ERR || f == HD_ERR || (there == HD_ABSENT && hd_dict_set_c(hd_builtins_dict, "open", f) < 0)) return -1;
    return hd_module_add(m, "UnsupportedOperation", hd_unsupported_operation) < 0 || hd_module_add_int(m, "DEFAULT_BUFFER_SIZE", HD_IO_BUFFER) < 0 ||
           hd_module_add(m, "BlockingIOError", hd_obj(&hd_exc_BlockingIOError)) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_io = { "_io", "Streams.", methods, fill };
