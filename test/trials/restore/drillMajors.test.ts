// The short case of npm test, with the servers and the pgBackRest of the other majors.
import "../../integration/drill.test";
