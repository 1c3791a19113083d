/* _ssl: errors, flat results, certificates, BIOs and the type MemoryBIO. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "interp/modules/ssl/ssl_internal.h"

/* ---- errors ------------------------------------------------------------------------------------------------------------------------- */
void hd_tls_note(struct hd_tls_failure *f)
{
    f->code = ERR_peek_last_error();
    ERR_clear_error();
}
/* "certificate verify failed" to CERTIFICATE_VERIFY_FAILED, the name of the constant. */
static hd_value mnemonic(const char *text)
{
    char t[128];
    size_t n = 0;
    for (; text[n] && n < sizeof t - 1; n++) t[n] = text[n] >= 'a' && text[n] <= 'z' ? (char)(text[n] - 'a' + 'A') : (text[n] >= 'A' && text[n] <= 'Z') || (text[n] >= '0' && text[n] <= '9') ? text[n] : '_';
    return hd_str_utf8_n(t, n);
}
static const char *library_name(unsigned long code)
{
    switch (ERR_GET_LIB(code)) {
    case ERR_LIB_SSL: return "SSL";
    case ERR_LIB_X509: return "X509";
    case ERR_LIB_X509V3: return "X509V3";
    case ERR_LIB_PEM: return "PEM";
    case ERR_LIB_ASN1: return "ASN1";
    case ERR_LIB_EVP: return "EVP";
    case ERR_LIB_RSA: return "RSA";
    case ERR_LIB_DH: return "DH";
    case ERR_LIB_EC: return "EC";
    case ERR_LIB_BIO: return "BIO";
    default: return NULL;
    }
}
hd_value hd_tls_raise_at(const struct hd_tls_failure *f, int line, const char *hostname)
{
    static const char verification[] = "SSLCertVerificationError";
    const char *class = "SSLError", *text = NULL, *library = NULL, *reason = NULL;
    int number = SSL_ERROR_SSL;
    char detail[512];
    switch (f->outcome) {
    case HD_TLS_SYSTEM: return hd_raise_errno(f->system, HD_ABSENT, HD_ABSENT);
    case HD_TLS_WANT_READ: class = "SSLWantReadError", number = SSL_ERROR_WANT_READ, text = "The operation did not complete (read)"; break;
    case HD_TLS_WANT_WRITE: class = "SSLWantWriteError", number = SSL_ERROR_WANT_WRITE, text = "The operation did not complete (write)"; break;
    case HD_TLS_CLOSED: class = "SSLZeroReturnError", number = SSL_ERROR_ZERO_RETURN, text = "TLS/SSL connection has been closed (EOF)"; break;
    case HD_TLS_EOF: class = "SSLEOFError", number = 8, text = "EOF occurred in violation of protocol"; break;
    case HD_TLS_SYSCALL: class = "SSLSyscallError", number = SSL_ERROR_SYSCALL, text = "Some I/O error occurred"; break;
    default: text = f->text; break;
    }
    if (f->code) {
        library = library_name(f->code);
        reason = ERR_reason_error_string(f->code);
        if (!text) text = reason;
        if (ERR_GET_LIB(f->code) == ERR_LIB_SSL && ERR_GET_REASON(f->code) == SSL_R_CERTIFICATE_VERIFY_FAILED) class = verification;
    }
    bool verify = class == verification;
    if (!text) text = "A failure in the SSL library occurred";
    hd_value why = HD_NONE;
    if (verify) {
        const char *v = X509_verify_cert_error_string(f->verify);
        if (f->verify == X509_V_ERR_HOSTNAME_MISMATCH) snprintf(detail, sizeof detail, "Hostname mismatch, certificate is not valid for '%s'.", hostname ? hostname : "");
        else if (f->verify == X509_V_ERR_IP_ADDRESS_MISMATCH) snprintf(detail, sizeof detail, "IP address mismatch, certificate is not valid for '%s'.", hostname ? hostname : "");
        else snprintf(detail, sizeof detail, "%s", v ? v : "unknown error");
        why = hd_str_utf8(detail);
    }
    hd_value name = reason && !(ERR_GET_REASON(f->code) & ERR_RFLAG_COMMON) ? mnemonic(reason) : HD_NONE, lib = library ? hd_str_utf8(library) : HD_NONE, message;
    if (why != HD_NONE && name != HD_NONE && library) message = hd_str_format("[%s: %U] %s: %U (_ssl.c:%d)", library, name, text, why, line);
    else if (name != HD_NONE && library) message = hd_str_format("[%s: %U] %s (_ssl.c:%d)", library, name, text, line);
    else if (library) message = hd_str_format("[%s] %s (_ssl.c:%d)", library, text, line);
    else message = hd_str_format("%s (_ssl.c:%d)", text, line);
    hd_value type = hd_import_attr("_ssl", class), e = type == HD_ERR || message == HD_ERR ? HD_ERR : hd_callv(type, hd_fix(number), message);
    if (e == HD_ERR || hd_setattr(e, hd_intern("reason"), name) < 0 || hd_setattr(e, hd_intern("library"), lib) < 0) return HD_ERR;
    if (verify && (hd_setattr(e, hd_intern("verify_code"), hd_int(f->verify)) < 0 || hd_setattr(e, hd_intern("verify_message"), why) < 0)) return HD_ERR;
    return hd_raise_object(e);
}

/* ---- flat results ------------------------------------------------------------------------------------------------------------------------ */
static void put(struct hd_flat *f, const void *p, size_t n)
{
    if (f->failed) return;
    if (f->n + n > f->cap) {
        size_t cap = f->cap ? 2 * f->cap : 512;
        while (cap < f->n + n) cap *= 2;
        unsigned char *q = realloc(f->p, cap);
        if (!q) { f->failed = true; return; }
        f->p = q, f->cap = cap;
    }
    memcpy(f->p + f->n, p, n);
    f->n += n;
}
void hd_flat_open(struct hd_flat *f, char kind, uint32_t count) { put(f, &kind, 1), put(f, &count, sizeof count); }
size_t hd_flat_place(struct hd_flat *f, char kind) { hd_flat_open(f, kind, 0); return f->n - sizeof(uint32_t); }
void hd_flat_count(struct hd_flat *f, size_t place, uint32_t count) { if (!f->failed) memcpy(f->p + place, &count, sizeof count); }
void hd_flat_data(struct hd_flat *f, char kind, const void *p, size_t n)
{
    hd_flat_open(f, kind, (uint32_t)n);
    put(f, p, n);
}
void hd_flat_text(struct hd_flat *f, const char *s)
{
    if (s) hd_flat_data(f, 's', s, strlen(s));
    else hd_flat_open(f, 'n', 0);
}
void hd_flat_int(struct hd_flat *f, int64_t v) { hd_flat_open(f, 'i', 8), put(f, &v, sizeof v); }
void hd_flat_bool(struct hd_flat *f, bool v) { hd_flat_open(f, v ? 't' : 'f', 0); }
static hd_value unpack(const unsigned char **at)
{
    char kind = (char)**at;
    uint32_t count;
    memcpy(&count, *at + 1, sizeof count);
    *at += 1 + sizeof count;
    const unsigned char *data = *at;
    hd_value v;
    switch (kind) {
    case 's': case 'b': *at += count; return kind == 'b' ? hd_bytes_new(data, count) : hd_str_decode((const char *)data, count, "utf-8", "replace");
    case 'i': { int64_t n; memcpy(&n, data, sizeof n); *at += count; return hd_int(n); }
    case 't': return HD_TRUE;
    case 'f': return HD_FALSE;
    case '(': case '[':
        v = hd_list_new(count);
        for (uint32_t i = 0; v != HD_ERR && i < count; i++) {
            hd_value item = unpack(at);
            if (item == HD_ERR || hd_list_append(v, item) < 0) return HD_ERR;
        }
        return v == HD_ERR || kind == '[' ? v : hd_list_as_tuple(v);
    case '{':
        v = hd_dict_new();
        for (uint32_t i = 0; v != HD_ERR && i < count; i++) {
            hd_value key = unpack(at), item = key == HD_ERR ? HD_ERR : unpack(at);
            if (item == HD_ERR || hd_dict_set(v, key, item) < 0) return HD_ERR;
        }
        return v;
    default: return HD_NONE;
    }
}
hd_value hd_flat_value(struct hd_flat *f)
{
    if (f->p) stm_on_commit(free, f->p);
    if (f->failed) return hd_no_memory();
    const unsigned char *at = f->p;
    return f->p ? unpack(&at) : HD_NONE;
}

/* ---- certificates ------------------------------------------------------------------------------------------------------------------------- */
static void flat_oid(struct hd_flat *f, const ASN1_OBJECT *o)
{
    char t[256];
    int nid = OBJ_obj2nid(o);
    const char *name = nid == NID_undef ? NULL : OBJ_nid2ln(nid);
    if (!name) OBJ_obj2txt(t, sizeof t, o, 1);
    hd_flat_text(f, name ? name : t);
}
static void flat_string(struct hd_flat *f, const ASN1_STRING *s)
{
    unsigned char *utf8 = NULL;
    int n = ASN1_STRING_to_UTF8(&utf8, s);
    if (n < 0) hd_flat_text(f, "");
    else hd_flat_data(f, 's', utf8, (size_t)n);
    OPENSSL_free(utf8);
}
/* A distinguished name: a tuple of sets, each a tuple of pairs. */
static void flat_name(struct hd_flat *f, const X509_NAME *name)
{
    size_t all = hd_flat_place(f, '('), one = 0;
    uint32_t nall = 0, none = 0;
    int set = -1;
    for (int i = 0, n = X509_NAME_entry_count(name); i < n; i++) {
        X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
        if (X509_NAME_ENTRY_set(e) != set) {
            if (set >= 0) hd_flat_count(f, one, none);
            set = X509_NAME_ENTRY_set(e), one = hd_flat_place(f, '('), none = 0, nall++;
        }
        hd_flat_open(f, '(', 2);
        flat_oid(f, X509_NAME_ENTRY_get_object(e));
        flat_string(f, X509_NAME_ENTRY_get_data(e));
        none++;
    }
    if (set >= 0) hd_flat_count(f, one, none);
    hd_flat_count(f, all, nall);
}
static void flat_bio(struct hd_flat *f, BIO *b)
{
    char *p;
    long n = BIO_get_mem_data(b, &p);
    hd_flat_data(f, 's', p, (size_t)(n < 0 ? 0 : n));
    (void)BIO_reset(b);
}
static void flat_time(struct hd_flat *f, BIO *b, const ASN1_TIME *t)
{
    ASN1_TIME_print(b, t);
    flat_bio(f, b);
}
static uint32_t flat_alternatives(struct hd_flat *f, BIO *b, GENERAL_NAMES *names)
{
    uint32_t count = 0;
    for (int i = 0, n = sk_GENERAL_NAME_num(names); i < n; i++, count++) {
        GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
        hd_flat_open(f, '(', 2);
        switch (g->type) {
        case GEN_DIRNAME: hd_flat_text(f, "DirName"), flat_name(f, g->d.dirn); break;
        case GEN_EMAIL: hd_flat_text(f, "email"), hd_flat_data(f, 's', ASN1_STRING_get0_data(g->d.ia5), (size_t)ASN1_STRING_length(g->d.ia5)); break;
        case GEN_DNS: hd_flat_text(f, "DNS"), hd_flat_data(f, 's', ASN1_STRING_get0_data(g->d.ia5), (size_t)ASN1_STRING_length(g->d.ia5)); break;
        case GEN_URI: hd_flat_text(f, "URI"), hd_flat_data(f, 's', ASN1_STRING_get0_data(g->d.ia5), (size_t)ASN1_STRING_length(g->d.ia5)); break;
        case GEN_RID: { char t[256]; i2t_ASN1_OBJECT(t, sizeof t, g->d.rid); hd_flat_text(f, "Registered ID"), hd_flat_text(f, t); break; }
        case GEN_IPADD: {
            const unsigned char *p = ASN1_STRING_get0_data(g->d.ip);
            char t[64] = "<invalid>";
            if (ASN1_STRING_length(g->d.ip) == 4) snprintf(t, sizeof t, "%d.%d.%d.%d", p[0], p[1], p[2], p[3]);
            else if (ASN1_STRING_length(g->d.ip) == 16) {
                int at = 0;
                for (int k = 0; k < 8; k++) at += snprintf(t + at, sizeof t - (size_t)at, "%s%X", k ? ":" : "", p[2 * k] << 8 | p[2 * k + 1]);
            }
            hd_flat_text(f, "IP Address"), hd_flat_text(f, t);
            break;
        }
        default: {
            GENERAL_NAME_print(b, g);
            char *p;
            long len = BIO_get_mem_data(b, &p), colon = 0;
            while (colon < len && p[colon] != ':') colon++;
            hd_flat_data(f, 's', p, (size_t)colon);
            hd_flat_data(f, 's', p + (colon < len ? colon + 1 : colon), (size_t)(colon < len ? len - colon - 1 : 0));
            (void)BIO_reset(b);
        }
        }
    }
    return count;
}
static uint32_t flat_access(struct hd_flat *f, X509 *x, int method, const char *key)
{
    AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
    size_t place = 0;
    uint32_t n = 0;
    for (int i = 0; info && i < sk_ACCESS_DESCRIPTION_num(info); i++) {
        ACCESS_DESCRIPTION *a = sk_ACCESS_DESCRIPTION_value(info, i);
        if (OBJ_obj2nid(a->method) != method || a->location->type != GEN_URI) continue;
        if (!n++) hd_flat_text(f, key), place = hd_flat_place(f, '(');
        ASN1_IA5STRING *u = a->location->d.uniformResourceIdentifier;
        hd_flat_data(f, 's', ASN1_STRING_get0_data(u), (size_t)ASN1_STRING_length(u));
    }
    if (n) hd_flat_count(f, place, n);
    AUTHORITY_INFO_ACCESS_free(info);
    return n > 0;
}
static uint32_t flat_crls(struct hd_flat *f, X509 *x)
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
    size_t place = 0;
    uint32_t n = 0;
    for (int i = 0; points && i < sk_DIST_POINT_num(points); i++) {
        DIST_POINT *d = sk_DIST_POINT_value(points, i);
        if (!d->distpoint || d->distpoint->type != 0) continue;
        for (int k = 0; k < sk_GENERAL_NAME_num(d->distpoint->name.fullname); k++) {
            GENERAL_NAME *g = sk_GENERAL_NAME_value(d->distpoint->name.fullname, k);
            if (g->type != GEN_URI) continue;
            if (!n++) hd_flat_text(f, "crlDistributionPoints"), place = hd_flat_place(f, '(');
            hd_flat_data(f, 's', ASN1_STRING_get0_data(g->d.uniformResourceIdentifier), (size_t)ASN1_STRING_length(g->d.uniformResourceIdentifier));
        }
    }
    if (n) hd_flat_count(f, place, n);
    CRL_DIST_POINTS_free(points);
    return n > 0;
}
void hd_flat_certificate(struct hd_flat *f, X509 *x)
{
    BIO *b = BIO_new(BIO_s_mem());
    if (!b) { f->failed = true; return; }
    size_t place = hd_flat_place(f, '{');
    uint32_t n = 6;
    hd_flat_text(f, "subject"), flat_name(f, X509_get_subject_name(x));
    hd_flat_text(f, "issuer"), flat_name(f, X509_get_issuer_name(x));
    hd_flat_text(f, "version"), hd_flat_int(f, X509_get_version(x) + 1);
    hd_flat_text(f, "serialNumber");
    i2a_ASN1_INTEGER(b, X509_get0_serialNumber(x));
    flat_bio(f, b);
    hd_flat_text(f, "notBefore"), flat_time(f, b, X509_get0_notBefore(x));
    hd_flat_text(f, "notAfter"), flat_time(f, b, X509_get0_notAfter(x));
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    if (names) {
        hd_flat_text(f, "subjectAltName");
        size_t at = hd_flat_place(f, '(');
        hd_flat_count(f, at, flat_alternatives(f, b, names));
        GENERAL_NAMES_free(names);
        n++;
    }
    n += flat_access(f, x, NID_ad_OCSP, "OCSP") + flat_access(f, x, NID_ad_ca_issuers, "caIssuers") + flat_crls(f, x);
    hd_flat_count(f, place, n);
    BIO_free(b);
    ERR_clear_error();
}
void hd_flat_der(struct hd_flat *f, X509 *x)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    if (n < 0) f->failed = true;
    else hd_flat_data(f, 'b', der, (size_t)n);
    OPENSSL_free(der);
}
void hd_flat_cipher(struct hd_flat *f, const SSL_CIPHER *c)
{
    if (!c) { hd_flat_text(f, NULL); return; }
    hd_flat_open(f, '(', 3);
    hd_flat_text(f, SSL_CIPHER_get_name(c)), hd_flat_text(f, SSL_CIPHER_get_version(c)), hd_flat_int(f, SSL_CIPHER_get_bits(c, NULL));
}

/* ---- BIOs --------------------------------------------------------------------------------------------------------------------------------- */
static BIO_METHOD *pipe_method, *socket_method;
static bool pipe_write(struct hd_tls_pipe *p, const void *data, size_t n)
{
    if (!n) return true;
    if (p->at && p->at == p->n) p->at = p->n = 0;
    if (p->n + n > p->cap) {
        if (p->at) {
            p->n -= p->at;
            memmove(p->data, p->data + p->at, p->n);
            p->at = 0;
        }
        size_t cap = p->cap ? p->cap : 4096;
        while (cap < p->n + n) cap *= 2;
        unsigned char *q = cap > p->cap ? realloc(p->data, cap) : p->data;
        if (!q) return false;
        p->data = q, p->cap = cap;
    }
    memcpy(p->data + p->n, data, n);
    p->n += n;
    return true;
}
static size_t pipe_read(struct hd_tls_pipe *p, void *to, size_t n)
{
    if (n > p->n - p->at) n = p->n - p->at;
    if (n) memcpy(to, p->data + p->at, n);
    p->at += n;
    return n;
}
static void pipe_release(void *arg)
{
    struct hd_tls_pipe *p = arg;
    if (__atomic_sub_fetch(&p->uses, 1, __ATOMIC_ACQ_REL)) return;
    pthread_mutex_destroy(&p->lock);
    free(p->data);
    free(p);
}
static int pipe_bio_read(BIO *b, char *to, size_t n, size_t *got)
{
    struct hd_tls_pipe *p = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    pthread_mutex_lock(&p->lock);
    *got = pipe_read(p, to, n);
    bool eof = p->eof;
    pthread_mutex_unlock(&p->lock);
    if (*got) return 1;
    if (!eof) BIO_set_retry_read(b);
    return 0;
}
static int pipe_bio_write(BIO *b, const char *data, size_t n, size_t *put_)
{
    struct hd_tls_pipe *p = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    pthread_mutex_lock(&p->lock);
    bool ok = pipe_write(p, data, n);
    pthread_mutex_unlock(&p->lock);
    *put_ = ok ? n : 0;
    return ok;
}
static long bio_control(BIO *b, int command, long number, void *p)
{
    struct hd_tls_pipe *pipe = BIO_method_type(b) == (77 | BIO_TYPE_SOURCE_SINK) ? BIO_get_data(b) : NULL;
    switch (command) {
    case BIO_CTRL_FLUSH: case BIO_CTRL_DUP: return 1;
    case BIO_CTRL_EOF: {
        if (!pipe) return 0;
        pthread_mutex_lock(&pipe->lock);
        bool ended = pipe->eof && pipe->at == pipe->n;
        pthread_mutex_unlock(&pipe->lock);
        return ended;
    }
    case BIO_C_GET_FD: {
        if (pipe) return -1;
        int fd = (int)(intptr_t)BIO_get_data(b);
        if (p) *(int *)p = fd;
        return fd;
    }
    default: return 0;
    }
}
static int pipe_bio_free(BIO *b)
{
    pipe_release(BIO_get_data(b));
    return 1;
}
static int socket_bio_read(BIO *b, char *to, size_t n, size_t *got)
{
    BIO_clear_retry_flags(b);
    ssize_t r = recv((int)(intptr_t)BIO_get_data(b), to, n, MSG_DONTWAIT);
    *got = r > 0 ? (size_t)r : 0;
    if (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(b);
    return r > 0;
}
static int socket_bio_write(BIO *b, const char *data, size_t n, size_t *put_)
{
    BIO_clear_retry_flags(b);
    ssize_t r = send((int)(intptr_t)BIO_get_data(b), data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    *put_ = r > 0 ? (size_t)r : 0;
    if (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(b);
    return r > 0;
}
static int bio_create(BIO *b) { BIO_set_init(b, 1); return 1; }
BIO *hd_bio_of_pipe(struct hd_tls_pipe *p)
{
    BIO *b = BIO_new(pipe_method);
    if (!b) return NULL;
    __atomic_add_fetch(&p->uses, 1, __ATOMIC_RELAXED);
    BIO_set_data(b, p);
    return b;
}
BIO *hd_bio_of_socket(int fd)
{
    BIO *b = BIO_new(socket_method);
    if (b) BIO_set_data(b, (void *)(intptr_t)fd);
    return b;
}
int hd_bio_fill(void)
{
    if (pipe_method) return 0;
    BIO_METHOD *p = BIO_meth_new(77 | BIO_TYPE_SOURCE_SINK, "pipe"), *s = BIO_meth_new(78 | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "non-blocking socket");
    if (!p || !s) return -1;
    BIO_meth_set_read_ex(p, pipe_bio_read), BIO_meth_set_write_ex(p, pipe_bio_write), BIO_meth_set_ctrl(p, bio_control), BIO_meth_set_create(p, bio_create), BIO_meth_set_destroy(p, pipe_bio_free);
    BIO_meth_set_read_ex(s, socket_bio_read), BIO_meth_set_write_ex(s, socket_bio_write), BIO_meth_set_ctrl(s, bio_control), BIO_meth_set_create(s, bio_create);
    pipe_method = p, socket_method = s;
    return 0;
}

/* ---- MemoryBIO ------------------------------------------------------------------------------------------------------------------------------ */
#define PIPE(v) HD_GET((struct hd_memory_bio *)hd_ptr(v), pipe)
static hd_value memory_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_tls_pipe *p;
    if (nargs || kwnames) return hd_raise(&hd_exc_TypeError, "MemoryBIO() takes no arguments");
    HD_BLOCKING
        if ((p = calloc(1, sizeof *p))) p->uses = 1, pthread_mutex_init(&p->lock, NULL);
    HD_END_BLOCKING
    if (!p) return hd_no_memory();
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) stm_on_commit(pipe_release, p);
    else HD_INIT((struct hd_memory_bio *)hd_ptr(v), pipe, p);
    return v;
}
static void memory_finalise(hd_value self)
{
    struct hd_tls_pipe *p = PIPE(self);
    if (!p) return;
    hd_memory_bio_w w = hd_memory_bio_open(hd_ptr(self));
    HD_PUT(w, pipe, NULL);
    stm_on_commit(pipe_release, p);
}
static HD_TLS_METHOD(memory_read)
{
    int64_t n = -1;
    if (nargs && hd_as_i64(args[0], &n) < 0) return HD_ERR;
    struct hd_tls_pipe *p = PIPE(self);
    size_t has;
    HD_BLOCKING
        pthread_mutex_lock(&p->lock);
        has = p->n - p->at;
        pthread_mutex_unlock(&p->lock);
    HD_END_BLOCKING
    if (n < 0 || (uint64_t)n > has) n = (int64_t)has;
    hd_value b = hd_bytes_new(NULL, (size_t)n);
    if (b == HD_ERR || n == 0) return b;
    size_t got;
    HD_BLOCKING
        pthread_mutex_lock(&p->lock);
        got = pipe_read(p, HD_BYTES(b)->data, (size_t)n);
        pthread_mutex_unlock(&p->lock);
    HD_END_BLOCKING
    return got == (size_t)n ? b : hd_bytes_new(HD_BYTES(b)->data, got);
}
static hd_value raise_ssl_error(const char *text)
{
    hd_value type = hd_import_attr("_ssl", "SSLError"), e = type == HD_ERR ? HD_ERR : hd_callv(type, hd_str_utf8(text));
    return e == HD_ERR ? HD_ERR : hd_raise_object(e);
}
static HD_TLS_METHOD(memory_write)
{
    hd_value b = hd_bytes_fixed(args[0]);
    struct hd_tls_pipe *p = PIPE(self);
    if (b == HD_ERR) return HD_ERR;
    bool ok, eof;
    HD_BLOCKING
        pthread_mutex_lock(&p->lock);
        eof = p->eof;
        ok = eof || pipe_write(p, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len);
        pthread_mutex_unlock(&p->lock);
    HD_END_BLOCKING
    if (eof) return raise_ssl_error("cannot write() after write_eof()");
    return ok ? hd_int(HD_BYTES(b)->len) : hd_no_memory();
}
static HD_TLS_METHOD(memory_write_eof)
{
    struct hd_tls_pipe *p = PIPE(self);
    HD_BLOCKING
        pthread_mutex_lock(&p->lock);
        p->eof = true;
        pthread_mutex_unlock(&p->lock);
    HD_END_BLOCKING
    return HD_NONE;
}
static hd_value memory_get(hd_value self, void *closure)
{
    struct hd_tls_pipe *p = PIPE(self);
    size_t n;
    bool eof;
    HD_BLOCKING
        pthread_mutex_lock(&p->lock);
        n = p->n - p->at, eof = p->eof;
        pthread_mutex_unlock(&p->lock);
    HD_END_BLOCKING
    return closure ? hd_bool(eof && n == 0) : hd_int((int64_t)n);
}
static const struct hd_methoddef memory_methods[] = {
    { "read", memory_read, 0, 1, 0, "read($self, size=-1, /)\n--\n\nRead up to size bytes from the memory BIO." }, { "write", memory_write, 1, 1, 0, "write($self, b, /)\n--\n\nWrites the bytes b into the memory BIO." },
    { "write_eof", memory_write_eof, 0, 0, 0, "write_eof($self, /)\n--\n\nWrite an EOF marker to the memory BIO." }, { 0 }
};
static const struct hd_getsetdef memory_getsets[] = { { "pending", memory_get, NULL, "The number of bytes pending in the memory BIO.", NULL },
    { "eof", memory_get, NULL, "Whether the memory BIO is at EOF.", (void *)1 }, { 0 } };
struct hd_type hd_memory_bio_type = { .cname = "_ssl.MemoryBIO", .basicsize = sizeof(struct hd_memory_bio), .flags = HD_TF_HAS_FINALISER | HD_TF_LATE_FINALISER, .methods = memory_methods,
    .getsets = memory_getsets, .op = { .make = memory_make, .finalise = memory_finalise } };
