/* Messages with ancillary data: sendmsg, recvmsg and recvmsg_into of sockets, CMSG_LEN and CMSG_SPACE.
 *
 * Data goes through immutable bytes and scratch memory, as elsewhere in _socket: what Python can change may change while
 * no transaction runs. */
#include <limits.h>
#include <string.h>
#include "interp/modules/socket_internal.h"
#include "interp/types/bytes.h"

enum { CONTROL_MAX = INT_MAX - 64 };      /* of one item's data, so that its padded size is an int */

static hd_value cmsg_size(hd_value arg, const char *name, bool padded)
{
    int64_t n;
    if (hd_as_i64(arg, &n) < 0) return HD_ERR;
    if (n < 0 || n > INT_MAX - (int64_t)(padded ? CMSG_SPACE(1) : CMSG_LEN(0))) return hd_raise(&hd_exc_OverflowError, "%s() argument out of range", name);
    return hd_int((int64_t)(padded ? CMSG_SPACE((size_t)n) : CMSG_LEN((size_t)n)));
}
SOCKET_METHOD(cmsg_len) { return cmsg_size(args[0], "CMSG_LEN", false); }
SOCKET_METHOD(cmsg_space) { return cmsg_size(args[0], "CMSG_SPACE", true); }

/* The items of an iterable as a list of our own. */
static hd_value items_of(hd_value v, const char *message)
{
    const hd_value *items;
    int64_t n;
    hd_value keep = hd_fast_sequence(v, message, &items, &n);
    return keep == HD_ERR ? keep : hd_list_from(items, (size_t)n);
}

/* ---- sending ------------------------------------------------------------------------------------------------------------ */
/* The buffers as immutable bytes, which *keep holds, and the vector that points to them. */
static int gather(hd_value buffers, struct msghdr *msg, hd_value *keep)
{
    hd_value list = items_of(buffers, "sendmsg() argument 1 must be an iterable");
    if (list == HD_ERR) return -1;
    int64_t n = hd_list_len(list);
    if (n > INT_MAX) {
        (void)hd_raise(&hd_exc_OSError, "sendmsg() argument 1 is too long");
        return -1;
    }
    hd_value fixed = hd_tuple_new((size_t)n);
    struct iovec *v = hd_scratch(sizeof *v * (size_t)(n ? n : 1));
    if (fixed == HD_ERR || !v) return -1;
    for (int64_t i = 0; i < n; i++) HD_TUPLE(fixed)->item[i] = hd_empty_bytes;
    for (int64_t i = 0; i < n; i++) {
        hd_value item = hd_list_get(list, i), b;
        if (hd_is_str(item)) b = hd_raise(&hd_exc_TypeError, "a bytes-like object is required, not 'str'");
        else b = hd_bytes_fixed(item);
        if (b == HD_ERR) return -1;
        HD_TUPLE(fixed)->item[i] = b;
        v[i] = (struct iovec){ HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len };
    }
    *keep = fixed;
    msg->msg_iov = v, msg->msg_iovlen = (size_t)n;
    return 0;
}
/* Ancillary items, (level, type, data) each, in the form that the system wants. */
static int pack_control(hd_value items, struct msghdr *msg)
{
    hd_value list = items_of(items, "sendmsg() argument 2 must be an iterable");
    if (list == HD_ERR) return -1;
    int64_t n = hd_list_len(list);
    size_t size = 0;
    hd_value packed = hd_list_new((size_t)n);
    if (packed == HD_ERR) return -1;
    for (int64_t i = 0; i < n; i++) {
        hd_value item = hd_list_get(list, i), t = hd_is_tuple(item) || hd_is_list(item) ? hd_tuple_of(item) : HD_ABSENT, data;
        int level, type;
        if (t == HD_ERR) return -1;
        if (t == HD_ABSENT || HD_TUPLE(t)->len != 3) {
            static const char where[] = "[sendmsg() ancillary data items]() argument must be";
            if (t == HD_ABSENT) (void)hd_raise(&hd_exc_TypeError, "%s 3-item sequence, not %A", where, item);
            else (void)hd_raise(&hd_exc_TypeError, "%s sequence of length 3, not %lld", where, (long long)HD_TUPLE(t)->len);
            return -1;
        }
        if (hd_as_int32(HD_TUPLE(t)->item[0], &level) < 0 || hd_as_int32(HD_TUPLE(t)->item[1], &type) < 0) return -1;
        data = HD_TUPLE(t)->item[2];
        if (hd_is_str(data)) data = hd_raise(&hd_exc_TypeError, "a bytes-like object is required, not 'str'");
        else data = hd_bytes_fixed(data);
        if (data == HD_ERR) return -1;
        if (HD_BYTES(data)->len > CONTROL_MAX) {
            (void)hd_raise(&hd_exc_OSError, "ancillary data item too large");
            return -1;
        }
        size += CMSG_SPACE((size_t)HD_BYTES(data)->len);
        if (size > INT_MAX) {
            (void)hd_raise(&hd_exc_OSError, "too much ancillary data");
            return -1;
        }
        t = hd_tuplev(hd_int(level), hd_int(type), data);
        if (t == HD_ERR || hd_list_append(packed, t) < 0) return -1;
    }
    if (!n) return 0;
    char *control = hd_scratch(size);
    if (!control) return -1;
    memset(control, 0, size);
    msg->msg_control = control, msg->msg_controllen = size;
    struct cmsghdr *c = CMSG_FIRSTHDR(msg);
    for (int64_t i = 0; i < n; i++) {
        const struct hd_tuple *t = HD_TUPLE(hd_list_get(packed, i));
        const struct hd_bytes *data = HD_BYTES(t->item[2]);
        c->cmsg_level = (int)hd_unfix(t->item[0]), c->cmsg_type = (int)hd_unfix(t->item[1]);
        c->cmsg_len = CMSG_LEN((size_t)data->len);
        memcpy(CMSG_DATA(c), data->data, (size_t)data->len);
        c = (struct cmsghdr *)((char *)c + CMSG_SPACE((size_t)data->len));
    }
    return 0;
}
SOCKET_METHOD(sendmsg)
{
    struct msghdr msg = { 0 };
    union hd_address a;
    socklen_t len;
    hd_value keep;
    int flags = 0, err, fd;
    ssize_t r;
    if (gather(args[0], &msg, &keep) < 0 || (nargs > 1 && pack_control(args[1], &msg) < 0) || (nargs > 2 && hd_as_int32(args[2], &flags) < 0)) return HD_ERR;
    if (nargs > 3 && args[3] != HD_NONE) {
        if (hd_socket_address(self, args[3], &a, &len, "sendmsg") < 0) return HD_ERR;
        msg.msg_name = &a, msg.msg_namelen = len;
    }
    fd = (int)HD_GET(SOCK(self), fd);
    SOCKET_CALL(self, true, r, err, sendmsg(fd, &msg, flags));
    __asm__ volatile("" :: "g"(keep));                      /* on the C stack, where the collector sees it, until here */
    return hd_int(r);
}

/* ---- receiving -------------------------------------------------------------------------------------------------------------- */
/* The ancillary items of a received message.  A truncated item comes with what there is of it. */
static hd_value unpack_control(const struct msghdr *msg)
{
    hd_value list = hd_list_new(0);
    if (list == HD_ERR) return list;
    const char *end = (const char *)msg->msg_control + msg->msg_controllen;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR((struct msghdr *)msg, c)) {
        const char *data = (const char *)CMSG_DATA(c);
        size_t there = data < end ? (size_t)(end - data) : 0, n = c->cmsg_len < CMSG_LEN(0) ? 0 : c->cmsg_len - CMSG_LEN(0);
        bool cut = n > there || c->cmsg_len < CMSG_LEN(0);
        if (cut && hd_warn(&hd_exc_RuntimeWarning, 1, "received malformed or improperly-truncated ancillary data") < 0) return HD_ERR;
        if (n > there) n = there;
        hd_value t = hd_tuplev(hd_int(c->cmsg_level), hd_int(c->cmsg_type), hd_bytes_new(data, n));
        if (t == HD_ERR || hd_list_append(list, t) < 0) return HD_ERR;
        if (cut) break;
    }
    return list;
}
/* Receives up to `size` bytes into a fresh bytes object, *data, and its ancillary items.  Result: (flags, address). */
static hd_value receive(hd_value self, int64_t size, const hd_value *args, size_t nargs, hd_value *data, hd_value *control)
{
    int64_t room = 0;
    int flags = 0, err, fd;
    ssize_t r;
    if ((nargs > 0 && hd_as_i64(args[0], &room) < 0) || (nargs > 1 && hd_as_int32(args[1], &flags) < 0)) return HD_ERR;
    if (room < 0 || room > INT_MAX) return hd_raise(&hd_exc_ValueError, "invalid ancillary data buffer length");
    hd_value b = hd_bytes_new(NULL, (size_t)size);
    char *memory = hd_scratch((size_t)room + 1);
    if (b == HD_ERR || !memory) return HD_ERR;
    union hd_address a;
    memset(&a, 0, sizeof a);
    struct iovec v = { HD_BYTES(b)->data, (size_t)size };
    struct msghdr msg;
    fd = (int)HD_GET(SOCK(self), fd);
    SOCKET_CALL(self, false, r, err,
                (msg = (struct msghdr){ .msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &v, .msg_iovlen = 1,
                                        .msg_control = room ? memory : NULL, .msg_controllen = (size_t)room }, recvmsg(fd, &msg, flags)));
    *data = r == size ? b : hd_bytes_new(HD_BYTES(b)->data, (size_t)r);
    if (*data == HD_ERR || (*control = unpack_control(&msg)) == HD_ERR) return HD_ERR;
    hd_value from = hd_socket_address_value(&a, msg.msg_namelen);
    return from == HD_ERR ? HD_ERR : hd_tuplev(hd_int(msg.msg_flags), from);
}
SOCKET_METHOD(recvmsg)
{
    int64_t size;
    hd_value data, control;
    if (hd_as_i64(args[0], &size) < 0) return HD_ERR;
    if (size < 0) return hd_raise(&hd_exc_ValueError, "negative buffer size in recvmsg()");
    hd_value rest = receive(self, size, args + 1, nargs - 1, &data, &control);
    return rest == HD_ERR ? rest : hd_tuplev(data, control, HD_TUPLE(rest)->item[0], HD_TUPLE(rest)->item[1]);
}
SOCKET_METHOD(recvmsg_into)
{
    hd_value list = items_of(args[0], "recvmsg_into() argument 1 must be an iterable"), data = HD_ERR, control, rest = HD_ERR;
    if (list == HD_ERR) return HD_ERR;
    int64_t n = hd_list_len(list), total = 0, got, opened = 0;
    if (n > INT_MAX) return hd_raise(&hd_exc_OSError, "recvmsg_into() argument 1 is too long");
    struct hd_buffer *b = hd_scratch(sizeof *b * (size_t)(n ? n : 1));
    if (!b) return HD_ERR;
    while (opened < n && hd_buffer_get(hd_list_get(list, opened), &b[opened], true) == 0) total += b[opened++].len;
    if (opened < n && hd_exc_is(&hd_exc_TypeError)) {
        hd_exc_clear();
        (void)hd_raise(&hd_exc_TypeError, "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers");
    }
    if (opened == n) rest = receive(self, total, args + 1, nargs - 1, &data, &control);
    if (rest != HD_ERR) {
        got = HD_BYTES(data)->len;
        for (int64_t i = 0, at = 0; i < n && at < got; i++) {
            int64_t k = b[i].len < got - at ? b[i].len : got - at;
            hd_buffer_store(&b[i], 0, HD_BYTES(data)->data + at, k);
            at += k;
        }
    }
    for (int64_t i = 0; i < opened; i++) hd_buffer_release(&b[i]);
    __asm__ volatile("" :: "g"(list));                      /* held the buffers' owners */
    return rest == HD_ERR ? HD_ERR : hd_tuplev(hd_int(HD_BYTES(data)->len), control, HD_TUPLE(rest)->item[0], HD_TUPLE(rest)->item[1]);
}
