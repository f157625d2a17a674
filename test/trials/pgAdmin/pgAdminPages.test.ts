// With repairs, the login after each change, and a start that fails.
import "../../integration/pgAdminPages.test";
