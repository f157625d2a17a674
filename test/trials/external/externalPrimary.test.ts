// By SSH, and with a slot that is lost: npm test reaches the server by SQL.
import "../../integration/externalPrimary.test";
