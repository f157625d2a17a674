"""The stack's servers in pgAdmin's tree, beside those that people have added."""

from pgadmin.model import Server, ServerGroup, SharedServer, db
from pgadmin.tools.sqleditor.utils.query_history import QueryHistory

GROUP = "Laterbase"
# pgAdmin's field for servers that it found by itself; no page shows or copies it.
MARK = "laterbase/"


def keep_servers(user, wanted, passfile):
    """Adds or corrects each wanted server and removes those of ours that are no longer wanted.

    They keep their ids, so that what people have saved for a server stays with it.
    """
    ours = {
        (server.user_id, server.discovery_id): server
        for server in Server.query.filter(Server.discovery_id.startswith(MARK))
    }
    group = _group(user)
    for spec in wanted:
        mark = MARK + spec["name"]
        server = ours.pop((user.id, mark), None) or _new(user, mark)
        server.servergroup_id = group.id
        _configure(server, spec, passfile)
    for server in ours.values():
        _remove(server)
    db.session.commit()


def _group(user):
    group = ServerGroup.query.filter_by(user_id=user.id, name=GROUP).first()
    if group is None:
        group = ServerGroup(user_id=user.id, name=GROUP)
        db.session.add(group)
        db.session.flush()
    return group


def _new(user, mark):
    server = Server(
        user_id=user.id,
        discovery_id=mark,
        comment="Laterbase sets its name, address, login and group back at each start.",
        save_password=0,
        use_ssh_tunnel=0,
        tunnel_authentication=0,
        tunnel_prompt_password=0,
        shared=False,
    )
    db.session.add(server)
    return server


def _configure(server, spec, passfile):
    values = {
        "name": spec["name"],
        "host": spec["host"],
        "port": spec["port"],
        "username": spec["username"],
        "maintenance_db": spec["maintenanceDatabase"],
        "connection_params": {
            "sslmode": "prefer",
            "connect_timeout": 10,
            **({"passfile": passfile} if passfile else {}),
        },
        "service": None,
        "passexec_cmd": None,
        "use_ssh_tunnel": 0,
        "kerberos_conn": False,
        # A saved password would stay in use after the one in the passfile changes.
        **({"password": None, "save_password": 0} if passfile else {}),
    }
    for field, value in values.items():
        if getattr(server, field) != value:
            setattr(server, field, value)


def _remove(server):
    SharedServer.query.filter_by(osid=server.id).delete()
    # pgAdmin uses an id again, so the next server would inherit the history.
    QueryHistory.clear_history(server.user_id, server.id)
    db.session.delete(server)
