"""The login of the stack's outputs, and the passfile in its storage folder."""

import os
import uuid
from pathlib import Path

import config
from flask_security.utils import hash_password, verify_password
from pgadmin.browser.server_groups.servers.utils import remove_saved_passwords
from pgadmin.model import Role, User, db
from pgadmin.tools.user_management import create_user
from pgadmin.utils.constants import INTERNAL
from pgadmin.utils.paths import get_storage_directory, preprocess_username
from sqlalchemy import event

# The e-mail that the login had last. It finds the login again when another e-mail is configured.
RECORD = Path(config.DATA_DIR) / "laterbase-login"


def keep_login(email, password):
    """Gives the login this e-mail and this password; other logins stay as they are."""
    user = _login(email) or _renamed(email) or _created(email, password)
    if not verify_password(password, user.password):
        print(f"laterbase: {email} has the stack's password again", flush=True)
        user.password = hash_password(password)
        # Ends the sessions that another password has opened.
        user.fs_uniquifier = uuid.uuid4().hex
        # They are encrypted with the password that was valid until now.
        remove_saved_passwords(user.id)
    # A password that somebody set in pgAdmin may have locked it, and nobody else may be there to unlock it.
    user.login_attempts = 0
    user.locked = False
    user.active = True
    db.session.commit()
    write(RECORD, email)
    return user


def never_lock(user):
    """Keeps wrong passwords from locking this login, as long as it has the stack's password.

    Nobody guesses that one, so a lock would only let others keep its owner out. All other logins are locked
    after three wrong passwords.
    """
    login, password = user.id, user.password

    @event.listens_for(User, "before_update")
    def forget_attempts(_mapper, _connection, changed):
        if changed.id == login and changed.password == password:
            changed.login_attempts = 0
            changed.locked = False


def _login(email):
    return User.query.filter_by(username=email, auth_source=INTERNAL).first()


def _renamed(email):
    former = RECORD.read_text(encoding="utf-8") if RECORD.exists() else None
    user = former and _login(former)
    if not user:
        return None
    old, new = (
        Path(config.STORAGE_DIR) / preprocess_username(name) for name in (former, email)
    )
    if old.exists() and not new.exists():
        old.rename(new)
    user.username = user.email = email
    return user


def _created(email, password):
    made, why = create_user(
        {
            "email": email,
            "role": Role.query.filter_by(name="Administrator").one().id,
            "active": True,
            "newPassword": password,
            "confirmPassword": password,
        }
    )
    if not made:
        raise RuntimeError(f"pgAdmin does not make the login {email}: {why}")
    return _login(email)


def install_passfile(user, content):
    """libpq ignores a passfile that other users may read or that another user owns."""
    write(Path(get_storage_directory(user)) / ".pgpass", content)


def write(file, content):
    """Publishes by rename: a reader sees the old file or the new one, never half of it."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
