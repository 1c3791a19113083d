/* _ssl: the type _SSLContext. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "interp/modules/ssl/ssl_internal.h"

enum { PROTOCOL_TLS = 2, PROTOCOL_TLSv1 = 3, PROTOCOL_TLSv1_1, PROTOCOL_TLSv1_2, PROTOCOL_TLS_CLIENT = HD_TLS_CLIENT, PROTOCOL_TLS_SERVER, CERT_NONE = 0, CERT_OPTIONAL, CERT_REQUIRED,
       VERSION_MINIMUM = -2, VERSION_MAXIMUM = -1 };
#define DEFAULT_CIPHERS "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"
#define TLS(v) HD_GET(HD_CONTEXT(v), tls)

/* ---- making -------------------------------------------------------------------------------------------------------------------------- */
static void context_release(void *arg)
{
    struct hd_tls_context *t = arg;
    SSL_CTX_free(t->ctx);
    if (t->keys) fclose(t->keys);
    pthread_mutex_destroy(&t->lock);
    free(t->alpn);
    free(t);
}
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *n, const unsigned char *client, unsigned nclient, void *arg)
{
    struct hd_tls_context *t = arg;
    unsigned char *chosen;
    if (!t->alpn || SSL_select_next_proto(&chosen, n, t->alpn, t->nalpn, client, nclient) != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}
static struct hd_tls_context *context_new(int protocol)
{
    struct hd_tls_context *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    pthread_mutex_init(&t->lock, NULL);
    t->protocol = protocol;
    t->ctx = SSL_CTX_new(protocol == PROTOCOL_TLS_CLIENT ? TLS_client_method() : protocol == PROTOCOL_TLS_SERVER ? TLS_server_method() : TLS_method());
    if (!t->ctx) { pthread_mutex_destroy(&t->lock); free(t); return NULL; }
    int only = protocol == PROTOCOL_TLSv1 ? TLS1_VERSION : protocol == PROTOCOL_TLSv1_1 ? TLS1_1_VERSION : protocol == PROTOCOL_TLSv1_2 ? TLS1_2_VERSION : 0;
    SSL_CTX_set_min_proto_version(t->ctx, only ? only : TLS1_2_VERSION);
    if (only) SSL_CTX_set_max_proto_version(t->ctx, only);
    SSL_CTX_set_options(t->ctx, SSL_OP_ALL | SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    SSL_CTX_clear_options(t->ctx, SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
    SSL_CTX_set_mode(t->ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cipher_list(t->ctx, DEFAULT_CIPHERS);
    SSL_CTX_set_session_id_context(t->ctx, (const unsigned char *)"Python", 6);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(t->ctx), X509_V_FLAG_TRUSTED_FIRST);
    t->host_flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(t->ctx), t->host_flags);
    SSL_CTX_set_alpn_select_cb(t->ctx, choose_alpn, t);
    SSL_CTX_set_client_hello_cb(t->ctx, hd_tls_hello, t);
    if (protocol == PROTOCOL_TLS_CLIENT) {
        t->check_hostname = true;
        SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    return t;
}
static hd_value context_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    int protocol;
    struct hd_tls_context *t;
    if (nargs != 1 || kwnames) return hd_raise(&hd_exc_TypeError, "_SSLContext() takes exactly 1 argument (%zu given)", nargs);
    if (hd_as_int32(args[0], &protocol) < 0) return HD_ERR;
    if (protocol != PROTOCOL_TLS && protocol != PROTOCOL_TLS_CLIENT && protocol != PROTOCOL_TLS_SERVER && (protocol < PROTOCOL_TLSv1 || protocol > PROTOCOL_TLSv1_2))
        return hd_raise(&hd_exc_ValueError, "invalid or unsupported protocol version %d", protocol);
    const char *old = protocol == PROTOCOL_TLS ? "PROTOCOL_TLS" : protocol == PROTOCOL_TLSv1 ? "PROTOCOL_TLSv1" : protocol == PROTOCOL_TLSv1_1 ? "PROTOCOL_TLSv1_1" :
        protocol == PROTOCOL_TLSv1_2 ? "PROTOCOL_TLSv1_2" : NULL;
    if (old && hd_warn(&hd_exc_DeprecationWarning, 2, "ssl.%s is deprecated", old) < 0) return HD_ERR;
    HD_BLOCKING
        t = context_new(protocol);
    HD_END_BLOCKING
    if (!t) return hd_no_memory();
    hd_value v = hd_alloc_instance(HD_TYPE(type), 0);
    if (v == HD_ERR) { stm_on_commit(context_release, t); return v; }
    HD_INIT(HD_CONTEXT(v), tls, t), HD_INIT(HD_CONTEXT(v), sni, HD_NONE), HD_INIT(HD_CONTEXT(v), keylog, HD_NONE);
    return v;
}
static void context_finalise(hd_value self)
{
    struct hd_tls_context *t = TLS(self);
    if (!t) return;
    hd_context_w w = hd_context_open(HD_CONTEXT(self));
    HD_PUT(w, tls, NULL);
    stm_on_commit(context_release, t);
}
static void context_trace(void *o, struct gc_marker *m)
{
    struct hd_context *c = o;
    gc_mark(m, HD_RAW(c->sni)), gc_mark(m, HD_RAW(c->keylog));
}

/* ---- certificates and keys ----------------------------------------------------------------------------------------------------------------- */
struct password { char *text; int n; bool asked; };
static int give_password(char *buf, int size, int writing, void *arg)
{
    struct password *p = arg;
    p->asked = true;
    if (!p->text) return -1;
    if (p->n > size) return -1;
    memcpy(buf, p->text, (size_t)p->n);
    return p->n;
}
/* Loads chain and key: 0 or a failure.  Outside transactions. */
static bool load_chain(SSL_CTX *ctx, const char *cert, const char *key, struct password *p, struct hd_tls_failure *f)
{
    pem_password_cb *old = SSL_CTX_get_default_passwd_cb(ctx);
    void *old_data = SSL_CTX_get_default_passwd_cb_userdata(ctx);
    SSL_CTX_set_default_passwd_cb(ctx, give_password);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, p);
    errno = 0;
    bool ok = SSL_CTX_use_certificate_chain_file(ctx, cert) == 1 && SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1;
    f->system = errno, f->outcome = HD_TLS_FAILED;
    if (ok && !(ok = SSL_CTX_check_private_key(ctx) == 1)) f->system = 0;
    if (!ok && f->system) f->outcome = HD_TLS_SYSTEM;
    hd_tls_note(f);
    SSL_CTX_set_default_passwd_cb(ctx, old);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, old_data);
    return ok;
}
/* What a password argument or its function's result is: bytes; HD_ERR. */
static hd_value password_bytes(hd_value v, bool called)
{
    hd_value b = hd_is_str(v) ? hd_str_encode(v, "utf-8", "strict") : hd_is_bytes(v) || hd_has_flag(v, HD_TF_BYTEARRAY) ? hd_bytes_fixed(v) :
        hd_raise(&hd_exc_TypeError, called ? "password callback must return a string" : "password should be a string or callable");
    if (b != HD_ERR && HD_BYTES(b)->len > PEM_BUFSIZE) return hd_raise(&hd_exc_ValueError, "password cannot be longer than %d bytes", PEM_BUFSIZE);
    return b;
}
static HD_TLS_METHOD(context_load_cert_chain)
{
    hd_value a[3];
    if (hd_args("load_cert_chain", "certfile,|keyfile,password", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (!hd_is_str(a[0]) && !hd_is_bytes(a[0]) && hd_special(a[0], hd_s___fspath__) == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "certfile should be a valid filesystem path");
    bool has_key = a[1] != HD_ABSENT && a[1] != HD_NONE, has_password = a[2] != HD_ABSENT && a[2] != HD_NONE;
    if (has_key && !hd_is_str(a[1]) && !hd_is_bytes(a[1]) && hd_special(a[1], hd_s___fspath__) == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "keyfile should be a valid filesystem path");
    const char *cert = hd_fs_path_c(a[0], NULL), *key = !cert ? NULL : has_key ? hd_fs_path_c(a[1], NULL) : cert;
    if (!key) return HD_ERR;
    struct hd_tls_context *t = TLS(self);
    bool callable = has_password && hd_callable(a[2]);
    hd_value password = has_password && !callable ? password_bytes(a[2], false) : HD_NONE;
    if (password == HD_ERR) return HD_ERR;
    for (;;) {
        struct password p = { password == HD_NONE ? NULL : (char *)HD_BYTES(password)->data, password == HD_NONE ? 0 : (int)HD_BYTES(password)->len, false };
        struct hd_tls_failure f = { 0 };
        bool ok;
        HD_TLS(t)
            ok = load_chain(t->ctx, cert, key, &p, &f);
        HD_END_TLS(t)
        if (ok) return HD_NONE;
        if (!callable || !p.asked || password != HD_NONE) return hd_tls_raise(&f);
        hd_value r = hd_call0(a[2]);                         /* the key is encrypted: ask, once */
        if (r == HD_ERR || (password = password_bytes(r, true)) == HD_ERR) return HD_ERR;
    }
}
/* Adds certificates: how many; -1: failure. */
static int add_certificates(SSL_CTX *ctx, const unsigned char *data, size_t n, bool pem, struct hd_tls_failure *f)
{
    BIO *b = BIO_new_mem_buf(data, (int)n);
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    int count = 0;
    bool ok = b != NULL;
    while (ok) {
        X509 *x = pem ? PEM_read_bio_X509(b, NULL, NULL, NULL) : d2i_X509_bio(b, NULL);
        if (!x) break;
        if (X509_STORE_add_cert(store, x) != 1 && ERR_GET_REASON(ERR_peek_last_error()) != X509_R_CERT_ALREADY_IN_HASH_TABLE) ok = false;
        else ERR_clear_error();
        X509_free(x);
        count++;
    }
    unsigned long e = ERR_peek_last_error();
    bool ended = pem ? ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE : b && BIO_eof(b);
    if (ok && (count == 0 || (!ended && e))) ok = false;
    f->outcome = HD_TLS_FAILED;
    if (ok) ERR_clear_error();
    else hd_tls_note(f);
    BIO_free(b);
    return ok ? count : count == 0 ? -2 : -1;
}
static HD_TLS_METHOD(context_load_verify_locations)
{
    hd_value a[3], data = HD_NONE;
    const char *file = NULL, *path = NULL;
    bool pem = false, ok;
    struct hd_tls_context *t = TLS(self);
    struct hd_tls_failure f = { .outcome = HD_TLS_FAILED };
    if (hd_args("load_verify_locations", "|cafile,capath,cadata", args, nargs, kwnames, a) < 0) return HD_ERR;
    for (int i = 0; i < 3; i++) if (a[i] == HD_ABSENT) a[i] = HD_NONE;
    if (a[0] == HD_NONE && a[1] == HD_NONE && a[2] == HD_NONE) return hd_raise(&hd_exc_TypeError, "cafile, capath and cadata cannot be all omitted");
    for (int i = 0; i < 2; i++)
        if (a[i] != HD_NONE && !hd_is_str(a[i]) && !hd_is_bytes(a[i]) && hd_special(a[i], hd_s___fspath__) == HD_ABSENT)
            return hd_raise(&hd_exc_TypeError, "%s should be a valid filesystem path", i ? "capath" : "cafile");
    if ((a[0] != HD_NONE && !(file = hd_fs_path_c(a[0], NULL))) || (a[1] != HD_NONE && !(path = hd_fs_path_c(a[1], NULL)))) return HD_ERR;
    if (a[2] != HD_NONE) {
        pem = hd_is_str(a[2]);
        if (pem) {
            data = hd_str_encode(a[2], "ascii", "strict");
            if (data == HD_ERR) {
                if (!hd_exc_is(&hd_exc_UnicodeEncodeError)) return HD_ERR;
                hd_exc_clear();
                return hd_raise(&hd_exc_TypeError, "cadata should be an ASCII string or a bytes-like object");
            }
        } else if ((data = hd_bytes_fixed(a[2])) == HD_ERR) {
            if (!hd_exc_is(&hd_exc_TypeError)) return HD_ERR;
            hd_exc_clear();
            return hd_raise(&hd_exc_TypeError, "cadata should be an ASCII string or a bytes-like object");
        }
        if (HD_BYTES(data)->len == 0) return hd_raise(&hd_exc_ValueError, "Empty certificate data");
        int r;
        HD_TLS(t)
            r = add_certificates(t->ctx, HD_BYTES(data)->data, (size_t)HD_BYTES(data)->len, pem, &f);
        HD_END_TLS(t)
        if (r == -2 && pem) {
            hd_value type = hd_import_attr("_ssl", "SSLError"), e = type == HD_ERR ? HD_ERR : hd_callv(type, hd_fix(SSL_ERROR_SSL), hd_str_utf8("no start line: cadata does not contain a certificate"));
            return e == HD_ERR ? HD_ERR : hd_raise_object(e);
        }
        if (r == -2) {
            hd_value type = hd_import_attr("_ssl", "SSLError"), e = type == HD_ERR ? HD_ERR : hd_callv(type, hd_fix(SSL_ERROR_SSL), hd_str_utf8("not enough data: cadata does not contain a certificate"));
            return e == HD_ERR ? HD_ERR : hd_raise_object(e);
        }
        if (r < 0) return hd_tls_raise(&f);
    }
    if (!file && !path) return HD_NONE;
    HD_TLS(t)
        errno = 0;
        ok = SSL_CTX_load_verify_locations(t->ctx, file, path) == 1;
        f.system = errno;
        hd_tls_note(&f);
    HD_END_TLS(t)
    if (ok) return HD_NONE;
    if (f.system) f.outcome = HD_TLS_SYSTEM;
    return hd_tls_raise(&f);
}
static HD_TLS_METHOD(context_set_default_verify_paths)
{
    struct hd_tls_context *t = TLS(self);
    HD_TLS(t)
        SSL_CTX_set_default_verify_paths(t->ctx);
        ERR_clear_error();
    HD_END_TLS(t)
    return HD_NONE;
}
static HD_TLS_METHOD(context_load_dh_params)
{
    const char *path = hd_fs_path_c(args[0], NULL);
    struct hd_tls_context *t = TLS(self);
    struct hd_tls_failure f = { .outcome = HD_TLS_FAILED };
    bool ok = false;
    if (!path) return HD_ERR;
    HD_TLS(t)
        errno = 0;
        BIO *b = BIO_new_file(path, "r");
        f.system = b ? 0 : errno;
        EVP_PKEY *k = b ? PEM_read_bio_Parameters(b, NULL) : NULL;
        if (k && !(ok = SSL_CTX_set0_tmp_dh_pkey(t->ctx, k) == 1)) EVP_PKEY_free(k);
        BIO_free(b);
        hd_tls_note(&f);
    HD_END_TLS(t)
    if (ok) return HD_NONE;
    return f.system ? hd_raise_errno(f.system, args[0], HD_ABSENT) : hd_tls_raise(&f);
}
static HD_TLS_METHOD(context_cert_store_stats)
{
    struct hd_tls_context *t = TLS(self);
    int certs = 0, crls = 0, authorities = 0;
    HD_TLS(t)
        X509_STORE *store = SSL_CTX_get_cert_store(t->ctx);
        X509_STORE_lock(store);
        STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(store);
        for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
            X509_OBJECT *o = sk_X509_OBJECT_value(all, i);
            if (X509_OBJECT_get_type(o) == X509_LU_CRL) crls++;
            else if (X509_OBJECT_get_type(o) == X509_LU_X509) certs++, authorities += X509_check_ca(X509_OBJECT_get0_X509(o)) != 0;
        }
        X509_STORE_unlock(store);
    HD_END_TLS(t)
    hd_value d = hd_dict_new();
    return d == HD_ERR || hd_dict_set_c(d, "x509", hd_fix(certs)) < 0 || hd_dict_set_c(d, "crl", hd_fix(crls)) < 0 || hd_dict_set_c(d, "x509_ca", hd_fix(authorities)) < 0 ? HD_ERR : d;
}
static HD_TLS_METHOD(context_get_ca_certs)
{
    hd_value a[1];
    struct hd_tls_context *t = TLS(self);
    struct hd_flat out = { 0 };
    if (hd_args("get_ca_certs", "|binary_form", args, nargs, kwnames, a) < 0) return HD_ERR;
    int binary = a[0] == HD_ABSENT ? 0 : hd_truth(a[0]);
    if (binary < 0) return HD_ERR;
    HD_TLS(t)
        X509_STORE *store = SSL_CTX_get_cert_store(t->ctx);
        X509_STORE_lock(store);
        STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(store);
        size_t place = hd_flat_place(&out, '[');
        uint32_t n = 0;
        for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
            X509 *x = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));
            if (!x || !X509_check_ca(x)) continue;
            if (binary) hd_flat_der(&out, x);
            else hd_flat_certificate(&out, x);
            n++;
        }
        hd_flat_count(&out, place, n);
        X509_STORE_unlock(store);
    HD_END_TLS(t)
    return hd_flat_value(&out);
}

/* ---- ciphers, curves, protocols ---------------------------------------------------------------------------------------------------------------- */
static hd_value no_choice(const char *text)
{
    hd_value type = hd_import_attr("_ssl", "SSLError"), e = type == HD_ERR ? HD_ERR : hd_callv(type, hd_str_utf8(text));
    return e == HD_ERR ? HD_ERR : hd_raise_object(e);
}
static HD_TLS_METHOD(context_set_ciphers)
{
    const char *list = hd_is_str(args[0]) ? hd_str_as_utf8(args[0], NULL) : NULL;
    struct hd_tls_context *t = TLS(self);
    bool ok;
    if (!list) return hd_exc_pending() ? HD_ERR : hd_raise(&hd_exc_TypeError, "set_ciphers() argument must be str, not %A", args[0]);
    HD_TLS(t)
        ok = SSL_CTX_set_cipher_list(t->ctx, list) == 1;
        ERR_clear_error();
    HD_END_TLS(t)
    return ok ? HD_NONE : no_choice("No cipher can be selected.");
}
static void flat_cipher_info(struct hd_flat *f, const SSL_CIPHER *c)
{
    char text[512];
    int bits, alg_bits, nid;
    bits = SSL_CIPHER_get_bits(c, &alg_bits);
    size_t n = strlen(SSL_CIPHER_description(c, text, sizeof text) ? text : "");
    while (n && (text[n - 1] == '\n' || text[n - 1] == ' ')) n--;
    hd_flat_open(f, '{', 11);
    hd_flat_text(f, "id"), hd_flat_int(f, SSL_CIPHER_get_id(c));
    hd_flat_text(f, "name"), hd_flat_text(f, SSL_CIPHER_get_name(c));
    hd_flat_text(f, "protocol"), hd_flat_text(f, SSL_CIPHER_get_version(c));
    hd_flat_text(f, "description"), hd_flat_data(f, 's', text, n);
    hd_flat_text(f, "strength_bits"), hd_flat_int(f, bits);
    hd_flat_text(f, "alg_bits"), hd_flat_int(f, alg_bits);
    hd_flat_text(f, "aead"), hd_flat_bool(f, SSL_CIPHER_is_aead(c));
    hd_flat_text(f, "symmetric"), nid = SSL_CIPHER_get_cipher_nid(c), hd_flat_text(f, nid == NID_undef ? NULL : OBJ_nid2ln(nid));
    hd_flat_text(f, "digest"), nid = SSL_CIPHER_get_digest_nid(c), hd_flat_text(f, nid == NID_undef ? NULL : OBJ_nid2ln(nid));
    hd_flat_text(f, "kea"), nid = SSL_CIPHER_get_kx_nid(c), hd_flat_text(f, nid == NID_undef ? NULL : OBJ_nid2ln(nid));
    hd_flat_text(f, "auth"), nid = SSL_CIPHER_get_auth_nid(c), hd_flat_text(f, nid == NID_undef ? NULL : OBJ_nid2ln(nid));
}
static HD_TLS_METHOD(context_get_ciphers)
{
    struct hd_tls_context *t = TLS(self);
    struct hd_flat out = { 0 };
    HD_TLS(t)
        SSL *ssl = SSL_new(t->ctx);
        STACK_OF(SSL_CIPHER) *all = ssl ? SSL_get_ciphers(ssl) : NULL;
        int n = all ? sk_SSL_CIPHER_num(all) : 0;
        hd_flat_open(&out, '[', (uint32_t)n);
        for (int i = 0; i < n; i++) flat_cipher_info(&out, sk_SSL_CIPHER_value(all, i));
        SSL_free(ssl);
    HD_END_TLS(t)
    return hd_flat_value(&out);
}
static HD_TLS_METHOD(context_set_alpn_protocols)
{
    hd_value b = hd_bytes_fixed(args[0]);
    struct hd_tls_context *t = TLS(self);
    bool ok;
    if (b == HD_ERR) return HD_ERR;
    HD_TLS(t)
        unsigned char *copy = malloc((size_t)HD_BYTES(b)->len + 1);
        ok = copy && SSL_CTX_set_alpn_protos(t->ctx, HD_BYTES(b)->data, (unsigned)HD_BYTES(b)->len) == 0;
        if (ok) {
            memcpy(copy, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len);
            free(t->alpn);
            t->alpn = copy, t->nalpn = (unsigned)HD_BYTES(b)->len;
        } else free(copy);
    HD_END_TLS(t)
    return ok ? HD_NONE : hd_no_memory();
}
static HD_TLS_METHOD(context_set_ecdh_curve)
{
    hd_value name = hd_is_str(args[0]) ? hd_str_encode(args[0], "utf-8", "strict") : hd_is_bytes(args[0]) ? args[0] : hd_raise(&hd_exc_TypeError, "expected str, bytes or os.PathLike object, not %T", args[0]);
    struct hd_tls_context *t = TLS(self);
    bool ok = false;
    if (name == HD_ERR) return HD_ERR;
    HD_TLS(t)
        int nid = OBJ_sn2nid((const char *)HD_BYTES(name)->data);
        ok = nid != NID_undef && SSL_CTX_set1_groups(t->ctx, &nid, 1) == 1;
        ERR_clear_error();
    HD_END_TLS(t)
    return ok ? HD_NONE : hd_raise(&hd_exc_ValueError, "unknown elliptic curve name %R", args[0]);
}
static HD_TLS_METHOD(context_session_stats)
{
    struct hd_tls_context *t = TLS(self);
    struct hd_flat out = { 0 };
    HD_TLS(t)
        const struct { const char *name; long v; } s[] = {
            { "number", SSL_CTX_sess_number(t->ctx) }, { "connect", SSL_CTX_sess_connect(t->ctx) }, { "connect_good", SSL_CTX_sess_connect_good(t->ctx) },
            { "connect_renegotiate", SSL_CTX_sess_connect_renegotiate(t->ctx) }, { "accept", SSL_CTX_sess_accept(t->ctx) }, { "accept_good", SSL_CTX_sess_accept_good(t->ctx) },
            { "accept_renegotiate", SSL_CTX_sess_accept_renegotiate(t->ctx) }, { "hits", SSL_CTX_sess_hits(t->ctx) }, { "misses", SSL_CTX_sess_misses(t->ctx) },
            { "timeouts", SSL_CTX_sess_timeouts(t->ctx) }, { "cache_full", SSL_CTX_sess_cache_full(t->ctx) },
        };
        hd_flat_open(&out, '{', sizeof s / sizeof *s);
        for (size_t i = 0; i < sizeof s / sizeof *s; i++) hd_flat_text(&out, s[i].name), hd_flat_int(&out, s[i].v);
    HD_END_TLS(t)
    return hd_flat_value(&out);
}

/* ---- connections -------------------------------------------------------------------------------------------------------------------------------- */
static HD_TLS_METHOD(context_wrap_socket)
{
    hd_value a[5];
    if (hd_args("_wrap_socket", "sock,server_side,|server_hostname,*,owner,session", args, nargs, kwnames, a) < 0) return HD_ERR;
    int server = hd_truth(a[1]);
    return server < 0 ? HD_ERR : hd_tls_wrap(self, a[0], HD_ABSENT, HD_ABSENT, server, a[2], a[3], a[4]);
}
static HD_TLS_METHOD(context_wrap_bio)
{
    hd_value a[6];
    if (hd_args("_wrap_bio", "incoming,outgoing,server_side,|server_hostname,*,owner,session", args, nargs, kwnames, a) < 0) return HD_ERR;
    int server = hd_truth(a[2]);
    for (int i = 0; i < 2; i++) if (hd_type_of(a[i]) != &hd_memory_bio_type) return hd_raise(&hd_exc_TypeError, "_wrap_bio() argument '%s' must be _ssl.MemoryBIO, not %T", i ? "outgoing" : "incoming", a[i]);
    return server < 0 ? HD_ERR : hd_tls_wrap(self, HD_ABSENT, a[0], a[1], server, a[3], a[4], a[5]);
}

/* ---- attributes ----------------------------------------------------------------------------------------------------------------------------------- */
enum attribute { OPTIONS, VERIFY_MODE, VERIFY_FLAGS, CHECK_HOSTNAME, HOST_FLAGS, MINIMUM, MAXIMUM, TICKETS, PROTOCOL, SECURITY, HANDSHAKE_AUTH };
static hd_value context_get(hd_value self, void *closure)
{
    struct hd_tls_context *t = TLS(self);
    int64_t v = 0;
    HD_TLS(t)
        switch ((enum attribute)(intptr_t)closure) {
        case OPTIONS: v = (int64_t)SSL_CTX_get_options(t->ctx); break;
        case VERIFY_MODE: v = SSL_CTX_get_verify_mode(t->ctx) & SSL_VERIFY_FAIL_IF_NO_PEER_CERT ? CERT_REQUIRED : SSL_CTX_get_verify_mode(t->ctx) & SSL_VERIFY_PEER ? CERT_OPTIONAL : CERT_NONE; break;
        case VERIFY_FLAGS: v = (int64_t)X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(t->ctx)); break;
        case CHECK_HOSTNAME: v = t->check_hostname; break;
        case HOST_FLAGS: v = t->host_flags; break;
        case MINIMUM: v = SSL_CTX_get_min_proto_version(t->ctx); v = v ? v : VERSION_MINIMUM; break;
        case MAXIMUM: v = SSL_CTX_get_max_proto_version(t->ctx); v = v ? v : VERSION_MAXIMUM; break;
        case TICKETS: v = (int64_t)SSL_CTX_get_num_tickets(t->ctx); break;
        case PROTOCOL: v = t->protocol; break;
        case SECURITY: v = SSL_CTX_get_security_level(t->ctx); break;
        case HANDSHAKE_AUTH: v = t->post_handshake; break;
        }
    HD_END_TLS(t)
    return (enum attribute)(intptr_t)closure == CHECK_HOSTNAME || (enum attribute)(intptr_t)closure == HANDSHAKE_AUTH ? hd_bool(v != 0) : hd_int(v);
}
static int set_version(struct hd_tls_context *t, int64_t v, bool minimum)
{
    bool ok;
    if (t->protocol != PROTOCOL_TLS && t->protocol != PROTOCOL_TLS_CLIENT && t->protocol != PROTOCOL_TLS_SERVER) {
        hd_raise(&hd_exc_ValueError, "The context's protocol doesn't support modification of highest and lowest version.");
        return -1;
    }
    if (v != VERSION_MINIMUM && v != VERSION_MAXIMUM && (v < SSL3_VERSION || v > TLS1_3_VERSION)) {
        hd_raise(&hd_exc_ValueError, "Unsupported TLS/SSL version 0x%x", (unsigned)v);
        return -1;
    }
    if (v >= SSL3_VERSION && v < TLS1_2_VERSION && hd_warn(&hd_exc_DeprecationWarning, 2, "ssl.TLSVersion.%s is deprecated", v == SSL3_VERSION ? "SSLv3" : v == TLS1_VERSION ? "TLSv1" : "TLSv1_1") < 0) return -1;
    HD_TLS(t)
        int to = (int)v;
        if (minimum) ok = SSL_CTX_set_min_proto_version(t->ctx, to == VERSION_MINIMUM ? 0 : to == VERSION_MAXIMUM ? TLS1_3_VERSION : to) == 1;
        else ok = SSL_CTX_set_max_proto_version(t->ctx, to == VERSION_MAXIMUM ? 0 : to == VERSION_MINIMUM ? TLS1_VERSION : to) == 1;
        ERR_clear_error();
    HD_END_TLS(t)
    if (ok) return 0;
    hd_raise(&hd_exc_ValueError, "Unsupported protocol version 0x%x", (unsigned)v);
    return -1;
}
static int context_set(hd_value self, hd_value value, void *closure)
{
    enum attribute which = (enum attribute)(intptr_t)closure;
    struct hd_tls_context *t = TLS(self);
    int64_t v = 0;
    bool verifying;
    if (value == HD_ABSENT) { hd_raise(&hd_exc_AttributeError, "cannot delete attribute"); return -1; }
    if (which == CHECK_HOSTNAME || which == HANDSHAKE_AUTH) {
        int truth = hd_truth(value);
        if (truth < 0) return -1;
        v = truth;
    } else if (hd_as_i64(value, &v) < 0) return -1;
    if (which == MINIMUM || which == MAXIMUM) return set_version(t, v, which == MINIMUM);
    if (which == VERIFY_MODE && (v < CERT_NONE || v > CERT_REQUIRED)) { hd_raise(&hd_exc_ValueError, "invalid value for verify_mode"); return -1; }
    if (which == TICKETS && v < 0) { hd_raise(&hd_exc_ValueError, "value must be non-negative"); return -1; }
    if (which == TICKETS && t->protocol != PROTOCOL_TLS_SERVER) { hd_raise(&hd_exc_ValueError, "SSLContext is not a server context."); return -1; }
    if (which == OPTIONS) {
        uint64_t old;
        HD_TLS(t)
            old = SSL_CTX_get_options(t->ctx);
        HD_END_TLS(t)
        uint64_t versions = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
        if (((uint64_t)v & ~old & versions) && hd_warn(&hd_exc_DeprecationWarning, 2, "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated") < 0) return -1;
    }
    HD_TLS(t)
        X509_VERIFY_PARAM *param = SSL_CTX_get0_param(t->ctx);
        verifying = SSL_CTX_get_verify_mode(t->ctx) & SSL_VERIFY_PEER;
        switch (which) {
        case OPTIONS: SSL_CTX_clear_options(t->ctx, SSL_CTX_get_options(t->ctx) & ~(uint64_t)v), SSL_CTX_set_options(t->ctx, (uint64_t)v); break;
        case VERIFY_MODE:
            if (v == CERT_NONE && t->check_hostname) break;
            SSL_CTX_set_verify(t->ctx, v == CERT_NONE ? SSL_VERIFY_NONE : v == CERT_OPTIONAL ? SSL_VERIFY_PEER : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
            break;
        case VERIFY_FLAGS: X509_VERIFY_PARAM_clear_flags(param, X509_VERIFY_PARAM_get_flags(param) & ~(unsigned long)v), X509_VERIFY_PARAM_set_flags(param, (unsigned long)v); break;
        case CHECK_HOSTNAME:
            t->check_hostname = v;
            if (v && !verifying) SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
            break;
        case HOST_FLAGS: t->host_flags = (unsigned)v, X509_VERIFY_PARAM_set_hostflags(param, (unsigned)v); break;
        case TICKETS: SSL_CTX_set_num_tickets(t->ctx, (size_t)v); break;
        case HANDSHAKE_AUTH: t->post_handshake = v; break;
        default: break;
        }
        verifying = t->check_hostname;
    HD_END_TLS(t)
    if (which == VERIFY_MODE && v == CERT_NONE && verifying) {
        hd_raise(&hd_exc_ValueError, "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.");
        return -1;
    }
    return 0;
}
static hd_value context_get_sni(hd_value self, void *closure) { return HD_GET(HD_CONTEXT(self), sni); }
static int context_set_sni(hd_value self, hd_value v, void *closure)
{
    struct hd_tls_context *t = TLS(self);
    if (t->protocol == PROTOCOL_TLS_CLIENT) { hd_raise(&hd_exc_ValueError, "sni_callback cannot be set on TLS_CLIENT context"); return -1; }
    if (v == HD_ABSENT) v = HD_NONE;
    if (v != HD_NONE && !hd_callable(v)) { hd_raise(&hd_exc_TypeError, "not a callable object"); return -1; }
    hd_context_w w = hd_context_open(HD_CONTEXT(self));
    HD_PUT(w, sni, v);
    HD_TLS(t)
        t->sni = v != HD_NONE;
    HD_END_TLS(t)
    return 0;
}
static void log_key(const SSL *ssl, const char *line)
{
    struct hd_tls_context *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if (t && t->keys) fprintf(t->keys, "%s\n", line), fflush(t->keys);
}
static hd_value context_get_keylog(hd_value self, void *closure) { return HD_GET(HD_CONTEXT(self), keylog); }
static int context_set_keylog(hd_value self, hd_value v, void *closure)
{
    struct hd_tls_context *t = TLS(self);
    const char *path = v == HD_NONE || v == HD_ABSENT ? NULL : hd_fs_path_c(v, NULL);
    int err = 0;
    if (!path && v != HD_NONE && v != HD_ABSENT) return -1;
    HD_TLS(t)
        FILE *f = path ? fopen(path, "ae") : NULL;
        if (path && !f) err = errno;
        else {
            if (t->keys) fclose(t->keys);
            t->keys = f;
            SSL_CTX_set_app_data(t->ctx, t);
            SSL_CTX_set_keylog_callback(t->ctx, f ? log_key : NULL);
        }
    HD_END_TLS(t)
    if (err) { hd_raise_errno(err, v, HD_ABSENT); return -1; }
    hd_context_w w = hd_context_open(HD_CONTEXT(self));
    HD_PUT(w, keylog, path ? v : HD_NONE);
    return 0;
}
static const struct hd_methoddef context_methods[] = {
    { "_wrap_socket", context_wrap_socket, 0, -1, HD_METH_KW, NULL }, { "_wrap_bio", context_wrap_bio, 0, -1, HD_METH_KW, NULL }, { "set_ciphers", context_set_ciphers, 1, 1, 0, NULL },
    { "get_ciphers", context_get_ciphers, 0, 0, 0, NULL }, { "_set_alpn_protocols", context_set_alpn_protocols, 1, 1, 0, NULL },
    { "load_cert_chain", context_load_cert_chain, 0, -1, HD_METH_KW, NULL }, { "load_dh_params", context_load_dh_params, 1, 1, 0, NULL },
    { "load_verify_locations", context_load_verify_locations, 0, -1, HD_METH_KW, NULL }, { "set_default_verify_paths", context_set_default_verify_paths, 0, 0, 0, NULL },
    { "set_ecdh_curve", context_set_ecdh_curve, 1, 1, 0, NULL }, { "cert_store_stats", context_cert_store_stats, 0, 0, 0, NULL },
    { "get_ca_certs", context_get_ca_certs, 0, -1, HD_METH_KW, NULL }, { "session_stats", context_session_stats, 0, 0, 0, NULL }, { 0 }
};
#define A(name, which) { name, context_get, context_set, NULL, (void *)(intptr_t)which }
static const struct hd_getsetdef context_getsets[] = {
    A("options", OPTIONS), A("verify_mode", VERIFY_MODE), A("verify_flags", VERIFY_FLAGS), A("check_hostname", CHECK_HOSTNAME), A("_host_flags", HOST_FLAGS),
    A("minimum_version", MINIMUM), A("maximum_version", MAXIMUM), A("num_tickets", TICKETS), A("post_handshake_auth", HANDSHAKE_AUTH),
    { "protocol", context_get, NULL, NULL, (void *)(intptr_t)PROTOCOL }, { "security_level", context_get, NULL, NULL, (void *)(intptr_t)SECURITY },
    { "sni_callback", context_get_sni, context_set_sni, NULL, NULL }, { "keylog_filename", context_get_keylog, context_set_keylog, NULL, NULL }, { 0 }
};
struct hd_type hd_context_type = { .cname = "_ssl._SSLContext", .basicsize = sizeof(struct hd_context), .flags = HD_TF_BASETYPE | HD_TF_HAS_FINALISER | HD_TF_LATE_FINALISER, .methods = context_methods,
    .getsets = context_getsets, .op = { .make = context_make, .finalise = context_finalise, .trace = context_trace } };
