# ssl: contexts, connections over sockets and memory, certificates, errors, SNI, ALPN, sessions.
import os
import socket
import ssl
import tempfile
import threading

KEY = '''\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3qiFhoJW7lIu42W1
23ZZkcSUO694JtNz4ipJAdaMxHShRANCAAQ+d49gKNv2B3Sdigs7j87smlUqbfL1
KUv94OHh+optQOU3Hju2/dsgVDpVnm1y3j0hmq3EcLGl+4zhJVzxrC84
-----END PRIVATE KEY-----
'''
LOCKED = '''\
-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,085C82128C56BB283FE05C7584F0946E

iNmEZCvHicODGTACUYBT8AE4CtFWCCyFNDEti7QAy4KbxhnobMZiM5aSCA/jqFgT
PE9NRDLJrbCcixoYeTcNLKkLRUjMRKq/O13Z+Hxsd8FJHNF5C2rKltbJ/AAKdqti
KhB9el4npH+KY7OYF1lBfMJEREv5HKF35S9HTuH6aHg=
-----END EC PRIVATE KEY-----
'''
CERT = '''\
-----BEGIN CERTIFICATE-----
MIICJTCCAcqgAwIBAgIUTDabsnjKTp2p4AMCSOs6P4kDWa0wCgYIKoZIzj0EAwIw
RzELMAkGA1UEBhMCWFkxDTALBgNVBAcMBExvb20xFTATBgNVBAoMDEhlZGRsZSB0
ZXN0czESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEwMDUwNVoYDzIxMjYx
MDI4MTAwNTA1WjBHMQswCQYDVQQGEwJYWTENMAsGA1UEBwwETG9vbTEVMBMGA1UE
CgwMSGVkZGxlIHRlc3RzMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQ+d49gKNv2B3Sdigs7j87smlUqbfL1KUv94OHh+optQOU3
Hju2/dsgVDpVnm1y3j0hmq3EcLGl+4zhJVzxrC84o4GRMIGOMB0GA1UdDgQWBBTL
ld0NoL4DbTQvjyt1WNK1c709sTAfBgNVHSMEGDAWgBTLld0NoL4DbTQvjyt1WNK1
c709sTAPBgNVHRMBAf8EBTADAQH/MDsGA1UdEQQ0MDKCCWxvY2FsaG9zdIcEfwAA
AYYSaHR0cHM6Ly9sb2NhbGhvc3QvgQthQGxvY2FsaG9zdDAKBggqhkjOPQQDAgNJ
ADBGAiEA8TVbCQsKfevb9+3/Z3VQpdZBhCM9foS97FxjFGrn41wCIQDFm0SuiQwV
qtjOUsgdpRDcwI+/AWeeWbfECypnFGc48g==
-----END CERTIFICATE-----
'''
d = tempfile.mkdtemp()
cert, locked, only_key = (os.path.join(d, n) for n in ('cert.pem', 'locked.pem', 'key.pem'))
for path, text in ((cert, KEY + CERT), (locked, LOCKED + CERT), (only_key, KEY)):
    with open(path, 'w') as f:
        f.write(text)


def server_context():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(cert)
    return c


def serve(context, f, count=1):
    listener = socket.create_server(('127.0.0.1', 0))

    def run():
        for _ in range(count):
            conn = listener.accept()[0]
            try:
                with context.wrap_socket(conn, server_side=True) as s:
                    f(s)
            except (ssl.SSLError, ConnectionError) as e:
                failures.append(type(e).__name__)
        listener.close()
    failures = []
    t = threading.Thread(target=run)
    t.start()
    return listener.getsockname(), t, failures


# a connection over sockets
def answer(s):
    s.sendall(s.recv(100).upper())
    s.sendall(b'x' * 300000)

trusting = ssl.create_default_context(cafile=cert)
address, t, failures = serve(server_context(), answer)
with trusting.wrap_socket(socket.create_connection(address), server_hostname='localhost') as s:
    print(s.version(), s.cipher()[0], s.cipher()[2], s.compression(), s.server_hostname, s.session_reused, s.selected_alpn_protocol())
    peer = s.getpeercert()
    print(peer['subject'], peer['version'], peer['subjectAltName'], sorted(peer))
    print(s.getpeercert(True) == ssl.PEM_cert_to_DER_cert(CERT))
    s.sendall(b'hello')
    print(s.recv(5))
    total, buffer = 0, bytearray(70000)
    while n := s.recv_into(buffer):
        total += n
    print(total, s.recv(10))
t.join()

# who does not verify
address, t, failures = serve(server_context(), answer, 3)
for context, name in ((ssl.create_default_context(), 'localhost'), (trusting, 'example.org'), (trusting, '192.0.2.1')):
    try:
        context.wrap_socket(socket.create_connection(address), server_hostname=name)
    except ssl.SSLCertVerificationError as e:
        print(e.verify_code, e.verify_message, e.reason, e.library, e.errno, isinstance(e, ValueError), str(e).rsplit(' (', 1)[0])
t.join()
print(len(failures))

# timeouts and non-blocking sockets
silent = socket.create_server(('127.0.0.1', 0))
with socket.create_connection(silent.getsockname(), timeout=0.05) as raw:
    try:
        trusting.wrap_socket(raw, server_hostname='localhost')
    except TimeoutError as e:
        print('timed out', str(e).split(': ')[1])
raw = socket.create_connection(silent.getsockname())
raw.setblocking(False)
s = trusting.wrap_socket(raw, server_hostname='localhost', do_handshake_on_connect=False)
try:
    s.do_handshake()
except ssl.SSLWantReadError as e:
    print(e.errno == ssl.SSL_ERROR_WANT_READ, str(e).rsplit(' (', 1)[0])
s.close()
silent.close()


# over memory
def pair(client, server, **kw):
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    x = client.wrap_bio(a, b, server_hostname='localhost', **kw)
    y = server.wrap_bio(b, a, server_side=True)
    waiting = [x, y]
    for _ in range(10):
        for o in list(waiting):
            try:
                o.do_handshake()
                waiting.remove(o)
            except ssl.SSLWantReadError:
                pass
    return x, y, a, b

server = server_context()
x, y, a, b = pair(trusting, server)
print(x.version(), x.write(b'over memory'), y.read(100), y.write(b'back'), x.read())
print(x.pending(), a.pending, a.eof, type(x.context) is ssl.SSLContext, y.server_side)
try:
    x.read(5)
except ssl.SSLWantReadError:
    print('want read')
print(x.write(b'a' * 1000000), len(y.read(2000000)))              # all of it, in many records
while True:
    try:
        y.read(2000000)
    except ssl.SSLWantReadError:
        break
try:
    x.unwrap()
except ssl.SSLWantReadError:
    print(y.read(), )
    y.unwrap()
    x.unwrap()
m = ssl.MemoryBIO()
print(m.write(b''), m.write(b'abcdef'), m.read(2), m.pending, m.read(), m.read(), m.eof)
m.write_eof()
print(m.eof)
try:
    m.write(b'x')
except ssl.SSLError as e:
    print(e)
try:
    ssl.create_default_context().wrap_bio(m, ssl.MemoryBIO(), server_hostname='x').do_handshake()
except ssl.SSLError as e:
    print(type(e).__name__)

# ALPN, SNI, sessions
server.set_alpn_protocols(['h2', 'http/1.1'])
trusting.set_alpn_protocols(['http/1.1', 'spdy'])
seen = []
server.sni_callback = lambda sock, name, context: seen.append((name, context is server, type(sock).__name__))
x, y, a, b = pair(trusting, server)
print(x.selected_alpn_protocol(), y.selected_alpn_protocol(), seen)
server.sni_callback = lambda *args: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
try:
    pair(trusting, server)
except ssl.SSLError as e:
    print(e.reason)
other = server_context()
server.sni_callback = lambda sock, name, context: setattr(sock, 'context', other)
x, y, a, b = pair(trusting, server)
print(y.context is other)
server.sni_callback = None
trusting.maximum_version = ssl.TLSVersion.TLSv1_2
x, y, a, b = pair(trusting, server)
session = x.session
x2, y2, a, b = pair(trusting, server, session=session)
print(x.version(), x2.session_reused, x2.session == session, len(session.id), session.timeout > 0, x.get_channel_binding() == y.get_channel_binding())

# contexts
c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
print(c.verify_mode, c.check_hostname, c.protocol, c.minimum_version, c.maximum_version, ssl.OP_NO_COMPRESSION in c.options)
c.check_hostname = False
c.verify_mode = ssl.CERT_NONE
c.options |= ssl.OP_NO_TICKET
c.minimum_version = ssl.TLSVersion.TLSv1_3
print(c.verify_mode, c.check_hostname, ssl.OP_NO_TICKET in c.options, c.minimum_version)
c.load_verify_locations(cadata=CERT)
print(c.cert_store_stats(), len(c.get_ca_certs()), c.get_ca_certs()[0]['issuer'][3] if c.get_ca_certs() else None)
c.load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(CERT))
c.set_ciphers('ECDHE+AESGCM')
names = {x['name'] for x in c.get_ciphers()}
print('ECDHE-RSA-AES128-GCM-SHA256' in names, 'AES128-SHA' in names)
asked = []
c.load_cert_chain(locked, password=lambda: asked.append(1) or 'secret')
c.load_cert_chain(locked, password=b'secret')
print(asked)
for bad in (lambda: c.load_cert_chain(os.path.join(d, 'none')), lambda: c.load_cert_chain(only_key), lambda: c.load_cert_chain(locked, password='wrong'),
            lambda: c.load_cert_chain(locked, password=lambda: 5), lambda: c.set_ciphers('no such cipher'), lambda: c.load_verify_locations(), lambda: setattr(c, 'verify_mode', 9),
            lambda: c.load_verify_locations(cadata='x'), lambda: c.load_verify_locations(os.path.join(d, 'none')), lambda: c.set_ecdh_curve('none'),
            lambda: c.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True), lambda: c.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname='.x'),
            lambda: setattr(c, 'sni_callback', len), lambda: ssl.SSLContext(99)):
    try:
        bad()
    except (OSError, TypeError, ValueError) as e:
        print(type(e).__name__, str(e).rsplit(' (', 1)[0].replace(d, ''))
print(ssl.RAND_status(), len(ssl.RAND_bytes(9)), ssl._txt2obj('1.3.6.1.5.5.7.3.1'), ssl._nid2obj(129)[1])
print(issubclass(ssl.SSLError, OSError), ssl.SSLError.__module__, ssl.SSLError(5, 'text'), ssl.SSLError('one'))
