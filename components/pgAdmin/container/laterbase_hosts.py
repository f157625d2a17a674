"""Refuses requests under a host that is not the page's, before pgAdmin sees them.

pgAdmin's ALLOWED_HOSTS knows no IPv6, and at each request it lists every address of a network that it has.
"""

import ipaddress

REFUSAL = (
    "This page does not answer to that host name. If the name is yours, "
    "add it to laterbase:pgAdmin.hostNames and run up.\n"
).encode()


class AllowedHosts:
    """A WSGI application around another one."""

    def __init__(self, app, names, any_address):
        self.app = app
        self.names = {_normal(name) for name in names}
        self.any_address = any_address

    def __call__(self, environ, start_response):
        if self._allows(_without_port(environ.get("HTTP_HOST", ""))):
            return self.app(environ, start_response)
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(REFUSAL)))]
        start_response("403 Forbidden", headers)
        return [REFUSAL]

    def _allows(self, host):
        return _normal(host) in self.names or (self.any_address and _is_address(host))


def _without_port(host):
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _normal(host):
    return str(ipaddress.ip_address(host)) if _is_address(host) else host.lower()


def _is_address(host):
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
