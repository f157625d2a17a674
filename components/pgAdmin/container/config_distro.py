"""The settings of pgAdmin that Laterbase decides; all others are pgAdmin's defaults."""

import json as _json
from os.path import isdir as _isdir

with open("/etc/laterbase/pgadmin.json", encoding="utf-8") as _file:
    # Browsers keep one cookie a name and host, whatever the port: two stacks on one machine would
    # log each other out.
    SESSION_COOKIE_NAME = _json.load(_file)["cookie"]

CA_FILE = "/etc/ssl/certs/ca-certificates.crt"
# Standard error has everything, and Docker rotates it.
LOG_FILE = "/dev/null"
HELP_PATH = next(
    (
        f"../../{folder}"
        for folder in ("docs/en_US/_build/html", "docs")
        if _isdir(f"/pgadmin4/{folder}")
    ),
    "../../docs",
)
DEFAULT_BINARY_PATHS = {
    f"pg-{major}": f"/usr/local/pgsql-{major}"
    for major in range(13, 19)
    if _isdir(f"/usr/local/pgsql-{major}")
}
DEFAULT_BINARY_PATHS["pg"] = max(DEFAULT_BINARY_PATHS.values(), default="")
# The version is pinned, and both would ask machines outside at each login.
UPGRADE_CHECK_ENABLED = False
SHOW_GRAVATAR_IMAGE = False
