/* The module readline: editing of input lines, history and completion by libedit.  Importing it makes input() use it.
 *
 * R1: libedit's state belongs to the process: it is changed by irrevocable transactions, or outside of transactions.
 * R2: a line is read outside transactions.  Hooks and the completer run in a transaction of their own that ends before
 *     they return to libedit; what they reply is kept in `reply`, which an aborted attempt may have filled too.
 * R3: one thread edits a line at a time; whoever else asks for one reads it without editing. */
#include <editline/readline.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

static hd_value completer, startup_hook, pre_input_hook, display_hook;
static int history_limit = -1;               /* lines that a history file gets; negative: all */
static bool auto_history = true;
static int replace_base;                     /* what replace_history_entry calls the first line: versions differ */
static char *delimiters;
static int begin_index, end_index, completion_type;
static pthread_mutex_t editing = PTHREAD_MUTEX_INITIALIZER;
static bool failed;                          /* a signal handler raised while a line was read */
static char *reply;
static size_t reply_room;

/* -- Python called from libedit ------------------------------------------------------------------------------------------- */
static int away_token;

/* Runs f in a transaction of its own. */
static bool in_python(bool (*f)(void *), void *arg)
{
    struct stm_portal portal;
    stm_portal_enter(&portal);
    stm_enter_blocking(away_token);
    bool r = f(arg);
    away_token = stm_leave_blocking();
    stm_portal_leave(&portal);
    return r;
}

static bool keep_reply(const char *s, size_t n)
{
    if (n + 1 > reply_room) {
        char *more = realloc(reply, n + 1);
        if (!more) return false;
        reply = more, reply_room = n + 1;
    }
    memcpy(reply, s, n);
    reply[n] = 0;
    return true;
}

struct completion { const char *text; int state; };
static bool complete(void *arg)
{
    struct completion *c = arg;
    hd_value text = hd_str_from_fs(c->text, strlen(c->text));
    hd_value r = text == HD_ERR ? HD_ERR : hd_callv(completer, text, hd_fix(c->state));
    size_t n;
    const char *s = r == HD_ERR || r == HD_NONE ? NULL : hd_str_as_fs(r, &n);
    if (hd_exc_pending()) hd_exc_clear();
    return s && keep_reply(s, n);
}
static char *next_match(const char *text, int state)
{
    struct completion c = { text, state };
    return in_python(complete, &c) ? strdup(reply) : NULL;
}
static char **all_matches(const char *text, int start, int end)
{
    rl_attempted_completion_over = 1;
    rl_completion_append_character = 0;
    begin_index = start, end_index = end, completion_type = rl_completion_type;
    if (completer == HD_NONE) return NULL;
    return rl_completion_matches(text, next_match);
}

struct matches { char **v; int n, longest; };
static bool display(void *arg)
{
    struct matches *m = arg;
    hd_value list = hd_list_new(0), word = HD_ERR;
    for (int i = 1; list != HD_ERR && i <= m->n; i++) {
        hd_value s = hd_str_from_fs(m->v[i], strlen(m->v[i]));
        if (s == HD_ERR || hd_list_append(list, s) < 0) list = HD_ERR;
    }
    if (list != HD_ERR) word = hd_str_from_fs(m->v[0], strlen(m->v[0]));
    if (word != HD_ERR) (void)!hd_callv(display_hook, word, list, hd_fix(m->longest));
    if (hd_exc_pending()) hd_exc_clear();
    return true;
}
static void show_matches(char **v, int n, int longest)
{
    struct matches m = { v, n, longest };
    in_python(display, &m);
}

static bool call_hook(void *hook)
{
    if (hd_call0(*(hd_value *)hook) == HD_ERR) hd_exc_clear();
    return true;
}
static int on_startup(void) { return in_python(call_hook, &startup_hook) - 1; }
/* libedit shows the prompt before it takes the terminal out of line mode, and what is typed in between is edited by the
 * kernel: Ctrl-D arrives as a NUL, which libedit binds to 'the next character as it is'.  So the mode changes first. */
static int on_input(void)
{
    rl_prep_terminal(1);
    return pre_input_hook == HD_NONE ? 0 : in_python(call_hook, &pre_input_hook) - 1;
}

static bool check_signals(void *arg) { return hd_check_signals() >= 0; }

/* A character of standard input; a signal whose handler raises ends the line.  One that arrives just before the wait begins
 * does not interrupt it, so the wait is short. */
enum { SIGNALS_MS = 100 };
static int next_char(FILE *in)
{
    char c;
    mbstate_t state = { 0 };
    wchar_t w;
    for (;;) {
        struct pollfd p = { fileno(in), POLLIN, 0 };
        if (poll(&p, 1, SIGNALS_MS) <= 0) {
            if (in_python(check_signals, NULL)) continue;
            failed = true;
            return EOF;
        }
        ssize_t n = read(fileno(in), &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return EOF;
        switch (mbrtowc(&w, &c, 1, &state)) {
        case (size_t)-2: continue;
        case (size_t)-1: return (unsigned char)c;
        default: return (int)w;
        }
    }
}

/* -- reading a line: what input() calls ------------------------------------------------------------------------------------ */
static hd_value read_line(const char *prompt)
{
    size_t n = 0;
    int token = stm_leave_blocking();
    if (pthread_mutex_trylock(&editing) != 0) {
        stm_enter_blocking(token);
        return HD_ABSENT;
    }
    away_token = token;
    failed = false;
    char *line = readline(prompt);
    if (line && !failed) {
        if (*line && auto_history) {
            HIST_ENTRY *last = history_length ? history_get(history_length) : NULL;
            if (!last || strcmp(last->line, line)) add_history(line);
        }
        n = strlen(line);
    }
    bool raised = failed, eof = !line;
    if (!keep_reply(line ? line : "", n)) eof = true;
    free(line);
    token = away_token;
    pthread_mutex_unlock(&editing);
    stm_enter_blocking(token);
    if (raised) return hd_exc_pending() ? HD_ERR : hd_raise_none(&hd_exc_KeyboardInterrupt);
    if (eof) return hd_raise_none(&hd_exc_EOFError);
    hd_value in = hd_sys_get("stdin"), encoding = hd_getattr_c(in, "encoding"), errors = encoding == HD_ERR ? HD_ERR : hd_getattr_c(in, "errors");
    if (errors == HD_ERR) return HD_ERR;
    size_t k;
    const char *e = hd_is_str(encoding) ? hd_str_as_utf8(encoding, &k) : "utf-8", *how = hd_is_str(errors) ? hd_str_as_utf8(errors, &k) : "strict";
    return e && how ? hd_str_decode(reply, n, e, how) : HD_ERR;
}

/* -- the module ---------------------------------------------------------------------------------------------------------------- */
static int text_arg(hd_value v, const char *function, const char **s)
{
    size_t n;
    if (!hd_is_str(v)) { (void)hd_raise(&hd_exc_TypeError, "%s() argument must be str, not %A", function, v); return -1; }
    return (*s = hd_str_as_fs(v, &n)) ? 0 : -1;
}
static int file_arg(const hd_value *args, size_t nargs, const char **name)
{
    *name = NULL;
    if (nargs == 0 || args[0] == HD_NONE) return 0;
    return (*name = hd_fs_path_c(args[0], NULL)) ? 0 : -1;
}
static hd_value file_result(int err, const hd_value *args, size_t nargs)
{
    return !err ? HD_NONE : hd_raise_errno(err > 0 ? err : EIO, nargs && args[0] != HD_NONE ? args[0] : HD_ABSENT, HD_ABSENT);
}

static hd_value parse_and_bind(ARGS)
{
    const char *s;
    if (text_arg(args[0], "parse_and_bind", &s) < 0) return HD_ERR;
    stm_become_irrevocable();
    char *copy = strdup(s);                  /* it is cut into words */
    if (!copy) return hd_no_memory();
    rl_parse_and_bind(copy);
    free(copy);
    return HD_NONE;
}
static hd_value read_init_file(ARGS)
{
    const char *name;
    if (file_arg(args, nargs, &name) < 0) return HD_ERR;
    stm_become_irrevocable();
    errno = 0;
    return file_result(rl_read_init_file(name) ? errno ? errno : -1 : 0, args, nargs);
}
static hd_value read_history_file(ARGS)
{
    const char *name;
    if (file_arg(args, nargs, &name) < 0) return HD_ERR;
    stm_become_irrevocable();
    return file_result(read_history(name), args, nargs);
}
static hd_value write_history_file(ARGS)
{
    const char *name;
    if (file_arg(args, nargs, &name) < 0) return HD_ERR;
    stm_become_irrevocable();
    int err = write_history(name);
    if (!err && history_limit >= 0) history_truncate_file(name, history_limit);
    return file_result(err, args, nargs);
}
static hd_value append_history_file(ARGS)
{
    int n;
    const char *name;
    if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "nelements must be positive");
    if (file_arg(args + 1, nargs - 1, &name) < 0) return HD_ERR;
    stm_become_irrevocable();
    int err = append_history(n, name);
    if (!err && history_limit >= 0) history_truncate_file(name, history_limit);
    return file_result(err, args + 1, nargs - 1);
}
static hd_value get_history_length(ARGS) { return hd_fix(history_limit); }
static hd_value set_history_length(ARGS)
{
    int n;
    if (hd_as_int32(args[0], &n) < 0) return HD_ERR;
    stm_become_irrevocable();
    history_limit = n;
    return HD_NONE;
}
static hd_value get_current_history_length(ARGS) { stm_become_irrevocable(); return hd_fix(history_length); }
static hd_value get_history_item(ARGS)
{
    int i;
    if (hd_as_int32(args[0], &i) < 0) return HD_ERR;
    stm_become_irrevocable();
    HIST_ENTRY *e = i > 0 ? history_get(i) : NULL;
    return e ? hd_str_from_fs(e->line, strlen(e->line)) : HD_NONE;
}
static void free_entry(HIST_ENTRY *e)
{
    if (!e) return;
    free((void *)(uintptr_t)e->line);
    free(e);
}
static int position(hd_value v, const char *error, int *at)
{
    if (hd_as_int32(v, at) < 0) return -1;
    if (*at < 0) { (void)hd_raise(&hd_exc_ValueError, "History index cannot be negative"); return -1; }
    stm_become_irrevocable();
    if (*at >= history_length) { (void)hd_raise(&hd_exc_ValueError, "No history item at position %d", *at); return -1; }
    return 0;
}
static hd_value remove_history_item(ARGS)
{
    int at;
    if (position(args[0], "remove", &at) < 0) return HD_ERR;
    free_entry(remove_history(at));
    return HD_NONE;
}
static hd_value replace_history_item(ARGS)
{
    int at;
    const char *s;
    if (text_arg(args[1], "replace_history_item", &s) < 0 || position(args[0], "replace", &at) < 0) return HD_ERR;
    free_entry(replace_history_entry(at + replace_base, s, NULL));
    return HD_NONE;
}
static hd_value add_history_item(ARGS)
{
    const char *s;
    if (text_arg(args[0], "add_history", &s) < 0) return HD_ERR;
    stm_become_irrevocable();
    add_history(s);
    return HD_NONE;
}
static hd_value clear_all_history(ARGS) { stm_become_irrevocable(); clear_history(); return HD_NONE; }
static hd_value set_auto_history(ARGS)
{
    int on = hd_truth(args[0]);
    if (on < 0) return HD_ERR;
    stm_become_irrevocable();
    auto_history = on;
    return HD_NONE;
}
static hd_value get_line_buffer(ARGS)
{
    stm_become_irrevocable();
    const char *s = rl_line_buffer ? rl_line_buffer : "";
    return hd_str_from_fs(s, strlen(s));
}
static hd_value insert_text(ARGS)
{
    const char *s;
    if (text_arg(args[0], "insert_text", &s) < 0) return HD_ERR;
    stm_become_irrevocable();
    rl_insert_text(s);
    return HD_NONE;
}
static hd_value redisplay(ARGS) { stm_become_irrevocable(); rl_redisplay(); return HD_NONE; }

static hd_value set_hook(const char *name, hd_value *place, const hd_value *args, size_t nargs)
{
    hd_value f = nargs ? args[0] : HD_NONE;
    if (f != HD_NONE && !hd_callable(f)) return hd_raise(&hd_exc_TypeError, "set_%s(func): argument not callable", name);
    stm_become_irrevocable();
    *place = f;
    return HD_NONE;
}
static hd_value set_completer(ARGS) { return set_hook("completer", &completer, args, nargs); }
static hd_value get_completer(ARGS) { return completer; }
static hd_value set_startup_hook(ARGS)
{
    if (set_hook("startup_hook", &startup_hook, args, nargs) == HD_ERR) return HD_ERR;
    rl_startup_hook = startup_hook == HD_NONE ? NULL : on_startup;
    return HD_NONE;
}
static hd_value set_pre_input_hook(ARGS) { return set_hook("pre_input_hook", &pre_input_hook, args, nargs); }
static hd_value set_display_hook(ARGS)
{
    if (set_hook("completion_display_matches_hook", &display_hook, args, nargs) == HD_ERR) return HD_ERR;
    rl_completion_display_matches_hook = display_hook == HD_NONE ? NULL : (VFunction *)show_matches;
    return HD_NONE;
}
static hd_value get_completion_type(ARGS) { return hd_fix(completion_type); }
static hd_value get_begidx(ARGS) { return hd_fix(begin_index); }
static hd_value get_endidx(ARGS) { return hd_fix(end_index); }
static hd_value set_delims(ARGS)
{
    const char *s;
    if (text_arg(args[0], "set_completer_delims", &s) < 0) return HD_ERR;
    stm_become_irrevocable();
    char *copy = strdup(s);
    if (!copy) return hd_no_memory();
    rl_basic_word_break_characters = rl_completer_word_break_characters = copy;
    free(delimiters);
    delimiters = copy;
    return HD_NONE;
}
static hd_value get_delims(ARGS) { return hd_str_from_fs(delimiters, strlen(delimiters)); }

#define DOC(s) "\n\n" s
static const struct hd_methoddef functions[] = {
    { "parse_and_bind", parse_and_bind, 1, 1, 0, "parse_and_bind($module, string, /)\n--" DOC("Executes a line of an initialisation file.") },
    { "read_init_file", read_init_file, 0, 1, 0, "read_init_file($module, filename=None, /)\n--" DOC("Executes an initialisation file.") },
    { "get_line_buffer", get_line_buffer, 0, 0, 0, "get_line_buffer($module, /)\n--" DOC("The line that is being edited.") },
    { "insert_text", insert_text, 1, 1, 0, "insert_text($module, string, /)\n--" DOC("Inserts text at the cursor.") },
    { "redisplay", redisplay, 0, 0, 0, "redisplay($module, /)\n--" DOC("Shows the line as it is now.") },
    { "read_history_file", read_history_file, 0, 1, 0, "read_history_file($module, filename=None, /)\n--" DOC("Appends a file to the history; ~/.history by default.") },
    { "write_history_file", write_history_file, 0, 1, 0, "write_history_file($module, filename=None, /)\n--" DOC("Writes the history to a file; ~/.history by default.") },
    { "append_history_file", append_history_file, 1, 2, 0, "append_history_file($module, nelements, filename=None, /)\n--" DOC("Appends the last lines of the history to a file.") },
    { "get_history_length", get_history_length, 0, 0, 0, "get_history_length($module, /)\n--" DOC("How many lines a history file gets; negative: all.") },
    { "set_history_length", set_history_length, 1, 1, 0, "set_history_length($module, length, /)\n--" DOC("How many lines a history file gets; negative: all.") },
    { "get_current_history_length", get_current_history_length, 0, 0, 0, "get_current_history_length($module, /)\n--" DOC("How many lines the history has.") },
    { "get_history_item", get_history_item, 1, 1, 0, "get_history_item($module, index, /)\n--" DOC("A line of the history; the first is 1.") },
    { "remove_history_item", remove_history_item, 1, 1, 0, "remove_history_item($module, pos, /)\n--" DOC("Removes a line of the history; the first is 0.") },
    { "replace_history_item", replace_history_item, 2, 2, 0, "replace_history_item($module, pos, line, /)\n--" DOC("Replaces a line of the history; the first is 0.") },
    { "add_history", add_history_item, 1, 1, 0, "add_history($module, string, /)\n--" DOC("Appends a line to the history.") },
    { "clear_history", clear_all_history, 0, 0, 0, "clear_history($module, /)\n--" DOC("Empties the history.") },
    { "set_auto_history", set_auto_history, 1, 1, 0, "set_auto_history($module, enabled, /)\n--" DOC("Do lines that are read go into the history?") },
    { "set_completer", set_completer, 0, 1, 0, "set_completer($module, function=None, /)\n--" DOC("function(text, state) gives the state-th word for text, or None.") },
    { "get_completer", get_completer, 0, 0, 0, "get_completer($module, /)\n--" DOC("What set_completer() was given.") },
    { "get_completion_type", get_completion_type, 0, 0, 0, "get_completion_type($module, /)\n--" DOC("The kind of completion that is being tried.") },
    { "get_begidx", get_begidx, 0, 0, 0, "get_begidx($module, /)\n--" DOC("Where the word begins that is to be completed.") },
    { "get_endidx", get_endidx, 0, 0, 0, "get_endidx($module, /)\n--" DOC("Where the word ends that is to be completed.") },
    { "set_completer_delims", set_delims, 1, 1, 0, "set_completer_delims($module, string, /)\n--" DOC("The characters that end a word for completion.") },
    { "get_completer_delims", get_delims, 0, 0, 0, "get_completer_delims($module, /)\n--" DOC("The characters that end a word for completion.") },
    { "set_startup_hook", set_startup_hook, 0, 1, 0, "set_startup_hook($module, function=None, /)\n--" DOC("Called before the first prompt of a line is shown.") },
    { "set_pre_input_hook", set_pre_input_hook, 0, 1, 0, "set_pre_input_hook($module, function=None, /)\n--" DOC("Called after the prompt, before characters are read.") },
    { "set_completion_display_matches_hook", set_display_hook, 0, 1, 0, "set_completion_display_matches_hook($module, function=None, /)\n--" DOC("function(word, words, longest) shows the words to choose from.") },
    { 0 }
};

static int fill(hd_value m)
{
    stm_become_irrevocable();
    hd_value *places[] = { &completer, &startup_hook, &pre_input_hook, &display_hook };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) hd_root(places[i]), *places[i] = HD_NONE;
    if (!delimiters) {
        rl_readline_name = "python";
        rl_catch_signals = 0;
        rl_pre_input_hook = on_input;
        rl_getc_function = next_char;        /* looked at by rl_initialize only */
        rl_initialize();
        using_history();
        add_history("1");
        HIST_ENTRY *first = replace_history_entry(1, "", NULL);
        replace_base = first != NULL;
        free_entry(first);
        clear_history();
        rl_attempted_completion_function = all_matches;
        if (!(delimiters = strdup(" \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?"))) { (void)hd_no_memory(); return -1; }
        rl_basic_word_break_characters = rl_completer_word_break_characters = delimiters;
        hd_line_editor = read_line;
    }
    if (hd_module_add_int(m, "_READLINE_VERSION", rl_readline_version) < 0 || hd_module_add_int(m, "_READLINE_RUNTIME_VERSION", rl_readline_version) < 0) return -1;
    return hd_module_add_str(m, "_READLINE_LIBRARY_VERSION", rl_library_version);
}
const struct hd_moduledef hd_module_readline = { "readline", "Importing this module enables command line editing using libedit readline.", functions, fill };
