/* The module pyexpat.
 *
 * P1: the library runs only outside transactions, with the parser's lock held (recursive: handlers may ask their parser for
 *     things); so nothing that it has done can be rolled back.
 * P2: a handler of the library enters a transaction, calls the Python function and leaves again: an abort runs only this
 *     call once more.  What it has found out lies in locals until it has left; struct parser is written outside only.
 * P3: which handlers the library has follows from the object's slots, looked at before each piece of input and after each
 *     call of a Python function. */
#include <expat.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"
#include "interp/types/exc.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
#define HANDLERS                                                                                                        \
    H(StartElementHandler) H(EndElementHandler) H(ProcessingInstructionHandler) H(CharacterDataHandler)                 \
    H(UnparsedEntityDeclHandler) H(NotationDeclHandler) H(StartNamespaceDeclHandler) H(EndNamespaceDeclHandler)         \
    H(CommentHandler) H(StartCdataSectionHandler) H(EndCdataSectionHandler) H(DefaultHandler) H(DefaultHandlerExpand)   \
    H(NotStandaloneHandler) H(ExternalEntityRefHandler) H(StartDoctypeDeclHandler) H(EndDoctypeDeclHandler)             \
    H(EntityDeclHandler) H(XmlDeclHandler) H(ElementDeclHandler) H(AttlistDeclHandler) H(SkippedEntityHandler)
enum handler {
#define H(name) name,
    HANDLERS
#undef H
    N_HANDLERS
};
enum { READ_SIZE = 2048, BUFFER_SIZE = 8192, PIECE = 1 << 20, PARSER_BYTES = 12000 };

struct parser {
    XML_Parser x;
    pthread_mutex_t lock;
    struct parser *parent;                 /* for external entities; lives as long */
    uint32_t uses;                         /* object and children; atomic */
    uint32_t set;                          /* handlers that the library has: a bit each */
    hd_value object;                       /* while a piece of input is parsed */
    int token;                             /* of the blocking region that the library runs in */
    bool failed, in_handler, triplets;
    bool buffers;                          /* buffer_text */
    int used, size, sending;               /* character data that waits for the handler, and that it has in hand */
    char *text;
};
HD_MUTABLE(parser_object)
struct parser_object {
    struct hd_mhead head;
    HD_PSLOT(struct parser) parser;
    hd_islot set, ordered, specified, triplets;
    hd_value intern;                       /* dict or None; fixed */
    hd_vslot handler[N_HANDLERS];
};
HD_MUTABLE_OPEN(parser_object, hd_inst_size(o))
#define OBJECT(v) ((struct parser_object *)hd_ptr(v))
static struct hd_type parser_type;
static hd_value error_type;

/* ---- the C part ------------------------------------------------------------------------------------------------------------ */
static struct parser *parser_new(void)
{
    struct parser *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&p->lock, &a);
    pthread_mutexattr_destroy(&a);
    p->uses = 1, p->size = BUFFER_SIZE;
    return p;
}
static void release(void *arg)
{
    for (struct parser *p = arg, *parent; p && __atomic_sub_fetch(&p->uses, 1, __ATOMIC_ACQ_REL) == 0; p = parent) {
        parent = p->parent;
        if (p->x) XML_ParserFree(p->x);
        pthread_mutex_destroy(&p->lock);
        free(p->text);
        free(p);
        gc_account(-PARSER_BYTES);
    }
}
static struct parser *parser_of(hd_value self) { return HD_GET(OBJECT(self), parser); }
/* Outside transactions, with the lock held; no return in between. */
#define EXPAT(p)     HD_BLOCKING pthread_mutex_lock(&(p)->lock);
#define END_EXPAT(p) pthread_mutex_unlock(&(p)->lock); HD_END_BLOCKING

static void connect(struct parser *p, uint32_t set, bool triplets);

/* ---- calls of Python functions -------------------------------------------------------------------------------------------------- */
/* Between CALL and END_CALL: in a transaction; `result` becomes what the function returned, HD_ERR or HD_ABSENT. */
#define CALL(p) { struct parser *p_ = (p); hd_value result; uint32_t set_; bool triplets_; bool outer_ = p_->in_handler; p_->in_handler = true; stm_enter_blocking(p_->token);
#define END_CALL(ok)                                                                                                    \
    set_ = (uint32_t)HD_GET(OBJECT(p_->object), set), triplets_ = HD_GET(OBJECT(p_->object), triplets);                 \
    ok = result != HD_ERR;                                                                                              \
    p_->token = stm_leave_blocking();                                                                                   \
    p_->in_handler = outer_;                                                                                            \
    if (ok) connect(p_, set_, triplets_);                                                                               \
    else p_->failed = true, XML_StopParser(p_->x, XML_FALSE); }

static hd_value function(struct parser *p, enum handler h) { return HD_GET_AT(&OBJECT(p->object)->head.w, &OBJECT(p->object)->handler[h]); }
static hd_value call_function(struct parser *p, enum handler h, const hd_value *args, size_t n)
{
    hd_value f = function(p, h);
    if (f == HD_UNBOUND || f == HD_NONE) return HD_ABSENT;
    for (size_t i = 0; i < n; i++) if (args[i] == HD_ERR) return HD_ERR;
    return hd_call(f, args, n, 0);
}
static hd_value text_of(const char *s, size_t n) { return hd_str_utf8_n(s, n); }
static hd_value optional(const char *s) { return s ? hd_str_utf8(s) : HD_NONE; }
static hd_value interned(struct parser *p, const char *s)
{
    if (!s) return HD_NONE;
    hd_value v = hd_str_utf8(s), d = OBJECT(p->object)->intern;
    return v == HD_ERR || d == HD_NONE ? v : hd_dict_setdefault(d, v, v);
}
static bool send_text(struct parser *p, const char *s, int n)
{
    bool ok;
    CALL(p)
        hd_value t = text_of(s, (size_t)n);
        result = t == HD_ERR ? HD_ERR : call_function(p, CharacterDataHandler, &t, 1);
    END_CALL(ok)
    return ok;
}
static bool flush(struct parser *p)
{
    if (!p->used || p->failed) return !p->failed;
    /* the function may parse on, with the buffer in use again: take the text out first */
    int n = p->used;
    char *t = malloc((size_t)n);
    if (!t) return true;
    memcpy(t, p->text, (size_t)n);
    p->used = 0, p->sending = n;
    bool ok = send_text(p, t, n);
    p->sending = 0;
    free(t);
    return ok;
}
/* A handler whose function takes the values `...`, made in its transaction. */
#define FIRE(p, h, ...)                                                                                                 \
    bool ok_;                                                                                                           \
    if (!flush(p)) return;                                                                                              \
    CALL(p)                                                                                                             \
        const hd_value a_[] = { __VA_ARGS__ };                                                                          \
        result = call_function(p, h, a_, sizeof a_ / sizeof *a_);                                                       \
    END_CALL(ok_)                                                                                                       \
    (void)ok_;
/* The same for functions that return a number; 0 if it failed. */
#define FIRE_INT(p, h, ...)                                                                                             \
    bool ok_;                                                                                                           \
    int n_ = 0;                                                                                                         \
    if (!flush(p)) return 0;                                                                                            \
    CALL(p)                                                                                                             \
        const hd_value a_[] = { __VA_ARGS__ };                                                                          \
        result = call_function(p, h, a_ + 1, sizeof a_ / sizeof *a_ - 1);                                               \
        if (result == HD_ABSENT) n_ = 1;                                                                                \
        else if (result != HD_ERR && hd_as_int32(result, &n_) < 0) result = HD_ERR;                                     \
    END_CALL(ok_)                                                                                                       \
    return ok_ ? n_ : 0;

static hd_value attributes(struct parser *p, const char **atts)
{
    struct parser_object *o = OBJECT(p->object);
    bool ordered = HD_GET(o, ordered);
    int n = 0;
    if (HD_GET(o, specified)) n = XML_GetSpecifiedAttributeCount(p->x);
    else while (atts[n]) n += 2;
    hd_value r = ordered ? hd_list_new((size_t)n) : hd_dict_new();
    for (int i = 0; i < n && r != HD_ERR; i += 2) {
        hd_value k = interned(p, atts[i]), v = k == HD_ERR ? HD_ERR : hd_str_utf8(atts[i + 1]);
        if (v == HD_ERR || (ordered ? hd_list_append(r, k) < 0 || hd_list_append(r, v) < 0 : hd_dict_set(r, k, v) < 0)) r = HD_ERR;
    }
    return r;
}
static void on_start_element(void *d, const char *name, const char **atts)
{
    struct parser *p = d;
    bool ok;
    if (!flush(p)) return;
    CALL(p)
        hd_value a[2] = { interned(p, name) };
        a[1] = a[0] == HD_ERR ? HD_ERR : attributes(p, atts);
        result = call_function(p, StartElementHandler, a, 2);
    END_CALL(ok)
    (void)ok;
}
static void on_end_element(void *d, const char *name) { FIRE(d, EndElementHandler, interned(d, name)) }
static void on_pi(void *d, const char *target, const char *data) { FIRE(d, ProcessingInstructionHandler, interned(d, target), optional(data)) }
static void on_characters(void *d, const char *s, int n)
{
    struct parser *p = d;
    if (p->failed) return;
    if (!p->buffers) { send_text(p, s, n); return; }
    if (p->used + (int64_t)n > p->size && !flush(p)) return;
    if (n > p->size || !p->text) { send_text(p, s, n); return; }
    memcpy(p->text + p->used, s, (size_t)n);
    p->used += n;
}
static void on_unparsed_entity(void *d, const char *name, const char *base, const char *system, const char *public, const char *notation)
{
    FIRE(d, UnparsedEntityDeclHandler, interned(d, name), interned(d, base), interned(d, system), interned(d, public), interned(d, notation))
}
static void on_notation(void *d, const char *name, const char *base, const char *system, const char *public)
{
    FIRE(d, NotationDeclHandler, interned(d, name), interned(d, base), interned(d, system), interned(d, public))
}
static void on_start_namespace(void *d, const char *prefix, const char *uri) { FIRE(d, StartNamespaceDeclHandler, interned(d, prefix), interned(d, uri)) }
static void on_end_namespace(void *d, const char *prefix) { FIRE(d, EndNamespaceDeclHandler, interned(d, prefix)) }
static void on_comment(void *d, const char *data) { FIRE(d, CommentHandler, optional(data)) }
#define FIRE0(p, h)                                                                                                     \
    bool ok_;                                                                                                           \
    if (!flush(p)) return;                                                                                              \
    CALL(p)                                                                                                             \
        result = call_function(p, h, NULL, 0);                                                                          \
    END_CALL(ok_)                                                                                                       \
    (void)ok_;
static void on_start_cdata(void *d) { FIRE0(d, StartCdataSectionHandler) }
static void on_end_cdata(void *d) { FIRE0(d, EndCdataSectionHandler) }
static void on_end_doctype(void *d) { FIRE0(d, EndDoctypeDeclHandler) }
static void on_default(void *d, const char *s, int n) { FIRE(d, DefaultHandler, text_of(s, (size_t)n)) }
static void on_default_expand(void *d, const char *s, int n) { FIRE(d, DefaultHandlerExpand, text_of(s, (size_t)n)) }
static int on_not_standalone(void *d) { FIRE_INT(d, NotStandaloneHandler, HD_NONE) }
static int on_external_entity(XML_Parser x, const char *context, const char *base, const char *system, const char *public)
{
    struct parser *p = XML_GetUserData(x);
    FIRE_INT(p, ExternalEntityRefHandler, HD_NONE, optional(context), interned(p, base), interned(p, system), interned(p, public))
}
static void on_start_doctype(void *d, const char *name, const char *system, const char *public, int internal)
{
    FIRE(d, StartDoctypeDeclHandler, interned(d, name), interned(d, system), interned(d, public), hd_fix(internal))
}
static void on_entity(void *d, const char *name, int is_parameter, const char *value, int n, const char *base, const char *system, const char *public, const char *notation)
{
    FIRE(d, EntityDeclHandler, interned(d, name), hd_fix(is_parameter), value ? text_of(value, (size_t)n) : HD_NONE, interned(d, base), interned(d, system),
         interned(d, public), interned(d, notation))
}
static void on_xml_decl(void *d, const char *version, const char *encoding, int standalone)
{
    FIRE(d, XmlDeclHandler, optional(version), optional(encoding), hd_fix(standalone))
}
static hd_value model_of(struct parser *p, const XML_Content *c)
{
    if (hd_recursion_enter(" in conv_content_model") < 0) return HD_ERR;
    hd_value children = hd_list_new(0);
    for (unsigned i = 0; i < c->numchildren && children != HD_ERR; i++) {
        hd_value m = model_of(p, &c->children[i]);
        if (m == HD_ERR || hd_list_append(children, m) < 0) children = HD_ERR;
    }
    hd_recursion_leave();
    return children == HD_ERR ? HD_ERR : hd_tuplev(hd_fix(c->type), hd_fix(c->quant), interned(p, c->name), hd_list_as_tuple(children));
}
static void on_element_decl(void *d, const char *name, XML_Content *model)
{
    struct parser *p = d;
    bool ok;
    if (flush(p)) {
        CALL(p)
            hd_value a[2] = { interned(p, name) };
            a[1] = a[0] == HD_ERR ? HD_ERR : model_of(p, model);
            result = call_function(p, ElementDeclHandler, a, 2);
        END_CALL(ok)
        (void)ok;
    }
    XML_FreeContentModel(p->x, model);
}
static void on_attlist(void *d, const char *element, const char *name, const char *type, const char *value, int required)
{
    FIRE(d, AttlistDeclHandler, interned(d, element), interned(d, name), optional(type), optional(value), hd_fix(required))
}
static void on_skipped_entity(void *d, const char *name, int is_parameter) { FIRE(d, SkippedEntityHandler, interned(d, name), hd_fix(is_parameter)) }
static int on_unknown_encoding(void *d, const char *name, XML_Encoding *info)
{
    struct parser *p = d;
    bool ok;
    int map[256];
    CALL(p)
        unsigned char all[256];
        for (int i = 0; i < 256; i++) all[i] = (unsigned char)i;
        result = hd_str_decode((const char *)all, 256, name, "replace");
        if (result != HD_ERR && HD_STR(result)->len != 256) result = hd_raise(&hd_exc_ValueError, "multi-byte encodings are not supported");
        for (int i = 0; i < 256 && result != HD_ERR; i++) map[i] = hd_str_at(result, i) == 0xfffd ? -1 : (int)hd_str_at(result, i);
    END_CALL(ok)
    if (!ok) return XML_STATUS_ERROR;
    memcpy(info->map, map, sizeof map);
    info->data = NULL, info->convert = NULL, info->release = NULL;
    return XML_STATUS_OK;
}

/* ---- which handlers the library has ------------------------------------------------------------------------------------------------ */
static void connect(struct parser *p, uint32_t set, bool triplets)
{
    if (triplets != p->triplets) XML_SetReturnNSTriplet(p->x, p->triplets = triplets);
    uint32_t changed = set ^ p->set;
    p->set = set;
    if (!changed) return;
#define HAS(h) (set >> (h) & 1)
#define CHANGED(h) (changed >> (h) & 1)
#define CONNECT(h, setter, f) if (CHANGED(h)) setter(p->x, HAS(h) ? f : NULL)
    CONNECT(StartElementHandler, XML_SetStartElementHandler, on_start_element);
    CONNECT(EndElementHandler, XML_SetEndElementHandler, on_end_element);
    CONNECT(ProcessingInstructionHandler, XML_SetProcessingInstructionHandler, on_pi);
    CONNECT(CharacterDataHandler, XML_SetCharacterDataHandler, on_characters);
    CONNECT(UnparsedEntityDeclHandler, XML_SetUnparsedEntityDeclHandler, on_unparsed_entity);
    CONNECT(NotationDeclHandler, XML_SetNotationDeclHandler, on_notation);
    CONNECT(StartNamespaceDeclHandler, XML_SetStartNamespaceDeclHandler, on_start_namespace);
    CONNECT(EndNamespaceDeclHandler, XML_SetEndNamespaceDeclHandler, on_end_namespace);
    CONNECT(CommentHandler, XML_SetCommentHandler, on_comment);
    CONNECT(StartCdataSectionHandler, XML_SetStartCdataSectionHandler, on_start_cdata);
    CONNECT(EndCdataSectionHandler, XML_SetEndCdataSectionHandler, on_end_cdata);
    /* one place in the library for these two; the one that expands entities goes first */
    if (CHANGED(DefaultHandler) || CHANGED(DefaultHandlerExpand)) {
        if (HAS(DefaultHandlerExpand)) XML_SetDefaultHandlerExpand(p->x, on_default_expand);
        else XML_SetDefaultHandler(p->x, HAS(DefaultHandler) ? on_default : NULL);
    }
    CONNECT(NotStandaloneHandler, XML_SetNotStandaloneHandler, on_not_standalone);
    CONNECT(ExternalEntityRefHandler, XML_SetExternalEntityRefHandler, on_external_entity);
    CONNECT(StartDoctypeDeclHandler, XML_SetStartDoctypeDeclHandler, on_start_doctype);
    CONNECT(EndDoctypeDeclHandler, XML_SetEndDoctypeDeclHandler, on_end_doctype);
    CONNECT(EntityDeclHandler, XML_SetEntityDeclHandler, on_entity);
    CONNECT(XmlDeclHandler, XML_SetXmlDeclHandler, on_xml_decl);
    CONNECT(ElementDeclHandler, XML_SetElementDeclHandler, on_element_decl);
    CONNECT(AttlistDeclHandler, XML_SetAttlistDeclHandler, on_attlist);
    CONNECT(SkippedEntityHandler, XML_SetSkippedEntityHandler, on_skipped_entity);
}

/* ---- errors ----------------------------------------------------------------------------------------------------------------------- */
static hd_value failed(int code, int64_t line, int64_t column)
{
    const char *text = XML_ErrorString((enum XML_Error)code);
    hd_value m = hd_str_format("%s: line %lld, column %lld", text ? text : "unknown error", (long long)line, (long long)column);
    hd_value e = m == HD_ERR ? HD_ERR : hd_callv(error_type, m);
    if (e == HD_ERR || hd_setattr(e, hd_intern("code"), hd_int(code)) < 0 || hd_setattr(e, hd_intern("offset"), hd_int(column)) < 0 ||
        hd_setattr(e, hd_intern("lineno"), hd_int(line)) < 0) return HD_ERR;
    return hd_raise_object(e);
}

/* ---- parsing ---------------------------------------------------------------------------------------------------------------------- */
/* One piece of input.  The text must not change while it is read: bytes, or memory that the caller keeps. */
static hd_value parse(hd_value self, const void *data, size_t n, bool final, const char *encoding)
{
    struct parser *p = parser_of(self);
    uint32_t set = (uint32_t)HD_GET(OBJECT(self), set);
    bool triplets = HD_GET(OBJECT(self), triplets), threw;
    int status = XML_STATUS_OK, code = 0;
    int64_t line = 0, column = 0;
    int token = stm_leave_blocking();
    pthread_mutex_lock(&p->lock);
    hd_value outer = p->object;
    p->object = self, p->token = token, p->failed = false;
    connect(p, set, triplets);
    if (encoding) (void)XML_SetEncoding(p->x, encoding);
    do {
        size_t k = n > PIECE ? PIECE : n;
        status = XML_Parse(p->x, data, (int)k, final && k == n);
        data = (const char *)data + k, n -= k;
    } while (n && status == XML_STATUS_OK);
    if (!p->failed && status == XML_STATUS_OK) flush(p);
    threw = p->failed;
    if (status != XML_STATUS_OK) code = (int)XML_GetErrorCode(p->x), line = (int64_t)XML_GetErrorLineNumber(p->x), column = (int64_t)XML_GetErrorColumnNumber(p->x);
    p->object = outer;
    token = p->token;
    pthread_mutex_unlock(&p->lock);
    stm_enter_blocking(token);
    if (threw) return HD_ERR;
    return status == XML_STATUS_OK ? hd_fix(status) : failed(code, line, column);
}
static hd_value parser_parse(ARGS)
{
    hd_value a[2];
    int final = 0;
    if (hd_args("Parse", "data,|isfinal,/", args, nargs, kwnames, a) < 0 || (a[1] != HD_ABSENT && (final = hd_truth(a[1])) < 0)) return HD_ERR;
    hd_value b = a[0];
    const char *encoding = NULL;
    if (hd_is_str(b)) {
        if ((b = hd_utf8_encode(b, "strict")) == HD_ERR) return HD_ERR;
        encoding = "utf-8";
    } else if (!hd_is_bytes_exact(b)) {
        struct hd_byteview v;
        if (hd_byteview_get(b, &v) < 0) return HD_ERR;
        b = hd_bytes_new(v.p, v.n);
        hd_byteview_release(&v);
        if (b == HD_ERR) return HD_ERR;
    }
    return parse(self, HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len, final, encoding);
}
static hd_value parser_parse_file(ARGS)
{
    hd_value read = hd_getattr_opt(args[0], hd_s_read);
    if (read == HD_ERR) return HD_ERR;
    if (read == HD_ABSENT) return hd_raise(&hd_exc_TypeError, "argument must have 'read' attribute");
    for (;;) {
        hd_value b = hd_callv(read, hd_fix(READ_SIZE));
        if (b == HD_ERR) return HD_ERR;
        if (!hd_is_bytes(b) && !hd_is_bytearray(b)) return hd_raise(&hd_exc_TypeError, "read() did not return a bytes object (type=%T)", b);
        if (!hd_is_bytes(b) && (b = hd_bytes_of(b)) == HD_ERR) return HD_ERR;
        int64_t n = HD_BYTES(b)->len;
        if (n > READ_SIZE) return hd_raise(&hd_exc_ValueError, "read() returned too much data: %d bytes requested, %lld returned", READ_SIZE, (long long)n);
        hd_value r = parse(self, HD_BYTES(b)->data, (size_t)n, n == 0, NULL);
        if (r == HD_ERR || n == 0) return r;
    }
}

/* ---- other methods ------------------------------------------------------------------------------------------------------------------ */
static hd_value parser_get_base(ARGS)
{
    struct parser *p = parser_of(self);
    const char *s;
    EXPAT(p) s = XML_GetBase(p->x); END_EXPAT(p)
    return optional(s);
}
static hd_value parser_set_base(ARGS)
{
    struct parser *p = parser_of(self);
    size_t n;
    int ok;
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "SetBase() argument must be str, not %A", args[0]);
    const char *s = hd_str_as_utf8(args[0], &n);
    if (!s) return HD_ERR;
    if (strlen(s) != n) return hd_raise(&hd_exc_ValueError, "embedded null character");
    EXPAT(p) ok = XML_SetBase(p->x, s); END_EXPAT(p)
    return ok ? HD_NONE : hd_no_memory();
}
static hd_value parser_input_context(ARGS)
{
    struct parser *p = parser_of(self);
    const char *s = NULL;
    int offset = 0, size = 0;
    if (!p->in_handler) return HD_NONE;
    EXPAT(p) s = XML_GetInputContext(p->x, &offset, &size); END_EXPAT(p)
    return s ? hd_bytes_new(s + offset, (size_t)(size - offset)) : HD_NONE;
}
static hd_value parser_use_foreign_dtd(ARGS)
{
    struct parser *p = parser_of(self);
    int flag = 1, code;
    if (nargs && (flag = hd_truth(args[0])) < 0) return HD_ERR;
    EXPAT(p) code = (int)XML_UseForeignDTD(p->x, flag ? XML_TRUE : XML_FALSE); END_EXPAT(p)
    return code ? failed(code, 1, 0) : HD_NONE;
}
static hd_value parser_param_entities(ARGS)
{
    struct parser *p = parser_of(self);
    int flag, r;
    if (hd_as_int32(args[0], &flag) < 0) return HD_ERR;
    EXPAT(p) r = XML_SetParamEntityParsing(p->x, (enum XML_ParamEntityParsing)flag); END_EXPAT(p)
    return hd_fix(r);
}
/* An object around p, which it takes. */
static hd_value object_new(struct parser *p, hd_value intern)
{
    struct parser_object *o = hd_new_mutable(&parser_type, sizeof *o);
    if (!o) { stm_on_commit(release, p); return HD_ERR; }
    HD_INIT(o, parser, p);
    o->intern = intern;
    for (int i = 0; i < N_HANDLERS; i++) HD_PUT_AT(&o->handler[i], HD_NONE);
    gc_account(PARSER_BYTES);
    return hd_obj(o);
}
static void prepare(struct parser *p)
{
    XML_SetUserData(p->x, p);
    XML_SetUnknownEncodingHandler(p->x, on_unknown_encoding, p);
}
static const char *c_text(hd_value v, const char *what, bool *bad)
{
    size_t n;
    *bad = true;
    if (v == HD_ABSENT || v == HD_NONE) { *bad = false; return NULL; }
    if (!hd_is_str(v)) { (void)hd_raise(&hd_exc_TypeError, "%s must be str or None, not %T", what, v); return NULL; }
    const char *s = hd_str_as_utf8(v, &n);
    *bad = !s;
    if (s && strlen(s) != n) *bad = true, (void)hd_raise(&hd_exc_ValueError, "embedded null character");
    return s;
}
static hd_value parser_external_entity(ARGS)
{
    bool bad;
    struct parser *p = parser_of(self), *n;
    const char *context = c_text(args[0], "ExternalEntityParserCreate() argument 1", &bad), *encoding = NULL;
    if (bad || (nargs > 1 && (encoding = c_text(args[1], "ExternalEntityParserCreate() argument 2", &bad), bad))) return HD_ERR;
    EXPAT(p)
        if ((n = parser_new())) {
            n->x = XML_ExternalEntityParserCreate(p->x, context, encoding);
            n->buffers = p->buffers, n->size = p->size, n->set = p->set, n->triplets = p->triplets;
            if (n->buffers) n->text = malloc((size_t)n->size);
            if (n->x) {
                prepare(n);
                n->parent = p;
                __atomic_add_fetch(&p->uses, 1, __ATOMIC_RELAXED);
            }
        }
    END_EXPAT(p)
    if (!n || !n->x) {
        if (n) stm_on_commit(release, n);
        return hd_no_memory();
    }
    hd_value v = object_new(n, OBJECT(self)->intern);
    if (v == HD_ERR) return v;
    struct parser_object *from = OBJECT(self), *to = OBJECT(v);
    for (int i = 0; i < N_HANDLERS; i++) HD_PUT_AT(&to->handler[i], HD_GET_AT(&from->head.w, &from->handler[i]));
    HD_INIT(to, set, HD_GET(from, set));
    HD_INIT(to, ordered, HD_GET(from, ordered));
    HD_INIT(to, specified, HD_GET(from, specified));
    HD_INIT(to, triplets, HD_GET(from, triplets));
    return v;
}

/* ---- attributes --------------------------------------------------------------------------------------------------------------------- */
/* Gives the text that waits to its handler. */
static int flush_now(hd_value self)
{
    struct parser *p = parser_of(self);
    bool ok;
    if (!p->used) return 0;
    int token = stm_leave_blocking();
    pthread_mutex_lock(&p->lock);
    hd_value outer = p->object;
    p->object = self, p->token = token;
    ok = flush(p);
    p->object = outer;
    token = p->token;
    pthread_mutex_unlock(&p->lock);
    stm_enter_blocking(token);
    return ok ? 0 : -1;
}
static int no_delete(hd_value v)
{
    if (v != HD_ABSENT) return 0;
    (void)hd_raise(&hd_exc_RuntimeError, "Cannot delete attribute");
    return -1;
}
static hd_value get_handler(hd_value self, void *closure)
{
    return HD_GET_AT(&OBJECT(self)->head.w, &OBJECT(self)->handler[(intptr_t)closure]);
}
static int set_handler(hd_value self, hd_value v, void *closure)
{
    int h = (int)(intptr_t)closure;
    if (no_delete(v) < 0 || (h == CharacterDataHandler && flush_now(self) < 0)) return -1;
    int64_t bit = INT64_C(1) << h, set = HD_GET(OBJECT(self), set);
    parser_object_w w = parser_object_open(OBJECT(self));
    HD_PUT_AT(&HD_OPENED(w)->handler[h], v);
    HD_PUT(w, set, v == HD_NONE ? set & ~bit : set | bit);
    return 0;
}
enum { ORDERED, SPECIFIED, TRIPLETS };
static hd_value get_flag(hd_value self, void *closure)
{
    struct parser_object *o = OBJECT(self);
    return hd_bool(closure == (void *)ORDERED ? HD_GET(o, ordered) : closure == (void *)SPECIFIED ? HD_GET(o, specified) : HD_GET(o, triplets));
}
static int set_flag(hd_value self, hd_value v, void *closure)
{
    int t = no_delete(v) < 0 ? -1 : hd_truth(v);
    if (t < 0) return -1;
    parser_object_w w = parser_object_open(OBJECT(self));
    if (closure == (void *)ORDERED) HD_PUT(w, ordered, t);
    else if (closure == (void *)SPECIFIED) HD_PUT(w, specified, t);
    else HD_PUT(w, triplets, t);
    return 0;
}
static hd_value get_buffer_text(hd_value self, void *closure) { return hd_bool(parser_of(self)->buffers); }
static int set_buffer_text(hd_value self, hd_value v, void *closure)
{
    struct parser *p = parser_of(self);
    int t = no_delete(v) < 0 ? -1 : hd_truth(v);
    if (t < 0 || (!t && flush_now(self) < 0)) return -1;
    EXPAT(p)
        if (!t) free(p->text), p->text = NULL, p->used = 0;
        else if (!p->text) p->text = malloc((size_t)p->size);
        p->buffers = t;
    END_EXPAT(p)
    return 0;
}
static hd_value get_buffer_size(hd_value self, void *closure) { return hd_fix(parser_of(self)->size); }
static hd_value get_buffer_used(hd_value self, void *closure) { return hd_fix(parser_of(self)->used + parser_of(self)->sending); }
static int set_buffer_size(hd_value self, hd_value v, void *closure)
{
    struct parser *p = parser_of(self);
    int64_t n;
    if (no_delete(v) < 0) return -1;
    if (!hd_is_int(v)) { (void)hd_raise(&hd_exc_TypeError, "buffer_size must be an integer"); return -1; }
    if (hd_as_i64(v, &n) < 0) return -1;
    if (n <= 0) { (void)hd_raise(&hd_exc_ValueError, "buffer_size must be greater than zero"); return -1; }
    if (n > INT_MAX) { (void)hd_raise(&hd_exc_ValueError, "buffer_size must not be greater than %d", INT_MAX); return -1; }
    if (n == p->size) return 0;
    if (flush_now(self) < 0) return -1;
    bool ok = true;
    EXPAT(p)
        char *t = p->buffers ? malloc((size_t)n) : NULL;
        ok = t || !p->buffers;
        if (ok) free(p->text), p->text = t, p->size = (int)n, p->used = 0;
    END_EXPAT(p)
    if (!ok) (void)hd_no_memory();
    return ok ? 0 : -1;
}
enum { ERROR_CODE, ERROR_LINE, ERROR_COLUMN, BYTE };
static hd_value get_position(hd_value self, void *closure)
{
    struct parser *p = parser_of(self);
    int64_t r;
    intptr_t what = (intptr_t)closure;
    EXPAT(p)
        r = what == ERROR_CODE ? (int64_t)XML_GetErrorCode(p->x) : what == ERROR_LINE ? (int64_t)XML_GetCurrentLineNumber(p->x) :
            what == ERROR_COLUMN ? (int64_t)XML_GetCurrentColumnNumber(p->x) : (int64_t)XML_GetCurrentByteIndex(p->x);
    END_EXPAT(p)
    return hd_int(r);
}
static void object_trace(void *v, struct gc_marker *m)
{
    struct parser_object *o = v;
    gc_mark(m, o->intern);
    for (int i = 0; i < N_HANDLERS; i++) gc_mark(m, HD_RAW(o->handler[i]));
}
static void object_finalise(hd_value self)
{
    struct parser *p = parser_of(self);
    if (!p) return;
    parser_object_w w = parser_object_open(OBJECT(self));
    HD_PUT(w, parser, NULL);
    stm_on_commit(release, p);
}
static const struct hd_methoddef parser_methods[] = {
    { "Parse", parser_parse, 0, -1, 0, "Parse($self, data, isfinal=False, /)\n--\n\nParse XML data.\n\n\'isfinal\' should be true at end of input." },
    { "ParseFile", parser_parse_file, 1, 1, 0, "ParseFile($self, file, /)\n--\n\nParse XML data from file-like object." },
    { "GetBase", parser_get_base, 0, 0, 0, "GetBase($self, /)\n--\n\nReturn base URL string for the parser." },
    { "SetBase", parser_set_base, 1, 1, 0, "SetBase($self, base, /)\n--\n\nSet the base URL for the parser." },
    { "GetInputContext", parser_input_context, 0, 0, 0, "GetInputContext($self, /)\n--\n\nReturn the untranslated text of the input that caused the current event." },
    { "UseForeignDTD", parser_use_foreign_dtd, 0, 1, 0, "UseForeignDTD($self, flag=True, /)\n--\n\nAllows the application to provide an artificial external subset." },
    { "SetParamEntityParsing", parser_param_entities, 1, 1, 0, "SetParamEntityParsing($self, flag, /)\n--\n\nControls parsing of parameter entities (including the external DTD subset)." },
    { "ExternalEntityParserCreate", parser_external_entity, 1, 2, 0,
      "ExternalEntityParserCreate($self, context, encoding=<unrepresentable>,\n                           /)\n--\n\nCreate a parser for parsing an external entity." }, { 0 }
};
static const struct hd_getsetdef parser_getsets[] = {
#define H(name) { #name, get_handler, set_handler, NULL, (void *)name },
    HANDLERS
#undef H
    { "ordered_attributes", get_flag, set_flag, NULL, (void *)ORDERED }, { "specified_attributes", get_flag, set_flag, NULL, (void *)SPECIFIED },
    { "namespace_prefixes", get_flag, set_flag, NULL, (void *)TRIPLETS }, { "buffer_text", get_buffer_text, set_buffer_text, NULL, NULL },
    { "buffer_size", get_buffer_size, set_buffer_size, NULL, NULL }, { "buffer_used", get_buffer_used, NULL, NULL, NULL },
    { "ErrorCode", get_position, NULL, NULL, (void *)ERROR_CODE }, { "ErrorLineNumber", get_position, NULL, NULL, (void *)ERROR_LINE },
    { "ErrorColumnNumber", get_position, NULL, NULL, (void *)ERROR_COLUMN }, { "ErrorByteIndex", get_position, NULL, NULL, (void *)BYTE },
    { "CurrentLineNumber", get_position, NULL, NULL, (void *)ERROR_LINE }, { "CurrentColumnNumber", get_position, NULL, NULL, (void *)ERROR_COLUMN },
    { "CurrentByteIndex", get_position, NULL, NULL, (void *)BYTE }, { 0 }
};
static const struct hd_memberdef parser_members[] = { { "intern", offsetof(struct parser_object, intern), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { 0 } };
static struct hd_type parser_type = {
    .cname = "pyexpat.xmlparser", .basicsize = sizeof(struct parser_object), .flags = HD_TF_LATE_FINALISER | HD_TF_NEVER_INSTANTIATE, .doc = "XML parser", .methods = parser_methods,
    .getsets = parser_getsets, .members = parser_members, .op = { .trace = object_trace, .finalise = object_finalise },
};

/* ---- the module ------------------------------------------------------------------------------------------------------------------------ */
static hd_value expat_create(ARGS)
{
    hd_value a[3];
    bool bad;
    size_t total = nargs + (kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0);
    if (total > 3) return hd_raise(&hd_exc_TypeError, "ParserCreate() takes at most 3 arguments (%zu given)", total);
    if (hd_args("ParserCreate", "|encoding,namespace_separator,intern", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *encoding = c_text(a[0], "ParserCreate() argument 'encoding'", &bad), *separator = bad ? NULL : c_text(a[1], "ParserCreate() argument 'namespace_separator'", &bad);
    if (bad) return HD_ERR;
    if (separator && strlen(separator) > 1) return hd_raise(&hd_exc_ValueError, "namespace_separator must be at most one character, omitted, or None");
    hd_value intern = a[2] == HD_ABSENT ? hd_dict_new() : a[2];
    if (intern == HD_ERR) return HD_ERR;
    if (intern != HD_NONE && !hd_is_dict(intern)) return hd_raise(&hd_exc_TypeError, "intern must be a dictionary");
    char nul = 0;
    struct parser *p;
    HD_BLOCKING
        if ((p = parser_new()) && (p->x = XML_ParserCreate_MM(encoding, NULL, separator ? *separator ? separator : &nul : NULL))) prepare(p);
    HD_END_BLOCKING
    if (p && p->x) return object_new(p, intern);
    if (p) stm_on_commit(release, p);
    return hd_raise(&hd_exc_RuntimeError, "XML_ParserCreate failed");
}
static hd_value expat_error_string(ARGS)
{
    int64_t n;
    return hd_as_i64(args[0], &n) < 0 ? HD_ERR : optional(XML_ErrorString((enum XML_Error)n));
}
static const struct hd_methoddef functions[] = {
    { "ParserCreate", expat_create, 0, -1, HD_METH_KW, "ParserCreate($module, /, encoding=None, namespace_separator=None,\n             intern=<unrepresentable>)\n--\n\nReturn a new XML parser object." },
    { "ErrorString", expat_error_string, 1, 1, 0, "ErrorString($module, code, /)\n--\n\nReturns string error for given number." }, { 0 }
};
static hd_value submodule(hd_value m, const char *name, const char *doc)
{
    char full[40];
    snprintf(full, sizeof full, "pyexpat.%s", name);
    hd_value s = hd_module_new(full);
    return s == HD_ERR || hd_module_add_str(s, "__doc__", doc) < 0 || hd_dict_set_c(hd_sys_modules, full, s) < 0 || hd_module_add(m, name, s) < 0 ? HD_ERR : s;
}
static int fill_errors(hd_value m)
{
    static const struct { const char *name; int code; } errors[] = {
#define E(name) { "XML_ERROR_" #name, XML_ERROR_##name }
        E(NO_MEMORY), E(SYNTAX), E(NO_ELEMENTS), E(INVALID_TOKEN), E(UNCLOSED_TOKEN), E(PARTIAL_CHAR), E(TAG_MISMATCH), E(DUPLICATE_ATTRIBUTE), E(JUNK_AFTER_DOC_ELEMENT),
        E(PARAM_ENTITY_REF), E(UNDEFINED_ENTITY), E(RECURSIVE_ENTITY_REF), E(ASYNC_ENTITY), E(BAD_CHAR_REF), E(BINARY_ENTITY_REF), E(ATTRIBUTE_EXTERNAL_ENTITY_REF),
        E(MISPLACED_XML_PI), E(UNKNOWN_ENCODING), E(INCORRECT_ENCODING), E(UNCLOSED_CDATA_SECTION), E(EXTERNAL_ENTITY_HANDLING), E(NOT_STANDALONE), E(UNEXPECTED_STATE),
        E(ENTITY_DECLARED_IN_PE), E(FEATURE_REQUIRES_XML_DTD), E(CANT_CHANGE_FEATURE_ONCE_PARSING), E(UNBOUND_PREFIX), E(UNDECLARING_PREFIX), E(INCOMPLETE_PE), E(XML_DECL),
        E(TEXT_DECL), E(PUBLICID), E(SUSPENDED), E(NOT_SUSPENDED), E(ABORTED), E(FINISHED), E(SUSPEND_PE), E(RESERVED_PREFIX_XML), E(RESERVED_PREFIX_XMLNS),
        E(RESERVED_NAMESPACE_URI), E(INVALID_ARGUMENT), E(NO_BUFFER), E(AMPLIFICATION_LIMIT_BREACH)
#undef E
    };
    hd_value s = submodule(m, "errors", "Constants used to describe error conditions."), codes = hd_dict_new(), messages = hd_dict_new();
    if (s == HD_ERR || codes == HD_ERR || messages == HD_ERR) return -1;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        hd_value t = optional(XML_ErrorString((enum XML_Error)errors[i].code));
        if (t == HD_NONE) continue;
        if (t == HD_ERR || hd_module_add(s, errors[i].name, t) < 0 || hd_dict_set(codes, t, hd_fix(errors[i].code)) < 0 || hd_dict_set(messages, hd_fix(errors[i].code), t) < 0) return -1;
    }
    return hd_module_add(s, "codes", codes) < 0 ? -1 : hd_module_add(s, "messages", messages);
}
static int fill(hd_value m)
{
    hd_root(&error_type);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("xml.parsers.expat")) < 0) return -1;
    error_type = hd_type_new(&hd_type_type, hd_intern("ExpatError"), bases, ns, NULL, 0);
    if (error_type == HD_ERR || hd_module_add(m, "error", error_type) < 0 || hd_module_add(m, "ExpatError", error_type) < 0 || hd_type_ready(&parser_type) < 0 ||
        hd_module_add(m, "XMLParserType", hd_obj(&parser_type)) < 0) return -1;
    XML_Expat_Version v = XML_ExpatVersionInfo();
    if (hd_module_add_str(m, "EXPAT_VERSION", XML_ExpatVersion()) < 0 || hd_module_add_str(m, "native_encoding", "UTF-8") < 0 ||
        hd_module_add(m, "version_info", hd_tuplev(hd_fix(v.major), hd_fix(v.minor), hd_fix(v.micro))) < 0) return -1;
    hd_value features = hd_list_new(0);
    for (const XML_Feature *f = XML_GetFeatureList(); f && f->feature != XML_FEATURE_END && features != HD_ERR; f++) {
        hd_value t = hd_tuplev(hd_str_utf8(f->name), hd_int(f->value));
        if (t == HD_ERR || hd_list_append(features, t) < 0) features = HD_ERR;
    }
    if (features == HD_ERR || hd_module_add(m, "features", features) < 0 || fill_errors(m) < 0) return -1;
    hd_value s = submodule(m, "model", "Constants used to interpret content model information.");
    static const struct { const char *name; int v; } c[] = {
#define C(x) { #x, x }
        C(XML_CTYPE_EMPTY), C(XML_CTYPE_ANY), C(XML_CTYPE_MIXED), C(XML_CTYPE_NAME), C(XML_CTYPE_CHOICE), C(XML_CTYPE_SEQ), C(XML_CQUANT_NONE), C(XML_CQUANT_OPT),
        C(XML_CQUANT_REP), C(XML_CQUANT_PLUS), C(XML_PARAM_ENTITY_PARSING_NEVER), C(XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE), C(XML_PARAM_ENTITY_PARSING_ALWAYS)
#undef C
    };
    if (s == HD_ERR) return -1;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(c[i].name[4] == 'C' ? s : m, c[i].name, c[i].v) < 0) return -1;
    return 0;
}
const struct hd_moduledef hd_module_pyexpat = { "pyexpat", "Python wrapper for Expat parser.", functions, fill };
