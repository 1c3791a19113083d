/* _ssl: the types _SSLSocket (a connection over a socket or a pair of MemoryBIOs) and SSLSession. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "interp/modules/socket_internal.h"
#include "interp/modules/ssl/ssl_internal.h"

enum { HELLO_NEW, HELLO_ASKED, HELLO_ANSWERED };
struct tls_connection {
    pthread_mutex_t lock;
    SSL *ssl;
    bool shut_once;                      /* close_notify was sent, the answer had not come */
    int hello, alert;                    /* what the client-hello callback waits for; its answer: -1 go on */
    bool named;
    char name[256];                      /* the host that the client asked for */
};
HD_MUTABLE(hd_connection)
struct hd_connection {
    struct hd_mhead head;
    HD_PSLOT(struct tls_connection) tls;
    hd_islot server;
    hd_vslot sock, incoming, outgoing, context, owner, hostname;
};
HD_MUTABLE_OPEN(hd_connection, sizeof(struct hd_connection))
struct hd_session { struct hd_head head; SSL_SESSION *session; hd_value context; };
#define CONNECTION(v) ((struct hd_connection *)hd_ptr(v))
#define SESSION(v) ((struct hd_session *)hd_ptr(v))
#define TLS(v) HD_GET(CONNECTION(v), tls)

/* ---- making ------------------------------------------------------------------------------------------------------------------------------ */
static void connection_release(void *arg)
{
    struct tls_connection *t = arg;
    SSL_free(t->ssl);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
/* Name for SNI and for the check of the certificate.  Outside transactions. */
static bool name_host(struct tls_connection *t, const struct hd_tls_context *c, const char *host)
{
    unsigned char address[16];
    bool ip = inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
    if (!ip && SSL_set_tlsext_host_name(t->ssl, host) != 1) return false;
    if (!c->check_hostname) return true;
    X509_VERIFY_PARAM *p = SSL_get0_param(t->ssl);
    return ip ? X509_VERIFY_PARAM_set1_ip_asc(p, host) == 1 : X509_VERIFY_PARAM_set1_host(p, host, strlen(host)) == 1;
}
static struct tls_connection *connection_new(struct hd_tls_context *c, int fd, struct hd_tls_pipe *in, struct hd_tls_pipe *out, bool server, const char *host, struct hd_tls_failure *f)
{
    struct tls_connection *t = calloc(1, sizeof *t);
    BIO *r = NULL, *w = NULL;
    f->outcome = HD_TLS_FAILED;
    if (!t) return NULL;
    pthread_mutex_init(&t->lock, NULL);
    if (!(t->ssl = SSL_new(c->ctx)) || (host && !name_host(t, c, host)) || !(r = in ? hd_bio_of_pipe(in) : hd_bio_of_socket(fd)) || !(w = in ? hd_bio_of_pipe(out) : hd_bio_of_socket(fd))) {
        hd_tls_note(f);
        BIO_free(r);
        connection_release(t);
        return NULL;
    }
    SSL_set_bio(t->ssl, r, w);
    SSL_set_app_data(t->ssl, t);
    SSL_set_mode(t->ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
    if (c->post_handshake) {
        if (!server) SSL_set_post_handshake_auth(t->ssl, 1);
        else if (SSL_get_verify_mode(t->ssl) & SSL_VERIFY_PEER) SSL_set_verify(t->ssl, SSL_get_verify_mode(t->ssl) | SSL_VERIFY_POST_HANDSHAKE, NULL);
    }
    if (server) SSL_set_accept_state(t->ssl);
    else SSL_set_connect_state(t->ssl);
    return t;
}
static int use_session(hd_value self, hd_value session);
hd_value hd_tls_wrap(hd_value context, hd_value sock, hd_value incoming, hd_value outgoing, bool server, hd_value hostname, hd_value owner, hd_value session)
{
    struct hd_tls_context *c = HD_GET(HD_CONTEXT(context), tls);
    const char *host = NULL;
    size_t nhost = 0;
    struct hd_tls_failure f = { .outcome = HD_TLS_FAILED };
    struct tls_connection *t;
    if (server && c->protocol == HD_TLS_CLIENT) f.text = "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context";
    if (!server && c->protocol == HD_TLS_SERVER) f.text = "Cannot create a client socket with a PROTOCOL_TLS_SERVER context";
    if (f.text) return hd_tls_raise(&f);
    if (hostname != HD_ABSENT && hostname != HD_NONE) {
        hd_value b = hd_is_str(hostname) ? hd_str_encode(hostname, "ascii", "strict") : hd_bytes_fixed(hostname);
        if (b == HD_ERR) return HD_ERR;
        host = (const char *)HD_BYTES(b)->data, nhost = strlen(host);
        if ((int64_t)nhost != HD_BYTES(b)->len) return hd_raise(&hd_exc_TypeError, "embedded null character");
        if (nhost == 0 || host[0] == '.') return hd_raise(&hd_exc_ValueError, "server_hostname cannot be an empty string or start with a leading dot.");
    }
    int fd = sock == HD_ABSENT ? -1 : (int)HD_GET(SOCK(sock), fd);
    struct hd_tls_pipe *in = NULL, *out = NULL;
    if (sock == HD_ABSENT) in = HD_GET((struct hd_memory_bio *)hd_ptr(incoming), pipe), out = HD_GET((struct hd_memory_bio *)hd_ptr(outgoing), pipe);
    HD_TLS(c)
        t = connection_new(c, fd, in, out, server, host, &f);
    HD_END_TLS(c)
    if (!t) return hd_tls_raise(&f);
    hd_value v = hd_alloc_instance(&hd_connection_type, 0);
    if (v == HD_ERR) { stm_on_commit(connection_release, t); return v; }
    struct hd_connection *o = CONNECTION(v);
    HD_INIT(o, tls, t), HD_INIT(o, server, server), HD_INIT(o, context, context);
    HD_INIT(o, sock, sock == HD_ABSENT ? HD_NONE : sock);
    HD_INIT(o, incoming, incoming == HD_ABSENT ? HD_NONE : incoming), HD_INIT(o, outgoing, outgoing == HD_ABSENT ? HD_NONE : outgoing);
    HD_INIT(o, hostname, HD_NONE);
    HD_INIT(o, owner, HD_NONE);
    if (host) {
        hd_value text = hd_str_utf8_n(host, nhost);
        if (text == HD_ERR) return HD_ERR;
        hd_connection_w w = hd_connection_open(o);
        HD_PUT(w, hostname, text);
    }
    if (owner != HD_ABSENT && owner != HD_NONE) {
        hd_value ref = hd_weakref_new(owner, HD_ABSENT);
        if (ref == HD_ERR) return HD_ERR;
        hd_connection_w w = hd_connection_open(o);
        HD_PUT(w, owner, ref);
    }
    if (session != HD_ABSENT && session != HD_NONE && use_session(v, session) < 0) return HD_ERR;
    return v;
}
static void connection_finalise(hd_value self)
{
    struct tls_connection *t = TLS(self);
    if (!t) return;
    hd_connection_w w = hd_connection_open(CONNECTION(self));
    HD_PUT(w, tls, NULL);
    stm_on_commit(connection_release, t);
}
static void connection_trace(void *o, struct gc_marker *m)
{
    struct hd_connection *c = o;
    gc_mark(m, HD_RAW(c->sock)), gc_mark(m, HD_RAW(c->incoming)), gc_mark(m, HD_RAW(c->outgoing)), gc_mark(m, HD_RAW(c->context)), gc_mark(m, HD_RAW(c->owner)), gc_mark(m, HD_RAW(c->hostname));
}

/* ---- the client's hello ---------------------------------------------------------------------------------------------------------------------- */
/* Called by OpenSSL in a server's handshake.  A context with an sni_callback stops the handshake here until Python has answered. */
int hd_tls_hello(SSL *ssl, int *alert, void *arg)
{
    struct hd_tls_context *c = arg;
    struct tls_connection *t = SSL_get_app_data(ssl);
    if (!t || t->hello == HELLO_ANSWERED) {
        if (!t || t->alert < 0) return SSL_CLIENT_HELLO_SUCCESS;
        *alert = t->alert;
        return SSL_CLIENT_HELLO_ERROR;
    }
    if (!c->sni) return SSL_CLIENT_HELLO_SUCCESS;
    const unsigned char *p;
    size_t n;
    t->named = false;
    /* a list of names: its length; of the first: kind (0: host), length, text */
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &p, &n) && n > 5 && p[2] == 0) {
        size_t len = (size_t)p[3] << 8 | p[4];
        if (len <= n - 5 && len < sizeof t->name && !memchr(p + 5, 0, len)) {
            memcpy(t->name, p + 5, len);
            t->name[len] = 0;
            t->named = true;
        }
    }
    t->hello = HELLO_ASKED;
    return SSL_CLIENT_HELLO_RETRY;
}
static hd_value owner_of(hd_value self)
{
    hd_value ref = HD_GET(CONNECTION(self), owner);
    return ref == HD_NONE ? HD_NONE : hd_weakref_get(ref);
}
static void answer_hello(hd_value self)
{
    struct tls_connection *t = TLS(self);
    hd_value context = HD_GET(CONNECTION(self), context), f = HD_GET(HD_CONTEXT(context), sni), owner = owner_of(self);
    hd_value name = t->named ? hd_str_decode(t->name, strlen(t->name), "ascii", "strict") : HD_NONE, r = HD_NONE;
    int alert = -1;
    if (f != HD_NONE) r = name == HD_ERR ? HD_ERR : hd_callv(f, owner == HD_NONE ? self : owner, name, context);
    if (r == HD_ERR) {
        hd_exc_print_unraisable(NULL, f);
        alert = name == HD_ERR ? SSL_AD_INTERNAL_ERROR : SSL_AD_HANDSHAKE_FAILURE;
    } else if (r != HD_NONE && hd_as_int32(r, &alert) < 0) {
        hd_exc_print_unraisable(NULL, r);
        alert = SSL_AD_INTERNAL_ERROR;
    }
    HD_BLOCKING
        pthread_mutex_lock(&t->lock);
        t->hello = HELLO_ANSWERED, t->alert = alert;
        pthread_mutex_unlock(&t->lock);
    HD_END_BLOCKING
}

/* ---- operations that may wait --------------------------------------------------------------------------------------------------------------------- */
enum operation { HANDSHAKE, READ, WRITE, SHUTDOWN, POST_AUTH };
static const char *const timed_out[] = { "The handshake operation timed out", "The read operation timed out", "The write operation timed out", "The read operation timed out", "" };
/* One step: what SSL says.  With the lock, outside transactions. */
static int step(struct tls_connection *t, enum operation op, void *data, size_t n, size_t *done, struct hd_tls_failure *f)
{
    int r = 0;
    errno = 0;
    switch (op) {
    case HANDSHAKE: r = SSL_do_handshake(t->ssl); break;
    case READ: r = SSL_read_ex(t->ssl, data, n, done); break;
    case WRITE: r = SSL_write_ex(t->ssl, data, n, done); break;
    case POST_AUTH: r = SSL_verify_client_post_handshake(t->ssl); break;
    case SHUTDOWN:
        /* what the peer still sends is of no interest */
        if (t->shut_once) SSL_set_read_ahead(t->ssl, 0);
        r = SSL_shutdown(t->ssl);
        if (r == 0 && !t->shut_once) t->shut_once = true, r = SSL_shutdown(t->ssl);
        if (r == 0) { f->outcome = HD_TLS_DONE; return 0; }
        break;
    }
    int system = errno, why = r > 0 ? SSL_ERROR_NONE : SSL_get_error(t->ssl, r);
    f->system = system, f->code = 0, f->verify = 0;
    switch (why) {
    case SSL_ERROR_NONE: f->outcome = HD_TLS_DONE; break;
    case SSL_ERROR_ZERO_RETURN: f->outcome = HD_TLS_CLOSED; break;
    case SSL_ERROR_WANT_READ: f->outcome = HD_TLS_WANT_READ; break;
    case SSL_ERROR_WANT_WRITE: f->outcome = HD_TLS_WANT_WRITE; break;
    case SSL_ERROR_WANT_CLIENT_HELLO_CB: f->outcome = HD_TLS_HELLO; break;
    case SSL_ERROR_SYSCALL:
        hd_tls_note(f);
        f->outcome = f->code ? HD_TLS_FAILED : r == 0 || system == 0 ? HD_TLS_EOF : HD_TLS_SYSTEM;
        break;
    default:
        f->verify = SSL_get_verify_result(t->ssl);
        hd_tls_note(f);
        f->outcome = HD_TLS_FAILED;
        if (ERR_GET_LIB(f->code) == ERR_LIB_SSL && ERR_GET_REASON(f->code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) f->outcome = HD_TLS_EOF;
    }
    ERR_clear_error();
    return r;
}
static hd_value fail(hd_value self, const struct hd_tls_failure *f)
{
    hd_value host = HD_GET(CONNECTION(self), hostname);
    return hd_tls_raise_at(f, __LINE__, host == HD_NONE ? NULL : hd_str_as_utf8(host, NULL));
}
/* The operation, waiting as the socket's timeout says: 1 done, 0 the peer has closed, -1 error. */
static int perform(hd_value self, enum operation op, void *data, size_t n, size_t *done)
{
    struct tls_connection *t = TLS(self);
    hd_value sock = HD_GET(CONNECTION(self), sock);
    int64_t timeout = sock == HD_NONE ? 0 : HD_GET(SOCK(sock), timeout_ns), deadline = timeout > 0 ? hd_socket_now() + timeout : -1;
    struct hd_tls_failure f = { 0 };
    for (;;) {
        bool received;
        if (sock != HD_NONE && HD_GET(SOCK(sock), fd) < 0) {
            (void)hd_tls_raise_at(&(struct hd_tls_failure){ .outcome = HD_TLS_SYSTEM, .system = EBADF }, __LINE__, NULL);
            return -1;
        }
        HD_TLS(t)
            (void)step(t, op, data, n, done, &f);
            received = SSL_get_shutdown(t->ssl) == SSL_RECEIVED_SHUTDOWN;
        HD_END_TLS(t)
        switch (f.outcome) {
        case HD_TLS_DONE: return 1;
        case HD_TLS_HELLO: answer_hello(self); continue;
        case HD_TLS_CLOSED:
            if (op == READ && received) return 0;
            break;
        case HD_TLS_WANT_READ: case HD_TLS_WANT_WRITE: {
            if (sock == HD_NONE || timeout == 0) break;
            int ready = hd_socket_wait((int)HD_GET(SOCK(sock), fd), f.outcome == HD_TLS_WANT_WRITE, deadline);
            if (ready < 0 || hd_check_signals() < 0) return -1;
            if (ready > 0) continue;
            if (op == HANDSHAKE) hd_raise(&hd_exc_TimeoutError, "_ssl.c:%d: %s", __LINE__, timed_out[op]);
            else hd_raise(&hd_exc_TimeoutError, "%s", op == SHUTDOWN && f.outcome == HD_TLS_WANT_WRITE ? timed_out[WRITE] : timed_out[op]);
            return -1;
        }
        default: break;
        }
        (void)fail(self, &f);
        return -1;
    }
}
static HD_TLS_METHOD(connection_do_handshake)
{
    size_t done;
    return perform(self, HANDSHAKE, NULL, 0, &done) < 0 ? HD_ERR : HD_NONE;
}
static HD_TLS_METHOD(connection_write)
{
    size_t done = 0;
    hd_value b = hd_bytes_fixed(args[0]);
    if (b == HD_ERR) return HD_ERR;
    if (HD_BYTES(b)->len == 0) return hd_fix(0);
    return perform(self, WRITE, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, &done) < 0 ? HD_ERR : hd_int((int64_t)done);
}
static HD_TLS_METHOD(connection_read)
{
    int64_t n = 0;
    size_t done = 0;
    struct hd_buffer b;
    bool into = nargs > 1;
    if (hd_as_i64(args[0], &n) < 0) return HD_ERR;
    if (!into && n < 0) return hd_raise(&hd_exc_ValueError, "size should not be negative");
    if (into) {
        if (hd_buffer_get(args[1], &b, true) < 0) return HD_ERR;
        if (n <= 0 || n > b.len) n = b.len;
        hd_buffer_release(&b);
    }
    if (n > INT32_MAX) return hd_raise(&hd_exc_OverflowError, "maximum length can't fit in a C 'int'");
    if (n == 0) return into ? hd_fix(0) : hd_empty_bytes;
    hd_value data = hd_bytes_new(NULL, (size_t)n);
    if (data == HD_ERR || perform(self, READ, HD_BYTES(data)->data, (size_t)n, &done) < 0) return HD_ERR;
    if (!into) return done == (size_t)n ? data : hd_bytes_new(HD_BYTES(data)->data, done);
    if (hd_buffer_get(args[1], &b, true) < 0) return HD_ERR;
    hd_buffer_store(&b, 0, HD_BYTES(data)->data, (int64_t)done < b.len ? (int64_t)done : b.len);
    hd_buffer_release(&b);
    return hd_int((int64_t)done);
}
static HD_TLS_METHOD(connection_shutdown)
{
    size_t done;
    return perform(self, SHUTDOWN, NULL, 0, &done) < 0 ? HD_ERR : HD_GET(CONNECTION(self), sock);
}
static HD_TLS_METHOD(connection_verify_client)
{
    struct tls_connection *t = TLS(self);
    struct hd_tls_failure f = { 0 };
    size_t done;
    HD_TLS(t)
        (void)step(t, POST_AUTH, NULL, 0, &done, &f);
    HD_END_TLS(t)
    return f.outcome == HD_TLS_DONE ? HD_NONE : fail(self, &f);
}

/* ---- questions ------------------------------------------------------------------------------------------------------------------------------------ */
static HD_TLS_METHOD(connection_pending)
{
    struct tls_connection *t = TLS(self);
    int n;
    HD_TLS(t)
        n = SSL_pending(t->ssl);
    HD_END_TLS(t)
    return hd_int(n);
}
static HD_TLS_METHOD(connection_getpeercert)
{
    struct tls_connection *t = TLS(self);
    struct hd_flat out = { 0 };
    int binary = nargs ? hd_truth(args[0]) : 0;
    bool early;
    if (binary < 0) return HD_ERR;
    HD_TLS(t)
        early = !SSL_is_init_finished(t->ssl);
        X509 *x = early ? NULL : SSL_get1_peer_certificate(t->ssl);
        if (!x) hd_flat_text(&out, NULL);
        else if (binary) hd_flat_der(&out, x);
        else if (!(SSL_get_verify_mode(t->ssl) & SSL_VERIFY_PEER)) hd_flat_open(&out, '{', 0);
        else hd_flat_certificate(&out, x);
        X509_free(x);
    HD_END_TLS(t)
    hd_value v = hd_flat_value(&out);
    return v != HD_ERR && early ? hd_raise(&hd_exc_ValueError, "handshake not done yet") : v;
}
static HD_TLS_METHOD(connection_cipher)
{
    struct tls_connection *t = TLS(self);
    struct hd_flat out = { 0 };
    HD_TLS(t)
        hd_flat_cipher(&out, SSL_get_current_cipher(t->ssl));
    HD_END_TLS(t)
    return hd_flat_value(&out);
}
static HD_TLS_METHOD(connection_shared_ciphers)
{
    struct tls_connection *t = TLS(self);
    struct hd_flat out = { 0 };
    HD_TLS(t)
        STACK_OF(SSL_CIPHER) *client = SSL_get_client_ciphers(t->ssl), *server = SSL_get_ciphers(t->ssl);
        if (server) {
            size_t place = hd_flat_place(&out, '[');
            uint32_t n = 0;
            for (int i = 0; i < sk_SSL_CIPHER_num(server); i++) {
                if (client && sk_SSL_CIPHER_find(client, sk_SSL_CIPHER_value(server, i)) < 0) continue;
                hd_flat_cipher(&out, sk_SSL_CIPHER_value(server, i));
                n++;
            }
            hd_flat_count(&out, place, n);
        } else hd_flat_text(&out, NULL);
    HD_END_TLS(t)
    return hd_flat_value(&out);
}
static HD_TLS_METHOD(connection_alpn)
{
    struct tls_connection *t = TLS(self);
    struct hd_flat out = { 0 };
    HD_TLS(t)
        const unsigned char *p;
        unsigned n;
        SSL_get0_alpn_selected(t->ssl, &p, &n);
        if (p) hd_flat_data(&out, 's', p, n);
        else hd_flat_text(&out, NULL);
    HD_END_TLS(t)
    return hd_flat_value(&out);
}
static HD_TLS_METHOD(connection_version)
{
    struct tls_connection *t = TLS(self);
    const char *s;
    HD_TLS(t)
        s = SSL_is_init_finished(t->ssl) ? SSL_get_version(t->ssl) : NULL;
    HD_END_TLS(t)
    return s && strcmp(s, "unknown") ? hd_str_utf8(s) : HD_NONE;
}
static HD_TLS_METHOD(connection_compression) { return HD_NONE; }      /* contexts rule it out */
static HD_TLS_METHOD(connection_channel_binding)
{
    hd_value a[1];
    struct tls_connection *t = TLS(self);
    unsigned char text[64];
    size_t n;
    if (hd_args("get_channel_binding", "|cb_type", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (a[0] != HD_ABSENT && (!hd_is_str(a[0]) || !hd_str_is(a[0], "tls-unique"))) return hd_raise(&hd_exc_ValueError, "'%S' channel binding type not implemented", a[0]);
    HD_TLS(t)
        bool mine = SSL_session_reused(t->ssl) ^ !SSL_is_server(t->ssl);
        n = mine ? SSL_get_finished(t->ssl, text, sizeof text) : SSL_get_peer_finished(t->ssl, text, sizeof text);
    HD_END_TLS(t)
    return n ? hd_bytes_new(text, n) : HD_NONE;
}

/* ---- attributes ------------------------------------------------------------------------------------------------------------------------------------- */
static hd_value get_context(hd_value self, void *closure) { return HD_GET(CONNECTION(self), context); }
static int set_context(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT || !hd_subtype(hd_type_of(v), &hd_context_type)) { hd_raise(&hd_exc_TypeError, "The value must be a SSLContext"); return -1; }
    struct tls_connection *t = TLS(self);
    struct hd_tls_context *c = HD_GET(HD_CONTEXT(v), tls);
    hd_connection_w w = hd_connection_open(CONNECTION(self));
    HD_PUT(w, context, v);
    HD_TLS(t)
        SSL_set_SSL_CTX(t->ssl, c->ctx);
        SSL_set_verify(t->ssl, SSL_CTX_get_verify_mode(c->ctx), NULL);
    HD_END_TLS(t)
    return 0;
}
static hd_value get_server_side(hd_value self, void *closure) { return hd_bool(HD_GET(CONNECTION(self), server)); }
static hd_value get_hostname(hd_value self, void *closure) { return HD_GET(CONNECTION(self), hostname); }
static hd_value get_owner(hd_value self, void *closure) { return owner_of(self); }
static int set_owner(hd_value self, hd_value v, void *closure)
{
    hd_value ref = v == HD_ABSENT || v == HD_NONE ? HD_NONE : hd_weakref_new(v, HD_ABSENT);
    if (ref == HD_ERR) return -1;
    hd_connection_w w = hd_connection_open(CONNECTION(self));
    HD_PUT(w, owner, ref);
    return 0;
}
static hd_value get_reused(hd_value self, void *closure)
{
    struct tls_connection *t = TLS(self);
    bool reused;
    HD_TLS(t)
        reused = SSL_session_reused(t->ssl);
    HD_END_TLS(t)
    return hd_bool(reused);
}

/* ---- sessions ----------------------------------------------------------------------------------------------------------------------------------------- */
static void free_session(void *arg) { SSL_SESSION_free(arg); }
static hd_value get_session(hd_value self, void *closure)
{
    struct tls_connection *t = TLS(self);
    SSL_SESSION *s = NULL;
    HD_TLS(t)
        /* the session of TLS 1.3 changes with every ticket: a copy */
        SSL_SESSION *now = SSL_get0_session(t->ssl);
        if (now && SSL_is_init_finished(t->ssl)) s = SSL_SESSION_dup(now);
    HD_END_TLS(t)
    if (!s) return HD_NONE;
    struct hd_session *o = hd_new_object(&hd_session_type, sizeof *o);
    if (!o) { stm_on_commit(free_session, s); return HD_ERR; }
    o->session = s, o->context = HD_GET(CONNECTION(self), context);
    return hd_obj(o);
}
static int use_session(hd_value self, hd_value v)
{
    struct tls_connection *t = TLS(self);
    bool ok, late;
    if (hd_type_of(v) != &hd_session_type) { hd_raise(&hd_exc_TypeError, "Value is not a SSLSession."); return -1; }
    if (HD_GET(HD_CONTEXT(SESSION(v)->context), tls) != HD_GET(HD_CONTEXT(HD_GET(CONNECTION(self), context)), tls)) {
        hd_raise(&hd_exc_ValueError, "Session refers to a different SSLContext.");
        return -1;
    }
    if (HD_GET(CONNECTION(self), server)) { hd_raise(&hd_exc_ValueError, "Cannot set session for server-side SSLSocket."); return -1; }
    HD_TLS(t)
        late = SSL_is_init_finished(t->ssl);
        SSL_SESSION *copy = late ? NULL : SSL_SESSION_dup(SESSION(v)->session);
        ok = copy && SSL_set_session(t->ssl, copy) == 1;
        SSL_SESSION_free(copy);
        ERR_clear_error();
    HD_END_TLS(t)
    if (late) { hd_raise(&hd_exc_ValueError, "Cannot set session after handshake."); return -1; }
    if (!ok) { (void)hd_no_memory(); return -1; }
    return 0;
}
static int set_session(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) { hd_raise(&hd_exc_AttributeError, "cannot delete attribute"); return -1; }
    return use_session(self, v);
}
enum { S_TIME, S_TIMEOUT, S_HINT, S_TICKET, S_ID };
static hd_value session_get(hd_value self, void *closure)
{
    const SSL_SESSION *s = SESSION(self)->session;           /* not changed any more */
    unsigned n;
    switch ((int)(intptr_t)closure) {
    case S_TIME: return hd_int(SSL_SESSION_get_time(s));
    case S_TIMEOUT: return hd_int(SSL_SESSION_get_timeout(s));
    case S_HINT: return hd_int_u64(SSL_SESSION_get_ticket_lifetime_hint(s));
    case S_TICKET: return hd_bool(SSL_SESSION_has_ticket(s));
    default: { const unsigned char *id = SSL_SESSION_get_id(s, &n); return hd_bytes_new(id, n); }
    }
}
static hd_value session_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if (hd_type_of(a) != &hd_session_type || hd_type_of(b) != &hd_session_type || (op != HD_EQ && op != HD_NE)) return HD_NOTIMPLEMENTED;
    unsigned na, nb;
    const unsigned char *ia = SSL_SESSION_get_id(SESSION(a)->session, &na), *ib = SSL_SESSION_get_id(SESSION(b)->session, &nb);
    return hd_bool((na == nb && memcmp(ia, ib, na) == 0) == (op == HD_EQ));
}
static int64_t session_hash(hd_value self)
{
    unsigned n;
    const unsigned char *id = SSL_SESSION_get_id(SESSION(self)->session, &n);
    uint64_t h = n;
    for (unsigned i = 0; i < n; i++) h = h * 1000003 ^ id[i];
    return (int64_t)(h >> 1);
}
static void session_finalise(hd_value self)
{
    if (SESSION(self)->session) stm_on_commit(free_session, SESSION(self)->session);
}
static void session_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_session *)o)->context); }
static const struct hd_getsetdef session_getsets[] = {
    { "time", session_get, NULL, "Session creation time (seconds since epoch).", (void *)S_TIME }, { "timeout", session_get, NULL, "Session timeout (delta in seconds).", (void *)S_TIMEOUT },
    { "ticket_lifetime_hint", session_get, NULL, "Ticket life time hint.", (void *)S_HINT }, { "has_ticket", session_get, NULL, "Does the session contain a ticket?", (void *)S_TICKET },
    { "id", session_get, NULL, "Session id", (void *)S_ID }, { 0 }
};
struct hd_type hd_session_type = { .cname = "_ssl.SSLSession", .basicsize = sizeof(struct hd_session), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_FINALISER | HD_TF_LATE_FINALISER,
    .getsets = session_getsets, .op = { .finalise = session_finalise, .trace = session_trace, .richcompare = session_compare, .hash = session_hash } };

HD_WAITS(connection_do_handshake) HD_WAITS(connection_write) HD_WAITS(connection_read)
static const struct hd_methoddef connection_methods[] = {
    { "do_handshake", connection_do_handshake_waits, 0, 0, 0, NULL }, { "write", connection_write_waits, 1, 1, 0, NULL }, { "read", connection_read_waits, 1, 2, 0, NULL },
    { "pending", connection_pending, 0, 0, 0, NULL }, { "shutdown", connection_shutdown, 0, 0, 0, NULL }, { "getpeercert", connection_getpeercert, 0, 1, 0, NULL },
    { "cipher", connection_cipher, 0, 0, 0, NULL }, { "shared_ciphers", connection_shared_ciphers, 0, 0, 0, NULL }, { "selected_alpn_protocol", connection_alpn, 0, 0, 0, NULL },
    { "version", connection_version, 0, 0, 0, NULL }, { "compression", connection_compression, 0, 0, 0, NULL },
    { "get_channel_binding", connection_channel_binding, 0, -1, HD_METH_KW, NULL }, { "verify_client_post_handshake", connection_verify_client, 0, 0, 0, NULL }, { 0 }
};
static const struct hd_getsetdef connection_getsets[] = {
    { "context", get_context, set_context, NULL, NULL }, { "server_side", get_server_side, NULL, NULL, NULL }, { "server_hostname", get_hostname, NULL, NULL, NULL },
    { "owner", get_owner, set_owner, NULL, NULL }, { "session", get_session, set_session, NULL, NULL }, { "session_reused", get_reused, NULL, NULL, NULL }, { 0 }
};
struct hd_type hd_connection_type = { .cname = "_ssl._SSLSocket", .basicsize = sizeof(struct hd_connection), .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_FINALISER | HD_TF_LATE_FINALISER,
    .methods = connection_methods, .getsets = connection_getsets, .op = { .finalise = connection_finalise, .trace = connection_trace } };
