// The short case of npm test, with the pgBackRest of the other majors.
import "../../integration/backups.test";
