"""What gunicorn serves: pgAdmin, after its login, passfile and servers are those of the stack."""

import json
import os
import sys
import traceback
from pathlib import Path

FOLDER = Path("/etc/laterbase")
# With this exit code gunicorn ends, instead of starting a worker again without end.
WORKER_BOOT_ERROR = 3

wanted = json.loads((FOLDER / "pgadmin.json").read_text(encoding="utf-8"))
password = (FOLDER / "password").read_text(encoding="utf-8")

# Only the migration that creates pgAdmin's database reads it.
setup = {"PGADMIN_SETUP_EMAIL": wanted["email"], "PGADMIN_SETUP_PASSWORD": password}
os.environ.update(setup)

# Loading it makes or migrates the database.
from pgAdmin4 import app  # noqa: E402

for name in setup:
    del os.environ[name]

from laterbase_hosts import AllowedHosts  # noqa: E402
from laterbase_login import install_passfile, keep_login, never_lock  # noqa: E402
from laterbase_servers import keep_servers  # noqa: E402

try:
    with app.app_context():
        passfile = (FOLDER / "pgpass").read_text(encoding="utf-8")
        user = keep_login(wanted["email"], password)
        never_lock(user)
        install_passfile(user, passfile)
        keep_servers(user, wanted["servers"], "" if passfile.startswith("#") else ".pgpass")
    hosts = wanted["hosts"]
    app.wsgi_app = AllowedHosts(app.wsgi_app, hosts["names"], hosts["anyAddress"])
except Exception as error:
    traceback.print_exc()
    # `ready.ts` looks for this line near the end of the log, where gunicorn's trace would hide it.
    print(f"laterbase: failed: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
    sys.exit(WORKER_BOOT_ERROR)
