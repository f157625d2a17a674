// By SSH: npm test reaches the server by SQL.
import "../../integration/externalPrimary.test";
