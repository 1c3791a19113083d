"""The exceptions of the module _ssl."""


class SSLError(OSError):
    """An error occurred in the SSL implementation."""
    __module__ = 'ssl'

    def __str__(self):
        if isinstance(self.strerror, str):
            return self.strerror
        return str(self.args)


class SSLZeroReturnError(SSLError):
    """SSL/TLS session closed cleanly."""
    __module__ = 'ssl'


class SSLWantReadError(SSLError):
    """Non-blocking SSL socket needs to read more data
before the requested operation can be completed."""
    __module__ = 'ssl'


class SSLWantWriteError(SSLError):
    """Non-blocking SSL socket needs to write more data
before the requested operation can be completed."""
    __module__ = 'ssl'


class SSLSyscallError(SSLError):
    """System error when attempting SSL operation."""
    __module__ = 'ssl'


class SSLEOFError(SSLError):
    """SSL/TLS connection terminated abruptly."""
    __module__ = 'ssl'


class SSLCertVerificationError(SSLError, ValueError):
    """A certificate could not be verified."""
    __module__ = 'ssl'
