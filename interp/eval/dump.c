/* Tracebacks written without the interpreter's help: from signal handlers and from threads that are no Python threads.
 *
 * D1: only memory is read, with process_vm_readv where the system allows it, so a pointer that is stale ends the list
 *     instead of the process.  Nothing is allocated, locked or barriered; what other threads change meanwhile may show. */
#define _GNU_SOURCE 1
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "interp/eval/dump.h"
#include "interp/eval/eval_internal.h"

enum { MAX_FRAMES = 100, MAX_THREADS = 100, MAX_TEXT = 500 };

static bool peek(const void *from, void *to, size_t n)
{
    struct iovec local = { to, n }, remote = { (void *)(uintptr_t)from, n };
    ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    if (got == (ssize_t)n) return true;
    if (got >= 0 || (uintptr_t)from < 4096) return false;
    memcpy(to, from, n);
    return true;
}
void hd_dump_text(int fd, const char *s)
{
    for (size_t n = strlen(s); n; ) {
        ssize_t k = write(fd, s, n);
        if (k <= 0) return;
        s += k, n -= (size_t)k;
    }
}
static void put_number(int fd, uint64_t v, int base, int width)
{
    char t[24], *p = t + sizeof t - 1;
    *p = 0;
    do *--p = "0123456789abcdef"[v % (unsigned)base], v /= (unsigned)base; while (v || t + sizeof t - 1 - p < width);
    hd_dump_text(fd, p);
}
static void put_str(int fd, hd_value v)
{
    struct hd_str s;
    if (!hd_is_ptr(v) || !peek(hd_ptr(v), &s, sizeof s)) { hd_dump_text(fd, "???"); return; }
    int kind = s.head.aux & HD_STR_KIND;
    char out[64];
    size_t n = 0;
    for (int64_t i = 0; i < s.len && i < MAX_TEXT; i++) {
        uint32_t c = 0;
        if (!peek((const char *)s.data + i * kind, &c, (size_t)kind)) break;
        if (c >= ' ' && c <= '~') out[n++] = (char)c;
        else {
            int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
            out[n++] = '\\', out[n++] = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
            while (digits--) out[n++] = "0123456789abcdef"[c >> 4 * digits & 15];
        }
        if (n > sizeof out - 12) out[n] = 0, hd_dump_text(fd, out), n = 0;
    }
    out[n] = 0;
    hd_dump_text(fd, out);
    if (s.len > MAX_TEXT) hd_dump_text(fd, "...");
}
/* The code object that a frame's header names; false: none. */
static bool code_of(hd_value func, hd_value ns, struct hd_code *code)
{
    struct hd_head h;
    if (!hd_is_ptr(ns) || !peek(hd_ptr(ns), &h, sizeof h)) return false;
    hd_value c = ns;
    if (h.shape != HD_SHAPE_CODE) {
        const void *place = hd_is_gen_shape(h.shape) ? (const void *)&HD_GEN(ns)->code : (const void *)&HD_FUNC(func)->code;
        if (!peek(place, &c, sizeof c) || !hd_is_ptr(c) || !peek(hd_ptr(c), &h, sizeof h) || h.shape != HD_SHAPE_CODE) return false;
    }
    return peek(hd_ptr(c), code, sizeof *code);
}
static const hd_ins *caller_pc(struct hd_thread *ts, const hd_value *fp, const hd_value *header)
{
    const hd_ins *r = (const hd_ins *)(uintptr_t)header[HD_FRAME_WORDS + HD_FRAME_PC];
    if (r == &hd_hooks[HD_HOOK_FRAME]) {
        struct hd_frame f;
        hd_value v = ts->frames;
        for (int i = 0; i < 100000 && hd_is_ptr(v) && peek(hd_ptr(v), &f, sizeof f); i++, v = HD_RAW(f.next))
            if (HD_RAW(f.fp) == fp) { r = HD_RAW(f.retpc); break; }
    }
    hd_value below = 0;
    if (hd_is_hook(r) && peek(fp + HD_FRAME_CALLER, &below, sizeof below)) r = (const hd_ins *)(uintptr_t)below;
    return r;
}
static void dump_frames(int fd, struct hd_thread *ts)
{
    const hd_value *fp = ts->fp;
    const hd_ins *pc = ts->pc;
    int n = 0;
    hd_value header[HD_FRAME_WORDS];
    struct hd_code code;
    for (; fp && peek(fp - HD_FRAME_WORDS, header, sizeof header); n++) {
        if (!code_of(header[HD_FRAME_WORDS + HD_FRAME_FUNC], header[HD_FRAME_WORDS + HD_FRAME_NS], &code)) break;
        if (n == MAX_FRAMES) { hd_dump_text(fd, "  ...\n"); return; }
        hd_dump_text(fd, "  File \"");
        put_str(fd, code.filename);
        hd_dump_text(fd, "\", line ");
        int line = pc >= code.ins && pc < code.ins + code.nins ? hd_code_lineno(&code, (uint32_t)(pc - code.ins)) : -1;
        if (line >= 0) put_number(fd, (uint64_t)line, 10, 1);
        else hd_dump_text(fd, "???");
        hd_dump_text(fd, " in ");
        put_str(fd, code.name);
        hd_dump_text(fd, "\n");
        pc = caller_pc(ts, fp, header);
        fp = (const hd_value *)(uintptr_t)header[HD_FRAME_WORDS + HD_FRAME_FP];
    }
    if (n == 0) hd_dump_text(fd, "  <no Python frame>\n");
}
static void dump_thread(int fd, struct hd_thread *ts, bool current)
{
    hd_dump_text(fd, current ? "Current thread 0x" : "Thread 0x");
    put_number(fd, ts->ident, 16, 16);
    hd_dump_text(fd, " (most recent call first):\n");
    dump_frames(fd, ts);
}
void hd_dump_tracebacks(int fd, struct hd_thread *current, bool all)
{
    if (!all) {
        if (!current) { hd_dump_text(fd, "<no Python thread>\n"); return; }
        hd_dump_text(fd, "Stack (most recent call first):\n");
        dump_frames(fd, current);
        return;
    }
    int n = 0;
    struct hd_thread *first = hd_thread_list, *ts = first;
    if (!ts) return;
    do {                                                    /* the newest first */
        if (ts->guest && ts != current) {                   /* nobody's thread */
            ts = ts->next;
            continue;
        }
        if (n) hd_dump_text(fd, "\n");
        if (n++ == MAX_THREADS) { hd_dump_text(fd, "...\n"); break; }
        dump_thread(fd, ts, ts == current);
        ts = ts->next;
    } while (ts && ts != first);
}
