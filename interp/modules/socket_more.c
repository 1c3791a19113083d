/* The _socket module: the host and interface tables and the less common constants. */
#include <arpa/inet.h>
#include <linux/can.h>
#include <linux/can/bcm.h>
#include <linux/can/isotp.h>
#include <linux/can/j1939.h>
#include <linux/can/raw.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "interp/types/bytes.h"
#include "interp/modules/io_internal.h"
#include "interp/modules/socket_internal.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

/* ---- hosts and interfaces ----------------------------------------------------------------------------------------------------------- */
static hd_value strings(char **p)
{
    hd_value l = hd_list_new(0);
    for (; l != HD_ERR && p && *p; p++) {
        hd_value s = hd_str_from_fs(*p, strlen(*p));
        if (s == HD_ERR || hd_list_append(l, s) < 0) return HD_ERR;
    }
    return l;
}
static hd_value fn_gethostbyname_ex(ARGS)
{
    enum { ROOM = 16 * 1024 };
    const char *host = hd_socket_host(args[0], "gethostbyname_ex() argument 1");
    char *buf = host ? hd_scratch(ROOM) : NULL;
    if (!buf) return HD_ERR;
    struct hostent he, *r = NULL;
    int code = 0;
    HD_BLOCKING
        gethostbyname_r(host, &he, buf, ROOM, &r, &code);
    HD_END_BLOCKING
    if (!r) {
        int gai = code == TRY_AGAIN ? EAI_AGAIN : code == NO_DATA ? EAI_NODATA : code == NO_RECOVERY ? EAI_FAIL : EAI_NONAME;
        return hd_socket_gai_error(gai);
    }
    hd_value names = strings(he.h_aliases), addresses = names == HD_ERR ? HD_ERR : hd_list_new(0);
    for (char **p = he.h_addr_list; addresses != HD_ERR && p && *p; p++) {
        char t[INET6_ADDRSTRLEN];
        inet_ntop(he.h_addrtype, *p, t, sizeof t);
        hd_value s = hd_str_utf8(t);
        if (s == HD_ERR || hd_list_append(addresses, s) < 0) return HD_ERR;
    }
    return addresses == HD_ERR ? HD_ERR : hd_tuplev(hd_str_from_fs(he.h_name, strlen(he.h_name)), names, addresses);
}
static hd_value fn_sethostname(ARGS)
{
    hd_value b = hd_is_str(args[0]) ? hd_str_encode(args[0], "utf-8", "surrogateescape") : hd_bytes_fixed(args[0]);
    if (b == HD_ERR) return HD_ERR;
    return sethostname((char *)HD_BYTES(b)->data, (size_t)HD_BYTES(b)->len) < 0 ? hd_socket_fail(errno) : HD_NONE;
}
static hd_value fn_if_indextoname(ARGS)
{
    int64_t i;
    char name[IF_NAMESIZE + 1];
    if (hd_as_i64(args[0], &i) < 0) return HD_ERR;
    if (i < 0 || i > UINT32_MAX) return hd_raise(&hd_exc_OverflowError, "can't convert negative value to unsigned int");
    return if_indextoname((unsigned)i, name) ? hd_str_from_fs(name, strlen(name)) : hd_socket_fail(errno);
}
static hd_value fn_if_nameindex(ARGS)
{
    enum { MOST = 4096 };
    struct found { unsigned index; char name[IF_NAMESIZE + 1]; } *all = hd_scratch(MOST * sizeof *all);
    size_t n = 0;
    int err = 0;
    if (!all) return HD_ERR;
    HD_BLOCKING
        struct if_nameindex *list = if_nameindex();
        if (!list) err = errno;
        for (n = 0; list && n < MOST && list[n].if_index; n++) {
            all[n].index = list[n].if_index;
            strncpy(all[n].name, list[n].if_name, IF_NAMESIZE);
            all[n].name[IF_NAMESIZE] = 0;
        }
        if (list) if_freenameindex(list);
    HD_END_BLOCKING
    if (err) return hd_socket_fail(err);
    hd_value l = hd_list_new(n);
    for (size_t i = 0; l != HD_ERR && i < n; i++) {
        hd_value t = hd_tuplev(hd_int(all[i].index), hd_str_from_fs(all[i].name, strlen(all[i].name)));
        if (t == HD_ERR || hd_list_append(l, t) < 0) return HD_ERR;
    }
    return l;
}
static const struct hd_methoddef functions[] = {
    { "gethostbyname_ex", fn_gethostbyname_ex, 1, 1, 0, "gethostbyname_ex(host) -> (name, aliaslist, addresslist)" }, { "sethostname", fn_sethostname, 1, 1, 0, "sethostname(name)" },
    { "if_indextoname", fn_if_indextoname, 1, 1, 0, "if_indextoname(if_index)" }, { "if_nameindex", fn_if_nameindex, 0, 0, 0, "if_nameindex()" }, { 0 }
};
int hd_socket_more_fill(hd_value m)
{
    static const struct { const char *name; int64_t v; } c[] = {
#define C(x) { #x, (int64_t)x },
        C(AF_ALG) C(AF_APPLETALK) C(AF_ASH) C(AF_ATMPVC) C(AF_ATMSVC) C(AF_AX25) C(AF_BRIDGE) C(AF_CAN) C(AF_DECnet) C(AF_ECONET) C(AF_IPX) C(AF_IRDA) C(AF_KEY)
        C(AF_LLC) C(AF_NETBEUI) C(AF_NETROM) C(AF_PPPOX) C(AF_QIPCRTR) C(AF_RDS) C(AF_ROSE) C(AF_ROUTE) C(AF_SECURITY) C(AF_SNA) C(AF_TIPC) C(AF_VSOCK) C(AF_WANPIPE)
        C(AF_X25) C(ALG_OP_DECRYPT) C(ALG_OP_ENCRYPT) C(ALG_SET_AEAD_ASSOCLEN) C(ALG_SET_AEAD_AUTHSIZE) C(ALG_SET_IV) C(ALG_SET_KEY) C(ALG_SET_OP) C(CAN_BCM)
        C(CAN_EFF_FLAG) C(CAN_EFF_MASK) C(CAN_ERR_FLAG) C(CAN_ERR_MASK) C(CAN_ISOTP) C(CAN_J1939) C(CAN_RAW) C(CAN_RAW_FD_FRAMES) C(CAN_RAW_FILTER)
        C(CAN_RAW_JOIN_FILTERS) C(CAN_RAW_LOOPBACK) C(CAN_RAW_RECV_OWN_MSGS) C(CAN_RTR_FLAG) C(CAN_SFF_MASK) C(INADDR_ALLHOSTS_GROUP) C(INADDR_MAX_LOCAL_GROUP)
        C(INADDR_UNSPEC_GROUP) C(IOCTL_VM_SOCKETS_GET_LOCAL_CID) C(IPPORT_RESERVED) C(IPPORT_USERRESERVED) C(IPPROTO_AH) C(IPPROTO_DSTOPTS) C(IPPROTO_EGP)
        C(IPPROTO_ESP) C(IPPROTO_FRAGMENT) C(IPPROTO_GRE) C(IPPROTO_HOPOPTS) C(IPPROTO_IDP) C(IPPROTO_IGMP) C(IPPROTO_IPIP) C(IPPROTO_MPTCP) C(IPPROTO_NONE)
        C(IPPROTO_PIM) C(IPPROTO_PUP) C(IPPROTO_ROUTING) C(IPPROTO_RSVP) C(IPPROTO_SCTP) C(IPPROTO_TP) C(IPPROTO_UDPLITE) C(IPV6_CHECKSUM) C(IPV6_DONTFRAG)
        C(IPV6_DSTOPTS) C(IPV6_HOPLIMIT) C(IPV6_HOPOPTS) C(IPV6_NEXTHOP) C(IPV6_PATHMTU) C(IPV6_PKTINFO) C(IPV6_RECVDSTOPTS) C(IPV6_RECVHOPLIMIT) C(IPV6_RECVHOPOPTS)
        C(IPV6_RECVPATHMTU) C(IPV6_RECVPKTINFO) C(IPV6_RECVRTHDR) C(IPV6_RECVTCLASS) C(IPV6_RTHDR) C(IPV6_RTHDRDSTOPTS) C(IPV6_RTHDR_TYPE_0) C(IPV6_TCLASS)
        C(IP_BIND_ADDRESS_NO_PORT) C(IP_DEFAULT_MULTICAST_LOOP) C(IP_DEFAULT_MULTICAST_TTL) C(IP_HDRINCL) C(IP_MAX_MEMBERSHIPS) C(IP_RECVOPTS) C(IP_RECVRETOPTS)
        C(IP_RECVTOS) C(IP_RETOPTS) C(IP_TRANSPARENT) C(J1939_EE_INFO_NONE) C(J1939_EE_INFO_TX_ABORT) C(J1939_FILTER_MAX) C(J1939_IDLE_ADDR)
        C(J1939_MAX_UNICAST_ADDR) C(J1939_NLA_BYTES_ACKED) C(J1939_NLA_PAD) C(J1939_NO_ADDR) C(J1939_NO_NAME) C(J1939_NO_PGN) C(J1939_PGN_ADDRESS_CLAIMED)
        C(J1939_PGN_ADDRESS_COMMANDED) C(J1939_PGN_MAX) C(J1939_PGN_PDU1_MAX) C(J1939_PGN_REQUEST) C(MSG_CONFIRM) C(MSG_ERRQUEUE) C(MSG_FASTOPEN) C(NETLINK_CRYPTO)
        C(NETLINK_DNRTMSG) C(NETLINK_FIREWALL) C(NETLINK_IP6_FW) C(NETLINK_NFLOG) C(NETLINK_ROUTE) C(NETLINK_USERSOCK) C(NETLINK_XFRM) C(PACKET_BROADCAST)
        C(PACKET_FASTROUTE) C(PACKET_HOST) C(PACKET_LOOPBACK) C(PACKET_MULTICAST) C(PACKET_OTHERHOST) C(PACKET_OUTGOING) C(PF_CAN) C(PF_PACKET) C(PF_RDS)
        C(SCM_CREDENTIALS) C(SCM_J1939_DEST_ADDR) C(SCM_J1939_DEST_NAME) C(SCM_J1939_ERRQUEUE) C(SCM_J1939_PRIO) C(SOL_ALG) C(SOL_CAN_BASE) C(SOL_CAN_RAW) C(SOL_IP)
        C(SOL_RDS) C(SOL_TCP) C(SOL_TIPC) C(SOL_UDP) C(SO_INCOMING_CPU) C(SO_J1939_ERRQUEUE) C(SO_J1939_FILTER) C(SO_J1939_PROMISC) C(SO_J1939_SEND_PRIO)
        C(SO_PASSSEC) C(SO_PEERSEC) C(SO_VM_SOCKETS_BUFFER_MAX_SIZE) C(SO_VM_SOCKETS_BUFFER_MIN_SIZE) C(SO_VM_SOCKETS_BUFFER_SIZE) C(TCP_CONGESTION)
        C(TCP_NOTSENT_LOWAT) C(TCP_WINDOW_CLAMP) C(TIPC_ADDR_ID) C(TIPC_ADDR_NAME) C(TIPC_ADDR_NAMESEQ) C(TIPC_CFG_SRV) C(TIPC_CLUSTER_SCOPE) C(TIPC_CONN_TIMEOUT)
        C(TIPC_CRITICAL_IMPORTANCE) C(TIPC_DEST_DROPPABLE) C(TIPC_HIGH_IMPORTANCE) C(TIPC_IMPORTANCE) C(TIPC_LOW_IMPORTANCE) C(TIPC_MEDIUM_IMPORTANCE)
        C(TIPC_NODE_SCOPE) C(TIPC_PUBLISHED) C(TIPC_SRC_DROPPABLE) C(TIPC_SUBSCR_TIMEOUT) C(TIPC_SUB_CANCEL) C(TIPC_SUB_PORTS) C(TIPC_SUB_SERVICE) C(TIPC_TOP_SRV)
        C(TIPC_WAIT_FOREVER) C(TIPC_WITHDRAWN) C(TIPC_ZONE_SCOPE) C(VMADDR_CID_ANY) C(VMADDR_CID_HOST) C(VMADDR_PORT_ANY) C(VM_SOCKETS_INVALID_VERSION)
#undef C
#define BCM(x) { "CAN_BCM_" #x, (int64_t)x },
        BCM(CAN_FD_FRAME) BCM(RX_ANNOUNCE_RESUME) BCM(RX_CHANGED) BCM(RX_CHECK_DLC) BCM(RX_DELETE) BCM(RX_FILTER_ID) BCM(RX_NO_AUTOTIMER) BCM(RX_READ)
        BCM(RX_RTR_FRAME) BCM(RX_SETUP) BCM(RX_STATUS) BCM(RX_TIMEOUT) BCM(SETTIMER) BCM(STARTTIMER) BCM(TX_ANNOUNCE) BCM(TX_COUNTEVT) BCM(TX_CP_CAN_ID)
        BCM(TX_DELETE) BCM(TX_EXPIRED) BCM(TX_READ) BCM(TX_RESET_MULTI_IDX) BCM(TX_SEND) BCM(TX_SETUP) BCM(TX_STATUS) { "UDPLITE_RECV_CSCOV", 11 },
        { "UDPLITE_SEND_CSCOV", 10 },
#undef BCM
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    for (const struct hd_methoddef *f = functions; f->name; f++) {
        hd_value fn = hd_cfunction_new(f, m, hd_intern("_socket"));
        if (fn == HD_ERR || hd_module_add(m, f->name, fn) < 0) return -1;
    }
    return 0;
}
