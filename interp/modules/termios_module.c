/* The module termios: terminals. */
#include <sys/ioctl.h>
#include <termios.h>
#include "interp/modules/posix_internal.h"

static hd_value error_type;
static hd_value failed(int err)
{
    if (hd_exc_pending()) return HD_ERR;
    hd_value a[] = { hd_fix(err), hd_str_utf8(strerror(err)) }, e = a[1] == HD_ERR ? HD_ERR : hd_exc_new(HD_TYPE(error_type), a, 2);
    return e == HD_ERR ? HD_ERR : hd_raise_object(e);
}
static int fd_arg(hd_value v, int *fd)
{
    if (hd_fd_arg(v, fd) < 0) return -1;
    if (*fd >= 0) return 0;
    hd_raise(&hd_exc_ValueError, "file descriptor cannot be a negative integer (%d)", *fd);
    return -1;
}
static PX(tm_tcgetattr)
{
    int fd, r, err;
    struct termios t;
    if (fd_arg(args[0], &fd) < 0) return HD_ERR;
    SYSCALL(r, err, tcgetattr(fd, &t));
    if (r < 0) return failed(err);
    hd_value cc[NCCS];
    for (int i = 0; i < NCCS; i++) {
        bool number = !(t.c_lflag & ICANON) && (i == VMIN || i == VTIME);
        if ((cc[i] = number ? hd_fix(t.c_cc[i]) : hd_bytes_new(&t.c_cc[i], 1)) == HD_ERR) return HD_ERR;
    }
    hd_value chars = hd_list_from(cc, NCCS);
    if (chars == HD_ERR) return HD_ERR;
    hd_value v[] = { hd_int(t.c_iflag), hd_int(t.c_oflag), hd_int(t.c_cflag), hd_int(t.c_lflag), hd_int(cfgetispeed(&t)), hd_int(cfgetospeed(&t)), chars };
    return hd_list_from(v, 7);
}
static PX(tm_tcsetattr)
{
    int fd, when, r, err;
    struct termios t;
    int64_t number[6];
    hd_value l = args[2];
    if (fd_arg(args[0], &fd) < 0 || hd_as_int32(args[1], &when) < 0) return HD_ERR;
    if (!hd_is_list(l) || hd_list_len(l) != 7) return hd_raise(&hd_exc_TypeError, "tcsetattr, arg 3: must be 7 element list");
    SYSCALL(r, err, tcgetattr(fd, &t));                      /* members that Python does not show stay */
    if (r < 0) return failed(err);
    for (int i = 0; i < 6; i++) {
        hd_value v = hd_list_get(l, i);
        if (v == HD_ABSENT || !hd_is_int(v)) return hd_raise(&hd_exc_TypeError, "an integer is required (got type %T)", v == HD_ABSENT ? HD_NONE : v);
        if (hd_as_i64(v, &number[i]) < 0) return HD_ERR;
    }
    hd_value cc = hd_list_get(l, 6);
    if (cc == HD_ABSENT || !hd_is_list(cc) || hd_list_len(cc) != NCCS) return hd_raise(&hd_exc_TypeError, "tcsetattr: attributes[6] must be %d element list", NCCS);
    t.c_iflag = (tcflag_t)number[0], t.c_oflag = (tcflag_t)number[1], t.c_cflag = (tcflag_t)number[2], t.c_lflag = (tcflag_t)number[3];
    for (int i = 0; i < NCCS; i++) {
        hd_value v = hd_list_get(cc, i);
        int64_t n;
        if (v != HD_ABSENT && hd_is_bytes(v) && HD_BYTES(v)->len == 1) t.c_cc[i] = HD_BYTES(v)->data[0];
        else if (v != HD_ABSENT && hd_is_int(v)) {
            if (hd_as_i64(v, &n) < 0) return HD_ERR;
            t.c_cc[i] = (cc_t)n;
        } else return hd_raise(&hd_exc_TypeError, "tcsetattr: elements of attributes must be characters or integers");
    }
    if (cfsetispeed(&t, (speed_t)number[4]) < 0 || cfsetospeed(&t, (speed_t)number[5]) < 0) return failed(errno);
    SYSCALL(r, err, tcsetattr(fd, when, &t));
    return r < 0 ? failed(err) : HD_NONE;
}
#define FD_INT(name, call) static PX(tm_##name) { int fd, n, r, err; if (fd_arg(args[0], &fd) < 0 || hd_as_int32(args[1], &n) < 0) return HD_ERR; \
    SYSCALL(r, err, call); return r < 0 ? failed(err) : HD_NONE; }
FD_INT(tcsendbreak, tcsendbreak(fd, n))
FD_INT(tcflush, tcflush(fd, n))
FD_INT(tcflow, tcflow(fd, n))
static PX(tm_tcdrain)
{
    int fd, r, err;
    if (fd_arg(args[0], &fd) < 0) return HD_ERR;
    SYSCALL(r, err, tcdrain(fd));
    return r < 0 ? failed(err) : HD_NONE;
}
static PX(tm_tcgetwinsize)
{
    int fd, r, err;
    struct winsize w;
    if (fd_arg(args[0], &fd) < 0) return HD_ERR;
    SYSCALL(r, err, ioctl(fd, TIOCGWINSZ, &w));
    return r < 0 ? failed(err) : hd_tuplev(hd_fix(w.ws_row), hd_fix(w.ws_col));
}
static PX(tm_tcsetwinsize)
{
    int fd, r, err;
    int64_t size[2];
    struct winsize w;
    const char *message = "tcsetwinsize, arg 2: must be a two-item sequence";
    if (fd_arg(args[0], &fd) < 0) return HD_ERR;
    const hd_value *item;
    int64_t n;
    if (!hd_is_tuple(args[1]) && !hd_is_list(args[1]) && !(hd_is_ptr(args[1]) && hd_type_of(args[1])->op.getitem)) return hd_raise(&hd_exc_TypeError, "%s", message);
    hd_value keep = hd_fast_sequence(args[1], message, &item, &n);
    if (keep == HD_ERR) return HD_ERR;
    if (n != 2) return hd_raise(&hd_exc_TypeError, "%s", message);
    for (int i = 0; i < 2; i++) if (hd_as_i64(item[i], &size[i]) < 0) return HD_ERR;
    if (size[0] < 0 || size[0] > 65535 || size[1] < 0 || size[1] > 65535) return hd_raise(&hd_exc_OverflowError, "winsize value(s) out of range");
    SYSCALL(r, err, ioctl(fd, TIOCGWINSZ, &w));
    if (r < 0) return failed(err);
    w.ws_row = (unsigned short)size[0], w.ws_col = (unsigned short)size[1];
    SYSCALL(r, err, ioctl(fd, TIOCSWINSZ, &w));
    return r < 0 ? failed(err) : HD_NONE;
}
static const struct hd_methoddef methods[] = {
    { "tcgetattr", tm_tcgetattr, 1, 1, 0, NULL }, { "tcsetattr", tm_tcsetattr, 3, 3, 0, NULL }, { "tcsendbreak", tm_tcsendbreak, 2, 2, 0, NULL },
    { "tcdrain", tm_tcdrain, 1, 1, 0, NULL }, { "tcflush", tm_tcflush, 2, 2, 0, NULL }, { "tcflow", tm_tcflow, 2, 2, 0, NULL },
    { "tcgetwinsize", tm_tcgetwinsize, 1, 1, 0, NULL }, { "tcsetwinsize", tm_tcsetwinsize, 2, 2, 0, NULL }, { 0 }
};
static int fill(hd_value m)
{
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, x },
        C(B0) C(B1000000) C(B110) C(B115200) C(B1152000) C(B1200) C(B134) C(B150) C(B1500000) C(B1800) C(B19200) C(B200) C(B2000000) C(B230400) C(B2400)
        C(B2500000) C(B300) C(B3000000) C(B3500000) C(B38400) C(B4000000) C(B460800) C(B4800) C(B50) C(B500000) C(B57600) C(B576000) C(B600) C(B75) C(B921600)
        C(B9600) C(BRKINT) C(BS0) C(BS1) C(BSDLY) C(CBAUD) C(CBAUDEX) C(CDSUSP) C(CEOF) C(CEOL) C(CEOT) C(CERASE) C(CFLUSH) C(CIBAUD) C(CINTR) C(CKILL)
        C(CLNEXT) C(CLOCAL) C(CQUIT) C(CR0) C(CR1) C(CR2) C(CR3) C(CRDLY) C(CREAD) C(CRPRNT) C(CRTSCTS) C(CS5) C(CS6) C(CS7) C(CS8) C(CSIZE) C(CSTART)
        C(CSTOP) C(CSTOPB) C(CSUSP) C(CWERASE) C(ECHO) C(ECHOCTL) C(ECHOE) C(ECHOK) C(ECHOKE) C(ECHONL) C(ECHOPRT) C(EXTA) C(EXTB) C(FF0) C(FF1) C(FFDLY)
        C(FIOASYNC) C(FIOCLEX) C(FIONBIO) C(FIONCLEX) C(FIONREAD) C(FLUSHO) C(HUPCL) C(ICANON) C(ICRNL) C(IEXTEN) C(IGNBRK) C(IGNCR) C(IGNPAR) C(IMAXBEL)
        C(INLCR) C(INPCK) C(IOCSIZE_MASK) C(IOCSIZE_SHIFT) C(ISIG) C(ISTRIP) C(IUCLC) C(IXANY) C(IXOFF) C(IXON) C(NCC) C(NCCS) C(NL0) C(NL1) C(NLDLY)
        C(NOFLSH) C(N_MOUSE) C(N_PPP) C(N_SLIP) C(N_STRIP) C(N_TTY) C(OCRNL) C(OFDEL) C(OFILL) C(OLCUC) C(ONLCR) C(ONLRET) C(ONOCR) C(OPOST) C(PARENB)
        C(PARMRK) C(PARODD) C(PENDIN) C(TAB0) C(TAB1) C(TAB2) C(TAB3) C(TABDLY) C(TCFLSH) C(TCGETA) C(TCGETS) C(TCIFLUSH) C(TCIOFF) C(TCIOFLUSH) C(TCION)
        C(TCOFLUSH) C(TCOOFF) C(TCOON) C(TCSADRAIN) C(TCSAFLUSH) C(TCSANOW) C(TCSBRK) C(TCSBRKP) C(TCSETA) C(TCSETAF) C(TCSETAW) C(TCSETS) C(TCSETSF)
        C(TCSETSW) C(TCXONC) C(TIOCCONS) C(TIOCEXCL) C(TIOCGETD) C(TIOCGICOUNT) C(TIOCGLCKTRMIOS) C(TIOCGPGRP) C(TIOCGSERIAL) C(TIOCGSOFTCAR) C(TIOCGWINSZ)
        C(TIOCINQ) C(TIOCLINUX) C(TIOCMBIC) C(TIOCMBIS) C(TIOCMGET) C(TIOCMIWAIT) C(TIOCMSET) C(TIOCM_CAR) C(TIOCM_CD) C(TIOCM_CTS) C(TIOCM_DSR) C(TIOCM_DTR)
        C(TIOCM_LE) C(TIOCM_RI) C(TIOCM_RNG) C(TIOCM_RTS) C(TIOCM_SR) C(TIOCM_ST) C(TIOCNOTTY) C(TIOCNXCL) C(TIOCOUTQ) C(TIOCPKT) C(TIOCPKT_DATA)
        C(TIOCPKT_DOSTOP) C(TIOCPKT_FLUSHREAD) C(TIOCPKT_FLUSHWRITE) C(TIOCPKT_NOSTOP) C(TIOCPKT_START) C(TIOCPKT_STOP) C(TIOCSCTTY) C(TIOCSERCONFIG)
        C(TIOCSERGETLSR) C(TIOCSERGETMULTI) C(TIOCSERGSTRUCT) C(TIOCSERGWILD) C(TIOCSERSETMULTI) C(TIOCSERSWILD) C(TIOCSER_TEMT) C(TIOCSETD) C(TIOCSLCKTRMIOS)
        C(TIOCSPGRP) C(TIOCSSERIAL) C(TIOCSSOFTCAR) C(TIOCSTI) C(TIOCSWINSZ) C(TOSTOP) C(VDISCARD) C(VEOF) C(VEOL) C(VEOL2) C(VERASE) C(VINTR) C(VKILL)
        C(VLNEXT) C(VMIN) C(VQUIT) C(VREPRINT) C(VSTART) C(VSTOP) C(VSUSP) C(VSWTC) { "VSWTCH", VSWTC }, C(VT0) C(VT1) C(VTDLY) C(VTIME) C(VWERASE) C(XCASE) C(XTABS)
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    hd_root(&error_type);
    hd_value ns = hd_dict_new(), bases = hd_tuplev(hd_obj(&hd_exc_Exception));
    if (ns == HD_ERR || bases == HD_ERR || hd_dict_set_c(ns, "__module__", hd_intern("termios")) < 0) return -1;
    error_type = hd_type_new(&hd_type_type, hd_intern("error"), bases, ns, NULL, 0);
    return error_type == HD_ERR ? -1 : hd_module_add(m, "error", error_type);
}
const struct hd_moduledef hd_module_termios = { "termios", "Settings of terminals.", methods, fill };
