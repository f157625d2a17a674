"""The settings of a container that differ from pgAdmin's defaults, unless another file is mounted."""

CA_FILE = "/etc/ssl/certs/ca-certificates.crt"
LOG_FILE = "/dev/null"
HELP_PATH = "../../docs/en_US/_build/html"
DEFAULT_BINARY_PATHS = {"pg": "/usr/local/pgsql-17", "pg-17": "/usr/local/pgsql-17"}
