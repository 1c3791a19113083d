/* Writing and reading of location tables.
 *
 * An entry: a byte 0x80 | kind << 3 | (units - 1), then by kind: 0-9 the same line, column < 80 in kind and one byte;
 * 10-12 line + 0, 1, 2 with two column bytes; 13 a line without columns; 14 everything as varints; 15 no location. */
#include "linetable.h"
#include <stdlib.h>

static void put(struct hd_loc_writer *w, unsigned byte)
{
    if (w->len == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 64;
        uint8_t *b = realloc(w->buf, cap);
        if (!b) {
            w->failed = true;
            return;
        }
        w->buf = b;
        w->cap = cap;
    }
    w->buf[w->len++] = (uint8_t)byte;
}

static void put_varint(struct hd_loc_writer *w, unsigned v)
{
    for (; v >= 64; v >>= 6)
        put(w, 64 | (v & 63));
    put(w, v);
}
static void put_signed(struct hd_loc_writer *w, int v) { put_varint(w, v < 0 ? (unsigned)-v << 1 | 1 : (unsigned)v << 1); }

void hd_loc_begin(struct hd_loc_writer *w, int firstlineno)
{
    *w = (struct hd_loc_writer){.line = firstlineno};
}

static void add_run(struct hd_loc_writer *w, struct hd_loc l, uint32_t units)
{
    unsigned size = units - 1;
    if (l.line < 0) {
        put(w, 0x80 | 15 << 3 | size);
        return;
    }
    int delta = l.line - w->line;
    w->line = l.line;
    if (l.col < 0 || l.end_col < 0) {
        put(w, 0x80 | 13 << 3 | size);
        put_signed(w, delta);
    } else if (l.end_line == l.line && delta == 0 && l.col < 80 && l.end_col >= l.col && l.end_col - l.col < 16) {
        put(w, 0x80 | (unsigned)(l.col / 8) << 3 | size);
        put(w, (unsigned)(l.col % 8) << 4 | (unsigned)(l.end_col - l.col));
    } else if (l.end_line == l.line && delta >= 0 && delta < 3 && l.col < 128 && l.end_col < 128) {
        put(w, 0x80 | (unsigned)(10 + delta) << 3 | size);
        put(w, (unsigned)l.col);
        put(w, (unsigned)l.end_col);
    } else {
        put(w, 0x80 | 14 << 3 | size);
        put_signed(w, delta);
        put_varint(w, l.end_line > l.line ? (unsigned)(l.end_line - l.line) : 0);
        put_varint(w, (unsigned)l.col + 1);
        put_varint(w, (unsigned)l.end_col + 1);
    }
}

void hd_loc_add(struct hd_loc_writer *w, struct hd_loc l, uint32_t units)
{
    for (; units > 8; units -= 8)
        add_run(w, l, 8);
    if (units)
        add_run(w, l, units);
}

void hd_loc_read(struct hd_loc_reader *r, const uint8_t *table, size_t len, int firstlineno)
{
    *r = (struct hd_loc_reader){.p = table, .end = table + len, .line = firstlineno};
}

static unsigned get(struct hd_loc_reader *r) { return r->p < r->end ? *r->p++ : 0; }
static unsigned get_varint(struct hd_loc_reader *r)
{
    unsigned v = 0, shift = 0, b;
    do {
        b = get(r);
        v |= (b & 63) << shift;
        shift += 6;
    } while (b & 64 && shift < 32);
    return v;
}
static int get_signed(struct hd_loc_reader *r)
{
    unsigned v = get_varint(r);
    return v & 1 ? -(int)(v >> 1) : (int)(v >> 1);
}

bool hd_loc_next(struct hd_loc_reader *r)
{
    r->unit += r->units;
    if (r->p >= r->end)
        return false;
    unsigned head = get(r), kind = head >> 3 & 15;
    r->units = (head & 7) + 1;
    struct hd_loc *l = &r->loc;
    if (kind == 15) {
        *l = (struct hd_loc){-1, -1, -1, -1};
        return true;
    }
    if (kind == 13 || kind == 14)
        r->line = (int)((unsigned)r->line + (unsigned)get_signed(r));
    else if (kind >= 10)
        r->line += (int)kind - 10;
    *l = (struct hd_loc){r->line, r->line, -1, -1};
    if (kind == 14) {
        l->end_line = (int)((unsigned)r->line + get_varint(r));
        l->col = (int)get_varint(r) - 1;
        l->end_col = (int)get_varint(r) - 1;
    } else if (kind >= 10 && kind <= 12) {
        l->col = (int)get(r);
        l->end_col = (int)get(r);
    } else if (kind < 10) {
        unsigned b = get(r);
        l->col = (int)(kind * 8 + (b >> 4));
        l->end_col = l->col + (int)(b & 15);
    }
    return true;
}
