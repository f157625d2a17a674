// With what people have added to pgAdmin.
import "../../integration/pgAdminPages.test";
