// With a change of the superuser's password under load.
import "../../integration/primaryLoginPooled.test";
